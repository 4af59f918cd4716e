"""What the bot has on record: what is indexed, what it could not answer, and a given answer as a file."""

import asyncio
from datetime import timedelta

from telegram import Update
from telegram.ext import Application, CommandHandler, ContextTypes, filters

from bot import texts
from bot.database import now
from bot.exporting import file_name, markdown
from bot.gaps import grouped, question_file
from bot.library_pages import gaps_page, status_page
from bot.pages import Page, split
from bot.telegram.addressing import asker_of
from bot.telegram.admins import obeys, rest_of
from bot.telegram.desk import Desk
from bot.telegram.places import Target
from index.lexical import Analyzer

Context = ContextTypes.DEFAULT_TYPE

DAYS = 30
"""Gaps are looked for so far back, unless another number is given."""

GAPS_FILE = "gaps.jsonl"


class Records:
    def __init__(self, desk: Desk, *, kept_days: int) -> None:
        self._desk = desk
        self._kept_days = kept_days

    def add_to(self, application: Application) -> None:  # type: ignore[type-arg]
        new = filters.UpdateType.MESSAGE
        application.add_handler(CommandHandler("status", self.status, filters=new))
        application.add_handler(CommandHandler("gaps", self.gaps, filters=new))
        application.add_handler(CommandHandler("export", self.export, filters=new))

    async def status(self, update: Update, _: Context) -> None:
        """Counts for everyone; in private also what their answers cost, and for an admin what everyone's do, and what
        is left out, and why."""
        message = update.effective_message
        if message is None or not await self._desk.admits(message):
            return
        say = await self._desk.say_to(message.from_user)
        told = await asyncio.to_thread(self._desk.answers.status)
        private = message.chat.type == message.chat.PRIVATE
        asker = asker_of(message)
        to_admin = private and await self._desk.access.administers(asker)
        model, spending = self._desk.answers.writer_name, self._desk.spending
        today = await spending.today(model, person=asker if private else None, whole=to_admin) if model else None
        page = status_page(told, say, to_admin=to_admin, today=today)
        await self._desk.delivery.reply(split(page), to=Target.of(message))

    async def gaps(self, update: Update, _: Context) -> None:
        message = update.effective_message
        if message is None or not await obeys(self._desk, message):
            return
        days = days_in(rest_of(message), most=self._kept_days)
        if days is None:
            await self._desk.tell(message, texts.HOW_MANY_DAYS, most=self._kept_days)
            return
        say = await self._desk.say_to(message.from_user)
        asked = await self._desk.gaps.since(now() - timedelta(days=days))
        languages = (await asyncio.to_thread(self._desk.answers.status)).languages
        found = await asyncio.to_thread(grouped, asked, languages=languages, analyzer=Analyzer())
        await self._desk.delivery.reply(split(gaps_page(found, days, say)), to=Target.of(message))
        if found:
            caption = Page(say(texts.GAPS_FILE))
            await self._desk.delivery.send_file(GAPS_FILE, question_file(found), caption=caption, to=Target.of(message))

    async def export(self, update: Update, context: Context) -> None:
        """The answer that the message replies to, else the last one in this chat."""
        message = update.effective_message
        if message is None or not await self._desk.admits(message):
            return
        kept = await self._desk.meant(message, me=context.bot.bot)
        if kept is None:
            await self._desk.tell(message, texts.NOTHING_TO_EXPORT)
            return
        say = await self._desk.say_to(message.from_user)
        text = await self._desk.feedback.text(kept.id) or kept.page.text
        content = markdown(kept, text, say).encode()
        await self._desk.delivery.send_file(file_name(kept), content, caption=Page(""), to=Target.of(message))


def days_in(text: str, *, most: int) -> int | None:
    """The number behind /gaps; None where it is none."""
    if not text:
        return min(DAYS, most)
    days = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
    return days if 1 <= days <= most else None
