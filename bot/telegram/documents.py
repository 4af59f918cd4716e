"""Documents through the chat: an admin sends files or a link, has one forgotten, or has the folder read anew."""

import asyncio
import logging
import mimetypes
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from telegram import Document, Message, Update
from telegram.error import TelegramError
from telegram.ext import Application, CommandHandler, ContextTypes, MessageHandler, filters

from bot import texts
from bot.inbox import RefusedError, matching, safe_name
from bot.languages import Say
from bot.library_pages import (
    arrived_page,
    forgotten_page,
    progress_page,
    rebuilt_page,
    refused_list,
    which_page,
)
from bot.pages import Page, split
from bot.reasons import failure_in
from bot.telegram.addressing import asker_of
from bot.telegram.admins import obeys, rest_of
from bot.telegram.desk import Desk
from bot.telegram.places import Target
from index.errors import IndexingError

if TYPE_CHECKING:  # at run time it would load the engine that rebuilds
    from bot.collection import Collection
    from index.indexer import Report

logger = logging.getLogger(__name__)

Context = ContextTypes.DEFAULT_TYPE
Ask = Callable[[Message, str], Awaitable[None]]
Otherwise = Callable[[Update, Context], Awaitable[None]]

LINK = re.compile(r"^\s*https?://\S+\s*$", re.IGNORECASE)
ASKS = re.compile(r"^/ask(?:@\w+)?\s+(?P<question>.+)", re.IGNORECASE | re.DOTALL)

SETTLED_SECONDS = 1.0
"""Files that come within a second of each other, as those of an album do, are one batch: one sync, one report."""

EDIT_SECONDS = 2.0
"""How often the message that shows the progress may change."""


