"""The bot's memory: which chats it met, what was asked and answered, and who was told that they have no access.

Everything in it is plain text or JSON.
"""

import json
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Index, Select, String, Table, Text, delete, insert, select
from sqlalchemy import update as change

from bot.considering import Considered, from_json, to_json
from bot.database import Database, metadata, now
from bot.pages import Button, Page, Style
from index.types import Fallback, Source, Writing

chats = Table(
    "chats",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("met", DateTime(timezone=True), nullable=False),
)

PRIVATE = "private"
"""The kind of a chat of one person with the bot."""

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
    Column("short", Text, comment="the few words that answer, if they were found"),
    Column("considered", Text, comment="the passages that were found, and what became of each, as JSON"),
    Column("writing", Text, comment="what a language model had to do with it, as JSON"),
    Column("over", Boolean, comment="whether who asked has started over since"),
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

    `question`, `replies` and `file` are message ids, `asker` who asked, in the `words`, as they were understood; `page`
    is the message with the buttons; `citations` are in order; `notes` is what was told about them. `short` are the few
    words that answer, `considered` the passages that were found, best first; None where an earlier version did not keep
    them, or where it was stopped. `writing` is what a language model had to do with it.
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
    notes: tuple[str, ...] = ()
    short: str = ""
    considered: tuple[Considered, ...] | None = None
    writing: Writing | None = None

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
        await self._database.put_once(chats, {"id": chat, "kind": kind, "met": now()})

    async def keep(self, answer: KeptAnswer) -> None:
        """Keep the answer, in place of an earlier one with its id."""
        async with self._database.writing() as connection:
            await connection.execute(delete(openings).where(openings.c.answer == answer.id))
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

    async def answer_at(self, *, chat: int, message: int) -> KeptAnswer | None:
        """The answer that this message of the bot belongs to, if it is still kept."""
        likely = select(answers).where(answers.c.chat == chat, answers.c.replies.contains(str(message)))
        async with self._database.writing() as connection:
            rows = (await connection.execute(likely.order_by(answers.c.created.desc()))).all()
        found = (row for row in rows if message in json.loads(row.replies))
        return next((from_row(row._mapping) for row in found), None)

    async def latest(self, *, chat: int, thread: int | None) -> KeptAnswer | None:
        """The last answer given in the chat, or in a topic of it. A greeting, which nobody asked for, is none."""
        there = select(answers).where(answers.c.chat == chat, answers.c.thread == thread, answers.c.replies != "[]")
        async with self._database.writing() as connection:
            row = (await connection.execute(there.order_by(answers.c.created.desc()).limit(1))).first()
        return from_row(row._mapping) if row else None

    async def turns(
        self, *, chat: int, thread: int | None, asker: int, before: int, since: datetime, most: int
    ) -> tuple[KeptAnswer, ...]:
        """The last answers to what somebody asked there, in earlier messages than `before`, since then and since they
        last started over; the latest last. A greeting is none."""
        theirs = select(answers).where(
            answers.c.chat == chat,
            answers.c.thread == thread,
            answers.c.asker == asker,
            answers.c.question < before,
            answers.c.created >= since,
            answers.c.over.is_not(True),
            answers.c.replies != "[]",
        )
        async with self._database.writing() as connection:
            rows = (await connection.execute(theirs.order_by(answers.c.created.desc()).limit(most))).all()
        found = [from_row(row._mapping) for row in reversed(rows)]
        return tuple(kept for kept in found if kept)

    async def start_over(self, *, chat: int, thread: int | None, asker: int) -> None:
        """Nothing that they asked there is a turn any more."""
        theirs = (answers.c.chat == chat) & (answers.c.thread == thread) & (answers.c.asker == asker)
        async with self._database.writing() as connection:
            await connection.execute(change(answers).where(theirs).values(over=True))

    async def close(self, answer_id: str, number: int) -> None:
        """A citation may be opened for the first time again."""
        async with self._database.writing() as connection:
            opened = (openings.c.answer == answer_id) & (openings.c.number == number)
            await connection.execute(delete(openings).where(opened))

    async def open(self, answer_id: str, number: int) -> bool:
        """Whether a citation is opened for the first time; a second call says no."""
        return await self._database.put_once(openings, {"answer": answer_id, "number": number, "created": now()})

    async def deny(self, asker: int) -> bool:
        """Whether this is the first time that the asker has to be told; a second call says no."""
        return await self._database.put_once(denials, {"asker": asker, "told": now()})

    async def moved(self, old: int, new: int) -> None:
        """A group became a supergroup, under a new id: its answers and when it was met are that one's now.

        Messages are numbered anew there. Which of them asked and answered is forgotten, or an edited message would be
        taken for an earlier one with the same number. An administrator may have asked in the group's own name.
        """
        async with self._database.writing() as connection:
            carried = change(answers).where(answers.c.chat == old)
            await connection.execute(carried.values(chat=new, question=0, replies="[]"))
            await connection.execute(change(answers).where(answers.c.asker == old).values(asker=new))
            for key, others in ((chats.c.id, {"kind": "supergroup"}), (denials.c.asker, {})):
                other = key.table.alias()
                known = select(other).where(other.c[key.name] == new)
                renamed = change(key.table).where(key == old, ~known.exists())
                await connection.execute(renamed.values({key.name: new, **others}))
                await connection.execute(delete(key.table).where(key == old))

    async def forget(self, person: int) -> dict[str, int]:
        """A person's private chat has their id."""
        theirs = {
            openings: openings.c.answer.in_(answers_of(person)),
            answers: answers.c.id.in_(answers_of(person)),
            denials: denials.c.asker == person,
            chats: chats.c.id == person,
        }
        async with self._database.writing() as connection:
            return {
                table.name: (await connection.execute(delete(table).where(those))).rowcount
                for table, those in theirs.items()
            }

    async def expire(self, before: datetime) -> None:
        """A private chat is noted again with the next question; a group stays."""
        old = {
            openings: openings.c.created < before,
            answers: answers.c.created < before,
            denials: denials.c.told < before,
            chats: (chats.c.met < before) & (chats.c.kind == PRIVATE),
        }
        async with self._database.writing() as connection:
            for table, those in old.items():
                await connection.execute(delete(table).where(those))


