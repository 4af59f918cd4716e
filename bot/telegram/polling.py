"""Asking Telegram for updates, one long request after the other.

Our own loop rather than the library's, which goes on silently where a second process polls, and dies silently where
the token is withdrawn.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from telegram import Bot
from telegram.error import Conflict, EndPointNotFound, InvalidToken, TelegramError
from telegram.ext import Application

from bot import owner_texts
from bot.errors import AnotherPollerError, ConversationsError, RefusedTokenError
from bot.pauses import growing_pauses
from bot.telegram.connecting import pause_after, reach, until
from bot.telegram.updates import WANTED, RawUpdate, Take

logger = logging.getLogger(__name__)

POLL_SECONDS = 50

ANSWER_SECONDS = 10
"""Telegram's answer to a long request may be on its way for so long."""


async def poll(application: Application, *, take: Take, stop: asyncio.Event) -> None:  # type: ignore[type-arg]
    """Have updates taken until `stop`, before Telegram is told so. Raises RefusedTokenError, AnotherPollerError."""
    if not await reach(application.bot.delete_webhook, stop=stop):
        return
    logger.info("@%s answers; stop it with Ctrl-C", application.bot.username)
    offset: int | None = None
    rivalry = Rivalry(asyncio.get_running_loop().time)
    pauses = growing_pauses()
    while not stop.is_set():
        try:
            raws = await until(stop, received(application.bot, offset)) or ()
            rivalry.polled()
            await take(raws)
            pauses = growing_pauses()
        except (InvalidToken, EndPointNotFound):  # as the library calls a refused token here
            raise RefusedTokenError(owner_texts.TOKEN_REFUSED) from None
        except Conflict:
            await until(stop, asyncio.sleep(rivalry.pause_or_leave()))
            continue
        except TelegramError as error:  # whatever a proxy or a login page says in Telegram's name among them
            await pause_after(error, pauses, stop=stop)
            continue
        except ConversationsError as error:  # Telegram keeps them meanwhile
            logger.warning("what people write cannot be kept: %s", error)
            await until(stop, asyncio.sleep(next(pauses)))
            continue
        if raws:
            offset = raws[-1]["update_id"] + 1
    await confirm(application, offset)


async def received(bot: Bot, offset: int | None, **asking: object) -> list[RawUpdate]:
    """The updates from `offset` on, as soon as there are any.

    Unread: where the library stumbles over one update, it gives none of those that came with it. An update that
    Telegram sends in a new way would come again for ever, and the bot would answer nobody.
    """
    wanted = {"timeout": POLL_SECONDS, "allowed_updates": WANTED} | asking
    if offset is not None:
        wanted["offset"] = offset
    seconds = POLL_SECONDS + ANSWER_SECONDS
    raws = await bot.do_api_request("getupdates", api_kwargs=wanted, read_timeout=seconds)  # it warns of "getUpdates"
    return list(raws)


async def confirm(application: Application, offset: int | None) -> None:  # type: ignore[type-arg]
    """Tell Telegram what was taken, or the next process would get it again."""
    if offset is not None:
        with suppress(Exception):
            await received(application.bot, offset, limit=1, timeout=0)


class Rivalry:
    """Two processes on one token cut off each other's requests in turn; the one that came later leaves.

    A process that is cut off within moments of its first request, before it got anything, has come second: it tries
    twice more, for the other may be on its way out, and leaves. One that polled in peace before asks again at once,
    and leaves only if the other (of another make, perhaps) does not for a long time.
    """

    CAME_SECOND_SECONDS = 2.5
    LEAVES_AFTER_SECOND = 3
    LEAVES_AFTER_FIRST = 30
    FORGETS_SECONDS = 60.0

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._began = clock()
        self._conflicts: list[float] = []
        self._came_second = False
        self._has_polled = False

    def polled(self) -> None:
        """A request was answered in peace."""
        self._has_polled = True

    def pause_or_leave(self) -> float:
        """The seconds to wait after one more conflict. Raises AnotherPollerError."""
        now = self._clock()
        self._came_second |= not self._has_polled and now - self._began < self.CAME_SECOND_SECONDS
        self._conflicts = [*(at for at in self._conflicts if now - at < self.FORGETS_SECONDS), now]
        most = self.LEAVES_AFTER_SECOND if self._came_second else self.LEAVES_AFTER_FIRST
        if len(self._conflicts) >= most:
            raise AnotherPollerError(owner_texts.ANOTHER_POLLER)
        logger.warning("another process asks for this bot's updates")
        return 1.0 if self._came_second else 0.1
