"""Coming through to Telegram, the index and the database: trying until they answer, and leaving off where the bot is to
stop."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, TypeVar

from sqlalchemy.engine import URL
from telegram.error import InvalidToken, RetryAfter, TelegramError

from bot import owner_texts
from bot.database import Database, open_database
from bot.errors import DatabaseAwayError, RefusedTokenError
from bot.pauses import growing_pauses
from bot.telegram.patience import pause_asked_for
from index.errors import IndexAwayError

logger = logging.getLogger(__name__)

T = TypeVar("T")


async def until(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """The result of the work, or None where `stop` came first and the work was cancelled."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        stopping.cancel()
        if not working.done():
            working.cancel()
            await asyncio.wait((working,))


async def reach(connect: Callable[[], Coroutine[Any, Any, object]], *, stop: asyncio.Event) -> bool:
    """Connect, trying again until Telegram answers as it should; False where `stop` came first.

    Raises RefusedTokenError.
    """
    pauses = growing_pauses()
    while not stop.is_set():
        try:
            await until(stop, connect())
            return not stop.is_set()
        except InvalidToken:
            raise RefusedTokenError(owner_texts.TOKEN_REFUSED) from None
        except TelegramError as error:
            await pause_after(error, pauses, stop=stop)
    return False


async def index_there(look: Callable[[], object], *, stop: asyncio.Event) -> bool:
    """Look for the index, in a thread, until the server that holds it can be reached; False where `stop` came first.

    Raises NoIndexError, and what else does not come by itself.
    """
    await there(lambda: asyncio.to_thread(look), stop=stop)
    return not stop.is_set()


@asynccontextmanager
async def database_at(address: str | URL, *, stop: asyncio.Event) -> AsyncIterator[Database | None]:
    """The database, opened once it can be reached; None where `stop` came first.

    Raises ConversationsError where it will not come by itself.
    """
    async with AsyncExitStack() as stack:
        yield await there(lambda: stack.enter_async_context(open_database(address)), stop=stop)


async def there(reaching: Callable[[], Coroutine[Any, Any, T]], *, stop: asyncio.Event) -> T | None:
    """What is reached for, tried again while its server is away; None where `stop` came first."""
    pauses = growing_pauses()
    while not stop.is_set():
        try:
            return await until(stop, reaching())
        except (DatabaseAwayError, IndexAwayError) as error:
            pause = next(pauses)
            logger.warning("%s Trying again in %.0f s", error, pause)
            await until(stop, asyncio.sleep(pause))
    return None


async def pause_after(error: TelegramError, pauses: Iterator[float], *, stop: asyncio.Event) -> None:
    pause = pause_asked_for(error) if isinstance(error, RetryAfter) else next(pauses)
    logger.warning("Telegram cannot be reached (%s); trying again in %.0f s", error, pause)
    await until(stop, asyncio.sleep(pause))
