"""One of the workers that share a mailbox: puts in what Telegram tells it, and handles what is there."""

import asyncio
import json
import logging
from collections.abc import Collection, Sequence
from contextlib import suppress
from contextvars import copy_context
from datetime import datetime
from functools import partial

from telegram import Update
from telegram.ext import Application

from bot.database import Clock, now
from bot.errors import ConversationsError, GivenUpError
from bot.mailbox import SUSPECT_TRIES, Claimed, Letter, Mailbox
from bot.pauses import growing_pauses
from bot.request_id import begin_request
from bot.telegram.failing import frames_and_types
from bot.telegram.holding import Hold, hold
from bot.telegram.order import turn_of
from bot.telegram.underway import UnderWay
from bot.telegram.updates import Again, RawUpdate, again, begun_before, in_hand, read
from index.stages import stage, took

logger = logging.getLogger(__name__)

AT_ONCE = 256
"""Updates under way. Of each topic there is one at most: a chat that floods the bot keeps no other waiting."""

LOOK_SECONDS = 1.0
"""How often a worker looks for what others took and cannot handle. What it takes itself it sees at once."""


class Worker:
    def __init__(
        self,
        application: Application,  # type: ignore[type-arg]
        mailbox: Mailbox,
        *,
        under_way: UnderWay | None = None,
        clock: Clock = now,
    ) -> None:
        self._application = application
        self._mailbox = mailbox
        self._clock = clock
        self._under_way = under_way or UnderWay()
        self._name = self._under_way.worker
        self._in_hand: dict[int, asyncio.Task[None]] = {}
        self._holds: dict[int, Hold] = {}
        self._read: dict[int, Update] = {}
        """The latest taken, so that they need not be read again."""
        self._suspect = 0
        self._handled: set[int] = set()
        self._again: set[int] = set()
        """What could not be handled, because the database was away."""
        self._outlived: dict[int, int] = {}
        """What was under way when the database was away, with its tries. A claim on it may have lapsed without a
        death."""
        self._wake = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._looked = 0.0
        self._turned: float | None = None
        self._closed: datetime | None = None

    async def take(self, raws: Sequence[RawUpdate]) -> None:
        """Keep updates: whoever told them may forget them. Those that came before are passed over. Raises
        ConversationsError."""
        found = [(raw, update) for raw in raws if (update := read(raw, self._application.bot)) is not None]
        await self._mailbox.put([letter(raw, update) for raw, update in found])
        self._read |= {update.update_id: update for _, update in found}
        for number in tuple(self._read)[:-AT_ONCE]:
            del self._read[number]
        self._wake.set()

    def start(self) -> None:
        self._running = asyncio.create_task(self._run())

    @property
    def quiet_seconds(self) -> float:
        """Since it last looked for updates, or tried to: it does so each second, without a database each thirty."""
        return 0.0 if self._turned is None else self._time() - self._turned

    async def finish(self) -> None:
        """Handle what has come till now; what comes later stays."""
        self._closed = self._clock()
        self._wake.set()
        if self._running is not None:
            await self._running

    async def leave(self) -> None:
        """What is still under way is broken off, for whoever comes next."""
        tasks = [each for each in (self._running, *self._in_hand.values()) if each is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(ConversationsError):  # then the claims lapse
            await self._mailbox.done(self._name, self._handled)
            await self._mailbox.release(self._name)

    async def _run(self) -> None:
        pauses = growing_pauses()
        while True:
            self._turned = self._time()
            self._wake.clear()
            try:
                found = await self._look()
            except ConversationsError as error:
                self._outlived |= {number: each.tries for number, each in self._holds.items()}
                pause = next(pauses)
                logger.warning("what people write cannot be handled; trying again in %.0f s: %s", pause, error)
                await asyncio.sleep(pause)
                continue
            except Exception as error:
                pause = next(pauses)
                logger.error(
                    "what people write cannot be handled; trying again in %.0f s\n%s", pause, frames_and_types(error)
                )
                await asyncio.sleep(pause)
                continue
            pauses = growing_pauses()
            if self._closed and not (found or self._in_hand or self._handled):
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):  # wait_for loses a cancellation that comes with the waking
                    await self._wake.wait()

    async def _look(self) -> bool:
        """Whether there was something to begin. Claims are renewed first: one that was suspended keeps its own."""
        is_time = self._time() - self._looked >= LOOK_SECONDS
        if is_time and (mine := self._in_hand.keys() | self._handled):
            await self._renew(mine)
        if self._again:
            await self._mailbox.put_back(self._name, again_now := tuple(self._again))
            self._again.difference_update(again_now)
        room, handled, at = AT_ONCE - len(self._in_hand), tuple(self._handled), self._clock()
        found = await self._mailbox.claim(
            self._name, most=room, arrived_by=self._closed, done=handled, outlived=self._outlived
        )
        self._handled.difference_update(handled)
        self._outlived.clear()
        self._begin(found, at=at)
        if is_time:
            self._looked, at = self._time(), self._clock()
            self._begin(suspect := await self._look_around(), at=at)
            found += suspect
        return bool(found)

    async def _renew(self, mine: Collection[int]) -> None:
        at = self._clock()
        still = await self._mailbox.renew(self._name, mine)
        for number in still.keys() & self._holds.keys():
            self._holds[number].renewed = at
        self._under_way.stop([number for number, stopped in still.items() if stopped])

    async def _look_around(self) -> list[Claimed]:
        if self._closed or self._suspect in self._in_hand:
            return []
        return await self._mailbox.claim_suspect(self._name)

    def _begin(self, found: Sequence[Claimed], *, at: datetime) -> None:
        for claimed in found:
            if claimed.id in self._in_hand:  # the database was away so long that the claim lapsed
                continue
            if claimed.tries > SUSPECT_TRIES:
                self._suspect = claimed.id
            another = Again()
            self._holds[claimed.id] = Hold(claimed.id, self._name, self._mailbox, at, self._clock, tries=claimed.tries)
            own = copy_context()  # of this update: its end is logged under its request id, too
            task = self._in_hand[claimed.id] = asyncio.create_task(self._handle(claimed, another), context=own)
            task.add_done_callback(partial(self._ended, claimed.id, another), context=own)

    async def _handle(self, claimed: Claimed, another: Again) -> None:
        begin_request()
        took("queued", claimed.waited.total_seconds())
        in_hand.set(claimed.id)
        hold.set(self._holds[claimed.id])
        begun_before.set(claimed.is_begun_before)
        again.set(None if claimed.is_last else another)
        update = self._read.pop(claimed.id, None) or read(json.loads(claimed.body), self._application.bot)
        if claimed.is_hopeless:
            await self._give_up(claimed, update)
        elif update is not None:
            with stage("update"):
                await self._application.process_update(update)

    async def _give_up(self, claimed: Claimed, update: Update | None) -> None:
        """Whoever wrote it is told so, like of any other failure."""
        error = GivenUpError(f"update {claimed.id} was begun {claimed.tries - 1} times and never ended: it is given up")
        if claimed.is_told:
            await self._application.process_error(update, error)
        else:
            logger.warning("%s", error)

    def _ended(self, number: int, another: Again, task: asyncio.Task[None]) -> None:
        del self._in_hand[number]
        self._holds.pop(number).ended = True
        self._wake.set()
        if task.cancelled():
            return
        (self._again if another.wanted else self._handled).add(number)
        if error := task.exception():
            logger.error("an update could not be handled\n%s", frames_and_types(error))

    def _time(self) -> float:
        return asyncio.get_running_loop().time()


def letter(raw: RawUpdate, update: Update) -> Letter:
    who = update.effective_user or update.effective_chat
    return Letter(update.update_id, str(turn_of(update)), json.dumps(raw), who.id if who else None)
