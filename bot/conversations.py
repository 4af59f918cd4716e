"""The bot's memory: which chats it met, what it answered with, and who was told that they have no access.

A database by any async SQLAlchemy address. Everything in it is plain text or JSON; questions are not kept.
"""

import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Index, MetaData, String, Table, Text, delete, event, insert, select
from sqlalchemy import update as change
from sqlalchemy.engine import URL
from sqlalchemy.exc import IntegrityError, InvalidRequestError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import ConversationsError, DatabaseUrlError
from bot.pages import Button, Page, Style

KEPT_DAYS = 90
"""An answer's buttons work so long; then its rows go, so that the database cannot grow for ever."""

metadata = MetaData()

chats = Table(
    "chats",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("met", DateTime(timezone=True), nullable=False),
)

answers = Table(
    "answers",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("chat", BigInteger, nullable=False),
    Column("thread", BigInteger),
    Column("question", BigInteger, nullable=False, comment="the id of the message that asked"),
    Column("replies", Text, nullable=False, comment="the ids of the messages that answer, as JSON"),
    Column("pages", Text, nullable=False, comment="the answer's message with buttons, and each citation's, as JSON"),
    Column("created", DateTime(timezone=True), nullable=False),
    Index("answers_by_question", "chat", "question"),
    Index("answers_by_age", "created"),
)

denials = Table(
    "denials",
    metadata,
    Column("asker", BigInteger, primary_key=True, autoincrement=False),
    Column("told", DateTime(timezone=True), nullable=False),
)


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer as it was sent: what its buttons show, whatever becomes of the index.

    `question` and `replies` are message ids; `page` is the message with the buttons; `citations` are the pages
    of the citations, in order.
    """

    id: str
    chat: int
    thread: int | None
    question: int
    page: Page
    citations: tuple[Page, ...] = ()
    replies: tuple[int, ...] = ()

    def shown(self, number: int) -> Page | None:
        """The page behind a button: a citation's, or for 0 the answer's."""
        pages = (self.page, *self.citations)
        return pages[number] if 0 <= number < len(pages) else None


def default_url(data_dir: Path) -> URL:
    return URL.create("sqlite+aiosqlite", database=str(data_dir / "bot.sqlite"))


@asynccontextmanager
async def open_conversations(url: str | URL) -> AsyncIterator["Conversations"]:
    """The memory at this address, its tables created where they are missing. Raises ConversationsError."""
    engine = new_engine(url)
    try:
        with clearly(engine.url):
            await create_tables(engine)
        yield Conversations(engine)
    finally:
        await engine.dispose()


class Conversations:
    """Made by open_conversations. Every method may raise ConversationsError."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncConnection]:
        with clearly(self._engine.url):
            async with self._engine.begin() as connection:
                yield connection

    async def meet(self, chat: int, *, kind: str) -> None:
        """Note a chat, once."""
        await self._note_once(chats, chats.c.id, chat, kind=kind, met=now())

    async def keep(self, answer: KeptAnswer) -> None:
        """Keep the answer, in place of an earlier one with its id; forget those past their time."""
        async with self._writing() as connection:
            await connection.execute(delete(answers).where(answers.c.created < now() - timedelta(days=KEPT_DAYS)))
            await connection.execute(delete(answers).where(answers.c.id == answer.id))
            await connection.execute(insert(answers).values(to_row(answer)))

    async def sent(self, answer_id: str, replies: tuple[int, ...]) -> None:
        """Note which messages the answer became."""
        async with self._writing() as connection:
            kept = change(answers).where(answers.c.id == answer_id)
            await connection.execute(kept.values(replies=json.dumps(replies)))

    async def answer(self, answer_id: str) -> KeptAnswer | None:
        async with self._writing() as connection:
            row = (await connection.execute(select(answers).where(answers.c.id == answer_id))).first()
        return from_row(row._mapping) if row else None

    async def answer_to(self, *, chat: int, question: int) -> KeptAnswer | None:
        """The answer to the message with this id, if it is still kept."""
        asked = select(answers).where(answers.c.chat == chat, answers.c.question == question)
        async with self._writing() as connection:
            row = (await connection.execute(asked.order_by(answers.c.created.desc()))).first()
        return from_row(row._mapping) if row else None

    async def deny(self, asker: int) -> bool:
        """Whether this is the first time that the asker has to be told; a second call says no."""
        return await self._note_once(denials, denials.c.asker, asker, told=now())

    async def _note_once(self, table: Table, key: Column[int], value: int, **others: object) -> bool:
        """Insert a row unless its key is there, whoever else does the same at this moment."""
        try:
            async with self._writing() as connection:
                if (await connection.execute(select(key).where(key == value))).first():
                    return False
                await connection.execute(insert(table).values({key.name: value, **others}))
        except ConversationsError as error:
            if isinstance(error.__cause__, IntegrityError):
                return False
            raise
        return True


