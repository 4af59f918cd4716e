"""What was talked about: /why tells how an answer came about, /new starts over."""

from telegram import Update
from telegram.ext import Application, CommandHandler, ContextTypes, filters

from bot import texts
from bot.considering import why_page
from bot.pages import split
from bot.telegram.addressing import asker_of
from bot.telegram.desk import Desk
from bot.telegram.places import Place, Target

Context = ContextTypes.DEFAULT_TYPE


class Recalling:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def add_to(self, application: Application) -> None:  # type: ignore[type-arg]
        new = filters.UpdateType.MESSAGE
        application.add_handler(CommandHandler("why", self.why, filters=new))
        application.add_handler(CommandHandler("new", self.new, filters=new))

    async def why(self, update: Update, context: Context) -> None:
        """Of the answer that the message replies to, else of the last one in this chat or topic."""
        message = update.effective_message
        if message is None or not await self._desk.admits(message):
            return
        kept = await self._desk.meant(message, me=context.bot.bot)
        if kept is None:
            await self._desk.tell(message, texts.WHY_NO_ANSWER)
            return
        say = await self._desk.say_to(message.from_user)
        page = why_page(kept.words, kept.considered, answered=bool(kept.citations), writing=kept.writing, say=say)
        await self._desk.delivery.reply(split(page), to=Target.of(message))

    async def new(self, update: Update, _: Context) -> None:
        """In a group for who writes it alone: others go on."""
        message = update.effective_message
        if message is None or not await self._desk.admits(message):
            return
        place = Place.of(message)
        await self._desk.conversations.start_over(chat=place.chat, thread=place.thread, asker=asker_of(message))
        await self._desk.tell(message, texts.STARTED_OVER)
