"""What people think of answers: a vote for each person and answer, a reason where it is a bad one.

The question's words are kept with a vote alone, because whoever votes wants the answer to get better.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Index, String, Table, Text, delete, insert, select
from sqlalchemy import update as change

from bot.conversations import answers_of
from bot.database import Database, metadata, now
from index.types import Answer, Quote

given = Table(
    "given",
    metadata,
    Column("answer", String(32), primary_key=True),
    Column("answered", Boolean, nullable=False, comment="whether the documents said it"),
    Column("quotes", Text, nullable=False, comment="of what was cited, as JSON"),
    Column("text", Text, comment="the whole answer, with its markers"),
    Column("created", DateTime(timezone=True), nullable=False),
    Index("given_by_age", "created"),
)

votes = Table(
    "votes",
    metadata,
    Column("answer", String(32), primary_key=True),
    Column("voter", BigInteger, primary_key=True, autoincrement=False),
    Column("good", Boolean, nullable=False),
    Column("reason", String(16)),
    Column("question", Text, nullable=False),
    Column("asker", BigInteger, comment="who asked it"),
    Column("answered", Boolean, nullable=False),
    Column("quotes", Text, nullable=False),
    Column("created", DateTime(timezone=True), nullable=False),
)

EXPECTED = "(write here what the documents say)"
"""In an exported line where the answer was voted down: what is right is for the owner to say. No quote holds it."""


@dataclass(frozen=True, slots=True)
class Vote:
    """Of one person on one answer. `quotes` are those that were cited, as JSON objects."""

    answer: str
    good: bool
    reason: str | None
    question: str
    answered: bool
    quotes: tuple[dict[str, Any], ...]


class Feedback:
    """Every method may raise ConversationsError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, answer_id: str, answer: Answer) -> None:
        """What an answer cited, for votes on it, in place of what it cited before."""
        row = {
            "answer": answer_id,
            "answered": answer.answered,
            "quotes": json.dumps([told(each.quote) for each in answer.citations], ensure_ascii=False),
            "text": answer.text,
            "created": now(),
        }
        async with self._database.writing() as connection:
            await connection.execute(delete(given).where(given.c.answer == answer_id))
            await connection.execute(insert(given).values(row))

    async def text(self, answer_id: str) -> str | None:
        """The whole text of an answer, with its markers; None where nothing answered, or it is not known any more."""
        noted = select(given.c.text).where(given.c.answer == answer_id, given.c.answered)
        async with self._database.writing() as connection:
            return (await connection.execute(noted)).scalar_one_or_none()

    async def vote(self, answer_id: str, voter: int, *, good: bool, question: str, asker: int | None = None) -> bool:
        """Keeps the vote in place of the voter's earlier one; False where the answer is not known any more."""
        async with self._database.writing() as connection:
            found = (await connection.execute(select(given).where(given.c.answer == answer_id))).first()
            if found is None:
                return False
            mine = (votes.c.answer == answer_id) & (votes.c.voter == voter)
            earlier = (await connection.execute(select(votes).where(mine))).first()
            await connection.execute(delete(votes).where(mine))
            row = {"answer": answer_id, "voter": voter, "good": good, "question": question, "created": now()}
            row |= {"asker": asker}
            row |= {"answered": found.answered, "quotes": found.quotes}
            row |= {"reason": earlier.reason if earlier and not good else None}
            await connection.execute(insert(votes).values(row))
        return True

    async def reason(self, answer_id: str, voter: int, reason: str) -> None:
        """Why the voter's vote is a bad one, if there is such a vote."""
        bad = (votes.c.answer == answer_id) & (votes.c.voter == voter) & votes.c.good.is_(False)
        async with self._database.writing() as connection:
            await connection.execute(change(votes).where(bad).values(reason=reason))

    async def votes(self) -> tuple[Vote, ...]:
        """All, the earliest first."""
        async with self._database.writing() as connection:
            rows = (await connection.execute(select(votes).order_by(votes.c.created))).all()
        return tuple(
            Vote(row.answer, row.good, row.reason, row.question, row.answered, tuple(json.loads(row.quotes)))
            for row in rows
        )

    async def forget(self, person: int) -> dict[str, int]:
        """Their votes go. Another's vote on what they asked stays, without their words."""
        asked = votes.c.answer.in_(answers_of(person)) | (votes.c.asker == person)
        async with self._database.writing() as connection:
            cast = await connection.execute(delete(votes).where(votes.c.voter == person))
            await connection.execute(change(votes).where(asked).values(question="", asker=None))
            cited = await connection.execute(delete(given).where(given.c.answer.in_(answers_of(person))))
        return {votes.name: cast.rowcount, given.name: cited.rowcount}

    async def expire(self, before: datetime) -> None:
        async with self._database.writing() as connection:
            for table in (given, votes):
                await connection.execute(delete(table).where(table.c.created < before))


def told(quote: Quote) -> dict[str, Any]:
    return {
        "quote": quote.text,
        "document": quote.source.document,
        "answer": quote.answer.text if quote.answer else None,
    }


def lines(votes: Sequence[Vote]) -> list[dict[str, Any]]:
    """Of a question file (docs/eval.md). A vote whose question is not known any more has none."""
    return [line(vote, number) for number, vote in enumerate(votes, start=1) if vote.question.strip()]


def line(vote: Vote, number: int) -> dict[str, Any]:
    """What was voted good is expected again; what is right instead of the rest is for the owner to write."""
    fields: dict[str, Any] = {"id": f"{vote.answer}-{number}", "question": vote.question}
    if not vote.good:
        fields |= {"answers": [EXPECTED], "evidence": [], "doc_ids": [], "answerable": True}
    elif vote.answered:
        short = [quote["answer"] for quote in vote.quotes[:1] if quote["answer"]]
        fields |= {
            "answers": short,
            "evidence": [quote["quote"] for quote in vote.quotes],
            "doc_ids": list(dict.fromkeys(quote["document"] for quote in vote.quotes)),
            "answerable": True,
        }
    else:
        fields |= {"answers": [], "evidence": [], "doc_ids": [], "answerable": False}
    return fields | {"vote": "good" if vote.good else "bad", "reason": vote.reason}


def summary(votes: Sequence[Vote]) -> str:
    """How many there are of which kind, in a line."""
    bad = Counter(vote.reason or "without a reason" for vote in votes if not vote.good)
    reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(bad.items()))
    return f"{len(votes)} votes: {len(votes) - bad.total()} good, {bad.total()} bad" + (f" ({reasons})" if bad else "")