def new_engine(url: str | URL) -> AsyncEngine:
    """Raises DatabaseUrlError."""
    with address_hidden():
        engine = create_async_engine(url, hide_parameters=True, pool_pre_ping=True)
    if is_sqlite(engine.url):
        event.listen(engine.sync_engine, "connect", prepare_sqlite)
    return engine


async def create_tables(engine: AsyncEngine) -> None:
    prepare_file(engine.url)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)


def prepare_file(url: URL) -> None:
    """A file that cannot be opened fails here and at once: aiosqlite would leave a thread that outlives the loop."""
    if is_sqlite(url) and "uri" not in url.query and url.database not in (None, "", ":memory:"):
        path = Path(str(url.database))
        path.parent.mkdir(parents=True, exist_ok=True)
        sqlite3.connect(path).close()


def is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def prepare_sqlite(connection: Any, _: object) -> None:
    """Several processes may write: readers do not wait for a writer, and a writer waits for another."""
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout=10000")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.close()
    except Exception:
        connection.close()  # the pool forgets a connection that fails here, and its thread would live on
        raise


URL_TAKES = (
    "It takes an async SQLAlchemy address whose driver is installed, such as sqlite+aiosqlite:///data/bot.sqlite."
)


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
    """What goes wrong with the database becomes one sentence, without the secrets that the address may hold."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise ConversationsError(explained(url, error)) from error


def explained(url: URL, error: BaseException) -> str:
    """One sentence for the owner: which database, what is wrong, what to do."""
    reason = str(getattr(error, "orig", None) or error).splitlines()[0].rstrip(".")
    if is_sqlite(url):
        advice = "See that its folder can be written; if the file is damaged, move it away and start again"
        return f"The bot's database {url.database} cannot be used: {reason}. {advice}."
    return f"The database that DATABASE_URL names cannot be used: {reason}. See that it runs and may be used."


def now() -> datetime:
    return datetime.now(UTC)


def to_row(answer: KeptAnswer) -> dict[str, object]:
    pages = {"answer": asdict(answer.page), "citations": [asdict(page) for page in answer.citations]}
    return {
        "id": answer.id,
        "chat": answer.chat,
        "thread": answer.thread,
        "question": answer.question,
        "replies": json.dumps(answer.replies),
        "pages": json.dumps(pages, ensure_ascii=False),
        "created": now(),
    }


def from_row(row: Any) -> KeptAnswer:
    pages = json.loads(row["pages"])
    return KeptAnswer(
        id=row["id"],
        chat=row["chat"],
        thread=row["thread"],
        question=row["question"],
        page=to_page(pages["answer"]),
        citations=tuple(to_page(page) for page in pages["citations"]),
        replies=tuple(json.loads(row["replies"])),
    )


def to_page(value: dict[str, Any]) -> Page:
    styles = tuple(Style(**style) for style in value["styles"])
    return Page(value["text"], styles, tuple(tuple(Button(**button) for button in row) for row in value["buttons"]))
