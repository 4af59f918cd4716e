"""What the language model costs: tokens by person and day (UTC), counted in the database, and the most of them."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Column, Date, Integer, Table, delete, func, select
from sqlalchemy import update as change

from bot.database import Clock, Database, metadata, now
from index.types import Writing

spent = Table(
    "spent",
    metadata,
    Column("person", BigInteger, primary_key=True, autoincrement=False),
    Column("day", Date, primary_key=True),
    Column("asked", BigInteger, nullable=False, comment="tokens that the model read"),
    Column("written", BigInteger, nullable=False, comment="tokens that it wrote"),
    Column("answers", Integer, nullable=False, comment="how many answers cost them"),
)

spent_in_all = Table(
    "spent_in_all",
    metadata,
    Column("day", Date, primary_key=True),
    Column("asked", BigInteger, nullable=False),
    Column("written", BigInteger, nullable=False),
    Column("answers", Integer, nullable=False),
)
"""Of all people together: it stays when one of them is forgotten, for what was paid for them is gone."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens that the model was `asked` with and those that it has `written`, for so many answers."""

    asked: int = 0
    written: int = 0
    answers: int = 0

    @property
    def tokens(self) -> int:
        return self.asked + self.written


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """What one person may be told: the model, and as far as it is theirs to know, what has been spent today, of how
    much at most. `people` have spent `in_all`."""

    model: str
    yours: Spent | None = None
    most_yours: int | None = None
    in_all: Spent | None = None
    most_in_all: int | None = None
    people: int = 0


class Spending:
    """`each` bounds the tokens of a person a day, `together` those of all people; None: any number.

    Every method may raise ConversationsError.
    """

    def __init__(
        self, database: Database, *, each: int | None = None, together: int | None = None, clock: Clock = now
    ) -> None:
        self.each = each
        self.together = together
        self._database = database
        self._clock = clock

    async def may_write(self, person: int) -> bool:
        """Whether neither budget of today is used up. It is asked before the model is: what several answers under way
        cost may go beyond a bound."""
        if self.together is not None and (await self.in_all()).tokens >= self.together:
            return False
        return self.each is None or (await self.of(person)).tokens < self.each

    async def note(self, person: int, writing: Writing | None, *, answers: int = 1) -> None:
        """Add what the model cost; `answers` is 0 for what it did on the way to one. What cost nothing leaves no
        trace."""
        if writing is None or not writing.tokens:
            return
        day = self._clock().date()
        cost = Spent(writing.asked_tokens, writing.written_tokens, answers)
        await self._database.put_once(spent, new_row(person=person, day=day))
        await self._database.put_once(spent_in_all, new_row(day=day))
        theirs = (spent.c.person == person) & (spent.c.day == day)
        async with self._database.writing() as connection:
            await connection.execute(change(spent).where(theirs).values(added(spent, cost)))
            today = change(spent_in_all).where(spent_in_all.c.day == day)
            await connection.execute(today.values(added(spent_in_all, cost)))

    async def of(self, person: int) -> Spent:
        """A person's, today."""
        today = (spent.c.person == person) & (spent.c.day == self._clock().date())
        async with self._database.writing() as connection:
            row = (await connection.execute(select(spent).where(today))).first()
        return Spent(row.asked, row.written, row.answers) if row else Spent()

    async def in_all(self, *, days: int = 1) -> Spent:
        """Of all people, in the last `days`, today included."""
        columns = (spent_in_all.c.asked, spent_in_all.c.written, spent_in_all.c.answers)
        sums = select(*(func.sum(each) for each in columns)).where(spent_in_all.c.day >= self._first(days))
        async with self._database.writing() as connection:
            found = (await connection.execute(sums)).one()
        return Spent(*(int(each or 0) for each in found))

    async def today(self, model: str, *, person: int | None, whole: bool) -> Today:
        """For a person, or for nobody in particular; the `whole` is for who may know what others spend."""
        told = Today(model=model)
        if person is not None:
            told = replace(told, yours=await self.of(person), most_yours=self.each)
        if whole:
            in_all, people = await self.in_all(), await self.people()
            told = replace(told, in_all=in_all, most_in_all=self.together, people=people)
        return told

    async def people(self) -> int:
        """How many had answers today that cost something, as far as they are not forgotten."""
        today = select(func.count()).select_from(spent).where(spent.c.day == self._clock().date())
        async with self._database.writing() as connection:
            return (await connection.execute(today)).scalar_one()

    async def forget(self, person: int) -> dict[str, int]:
        async with self._database.writing() as connection:
            gone = await connection.execute(delete(spent).where(spent.c.person == person))
        return {spent.name: gone.rowcount}

    async def expire(self, before: datetime) -> None:
        async with self._database.writing() as connection:
            await connection.execute(delete(spent).where(spent.c.day < before.date()))

    def _first(self, days: int) -> date:
        return self._clock().date() - timedelta(days=days - 1)


def new_row(**key: object) -> dict[str, object]:
    return key | {"asked": 0, "written": 0, "answers": 0}


def added(table: Table, cost: Spent) -> dict[str, Any]:
    """By the database, in one statement, so that of two answers at the same moment none is lost."""
    return {
        "asked": table.c.asked + cost.asked,
        "written": table.c.written + cost.written,
        "answers": table.c.answers + cost.answers,
    }
