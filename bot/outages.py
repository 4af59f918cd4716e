"""A server that holds the index and goes away: questions wait for it, and a bot that starts does."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from bot.answers import Answers
from index.errors import IndexAwayError
from index.stop import Stop

logger = logging.getLogger(__name__)

T = TypeVar("T")

OUTAGE_SECONDS = 60.0
"""A question waits for so long before whoever asked is told to ask again."""

LONGEST_PAUSE = 3.0
"""Of one who waits for an answer."""

LONGEST_PAUSE_AT_START = 30.0


async def outlasted(work: Callable[[], T], *, stop: Stop | None = None, seconds: float = OUTAGE_SECONDS) -> T:
    """The result of the work in a thread, done again while the server is away. No thread is held meanwhile.

    Raises IndexAwayError where it stays away, and StoppedError.
    """
    end, pauses = time.monotonic() + seconds, growing(LONGEST_PAUSE)
    while True:
        try:
            return await asyncio.to_thread(work)
        except IndexAwayError as error:
            pause = next(pauses)
            if time.monotonic() + pause > end:
                raise
            logger.warning("a question waits; trying again in %.1f s: %s", pause, error)
        await asyncio.sleep(pause)
        if stop:
            stop.check()


def await_index(answers: Answers) -> None:
    """Returns when there is an index to answer from. Blocks while the server is away; raises what does not pass."""
    pauses = growing(LONGEST_PAUSE_AT_START)
    while True:
        try:
            answers.status()
            return
        except IndexAwayError as error:
            pause = next(pauses)
            logger.warning("the bot cannot start yet; trying again in %.0f s: %s", pause, error)
        time.sleep(pause)


def growing(longest: float) -> Iterator[float]:
    pause = 0.5
    while True:
        pause = min(2 * pause, longest)
        yield pause
