"""The bot's database, by any async SQLAlchemy address: opened with its tables, as this version knows them."""

import re
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, Table, event, func, insert, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.database_faults import URL_TAKES, address_hidden, clearly, is_away, reason_of
from bot.errors import ConversationsError, DatabaseUrlError, MigrationError
from bot.migrations.revisions import OURS as REVISIONS
from bot.migrations.revisions import Revisions
from config import Settings

metadata = MetaData()
"""Every module with tables puts them here."""

Clock = Callable[[], datetime]
"""The time, in UTC: `now`, or one that a test sets."""


def address_of(settings: Settings) -> str | URL:
    return settings.database_url.get_secret_value() if settings.database_url else default_url(settings.data_dir)


def default_url(data_dir: Path) -> URL:
    return URL.create("sqlite+aiosqlite", database=str(data_dir / "bot.sqlite"))


class Database:
    """Made by open_database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction. Raises ConversationsError."""
        with clearly(self._engine.url):
            async with self._engine.begin() as connection:
                yield connection

    async def alone(self, connection: AsyncConnection, lock: int) -> None:
        """Whoever takes the same lock waits for the end of this transaction. SQLite lets one write after the other
        anyway."""
        if not is_sqlite(self._engine.url):
            await connection.execute(select(func.pg_advisory_xact_lock(lock)))

    async def overwrite(self) -> None:
        """SQLite keeps what was written lately in a file of its own, what was deleted by now among it: that file is
        emptied. Where another process reads for longer, this is left to the next time. Raises ConversationsError."""
        if not is_sqlite(self._engine.url):
            return
        with clearly(self._engine.url):
            async with self._engine.connect() as connection:
                alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
                await alone.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))

    async def put_once(self, table: Table, row: Mapping[str, object]) -> bool:
        """Insert a row; False where its key is there, whoever else does the same at this moment."""
        key = [column == row[column.name] for column in table.primary_key]
        try:
            async with self.writing() as connection:
                if (await connection.execute(select(*table.primary_key).where(*key))).first():
                    return False
                await connection.execute(insert(table).values(row))
        except ConversationsError as error:
            if isinstance(error.__cause__, IntegrityError):
                return False
            raise
        return True

    def insert_missing(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """Inserts rows, and passes over those whose key is there."""
        if is_sqlite(self._engine.url):
            return sqlite.insert(table).on_conflict_do_nothing()
        return postgresql.insert(table).on_conflict_do_nothing()


@asynccontextmanager
async def open_database(url: str | URL, *, revisions: Revisions = REVISIONS) -> AsyncIterator[Database]:
    """Its tables are made, or brought to this version. Raises ConversationsError."""
    engine = new_engine(url)
    try:
        with clearly(engine.url):
            await bring_up_to_date(engine, revisions)
        yield Database(engine)
    finally:
        await engine.dispose()


async def is_there(url: str | URL) -> bool:
    """Whether it is there, opens, and is of no later version; nothing is made, neither a file nor a table. Raises
    ConversationsError."""
    engine = new_engine(url)
    try:
        with clearly(engine.url):
            path = file_of(engine.url)
            if path and not path.exists():
                return False
            if path:
                sqlite3.connect(path).close()  # as in prepare_file
            async with engine.connect() as connection:
                await connection.run_sync(REVISIONS.lacks)
            return True
    finally:
        await engine.dispose()


PATIENCE_SECONDS = 10.0
"""A server that does not answer for so long is away. asyncpg by itself would wait for ever."""


def new_engine(url: str | URL) -> AsyncEngine:
    """Raises DatabaseUrlError."""
    with address_hidden():
        if make_url(url).get_backend_name() not in ALONE:
            raise DatabaseUrlError(f"DATABASE_URL names neither SQLite nor Postgres. {URL_TAKES}")
        asyncpg = make_url(url).get_driver_name() == "asyncpg"
        limits = {"timeout": PATIENCE_SECONDS, "command_timeout": PATIENCE_SECONDS} if asyncpg else {}
        far = not is_sqlite(make_url(url))  # a connection to a server may have ended, one to a file never does
        engine = create_async_engine(url, hide_parameters=True, pool_pre_ping=far, connect_args=limits)
    if is_sqlite(engine.url):
        event.listen(engine.sync_engine, "connect", prepare_sqlite)
    event.listen(engine.sync_engine, "before_cursor_execute", with_storable_text, retval=True)
    return engine


def with_storable_text(
    _connection: object, _cursor: object, statement: str, parameters: Any, _context: object, many: bool
) -> tuple[str, Any]:
    return statement, [storable(row) for row in parameters] if many else storable(parameters)


UNSTORABLE = re.compile(r"[\0\ud800-\udfff]")
"""Postgres keeps no zero, and no database half of a surrogate pair."""


def storable(row: Any) -> Any:
    if not isinstance(row, tuple):
        return row
    return tuple(UNSTORABLE.sub("\ufffd", value) if isinstance(value, str) else value for value in row)


async def bring_up_to_date(engine: AsyncEngine, revisions: Revisions) -> None:
    """The tables become those of this version. Of workers that start at the same moment, one goes first."""
    prepare_file(engine.url)
    async with engine.connect() as connection:
        if not await connection.run_sync(revisions.lacks):
            return
    async with engine.begin() as connection:
        await connection.execute(text(ALONE[engine.url.get_backend_name()]))
        if await connection.run_sync(revisions.lacks):
            await connection.run_sync(migrate, revisions)


ALONE = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "SELECT pg_advisory_xact_lock(7220463391180414)"}
"""Lets the transaction make tables while no other does, by the kind of database. The number means nothing."""


def migrate(connection: Connection, revisions: Revisions) -> None:
    """All in the transaction that has begun, or nothing. Raises MigrationError."""
    from bot.migrations.running import upgrade  # it loads Alembic, for which no start is to wait that changes nothing

    try:
        upgrade(connection, revisions)
    except Exception as error:
        if is_away(error):
            raise
        raise MigrationError(UNMIGRATED.format(reason=reason_of(error))) from error


UNMIGRATED = (
    "The tables of the bot's database cannot be brought to this version: {reason}. Everything is as it was. Start the "
    "version before again, or see what stands in the way."
)


def prepare_file(url: URL) -> None:
    """A file that cannot be opened fails here and at once: aiosqlite would leave a thread that outlives the loop."""
    if path := file_of(url):
        path.parent.mkdir(parents=True, exist_ok=True)
        sqlite3.connect(path).close()


def file_of(url: URL) -> Path | None:
    """None where the database is no file, or an address within SQLite tells which."""
    named = is_sqlite(url) and "uri" not in url.query and url.database not in (None, "", ":memory:")
    return Path(str(url.database)) if named else None


def is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def prepare_sqlite(connection: Any, _: object) -> None:
    """Several processes may write: readers do not wait for a writer, and a writer waits for another. What is deleted is
    overwritten, rather than left in the file until something else takes its place."""
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout=10000")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA secure_delete=ON")
        cursor.close()
    except Exception:
        connection.close()  # the pool forgets a connection that fails here, and its thread would live on
        raise


def now() -> datetime:
    return datetime.now(UTC)
