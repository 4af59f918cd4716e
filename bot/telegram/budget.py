"""When the next message may go out: what Telegram lets a bot say in a chat, in a group and over all.

Its limits are about one message a second in a chat, 20 a minute in a group and 30 a second over all, edits counted as
well; whoever keeps within them is never asked to wait. https://core.telegram.org/bots/faq#broadcasting-to-users
"""

import asyncio
import time
from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from bot.telegram.patience import Sleep

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Limit:
    """So many messages in any stretch of so many seconds."""

    messages: int
    seconds: float


PRIVATE, GROUP, OVERALL = Limit(1, 1.0), Limit(20, 60.0), Limit(30, 1.0)

UNEVEN_SECONDS = 0.1
"""Stretches are taken longer by so much, since one message may be on the way for less time than the one before."""

CHATS_KEPT = 1000


class Budget:
    """Gives turns. In a chat they come in the order in which they were asked for; chats wait for each other only where
    all of them together say too much."""

    def __init__(self, *, clock: Clock = time.monotonic, sleep: Sleep = asyncio.sleep) -> None:
        self._clock = clock
        self._sleep = sleep
        self._begun = clock()
        self._chats: dict[int, Turns] = {}
        self._overall: list[float] = []

    async def turn(self, chat: int) -> None:
        """Returns when a message may go to the chat. A pause asked for meanwhile is waited for as well."""
        while True:
            now = self._clock()
            at = self._take_turn(chat, now)
            if at > now:
                await self._sleep(at - now)
            if self._turns(chat).held_until <= at:
                return

    def spare(self, chat: int) -> bool:
        """Takes a turn for what can be left out: one that is free at once, and in a group not of the last half."""
        now = self._clock()
        turns = self._turns(chat)
        if self._free_overall(turns.earliest(now)) > now or 2 * turns.latest(now) >= turns.limit.messages:
            return False
        self._take_turn(chat, now)
        return True

    def _take_turn(self, chat: int, now: float) -> float:
        self._forget(now)
        turns = self._turns(chat)
        at = self._free_overall(turns.earliest(now))
        turns.take(at)
        insort(self._overall, at)
        return at

    def done(self, chat: int) -> None:
        """The message has arrived, or its call has failed: whenever it arrived, that was before."""
        turns = self._turns(chat)
        if turns.limit == PRIVATE:
            turns.held_until = max(turns.held_until, self._clock() + PRIVATE.seconds)

    def hold(self, chat: int, seconds: float) -> None:
        """Telegram asked for a pause in this chat."""
        now = self._clock()
        turns = self._turns(chat)
        turns.held_until = max(turns.held_until, now + seconds)

    def _turns(self, chat: int) -> "Turns":
        if chat not in self._chats:
            self._chats[chat] = Turns(GROUP if chat < 0 else PRIVATE, begun=self._begun)
        return self._chats[chat]

    def _free_overall(self, at: float) -> float:
        """The first moment from `at` on with room beside the turns that other chats have around it."""
        span = OVERALL.seconds + UNEVEN_SECONDS
        while True:
            first, last = bisect_right(self._overall, at - span), bisect_left(self._overall, at + span)
            if last - first < OVERALL.messages:
                return at
            at = self._overall[first] + span

    def _forget(self, now: float) -> None:
        del self._overall[: bisect_left(self._overall, now - OVERALL.seconds - UNEVEN_SECONDS)]
        if len(self._chats) > CHATS_KEPT:
            self._chats = {chat: turns for chat, turns in self._chats.items() if not turns.are_over(now)}


class Turns:
    """Those of one chat. What an earlier process said just before this one began is not known, and waited for."""

    def __init__(self, limit: Limit, *, begun: float) -> None:
        self.limit = limit
        self._seconds = limit.seconds + UNEVEN_SECONDS
        self._latest: deque[float] = deque(maxlen=limit.messages)
        self.held_until = begun + PRIVATE.seconds + UNEVEN_SECONDS

    def earliest(self, now: float) -> float:
        """When the next may be: not before the last one given, and while the stretch has room."""
        full = len(self._latest) == self._latest.maxlen
        after = self._latest[0] + self._seconds if full else self._latest[-1] if self._latest else now
        return max(now, after, self.held_until)

    def latest(self, now: float) -> int:
        """How many count at the moment."""
        return sum(at + self._seconds > now for at in self._latest)

    def take(self, at: float) -> None:
        self._latest.append(at)

    def are_over(self, now: float) -> bool:
        return self.earliest(now) <= now and (not self._latest or self._latest[-1] + self._seconds < now)
