"""Questions that are watched: who asked them where, what they know, and which documents that was from."""

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Index, String, Table, Text, delete, func, insert, select
from sqlalchemy import update as alter

from bot.changes import Known, Told
from bot.database import Database, metadata, now

MOST = 20
"""Of one person."""

watches = Table(
    "watches",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("chat", BigInteger, nullable=False),
    Column("thread", BigInteger),
    Column("message", BigInteger, nullable=False, comment="the id of the message that set it"),
    Column("person", BigInteger, nullable=False),
    Column("language", String(8), nullable=False),
    Column("words", Text, nullable=False, comment="the question"),
    Column("answered", Boolean, nullable=False),
    Column("told", Text, nullable=False, comment="the quotes that are known, as JSON"),
    Column("generation", String(64), nullable=False, comment="of the index, when it was last answered"),
    Column("sending", String(32), comment="the id of the answer that is on its way"),
    Column("created", DateTime(timezone=True), nullable=False),
    Index("watches_by_chat", "chat"),
    Index("watches_by_person", "person"),
)

watched_documents = Table(
    "watched_documents",
    metadata,
    Column("sha256", String(64), primary_key=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """`message` is the one that set it, `generation` the index that it was last answered from, `sending` the id of an
    answer with news that is on its way; who offers it after a death is told behind a colon."""

    chat: int
    thread: int | None
    message: int
    person: int
    language: str
    words: str
    known: Known
    generation: str
    sending: str | None = None
    id: str = field(default_factory=lambda: secrets.token_urlsafe(9))


class Watches:
    """Every method may raise ConversationsError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, watch: Watch) -> bool:
        """False where the person has as many as one may have. The same question in the same place is kept once."""
        mine = watches.c.person == watch.person
        same = (watches.c.chat == watch.chat) & (watches.c.words == watch.words)
        async with self._database.writing() as connection:
            await connection.execute(
                delete(watches).where(mine, same, watches.c.thread.is_not_distinct_from(watch.thread))
            )
            held = await connection.execute(select(func.count()).select_from(watches).where(mine))
            if held.scalar_one() >= MOST:
                return False
            await connection.execute(insert(watches).values(to_row(watch)))
        return True

    async def watch(self, watch_id: str) -> Watch | None:
        async with self._database.writing() as connection:
            row = (await connection.execute(select(watches).where(watches.c.id == watch_id))).first()
        return from_row(row._mapping) if row else None

    async def of_chat(self, chat: int) -> tuple[Watch, ...]:
        """The earliest first."""
        return await self._where(watches.c.chat == chat)

    async def behind(self, generation: str) -> tuple[Watch, ...]:
        """Those that were last answered from another."""
        return await self._where(watches.c.generation != generation)

    async def unfinished(self) -> tuple[Watch, ...]:
        """Those whose news was on its way when the process died."""
        return await self._where(watches.c.sending.is_not(None))

    async def end(self, watch_id: str) -> None:
        async with self._database.writing() as connection:
            await connection.execute(delete(watches).where(watches.c.id == watch_id))

    async def change(self, watch: Watch, **changes: Any) -> Watch | None:
        """The watch with these fields changed; None, and nothing is changed, where it has ended or another process
        has seen to it since."""
        changed = replace(watch, **changes)
        unseen = (watches.c.id == watch.id) & (watches.c.generation == watch.generation)
        unseen &= watches.c.sending.is_not_distinct_from(watch.sending)
        async with self._database.writing() as connection:
            done = await connection.execute(alter(watches).where(unseen).values(state_of(changed)))
        return changed if done.rowcount else None

    async def documents(self) -> frozenset[str]:
        """The hashes of the documents that all watches were last answered from."""
        async with self._database.writing() as connection:
            return frozenset((await connection.execute(select(watched_documents.c.sha256))).scalars())

    async def note_documents(self, hashes: Iterable[str]) -> None:
        """In place of the earlier ones; only what differs is written, by whichever workers do so at this moment."""
        new = frozenset(hashes)
        before = await self.documents()
        async with self._database.writing() as connection:
            for gone in before - new:
                await connection.execute(delete(watched_documents).where(watched_documents.c.sha256 == gone))
            if added := [{"sha256": each} for each in new - before]:
                await connection.execute(self._database.insert_missing(watched_documents).values(added))

    async def moved(self, old: int, new: int) -> None:
        """A group became a supergroup: what was watched there is watched on; the message that set it has another id."""
        async with self._database.writing() as connection:
            there = alter(watches).where(watches.c.chat == old)
            await connection.execute(there.values(chat=new, thread=None, message=0))
            await connection.execute(alter(watches).where(watches.c.person == old).values(person=new))

    async def forget(self, person: int) -> dict[str, int]:
        """Delete what the person set; how many rows, by table."""
        async with self._database.writing() as connection:
            gone = await connection.execute(delete(watches).where(watches.c.person == person))
        return {watches.name: gone.rowcount}

    async def expire(self, before: datetime) -> None:
        """A watch stays until it is ended."""

    async def _where(self, condition: Any) -> tuple[Watch, ...]:
        async with self._database.writing() as connection:
            rows = await connection.execute(select(watches).where(condition).order_by(watches.c.created))
            return tuple(from_row(row._mapping) for row in rows)


def state_of(watch: Watch) -> dict[str, object]:
    """What of a watch may change."""
    told = sorted([each.quote, each.document] for each in watch.known.told)
    return {
        "answered": watch.known.answered,
        "told": json.dumps(told, ensure_ascii=False),
        "generation": watch.generation,
        "sending": watch.sending,
    }


def to_row(watch: Watch) -> dict[str, object]:
    return state_of(watch) | {
        "id": watch.id,
        "chat": watch.chat,
        "thread": watch.thread,
        "message": watch.message,
        "person": watch.person,
        "language": watch.language,
        "words": watch.words,
        "created": now(),
    }


def from_row(row: Any) -> Watch:
    told = frozenset(Told(quote, document) for quote, document in json.loads(row["told"]))
    return Watch(
        id=row["id"],
        chat=row["chat"],
        thread=row["thread"],
        message=row["message"],
        person=row["person"],
        language=row["language"],
        words=row["words"],
        known=Known(row["answered"], told),
        generation=row["generation"],
        sending=row["sending"],
    )
