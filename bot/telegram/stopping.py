"""/stop, and the button that does the same: whoever waits for an answer can end that."""

from telegram import Bot, CallbackQuery, Message, Update
from telegram.ext import Application, CallbackQueryHandler, CommandHandler, ContextTypes, filters

from bot import texts
from bot.telegram.addressing import asker_of
from bot.telegram.callbacks import callback_parts
from bot.telegram.desk import Desk
from bot.telegram.drafting import STOP
from bot.telegram.moderating import administers
from bot.telegram.places import Place
from bot.telegram.underway import Work

Context = ContextTypes.DEFAULT_TYPE


class Stopping:
    """What is stopped is the answer that is being worked out. Questions that wait behind it in the same chat or topic
    are answered next, as after any answer: each is stopped by a /stop of its own, once its turn has come.

    The stopped answer is sent as far as it stands, or says that it was stopped; so /stop itself needs no reply, but
    where there was nothing to stop, or nobody had been told that the bot was at work.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def add_to(self, application: Application) -> None:  # type: ignore[type-arg]
        application.add_handler(CommandHandler(STOP, self.stop, filters=filters.UpdateType.MESSAGE))
        application.add_handler(CallbackQueryHandler(self.tap, pattern=f"^c:{STOP}:"))

    async def stop(self, update: Update, context: Context) -> None:
        """By who asked, or an admin."""
        message = update.effective_message
        if message is None or not await self._desk.admits(message):
            return
        works = self._desk.under_way.at(Place.of(message))
        own = [work for work in works if await self._may_stop(work, asker_of(message), bot=context.bot)]
        for work in own:
            work.stop.give()
        if not works:
            await self._desk.tell(message, texts.NOTHING_TO_STOP)
        elif not own:
            await self._desk.tell(message, texts.NOT_YOURS_TO_STOP)
        elif not any(work.waiting and work.waiting.is_told for work in own):
            await self._desk.tell(message, texts.REASON_ENDED)

    async def tap(self, update: Update, context: Context) -> None:
        """A button that was left behind, by a process that ended, is taken away."""
        query = update.callback_query
        if query is None or query.message is None or not await self._desk.admits_tap(query):
            return
        delivery, say, chat = self._desk.delivery, await self._desk.say_to(query.from_user), query.message.chat.id
        work = self._desk.under_way.known(callback_parts(query.data or "")[1])
        if work is None or work.waiting is None or work.waiting.to.place.chat != chat:
            await delivery.acknowledge(query.id, say(texts.NOTHING_TO_STOP), alert=False)
            if has_button(query):
                await delivery.delete(query.message.message_id, place=Place(chat))
        elif await self._may_stop(work, query.from_user.id, bot=context.bot):
            work.stop.give()
            await delivery.acknowledge(query.id, say(texts.REASON_ENDED), alert=False)
        else:
            await delivery.acknowledge(query.id, say(texts.NOT_YOURS_TO_STOP))

    async def _may_stop(self, work: Work, person: int, *, bot: Bot) -> bool:
        """Who asked, or an admin; what an administrator asked in the group's name, any of its administrators."""
        if work.waiting is None:
            return False
        asker, chat = work.waiting.asker, work.waiting.to.place.chat
        if person == asker or await self._desk.access.administers(person):
            return True
        return asker == chat and await administers(person, chat=chat, bot=bot)


def has_button(query: CallbackQuery) -> bool:
    """Whether the message has the button that was tapped; anybody can forge what a tap holds."""
    markup = query.message.reply_markup if isinstance(query.message, Message) else None
    rows = markup.inline_keyboard if markup else ()
    return any(button.callback_data == query.data for row in rows for button in row)
