"""What goes wrong with the bot's database, in one sentence without a secret: which database, what is wrong, what to do;
and whether it may pass by itself."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, InvalidRequestError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as WaitedError

from bot.errors import ConversationsError, DatabaseAwayError, DatabaseRefusedError, DatabaseUrlError

URL_TAKES = (
    "It takes an async SQLAlchemy address whose driver is installed, such as sqlite+aiosqlite:///data/bot.sqlite or "
    "postgresql+asyncpg://user:password@host/citegram."
)

REFUSED = ("28", "3D")
"""Classes of Postgres's codes: who asks may not come in, or there is no such database."""

AWAY = ("08", "57P0", "53300")
"""The connection failed; the server stops, starts or ended this connection; it has as many as it takes."""

HOST = re.compile(r"[\w.-]+|[\da-fA-F:]+")
"""What is read as the host where a password holds an @ is no such name."""


@contextmanager
def address_hidden() -> Iterator[None]:
    """What is wrong with DATABASE_URL becomes one sentence. None of the address is in it: any part may be secret."""
    try:
        yield
    except ImportError as error:
        complaint = f"names a driver that is not installed ({error.name})"
    except InvalidRequestError:
        complaint = "names a driver that is not an async one"
    except (SQLAlchemyError, ValueError, TypeError):
        complaint = "is not a database address"
    else:
        return
    raise DatabaseUrlError(f"DATABASE_URL {complaint}. {URL_TAKES}")


@contextmanager
def clearly(url: URL) -> Iterator[None]:
    """What goes wrong with the database becomes one sentence, without the secrets that the address may hold: as
    DatabaseAwayError, DatabaseRefusedError or ConversationsError."""
    try:
        yield
    except Exception as error:
        if not is_of_database(error):
            raise
        raise fault(url, error) from error


def is_of_database(error: BaseException) -> bool:
    """asyncpg's own errors come through where a connection is being made."""
    from_asyncpg = type(error).__module__.partition(".")[0] == "asyncpg"
    return from_asyncpg or isinstance(error, SQLAlchemyError | sqlite3.Error | OSError)


def fault(url: URL, error: BaseException) -> ConversationsError:
    reason = reason_of(error)
    if url.get_backend_name() == "sqlite":
        advice = "See that its folder can be written; if the file is damaged, move it away and start again"
        return ConversationsError(f"The bot's database {url.database} cannot be used: {reason}. {advice}.")
    if code_of(error).startswith(REFUSED):
        advice = "Set DATABASE_URL to a database that is there, with the name and password of one who may use it"
        return DatabaseRefusedError(f"{named(url)} refuses the bot: {reason}. {advice}.")
    if is_away(error):
        return DatabaseAwayError(f"{named(url)} cannot be reached: {reason}. See that it runs.")
    return ConversationsError(f"{named(url)} cannot be used: {reason}. See that it runs and may be used.")


def named(url: URL) -> str:
    """By its host, which is where to look."""
    if not (url.host and HOST.fullmatch(url.host)):
        return "The database that DATABASE_URL names"
    return f"The database that DATABASE_URL names, at {url.host}{f':{url.port}' if url.port else ''},"


def is_away(error: BaseException) -> bool:
    """Whether it may come by itself."""
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    waited = isinstance(error, WaitedError)
    return lost or waited or code_of(error).startswith(AWAY) or any(isinstance(each, OSError) for each in behind(error))


def code_of(error: BaseException) -> str:
    """As Postgres numbers what went wrong."""
    return next((str(code) for each in behind(error) if (code := getattr(each, "sqlstate", None))), "")


def behind(error: BaseException) -> list[BaseException]:
    """The error, what the driver said, and why."""
    said = getattr(error, "orig", None) or error
    return [each for each in (error, said, said.__cause__) if each is not None]


def reason_of(error: BaseException) -> str:
    """What the database says, without what people wrote: that it does not take some value, asyncpg tells with the
    value."""
    said = getattr(error, "orig", None) or error
    kinds = [type(each).__name__ for each in behind(error)]
    if "DataError" in kinds:
        return "DataError"
    if "TimeoutError" in kinds:
        return "it does not answer"
    lines = str(said).splitlines()
    return lines[0].rstrip(".") if lines else type(said).__name__
