"""The documents as admins change them through the chat: files and links kept, removed, and the index brought in line.

Loads the engine that rebuilds: whoever only needs the type must not import it at run time.
"""

import asyncio
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

from bot import owner_texts, texts
from bot.inbox import INBOX, Inbox, RefusedError
from bot.page_list import PageList
from index.documents import ignored
from index.errors import IndexingError, SeedsError
from index.indexer import Progress, Report
from index.watching import AWAY_SECONDS, attempt


class Syncing(Protocol):
    """Brings an index in line with the folder. Both may be called from any thread."""

    def sync(self, *, progress: Progress) -> Report:
        """Blocks. Raises IndexingError."""

    def end(self) -> None:
        """Breaks off what runs; nothing is begun any more."""


@dataclass(eq=False)
class Round:
    """One sync, and all who wait for it."""

    task: asyncio.Task[Report] | None = None
    hearers: list[Progress] = field(default_factory=list)

    def tell(self, stage: str, done: int, total: int) -> None:
        for hear in tuple(self.hearers):
            hear(stage, done, total)


class Collection:
    """Its plain methods block; `sync` belongs to one event loop. `away` is how many seconds pass until a server of the
    index that does not answer is tried again."""

    def __init__(self, seeds: Path, syncing: Syncing, *, away: float = AWAY_SECONDS) -> None:
        self._seeds = seeds
        self._syncing = syncing
        self._away = away
        self._inbox = Inbox(seeds)
        self._pages = PageList(seeds)
        self._stop = threading.Event()
        self._one_at_a_time = asyncio.Lock()
        self._next: Round | None = None

    def check(self, name: str, *, size: int) -> None:
        """Raises RefusedError for a file that need not be fetched at all."""
        self._inbox.check(name, size=size)
        self._check_patterns(f"{INBOX}/{name}")

    def store(self, name: str, content: bytes) -> str:
        """The path of the new document, which the next sync will see. Raises RefusedError."""
        return self._inbox.store(name, content)

    def add_page(self, link: str) -> str:
        """The address of a web page as it is listed from now on. Raises RefusedError."""
        return self._pages.add(link)

    def documents(self) -> tuple[str, ...]:
        """What can be removed through the chat: files of the inbox by path, web pages by address."""
        return (*self._inbox.documents(), *self._pages.addresses())

    def remove(self, names: Iterable[str]) -> None:
        for name in names:
            if name.startswith(f"{INBOX}/"):
                self._inbox.remove(name)
            else:
                self._pages.remove(name)

    async def sync(self, progress: Progress) -> Report:
        """Whoever asks while a sync runs gets the next one, together with all others who do. Raises IndexingError.

        `progress` is called from another thread.
        """
        if self._next is None:
            self._next = Round()
            self._next.task = asyncio.create_task(self._run(self._next))
        self._next.hearers.append(progress)
        assert self._next.task is not None
        return await asyncio.shield(self._next.task)

    async def _run(self, own: Round) -> Report:
        async with self._one_at_a_time:
            self._next = None
            return await asyncio.to_thread(self._synced, own.tell)

    def _synced(self, progress: Progress) -> Report:
        """Waits for another process that rebuilds, and for the server that holds the index: how it ended counts."""
        heard: list[Report | IndexingError] = []
        sync: Callable[[], Report] = partial(self._syncing.sync, progress=progress)
        attempt(sync, stop=self._stop, hear=heard.append, away=self._away)
        if not heard or (self._stop.is_set() and isinstance(heard[-1], IndexingError)):
            raise IndexingError(owner_texts.STOPPED)
        if isinstance(heard[-1], IndexingError):
            raise heard[-1]
        return heard[-1]

    def end(self) -> None:
        """A sync that runs is broken off, and no other begun."""
        self._stop.set()
        self._syncing.end()

    def _check_patterns(self, document: str) -> None:
        try:
            passed = ignored(self._seeds).match_file(document)
        except SeedsError as error:
            raise RefusedError(texts.NOT_WRITTEN, reason=str(error)) from error
        if passed:
            raise RefusedError(texts.PASSED_OVER)
