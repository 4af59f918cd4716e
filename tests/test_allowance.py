"""How many questions a person may ask in a day."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import URL

from bot.allowance import TOLD_A_DAY, Allowance
from bot.database import Database, open_database
from tests.wall_clock import WallClock

ALICE, BORIS = 5_000_000_001, 2


@pytest.fixture
async def database(database_url: URL) -> AsyncIterator[Database]:
    async with open_database(database_url) as database:
        yield database


async def test_each_person_may_ask_so_many_a_day(database: Database) -> None:
    clock = WallClock()
    allowance = Allowance(database, a_day=2, clock=clock)
    assert [await allowance.take(ALICE) for _ in range(3)] == [True, True, False]
    assert await allowance.take(BORIS)
    clock.pass_by(hours=5, minutes=9)
    assert not await allowance.take(ALICE)
    clock.pass_by(minutes=1)
    assert await allowance.take(ALICE)


async def test_a_restart_changes_nothing(database: Database) -> None:
    assert await Allowance(database, a_day=1, clock=WallClock()).take(ALICE)
    assert not await Allowance(database, a_day=1, clock=WallClock()).take(ALICE)


async def test_questions_at_the_same_moment_are_counted_each(database: Database) -> None:
    allowance = Allowance(database, a_day=3, clock=WallClock())
    granted = await asyncio.gather(*(allowance.take(ALICE) for _ in range(10)))
    assert sum(granted) == 3


async def test_without_a_limit_nothing_is_counted(database: Database) -> None:
    allowance = Allowance(database, a_day=None)
    assert all([await allowance.take(ALICE) for _ in range(5)])
    assert await allowance.forget(ALICE) == {"asked": 0}


async def test_one_is_told_a_few_times_a_day(database: Database) -> None:
    clock = WallClock()
    allowance = Allowance(database, a_day=1, clock=clock)
    assert [await allowance.tell(ALICE) for _ in range(TOLD_A_DAY + 1)] == [*[True] * TOLD_A_DAY, False]
    clock.pass_by(days=1)
    assert await allowance.tell(ALICE)


@settings(max_examples=50)
@given(at=st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)))
def test_it_opens_with_the_next_day_and_not_before(at: datetime) -> None:
    clock = WallClock(at.replace(tzinfo=UTC))
    opens = clock() + Allowance(None, a_day=1, clock=clock).opens_in()  # type: ignore[arg-type]
    assert opens.date() == clock().date() + timedelta(days=1)
    assert (opens - timedelta(microseconds=1)).date() == clock().date()
