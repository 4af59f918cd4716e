"""What Telegram told the bot, kept until it is handled: each update once, in order by turn, by one worker at a time.

Any number of workers may share a mailbox. One that dies loses nothing: what it had claimed lapses, and another goes on.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Delete,
    Index,
    Integer,
    String,
    Table,
    Text,
    Update,
    case,
    delete,
    exists,
    func,
    insert,
    select,
    true,
)
from sqlalchemy import update as change
from sqlalchemy.sql.elements import ColumnElement

from bot.database import Clock, Database, metadata, now

NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""SQLite finds a row by it without an index, if it is called so."""

updates = Table(
    "updates",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=False, comment="as Telegram numbers them"),
    Column("turn", Text, nullable=False, comment="updates with the same turn are handled one after the other"),
    Column("person", BigInteger, comment="whose update it is"),
    Column("body", Text, nullable=False, comment="as JSON"),
    Column("arrived", DateTime(timezone=True), nullable=False),
    Column("worker", String(32), comment="who handles it"),
    Column("until", DateTime(timezone=True), comment="when that claim lapses, unless it is renewed"),
    Column("tries", Integer, nullable=False, comment="the claims after which no worker said that it ends"),
    Column("claims", Integer, comment="all of them"),
    Column("stopped", DateTime(timezone=True), comment="when who handles it was asked to stop"),
    Index("updates_by_turn", "turn", "id"),
    Index("updates_by_person", "person"),
)

came = Table(
    "came",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=False, comment="of an update, handled or not"),
    Column("arrived", DateTime(timezone=True), nullable=False, index=True),
)

LAPSE = timedelta(seconds=10)
"""A worker that was not heard of for so long is dead."""

AGAIN = timedelta(seconds=2)
"""After so long, what could not be handled is tried again."""

REMEMBERED = timedelta(days=1)
"""Telegram brings an update again for no longer than that."""

SUSPECT_TRIES = 2
"""An update over which workers died so often may be the reason: it is handled when no other such one is."""

MOST_TRIES = 3

NOTHING: Mapping[int, int] = {}

CLAIMING = 4177304911552760
"""The lock of who claims. The number means nothing."""


@dataclass(frozen=True, slots=True)
class Letter:
    """An update to be kept. `person` is whose it is."""

    id: int
    turn: str
    body: str
    person: int | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """An update that is this worker's to handle; `tries` counts this claim, and those over which workers died. `waited`
    is how long it was there."""

    id: int
    body: str
    tries: int
    claims: int
    waited: timedelta

    @property
    def is_begun_before(self) -> bool:
        return self.claims > 1

    @property
    def is_last(self) -> bool:
        """Whether nobody tries it again."""
        return self.tries >= MOST_TRIES

    @property
    def is_hopeless(self) -> bool:
        return self.tries > MOST_TRIES

    @property
    def is_told(self) -> bool:
        """Whether somebody is told of a hopeless one that it is given up: workers may die over that, too."""
        return self.tries <= 2 * MOST_TRIES


@dataclass(frozen=True, slots=True)
class InHand:
    """An update that a worker is handling. `person` is whose it is."""

    id: int
    person: int | None


