"""Calls to Telegram on a bad day: waiting where it says to wait, and trying again where that is safe."""

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

import httpx
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError

logger = logging.getLogger(__name__)

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[object]]

LONGEST_PAUSE_SECONDS = 8.0

PATIENCE_SECONDS = 600.0
"""A network may be gone for minutes, Telegram's flood control may ask for hours (bans of 209 to 13,938 s were seen):
after ten minutes nobody waits."""


class MaybeDoneError(Exception):
    """The connection broke after the request went out: Telegram may have carried it out, or not."""


async def patiently(call: Callable[[], Awaitable[T]], *, repeatable: bool, sleep: Sleep) -> T:
    """The result of the call, made again after a pause where Telegram or the network asks for it.

    A call that may be done twice without harm (an edit, say) is `repeatable`. A send is not: where the connection
    breaks before an answer, nothing in the Bot API tells whether the message exists. Such a call is made again only
    if it surely was not carried out: no connection came about, the request could not be written whole, or a server
    answered with an error (429, 5xx). Else MaybeDoneError, and the caller says so to the person, who can look.
    """
    tries, waited = 0, 0.0
    while True:
        try:
            return await call()
        except RetryAfter as error:
            pause = pause_asked_for(error)
            waited += pause
            if waited > PATIENCE_SECONDS:
                raise
            logger.warning("Telegram asks to wait %.0f s", pause)
        except BadRequest:
            raise
        except NetworkError as error:
            if not repeatable and not surely_not_done(error):
                raise MaybeDoneError from error
            pause = min(0.5 * 2**tries, LONGEST_PAUSE_SECONDS)
            tries += 1
            waited += pause
            if waited > PATIENCE_SECONDS:
                raise
            logger.warning("Telegram cannot be reached (%s); trying again in %.1f s", error, pause)
        await sleep(pause)


def surely_not_done(error: NetworkError) -> bool:
    """Whether the error tells that the call had no effect: an answer in place of a result, or no request in full."""
    return error.__cause__ is None or isinstance(error.__cause__, TelegramError | NEVER_ARRIVED)


NEVER_ARRIVED = (
    httpx.ConnectError
    | httpx.ConnectTimeout
    | httpx.PoolTimeout
    | httpx.WriteError
    | httpx.WriteTimeout
    | httpx.ProxyError
    | httpx.UnsupportedProtocol
)


def pause_asked_for(error: RetryAfter) -> float:
    """In seconds. The public attribute is about to change its type, and warns of it at each use."""
    return error._retry_after.total_seconds()
