"""/doctor: what the bot can and cannot do in this chat, and what to do about it."""

import asyncio
from collections.abc import Sequence

from telegram import Bot, ChatMember, Message, Update, User
from telegram.ext import Application, CommandHandler, ContextTypes, filters

from bot import texts
from bot.findings import Finding
from bot.groups import Mode
from bot.languages import Say
from bot.pages import Page
from bot.telegram.desk import Desk
from bot.telegram.moderating import DOCTOR, NAMES
from bot.telegram.patience import patiently
from bot.telegram.places import Place, Target
from index.errors import IndexingError, NoIndexError

FINE, WRONG = "✅", "⚠️"


class Diagnosing:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def add_to(self, application: Application) -> None:  # type: ignore[type-arg]
        application.add_handler(CommandHandler(DOCTOR, self.doctor, filters=filters.UpdateType.MESSAGE))

    async def doctor(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Said in the chat; in a group where the bot may not write, to the person, if they ever wrote to it."""
        message = update.effective_message
        if message is None or not await self._desk.admits(message):
            return
        bot, say, delivery = context.bot, await self._desk.say_to(message.from_user), self._desk.delivery
        me = await patiently(bot.get_me, repeatable=True, sleep=asyncio.sleep)
        general = (await self._of_documents(say), of_inline(me, say))
        if message.chat.type == message.chat.PRIVATE:
            await delivery.reply((page_of(general),), to=Target.of(message))
            return
        of_group = await self._of_group(message, me=me, bot=bot, say=say)
        writes = Finding("writing", True, say(texts.DOCTOR_WRITES))
        muted = Finding("writing", False, say(texts.DOCTOR_MUTED))
        written = await delivery.reply((page_of((*of_group, writes, *general)),), to=Target.of(message))
        if not written and message.from_user is not None:
            page = Page(f"{message.chat.title}\n\n") + page_of((muted, *of_group, *general))
            await delivery.reply((page,), to=Target(Place(message.from_user.id), None))

    async def _of_group(self, message: Message, *, me: User, bot: Bot, say: Say) -> tuple[Finding, ...]:
        place = Place.of(message)
        mode = await self._desk.modes.mode(place.chat, place.topic)
        member = await patiently(lambda: bot.get_chat_member(place.chat, me.id), repeatable=True, sleep=asyncio.sleep)
        return (of_sight(me, member, mode, say), Finding("mode", True, say(texts.DOCTOR_MODE, mode=say(NAMES[mode]))))

    async def _of_documents(self, say: Say) -> Finding:
        try:
            status = await asyncio.to_thread(self._desk.answers.status)
        except NoIndexError:
            return Finding("documents", False, say(texts.NO_SOURCES))
        except IndexingError:
            return Finding("documents", False, say(texts.DOCTOR_UNREADABLE))
        if not status.documents:
            return Finding("documents", False, say(texts.NO_SOURCES))
        return Finding(
            "documents", True, say.counted(texts.DOCTOR_ONE_DOCUMENT, texts.DOCTOR_DOCUMENTS, status.documents)
        )


def page_of(findings: Sequence[Finding]) -> Page:
    return Page("\n\n".join(f"{FINE if finding.ok else WRONG} {finding.told}" for finding in findings))


def of_sight(me: User, member: ChatMember, mode: Mode, say: Say) -> Finding:
    """Privacy mode matters only where the bot is to answer always."""
    if member.status == member.ADMINISTRATOR:
        return Finding("sight", True, say(texts.DOCTOR_SEES_AS_ADMINISTRATOR))
    if me.can_read_all_group_messages:
        return Finding("sight", True, say(texts.DOCTOR_SEES_ALL))
    return Finding("sight", mode is not Mode.ALWAYS, say(texts.DOCTOR_PRIVACY))


def of_inline(me: User, say: Say) -> Finding:
    """Not every owner wants inline mode: without it, nothing is wrong."""
    sentence = texts.DOCTOR_INLINE if me.supports_inline_queries else texts.DOCTOR_NO_INLINE
    return Finding("inline mode", True, say(sentence, name=me.username))
