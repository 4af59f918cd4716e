"""Answers that are being worked out: who waits for each, and how it is stopped."""

import asyncio
import secrets
from collections.abc import Collection, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from bot.languages import Say
from bot.pages import Page
from bot.telegram.places import Place, Target
from bot.telegram.updates import in_hand
from index.errors import WriterError
from index.stop import Stop
from index.types import Fallback

NOTHING = Page("")

HURRY_SECONDS = 10.0
"""A language model may go on writing so long when the bot is to end. The rest of what its end may take is left
to the questions that wait behind that one, at about a second each."""

STOP_SECONDS = 25.0
"""What is under way may take so long after SIGTERM; process supervisors commonly kill after 30 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Somebody who waits for an answer. `is_told` is False where nobody was addressed, so that nothing shows that the
    bot is at work; `in_place` where an earlier answer turns into this one; `head` stands above the answer."""

    to: Target
    asker: int
    say: Say
    head: Page = NOTHING
    is_told: bool = True
    in_place: bool = False

    @property
    def sees_drafts(self) -> bool:
        """Telegram takes drafts for private chats alone, whose ids are those of people."""
        return self.is_told and not self.in_place and self.to.place.chat > 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Work:
    """One answer that is being worked out; nobody waits for one that the bot wants itself. `update` is the
    number of what it was asked with."""

    id: str
    waiting: Waiting | None
    update: int | None = None
    stop: Stop = field(default_factory=Stop)
    task: "asyncio.Task[Any] | None" = field(default_factory=asyncio.current_task)
    """In which it is worked out, kept and sent."""

    async def sent(self) -> None:
        """Returns when nothing more is done about it."""
        if self.task:
            await asyncio.wait({self.task})


class UnderWay:
    def __init__(self, *, hurry_seconds: float = HURRY_SECONDS) -> None:
        self.worker = secrets.token_hex(8)
        """The name by which other processes know this one."""
        self._hurry_seconds = hurry_seconds
        self._works: dict[str, Work] = {}
        self._hurries = False
        self._tidying: set[asyncio.Task[None]] = set()

    @contextmanager
    def work(self, waiting: Waiting | None) -> Iterator[Work]:
        """It is under way within the block."""
        work = Work(id=secrets.token_urlsafe(9), waiting=waiting, update=in_hand.get())
        self._works[work.id] = work
        if self._hurries:
            work.stop.give(WriterError(Fallback.SLOW))
        try:
            yield work
        finally:
            del self._works[work.id]

    def known(self, work_id: str) -> Work | None:
        return self._works.get(work_id)

    def at(self, place: Place) -> list[Work]:
        """Those that somebody waits for in this chat or topic."""
        return [work for work in self._works.values() if work.waiting and is_same(work.waiting.to.place, place)]

    def of(self, asker: int) -> list[Work]:
        return [work for work in self._works.values() if work.waiting and work.waiting.asker == asker]

    def stop(self, updates: Collection[int]) -> None:
        """What was asked with them."""
        for work in self._works.values():
            if work.update in updates:
                work.stop.give()

    async def hurry(self) -> None:
        """The process is about to end: after some seconds every answer ends in quotation, also one begun later."""
        await asyncio.sleep(self._hurry_seconds)
        self._hurries = True
        for work in tuple(self._works.values()):
            work.stop.give(WriterError(Fallback.SLOW))

    def tidy(self, work: Coroutine[Any, Any, None]) -> None:
        """What is still to be done after an answer, and holds up nobody."""
        task = asyncio.create_task(work)
        self._tidying.add(task)
        task.add_done_callback(self._tidying.discard)

    async def tidied(self) -> None:
        await asyncio.gather(*self._tidying, return_exceptions=True)


def is_same(one: Place, other: Place) -> bool:
    """The same chat or topic; a tap does not tell whether it was in a forum's General."""
    return (one.chat, one.thread) == (other.chat, other.thread)