class Documents:
    """Without a collection there is nothing to change, and files are told what other people's are told."""

    def __init__(self, desk: Desk, *, collection: "Collection | None", ask: Ask, otherwise: Otherwise) -> None:
        """`ask` answers a question; `otherwise` has what those send who are no admins."""
        self._desk = desk
        self._otherwise = otherwise
        self._collection = collection
        self._ask = ask
        self._batches: dict[int, Batch] = {}

    def add_to(self, application: Application) -> None:  # type: ignore[type-arg]
        """Before what people write."""
        new = filters.UpdateType.MESSAGE
        if self._collection is not None:
            application.add_handler(CommandHandler("forget", self.forget, filters=new))
            application.add_handler(CommandHandler("rebuild", self.rebuild, filters=new))
            private = new & filters.ChatType.PRIVATE
            files = filters.Document.ALL & ~filters.ANIMATION
            application.add_handler(MessageHandler(private & files, self.file))
            application.add_handler(MessageHandler(private & filters.Regex(LINK), self.link))

    async def file(self, update: Update, context: Context) -> None:
        message = update.effective_message
        if message is None or message.document is None or self._collection is None:
            return
        if not await self._desk.access.administers(asker_of(message)):
            await self._otherwise(update, context)
            return
        batch = await self._batch(message, update, context)
        with batch.taking():
            async with self._desk.delivery.typing(batch.target.place):
                await self._take(message.document, batch, self._collection)
            if asked := ASKS.match(message.caption or ""):
                batch.questions.append((message, asked["question"]))

    async def link(self, update: Update, context: Context) -> None:
        message = update.effective_message
        if message is None or not message.text or self._collection is None:
            return
        if not await self._desk.access.administers(asker_of(message)):
            await self._otherwise(update, context)
            return
        batch, link = await self._batch(message, update, context), message.text.strip()
        with batch.taking(), batch.refusing(link):
            batch.stored.append(await asyncio.to_thread(self._collection.add_page, link))

    async def forget(self, update: Update, context: Context) -> None:
        message = update.effective_message
        if message is None or not await obeys(self._desk, message) or self._collection is None:
            return
        part, say = rest_of(message), await self._desk.say_to(message.from_user)
        if not part:
            await self._desk.tell(message, texts.FORGET_WHAT)
            return
        found = matching(part, await asyncio.to_thread(self._collection.documents))
        if not found:
            sources = await asyncio.to_thread(self._desk.answers.sources)
            owners = matching(part, [source.document for source in sources])
            sentence = texts.OWNERS_DOCUMENT if owners else texts.NO_SUCH_DOCUMENT
            await self._desk.tell(message, sentence, name=owners[0] if owners else part)
        elif len(found) > 1:
            await self._desk.delivery.reply(split(which_page(found, say)), to=Target.of(message))
        else:
            await asyncio.to_thread(self._collection.remove, found)
            done = self._sync(
                self._collection, Target.of(message), say, lambda report: forgotten_page(found[0], report, say)
            )
            context.application.create_task(done, update=update)

    async def rebuild(self, update: Update, context: Context) -> None:
        message = update.effective_message
        if message is None or not await obeys(self._desk, message) or self._collection is None:
            return
        say = await self._desk.say_to(message.from_user)
        done = self._sync(self._collection, Target.of(message), say, lambda report: rebuilt_page(report, say))
        context.application.create_task(done, update=update)

    async def _batch(self, message: Message, update: Update, context: Context) -> "Batch":
        """The one that this chat's files go to; it is followed up beside whatever else the chat asks for."""
        batch = self._batches.get(message.chat.id)
        if batch is None:
            say = await self._desk.say_to(message.from_user)
            batch = self._batches[message.chat.id] = Batch(Target.of(message), say)
            context.application.create_task(self._follow_up(batch), update=update)
        return batch

    async def _take(self, document: Document, batch: "Batch", collection: "Collection") -> None:
        name = safe_name(document.file_name or f"document{mimetypes.guess_extension(document.mime_type or '') or ''}")
        with batch.refusing(name):
            await asyncio.to_thread(collection.check, name, size=document.file_size or 0)
            try:
                content = await self._desk.delivery.download(document.file_id)
            except TelegramError as error:
                logger.warning("a file could not be fetched from Telegram: %s", error)
                raise RefusedError(texts.NOT_FETCHED) from error
            batch.stored.append(await asyncio.to_thread(collection.store, name, content))

    async def _follow_up(self, batch: "Batch") -> None:
        """From the last file of the batch to the report, and to the answer where a caption asks something."""
        assert self._collection is not None
        await batch.settled()
        del self._batches[batch.target.place.chat]
        if batch.stored:
            await self._index(batch, self._collection)
        else:
            refused = refused_list(batch.refused, batch.say)
            await self._desk.delivery.reply(split(refused), to=batch.target)
        for message, question in batch.questions:
            await self._ask(message, question)

    async def _index(self, batch: "Batch", collection: "Collection") -> None:
        """What cannot be read does not stay, and a second sync forgets that it was there."""
        progress, heard = await self._synced(collection, batch.target, batch.say)
        if isinstance(heard, IndexingError):
            await self._show(
                progress, Page(batch.say(texts.NOT_INDEXED, reason=failure_in(heard, batch.say))), batch.target
            )
            return
        reasons = {each.document: each.reason for each in heard.left_out if each.document in batch.stored}
        await asyncio.to_thread(collection.remove, reasons)
        added = [name for name in batch.stored if name not in reasons]
        page = arrived_page(added, [*batch.refused, *reasons.items()], heard, batch.say)
        await self._show(progress, page, batch.target)
        if reasons:
            try:
                await collection.sync(lambda stage, done, total: None)
            except IndexingError as error:
                logger.warning("the index still names what could not be read: %s", error)

    async def _sync(
        self, collection: "Collection", target: Target, say: Say, reported: Callable[["Report"], Page]
    ) -> None:
        """One message, which shows how far the sync is, and in the end what came of it."""
        progress, heard = await self._synced(collection, target, say)
        page = (
            Page(say(texts.NOT_REBUILT, reason=failure_in(heard, say)))
            if isinstance(heard, IndexingError)
            else reported(heard)
        )
        await self._show(progress, page, target)

    async def _synced(
        self, collection: "Collection", target: Target, say: Say
    ) -> "tuple[tuple[int, ...], Report | IndexingError]":
        """The message that shows how far it is, and what came of it."""
        delivery, latest = self._desk.delivery, Latest()
        progress = await delivery.reply((Page(say(texts.INDEXING)),), to=target)
        syncing = asyncio.create_task(collection.sync(latest))
        shown = latest.step
        while not (await asyncio.wait((syncing,), timeout=EDIT_SECONDS))[0]:
            if latest.step != shown and progress:
                shown = latest.step
                await delivery.edit(progress_page(*shown, say), message=progress[0], to=target.place)
        try:
            return progress, await syncing
        except IndexingError as error:
            return progress, error

    async def _show(self, progress: tuple[int, ...], page: Page, target: Target) -> None:
        """What came of it, in place of how far it is."""
        await self._desk.delivery.replace(progress, split(page), to=target)


@dataclass
class Latest:
    """A Progress that keeps the last it heard."""

    step: tuple[str, int, int] = ("", 0, 0)

    def __call__(self, stage: str, done: int, total: int) -> None:
        self.step = (stage, done, total)


@dataclass(eq=False)
class Batch:
    """What came in one go: what was kept, by document, and what was not, with the reason."""

    target: Target
    say: Say
    stored: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    questions: list[tuple[Message, str]] = field(default_factory=list)
    _under_way: int = 0
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    @contextmanager
    def taking(self) -> Iterator[None]:
        """The batch is not whole before the end of the block."""
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            self._changed.set()

    @contextmanager
    def refusing(self, name: str) -> Iterator[None]:
        """A RefusedError in the block is noted as the reason."""
        try:
            yield
        except RefusedError as refusal:
            self.refused.append((name, self.say(refusal.sentence, **refusal.values)))

    async def settled(self) -> None:
        """Returns when nothing more has come for a moment."""
        while True:
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), SETTLED_SECONDS)
            except TimeoutError:
                if not self._under_way:
                    return
