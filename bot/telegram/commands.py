"""The commands that tell about the bot, and the language it speaks."""

import asyncio
from collections.abc import Sequence

from telegram import Update
from telegram.ext import Application, CallbackQueryHandler, CommandHandler, ContextTypes, filters

from bot import texts
from bot.languages import LANGUAGES, Say, say_in
from bot.pages import MOST_PARTS, Button, Page, beginning, split
from bot.render import sources_page
from bot.telegram.desk import Desk
from bot.telegram.greeting import greet
from bot.telegram.places import Place, Target
from index.types import Source

Context = ContextTypes.DEFAULT_TYPE

LANGUAGE = "language"
"""What stands for an answer's id in the buttons that choose one."""

LIST_FILE = "documents.txt"


class Commands:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def add_to(self, application: Application) -> None:  # type: ignore[type-arg]
        new = filters.UpdateType.MESSAGE
        application.add_handler(CommandHandler("start", self.start, filters=new))
        application.add_handler(CommandHandler("help", self.help, filters=new))
        application.add_handler(CommandHandler("sources", self.sources, filters=new))
        application.add_handler(CommandHandler("language", self.language, filters=new))
        application.add_handler(CallbackQueryHandler(self.speak, pattern=f"^c:{LANGUAGE}:"))

    async def start(self, update: Update, _: Context) -> None:
        await greet(self._desk, update.effective_message)

    async def help(self, update: Update, _: Context) -> None:
        """Admins learn what they may do besides, in private."""
        message = update.effective_message
        await self._desk.tell(message, texts.HELP)
        in_private = message is not None and message.chat.type == message.chat.PRIVATE
        if message is not None and in_private and await self._desk.access.administers(message.chat.id):
            await self._desk.tell(message, texts.HELP_FOR_ADMINS)

    async def sources(self, update: Update, _: Context) -> None:
        message = update.effective_message
        if message is not None and await self._desk.admits(message):
            say = await self._desk.say_to(message.from_user)
            sources = await asyncio.to_thread(self._desk.answers.sources)
            await self._list(sources, to=Target.of(message), say=say)

    async def _list(self, sources: Sequence[Source], *, to: Target, say: Say) -> None:
        page = sources_page(sources, say)
        pages = split(page)
        if len(pages) <= MOST_PARTS:
            await self._desk.delivery.reply(pages, to=to)
            return
        await self._desk.delivery.reply((beginning(page, say(texts.LIST_IN_FILE)),), to=to)
        whole = sources_page(sources, say, shown=len(sources)).text + "\n"
        await self._desk.send_text(LIST_FILE, whole, to=to, say=say)

    async def language(self, update: Update, _: Context) -> None:
        message = update.effective_message
        if message is not None and await self._desk.admits(message):
            say = await self._desk.say_to(message.from_user)
            await self._desk.delivery.reply((languages_page(say),), to=Target.of(message), answer_id=LANGUAGE)

    async def speak(self, update: Update, _: Context) -> None:
        """A language was tapped. Each person chooses for themselves, in a group too."""
        query = update.callback_query
        if query is None or query.message is None or not await self._desk.admits_tap(query):
            return
        say = say_in((query.data or "").rpartition(":")[2])
        await self._desk.people.speak(query.from_user.id, say.language)
        await self._desk.delivery.acknowledge(query.id, say(texts.SPEAKING), alert=False)
        place = Place(query.message.chat.id)
        await self._desk.delivery.edit(
            languages_page(say), message=query.message.message_id, to=place, answer_id=LANGUAGE
        )


def languages_page(say: Say) -> Page:
    """The languages, each under its own name; the one that is spoken is marked."""
    buttons = tuple(Button(f"· {name} ·" if code == say.language else name, code) for code, name in LANGUAGES.items())
    return Page(say(texts.WHICH_LANGUAGE), buttons=(buttons,))
