"""How the bot is doing: whether it lives, whether each part that it needs can be used, and its figures."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from telegram.ext import Application

from bot.mailbox import Mailbox
from bot.outside.metrics import Metrics
from bot.outside.observing import ObservedAnswers
from bot.telegram.worker import Worker
from index.errors import CitegramError

PATIENCE_SECONDS = 2.0
"""For a part to answer; whoever asks for the state gives up after some seconds, too."""

QUIET_SECONDS = 90.0
"""A worker that has not looked for updates for so long hangs: it looks each second, without a database each thirty."""

STARTING = "is not there yet"
SILENT = "does not answer"
OK = "ok"


@dataclass(frozen=True, slots=True)
class State:
    """`parts` has "ok" for each, or what is wrong."""

    parts: dict[str, str]

    @property
    def ok(self) -> bool:
        return all(told == OK for told in self.parts.values())


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    application: Application  # type: ignore[type-arg]
    mailbox: Mailbox
    worker: Worker


class Watch:
    def __init__(self, answers: ObservedAnswers, metrics: Metrics) -> None:
        self._answers = answers
        self._metrics = metrics
        self._parts: Parts | None = None
        self._thread = ThreadPoolExecutor(1, "watch")
        """Of its own: those of the event loop may all be at work on answers."""

    def begin(self, parts: Parts) -> None:
        """They are there from this moment."""
        self._parts = parts

    def health(self) -> State:
        """Whether a restart would help. What others fail to do, the database or Telegram, is not its business."""
        quiet = self._parts.worker.quiet_seconds if self._parts else 0.0
        return State({"worker": OK if quiet < QUIET_SECONDS else f"has not looked for updates for {quiet:.0f} s"})

    async def ready(self) -> State:
        """Whether questions are answered."""
        found = await asyncio.gather(told(self._index), told(self._queue))
        parts = {"index": found[0], "database": found[1], "telegram": self._telegram()}
        for part, said in parts.items():
            self._metrics.ready(part, said == OK)
        return State(parts)

    async def figures(self) -> bytes:
        await self.ready()
        return self._metrics.told()

    async def _index(self) -> str:
        looking = asyncio.get_running_loop().run_in_executor(self._thread, self._answers.status)
        self._metrics.index(await looking)
        return OK

    async def _queue(self) -> str:
        if self._parts is None:
            return STARTING
        self._metrics.queue(*await self._parts.mailbox.waiting())
        return OK

    def _telegram(self) -> str:
        return OK if self._parts and self._parts.application.running else STARTING


async def told(ask: Callable[[], Awaitable[str]]) -> str:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await ask()
    except TimeoutError:
        return SILENT
    except CitegramError as error:
        return str(error)
    except Exception as error:
        return type(error).__name__
