"""The bot's memory: which chats it met, what was asked and answered, and who was told that they have no access.

Everything in it is plain text or JSON.
"""

import json
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Index, String, Table, Text, delete, insert, select
from sqlalchemy import update as change
from sqlalchemy.exc import IntegrityError

from bot.database import Database, metadata, now, oldest_kept
from bot.errors import ConversationsError
from bot.pages import Button, Page, Style
from index.types import Source

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
    Column("asker", BigInteger, comment="who asked"),
    Column("words", Text, comment="what was asked"),
    Column("replies", Text, nullable=False, comment="the ids of the messages that answer, as JSON"),
    Column("file", BigInteger, comment="the id of the message with the whole answer, if that is in a file"),
    Column("pages", Text, nullable=False, comment="the answer's message with buttons, and each citation's, as JSON"),
    Column("created", DateTime(timezone=True), nullable=False),
    Index("answers_by_question", "chat", "question"),
    Index("answers_by_age", "created"),
)

openings = Table(
    "openings",
    metadata,
    Column("answer", String(32), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("created", DateTime(timezone=True), nullable=False),
)

denials = Table(
    "denials",
    metadata,
    Column("asker", BigInteger, primary_key=True, autoincrement=False),
    Column("told", DateTime(timezone=True), nullable=False),
)


@dataclass(frozen=True, slots=True)
class KeptCitation:
    """A citation as it was when it was given: its page, its words, the stretch of the document around them."""

    page: Page
    quote: str
    context: str
    source: Source


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer as it was sent: what its buttons show, whatever becomes of the index.

    `question`, `replies` and `file` are message ids, `asker` who asked, in the `words`; `page` is the message with the
    buttons; `citations` are in order.
    """

    id: str
    chat: int
    thread: int | None
    question: int
    page: Page
    citations: tuple[KeptCitation, ...] = ()
    replies: tuple[int, ...] = ()
    asker: int = 0
    words: str = ""
    file: int | None = None

    def citation(self, number: int) -> KeptCitation | None:
        """By its number, from 1."""
        return self.citations[number - 1] if 0 < number <= len(self.citations) else None

    def shown(self, number: int) -> Page | None:
        """The page behind a button: a citation's, or for 0 the answer's."""
        if number == 0:
            return self.page
        citation = self.citation(number)
        return citation.page if citation else None


class Conversations:
    """Every method may raise ConversationsError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def meet(self, chat: int, *, kind: str) -> None:
        """Note a chat, once."""
        await self._note_once(chats, chats.c.id, chat, kind=kind, met=now())

    async def keep(self, answer: KeptAnswer) -> None:
        """Keep the answer, in place of an earlier one with its id; forget those past their time."""
        async with self._database.writing() as connection:
            await connection.execute(delete(answers).where(answers.c.created < oldest_kept()))
            await connection.execute(delete(answers).where(answers.c.id == answer.id))
            await connection.execute(insert(answers).values(to_row(answer)))

    async def sent(self, answer_id: str, replies: tuple[int, ...], *, file: int | None = None) -> None:
        """Note which messages the answer became, and which holds the file with all of it, if there is one."""
        async with self._database.writing() as connection:
            kept = change(answers).where(answers.c.id == answer_id)
            await connection.execute(kept.values(replies=json.dumps(replies), file=file))

    async def answer(self, answer_id: str) -> KeptAnswer | None:
        async with self._database.writing() as connection:
            row = (await connection.execute(select(answers).where(answers.c.id == answer_id))).first()
        return from_row(row._mapping) if row else None

    async def answer_to(self, *, chat: int, question: int) -> KeptAnswer | None:
        """The answer to the message with this id, if it is still kept."""
        asked = select(answers).where(answers.c.chat == chat, answers.c.question == question)
        async with self._database.writing() as connection:
            row = (await connection.execute(asked.order_by(answers.c.created.desc()))).first()
        return from_row(row._mapping) if row else None

    async def open(self, answer_id: str, number: int) -> bool:
        """Whether a citation is opened for the first time; a second call says no."""
        try:
            async with self._database.writing() as connection:
                await connection.execute(delete(openings).where(openings.c.created < oldest_kept()))
                row = {"answer": answer_id, "number": number, "created": now()}
                await connection.execute(insert(openings).values(row))
        except ConversationsError as error:
            if isinstance(error.__cause__, IntegrityError):
                return False
            raise
        return True

    async def deny(self, asker: int) -> bool:
        """Whether this is the first time that the asker has to be told; a second call says no."""
        return await self._note_once(denials, denials.c.asker, asker, told=now())

    async def _note_once(self, table: Table, key: Column[int], value: int, **others: object) -> bool:
        """Insert a row unless its key is there, whoever else does the same at this moment."""
        try:
            async with self._database.writing() as connection:
                if (await connection.execute(select(key).where(key == value))).first():
                    return False
                await connection.execute(insert(table).values({key.name: value, **others}))
        except ConversationsError as error:
            if isinstance(error.__cause__, IntegrityError):
                return False
            raise
        return True


def to_row(answer: KeptAnswer) -> dict[str, object]:
    pages = {"answer": asdict(answer.page), "citations": [asdict(each) for each in answer.citations]}
    return {
        "id": answer.id,
        "chat": answer.chat,
        "thread": answer.thread,
        "question": answer.question,
        "asker": answer.asker,
        "words": answer.words,
        "replies": json.dumps(answer.replies),
        "file": answer.file,
        "pages": json.dumps(pages, ensure_ascii=False, default=date.isoformat),
        "created": now(),
    }


def from_row(row: Any) -> KeptAnswer | None:
    """None where an earlier version kept the answer in another form."""
    pages = json.loads(row["pages"])
    try:
        citations = tuple(to_citation(value) for value in pages["citations"])
    except KeyError:
        return None
    return KeptAnswer(
        id=row["id"],
        chat=row["chat"],
        thread=row["thread"],
        question=row["question"],
        page=to_page(pages["answer"]),
        citations=citations,
        replies=tuple(json.loads(row["replies"])),
        asker=row["asker"] or 0,
        words=row["words"] or "",
        file=row["file"],
    )


def to_citation(value: dict[str, Any]) -> KeptCitation:
    source = Source(**value["source"])
    modified = date.fromisoformat(value["source"]["modified"]) if source.modified else None
    return KeptCitation(to_page(value["page"]), value["quote"], value["context"], replace(source, modified=modified))


def to_page(value: dict[str, Any]) -> Page:
    styles = tuple(Style(**style) for style in value["styles"])
    return Page(value["text"], styles, tuple(tuple(Button(**button) for button in row) for row in value["buttons"]))
