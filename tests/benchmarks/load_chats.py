"""Chats that ask the bot and time its answers: as fast as it answers, or at a pace of their own.

One callback hears every message of the bot; there is no task for each chat, so that the asking itself costs little.
"""

import asyncio
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from random import Random

from bot import texts
from tests.botapi import BotApi, Message, PrivateChat

SEED = 20261127

LOST_SECONDS = 120.0
"""Where no answer at all comes for so long, those that are out are lost."""

TOLD_EVERY = 1000

FAILURES = tuple(
    text.partition("{")[0] for text in (texts.WENT_WRONG, texts.DOCUMENTS_UNREADABLE, texts.CONNECTION_BROKE)
)


@dataclass(frozen=True, slots=True)
class Answered:
    """When a question came to the server, and the answer's first message, in seconds of time.monotonic."""

    asked: float
    answered: float

    @property
    def seconds(self) -> float:
        return self.answered - self.asked


class Chats:
    """They ask the questions in turn, over and over."""

    def __init__(self, api: BotApi, *, count: int, questions: Sequence[str]) -> None:
        self.answered: list[Answered] = []
        self.failures: Counter[str] = Counter()
        self.lost = 0
        self.twice = 0
        self._chance = Random(SEED)
        self._questions: Iterator[str] = cycle(self._chance.sample(questions, len(questions)))
        chats = [api.private(api.user(f"Person{number}", language_code="en")) for number in range(count)]
        self._askers: dict[int, PrivateChat] = {chat.id: chat for chat in chats}
        self._free = deque(chats)
        self._asked: dict[tuple[int, int], float] = {}
        self._said: set[tuple[int, int, int]] = set()
        self._heard = asyncio.Event()
        api.overhear(self._hear)

    async def ask_all(self, count: int, *, at_once: int) -> list[Answered]:
        """So many questions, at most so many under way; each chat asks again when it has its answer."""
        begun, self._free = len(self.answered), deque(self._askers.values())
        for number in range(count):
            if number % TOLD_EVERY == 0 and number:
                print(f"{number} of {count} asked", file=sys.stderr, flush=True)
            while len(self._asked) >= at_once or not self._free:
                await self._wait()
            await self._ask(self._free.popleft())
        await self._all_answered()
        return self.answered[begun:]

    async def ask_at(self, a_second: float, *, seconds: float) -> list[Answered]:
        """So many questions a second, at random moments, whether or not those before are answered."""
        begun, order = len(self.answered), cycle(tuple(self._askers.values()))
        at = time.monotonic()
        end = at + seconds
        while (at := at + self._chance.expovariate(a_second)) < end:
            await asyncio.sleep(max(0.0, at - time.monotonic()))
            await self._ask(next(order))
        await self._all_answered()
        return self.answered[begun:]

    async def _ask(self, chat: PrivateChat) -> None:
        at = time.monotonic()
        message = await chat.say(chat.person, next(self._questions))
        self._asked[chat.id, message.id] = at

    def _hear(self, message: Message) -> None:
        if message.reply_to is None:
            return
        asked = self._asked.pop((message.chat_id, message.reply_to), None)
        said = (message.chat_id, message.reply_to, hash(message.text))
        if asked is not None:
            self.answered.append(Answered(asked, time.monotonic()))
            self._free.append(self._askers[message.chat_id])
            self._heard.set()
        self.twice += said in self._said
        self._said.add(said)
        if failure := next((start for start in FAILURES if message.text.startswith(start)), None):
            self.failures[failure] += 1

    async def _all_answered(self) -> None:
        while self._asked:
            await self._wait()

    async def _wait(self) -> None:
        self._heard.clear()
        try:
            await asyncio.wait_for(self._heard.wait(), LOST_SECONDS)
        except TimeoutError:
            self.lost += len(self._asked)
            self._free.extend(self._askers[chat] for chat, _ in self._asked)
            self._asked.clear()
