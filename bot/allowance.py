"""How many questions a person may ask in a day (UTC): counted in the database, so that a restart changes nothing."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import BigInteger, Column, Date, Integer, Table, delete, select
from sqlalchemy import update as change

from bot.database import Clock, Database, metadata, now

asked = Table(
    "asked",
    metadata,
    Column("person", BigInteger, primary_key=True, autoincrement=False),
    Column("day", Date, primary_key=True),
    Column("questions", Integer, nullable=False),
    Column("told", Integer, nullable=False, comment="how often they were told that there were no more"),
)

TOLD_A_DAY = 3
"""Then the bot is silent till the next day, lest it is made to say the same thing for ever."""


class Allowance:
    """`a_day` is the most for each person; None: any number, and nothing is counted.

    Every method may raise ConversationsError.
    """

    def __init__(self, database: Database, *, a_day: int | None = None, clock: Clock = now) -> None:
        self.a_day = a_day
        self._database = database
        self._clock = clock

    async def take(self, person: int) -> bool:
        """One question more today, if there is one left."""
        return self.a_day is None or await self._add_one("questions", person, most=self.a_day)

    async def is_left(self, person: int) -> bool:
        """Whether there is one left, without taking it."""
        if self.a_day is None:
            return True
        today = (asked.c.person == person) & (asked.c.day == self._clock().date())
        async with self._database.writing() as connection:
            taken = (await connection.execute(select(asked.c.questions).where(today))).scalar()
        return (taken or 0) < self.a_day

    async def tell(self, person: int) -> bool:
        """Whether to tell once more today that there is none left."""
        return await self._add_one("told", person, most=TOLD_A_DAY)

    def opens_in(self) -> timedelta:
        """How long till the next day."""
        now = self._clock()
        return datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo) - now

    async def forget(self, person: int) -> dict[str, int]:
        async with self._database.writing() as connection:
            gone = await connection.execute(delete(asked).where(asked.c.person == person))
        return {asked.name: gone.rowcount}

    async def expire(self, before: datetime) -> None:
        async with self._database.writing() as connection:
            await connection.execute(delete(asked).where(asked.c.day < before.date()))

    async def _add_one(self, what: str, person: int, *, most: int) -> bool:
        """In one statement, so that two questions at the same moment cannot both be the last one."""
        day = self._clock().date()
        await self._database.put_once(asked, new_day(person, day))
        count = asked.c[what]
        today = (asked.c.person == person) & (asked.c.day == day)
        async with self._database.writing() as connection:
            counted = await connection.execute(change(asked).where(today, count < most).values({count: count + 1}))
        return counted.rowcount > 0


def new_day(person: int, day: date) -> dict[str, object]:
    return {"person": person, "day": day, "questions": 0, "told": 0}
