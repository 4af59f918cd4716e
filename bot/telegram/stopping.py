"""/stop, and the button that does the same: whoever waits for an answer can end that."""

from collections.abc import Sequence
from dataclasses import replace

from telegram import Bot, CallbackQuery, Message, Update
from telegram.constants import ChatID
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
    where there was nothing to stop, or nobody had been told that the bot was at work. What another process answers is
    stopped within about a second, by way of the database.
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
            place = Place.of(message)
            may = await self._stop_elsewhere([str(place)], asker_of(message), chat=place.chat, bot=context.bot)
            if may is not True:
                await self._desk.tell(message, texts.NOTHING_TO_STOP if may is None else texts.NOT_YOURS_TO_STOP)
        elif not own:
            await self._desk.tell(message, texts.NOT_YOURS_TO_STOP)
        elif not any(work.waiting and work.waiting.is_told for work in own):
            await self._desk.tell(message, texts.REASON_ENDED)

    async def tap(self, update: Update, context: Context) -> None:
        """A button that was left behind, by a process that ended, is taken away."""
        bot = context.bot
        query = update.callback_query
        if query is None or query.message is None or not await self._desk.admits_tap(query):
            return
        delivery, say, chat = self._desk.delivery, await self._desk.say_to(query.from_user), query.message.chat.id
        work = self._desk.under_way.known(callback_parts(query.data or "")[1])
        if work is None or work.waiting is None or work.waiting.to.place.chat != chat:
            turns = turns_behind(query)
            may = await self._stop_elsewhere(turns, query.from_user.id, chat=chat, bot=bot)
        else:
            may = await self._may_stop(work, query.from_user.id, bot=bot)
            if may:
                work.stop.give()
        if may is False:
            await delivery.acknowledge(query.id, say(texts.NOT_YOURS_TO_STOP))
            return
        await delivery.acknowledge(query.id, say(texts.REASON_ENDED if may else texts.NOTHING_TO_STOP), alert=False)
        if may is None and has_button(query):
            await delivery.delete(query.message.message_id, place=Place(chat))

    async def _stop_elsewhere(self, turns: Sequence[str], person: int, *, chat: int, bot: Bot) -> bool | None:
        """What other processes answer there: whether the person may stop it; None where there is nothing."""
        found = await self._desk.mailbox.in_hand(turns, but=self._desk.under_way.worker)
        own = []
        for each in found:
            asker = chat if each.person == ChatID.ANONYMOUS_ADMIN else each.person
            if await self._may(person, asker=asker, chat=chat, bot=bot):
                own.append(each.id)
        if own:
            await self._desk.mailbox.stop(own)
        return bool(own) if found else None

    async def _may_stop(self, work: Work, person: int, *, bot: Bot) -> bool:
        waiting = work.waiting
        return waiting is not None and await self._may(person, asker=waiting.asker, chat=waiting.to.place.chat, bot=bot)

    async def _may(self, person: int, *, asker: int | None, chat: int, bot: Bot) -> bool:
        """Who asked, or an admin; what an administrator asked in the group's name, any of its administrators."""
        if person == asker or await self._desk.access.administers(person):
            return True
        return asker == chat and await administers(person, chat=chat, bot=bot)


def turns_behind(query: CallbackQuery) -> list[str]:
    """Those in which what the button stops may have been asked: by a message, or by a tap on the one replied to. None
    where the message has no such button."""
    message = query.message
    if not isinstance(message, Message) or not has_button(query):
        return []
    place, replied = Place.of(message), message.reply_to_message
    places = (replace(place, is_general=False), replace(place, is_general=True))
    tapped = [str(("tap", place.chat, replied.message_id))] if replied else []
    return [*map(str, places), *tapped]


def has_button(query: CallbackQuery) -> bool:
    """Whether the message has the button that was tapped; anybody can forge what a tap holds."""
    markup = query.message.reply_markup if isinstance(query.message, Message) else None
    rows = markup.inline_keyboard if markup else ()
    return any(button.callback_data == query.data for row in rows for button in row)