class Mailbox:
    """Every method may raise ConversationsError. The clocks of all workers must agree within seconds."""

    def __init__(self, database: Database, *, clock: Clock = now) -> None:
        self._database = database
        self._clock = clock

    async def put(self, letters: Sequence[Letter]) -> None:
        """Keep them, all or none; those that came before, handled or not, are passed over."""
        if not letters:
            return
        at = self._clock()
        numbers = [{"id": letter.id, "arrived": at} for letter in letters]
        async with self._database.writing() as connection:
            told = self._database.insert_missing(came).values(numbers).returning(came.c.id)
            new = set((await connection.execute(told)).scalars())
            rows = [asdict(letter) | {"arrived": at, "tries": 0} for letter in letters if letter.id in new]
            if rows:
                await connection.execute(insert(updates), rows)

    async def claim(
        self,
        worker: str,
        *,
        most: int,
        arrived_by: datetime | None = None,
        done: Collection[int] = (),
        outlived: Mapping[int, int] = NOTHING,
    ) -> list[Claimed]:
        """The oldest updates that wait for no earlier one of their turn and are nobody's, in order, once others are
        `done`. Those over which workers died more than once are left to `claim_suspect`.

        `outlived` is what the worker was at work on while the database was away, each with its `tries` when it claimed
        it: that others have claimed it since tells of no death."""
        known = updates.c.arrived <= arrived_by if arrived_by else true()
        wanted = (updates.c.tries < SUSPECT_TRIES) & known
        return await self._claim(worker, wanted, most=most, done=done, outlived=outlived)

    async def claim_suspect(self, worker: str) -> list[Claimed]:
        """The oldest over which workers died more than once, if there is one. Nobody should handle two at a time: then
        what dies with it is not taken for the reason."""
        return await self._claim(worker, updates.c.tries >= SUSPECT_TRIES, most=1)

    async def renew(self, worker: str, ids: Collection[int]) -> dict[int, bool]:
        """The worker is at work on them: its claims hold on. Those that are still its own, and whether it was asked to
        stop."""
        mine = change(updates).where(updates.c.worker == worker, updates.c.id.in_(ids))
        told = mine.values(until=self._clock() + LAPSE).returning(updates.c.id, updates.c.stopped)
        async with self._database.writing() as connection:
            rows = (await connection.execute(told)).all()
        return {number: stopped is not None for number, stopped in rows}

    async def in_hand(self, turns: Collection[str], *, but: str) -> list[InHand]:
        """What other workers than that one are handling of these turns."""
        claimed = updates.c.until >= self._clock()
        wanted = select(updates.c.id, updates.c.person).where(
            updates.c.turn.in_(turns), updates.c.worker != but, claimed
        )
        async with self._database.writing() as connection:
            return [InHand(*row) for row in await connection.execute(wanted)]

    async def has_later(self, number: int, *, person: int, kind: str) -> bool:
        """Whether a later update of that person is here whose turn is of that kind, whichever worker has it."""
        turn = updates.c.turn.startswith(str((kind,))[:-1], autoescape=True)
        later = select(updates.c.id).where(updates.c.person == person, updates.c.id > number, turn).limit(1)
        async with self._database.writing() as connection:
            return (await connection.execute(later)).first() is not None

    async def stop(self, ids: Collection[int]) -> None:
        """Whoever handles them is asked to stop, and learns it when it renews its claims."""
        async with self._database.writing() as connection:
            await connection.execute(change(updates).where(updates.c.id.in_(ids)).values(stopped=self._clock()))

    async def waiting(self) -> tuple[int, timedelta]:
        """How many updates are not handled yet, by whichever worker, and for how long the oldest has been there."""
        counted = select(func.count(), func.min(updates.c.arrived))
        async with self._database.writing() as connection:
            count, oldest = (await connection.execute(counted)).one()
        if oldest is None:
            return 0, timedelta(0)
        return count, self._clock() - zoned(oldest)

    async def put_back(self, worker: str, ids: Collection[int]) -> None:
        """The worker could not handle them: they are anyone's in a moment."""
        async with self._database.writing() as connection:
            mine = change(updates).where(updates.c.worker == worker, updates.c.id.in_(ids))
            await connection.execute(mine.values(worker=None, until=self._clock() + AGAIN))

    async def done(self, worker: str, ids: Collection[int]) -> None:
        """The worker handled them. That they came is remembered, and nothing else of them. What another claimed in the
        meantime is that one's."""
        async with self._database.writing() as connection:
            await connection.execute(handled_by(worker, ids))

    async def release(self, worker: str) -> None:
        """The worker ends: what it has not handled is anyone's, and not the reason of a death."""
        async with self._database.writing() as connection:
            mine = change(updates).where(updates.c.worker == worker)
            tries = case((updates.c.tries > 0, updates.c.tries - 1), else_=0)
            await connection.execute(mine.values(worker=None, until=None, tries=tries))

    async def of_person(self, person: int, *, but: str, last: int) -> dict[int, str]:
        """What other workers than that one are handling of the person, up to the `last`: the bodies, by number."""
        claimed = updates.c.until >= self._clock()
        theirs = select(updates.c.id, updates.c.body).where(
            updates.c.person == person, updates.c.id <= last, updates.c.worker != but, claimed
        )
        async with self._database.writing() as connection:
            return {row.id: row.body for row in await connection.execute(theirs)}

    async def are_left(self, ids: Collection[int]) -> bool:
        """Whether any of them is not handled yet."""
        found = select(updates.c.id).where(updates.c.id.in_(ids)).limit(1)
        async with self._database.writing() as connection:
            return (await connection.execute(found)).first() is not None

    async def forget(self, person: int, *, last: int | None = None, but: Collection[int] = ()) -> dict[str, int]:
        """Delete what waits of the person, up to the `last` and except for some; how many rows, by table."""
        told = updates.c.id <= last if last is not None else true()
        theirs = (updates.c.person == person) & updates.c.id.not_in(but)
        async with self._database.writing() as connection:
            gone = await connection.execute(delete(updates).where(theirs, told))
        return {updates.name: gone.rowcount}

    async def expire(self, before: datetime) -> None:
        """That an update came is remembered for a day, whatever else is kept for how long."""
        async with self._database.writing() as connection:
            await connection.execute(delete(updates).where(updates.c.arrived < before))
            await connection.execute(delete(came).where(came.c.arrived < self._clock() - REMEMBERED))

    async def _claim(
        self,
        worker: str,
        wanted: ColumnElement[bool],
        *,
        most: int,
        done: Collection[int] = (),
        outlived: Mapping[int, int] = NOTHING,
    ) -> list[Claimed]:
        """One worker after the other: two at the same moment would each not see what the other claims of the same
        turn. Whoever holds a row for another reason is passed over; SQLite knows no such lock."""
        at = self._clock()
        free = updates.c.until.is_(None) | (updates.c.until < at)
        first = select(updates.c.id).where(free, wanted, ~held_up(at)).order_by(updates.c.id).limit(most)
        first = first.with_for_update(skip_locked=True, of=updates)
        claimed = (
            change(updates)
            .where(updates.c.id.in_(first), free)
            .values(
                worker=worker,
                until=at + LAPSE,
                tries=updates.c.tries + 1,
                claims=func.coalesce(updates.c.claims, updates.c.tries) + 1,
            )
            .returning(updates.c.id, updates.c.body, updates.c.tries, updates.c.claims, updates.c.arrived)
        )
        async with self._database.writing() as connection:
            await self._database.alone(connection, CLAIMING)
            if done:
                await connection.execute(handled_by(worker, done))
            if outlived:
                await connection.execute(nobody_died(outlived))
            rows = (await connection.execute(claimed)).all()
        return sorted(
            (Claimed(row.id, row.body, row.tries, row.claims, at - zoned(row.arrived)) for row in rows),
            key=lambda each: each.id,
        )


def zoned(moment: datetime) -> datetime:
    """SQLite keeps no zone."""
    return moment.replace(tzinfo=moment.tzinfo or UTC)


def handled_by(worker: str, ids: Collection[int]) -> Delete:
    return delete(updates).where(updates.c.id.in_(ids), updates.c.worker == worker)


def nobody_died(tries: Mapping[int, int]) -> Update:
    """Those updates have no more tries than these."""
    most = case(*((updates.c.id == number, count) for number, count in tries.items()))
    return change(updates).where(updates.c.id.in_(tries), updates.c.tries > most).values(tries=most)


def held_up(at: datetime) -> ColumnElement[bool]:
    """Whether another update of the same turn came before, or is under way though it came later: Telegram may bring a
    lower number after a higher one."""
    other = updates.alias()
    same = (other.c.turn == updates.c.turn) & (other.c.id != updates.c.id)
    return exists().where(same, (other.c.id < updates.c.id) | (other.c.until >= at))