def answers_of(person: int) -> Select[tuple[str]]:
    """The ids of the answers to what the person asked; earlier versions noted no asker, but the private chat."""
    return select(answers.c.id).where((answers.c.asker == person) | (answers.c.chat == person))


def to_row(answer: KeptAnswer) -> dict[str, object]:
    citations = [asdict(each) for each in answer.citations]
    pages = {"answer": asdict(answer.page), "citations": citations, "notes": answer.notes}
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
        "short": answer.short,
        "considered": None if answer.considered is None else to_json(answer.considered),
        "writing": json.dumps(asdict(answer.writing)) if answer.writing else None,
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
        notes=tuple(pages.get("notes", ())),
        short=row["short"] or "",
        considered=from_json(row["considered"]) if row["considered"] else None,
        writing=to_writing(json.loads(row["writing"])) if row["writing"] else None,
    )


def to_citation(value: dict[str, Any]) -> KeptCitation:
    source = Source(**value["source"])
    modified = date.fromisoformat(value["source"]["modified"]) if source.modified else None
    return KeptCitation(to_page(value["page"]), value["quote"], value["context"], replace(source, modified=modified))


def to_writing(value: dict[str, Any]) -> Writing:
    return Writing(**value | {"fallback": Fallback(value["fallback"]) if value["fallback"] else None})


def to_page(value: dict[str, Any]) -> Page:
    styles = tuple(Style(**style) for style in value["styles"])
    return Page(value["text"], styles, tuple(tuple(Button(**button) for button in row) for row in value["buttons"]))
