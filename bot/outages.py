"""A server that holds the index and goes away: questions wait for it."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import TypeVar

from bot.pauses import growing_pauses
from index.errors import IndexAwayError
from index.stop import Stop

logger = logging.getLogger(__name__)

T = TypeVar("T")

OUTAGE_SECONDS = 60.0
"""A question waits for so long before whoever asked is told to ask again."""

LONGEST_PAUSE = 3.0
"""Of one who waits for an answer."""


async def outlasted(work: Callable[[], T], *, stop: Stop | None = None, seconds: float = OUTAGE_SECONDS) -> T:
    """The result of the work in a thread, done again while the server is away. No thread is held meanwhile.

    Raises IndexAwayError where it stays away, and StoppedError.
    """
    end, pauses = time.monotonic() + seconds, growing_pauses(longest=LONGEST_PAUSE)
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
