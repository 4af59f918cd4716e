"""What the language model costs, by person and day, and the most of it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.database import Database, default_url, open_database
from bot.spending import Spending, Spent, Today
from index.types import Fallback, Writing
from tests.wall_clock import WallClock

ALICE, BORIS = 5_000_000_001, -1_002_000_000_003
COST = Writing("scripted-1", None, asked_tokens=100, written_tokens=20)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(default_url(tmp_path)) as database:
        yield database


@pytest.fixture
def clock() -> WallClock:
    return WallClock()


async def test_tokens_and_answers_are_added_by_person(database: Database, clock: WallClock) -> None:
    spending = Spending(database, clock=clock)
    for person in (ALICE, ALICE, BORIS):
        await spending.note(person, COST)
    assert await spending.of(ALICE) == Spent(200, 40, 2)
    assert (await spending.of(BORIS)).tokens == 120
    assert await spending.in_all() == Spent(300, 60, 3)
    assert await spending.people() == 2


async def test_what_is_done_on_the_way_to_an_answer_is_no_answer(database: Database, clock: WallClock) -> None:
    spending = Spending(database, clock=clock)
    await spending.note(ALICE, COST, answers=0)
    await spending.note(ALICE, COST)
    assert await spending.of(ALICE) == await spending.in_all() == Spent(200, 40, 1)


async def test_what_cost_nothing_leaves_no_trace(database: Database, clock: WallClock) -> None:
    spending = Spending(database, clock=clock)
    for free in (None, Writing("scripted-1"), Writing("scripted-1", Fallback.UNREACHABLE)):
        await spending.note(ALICE, free)
    assert (await spending.of(ALICE), await spending.in_all()) == (Spent(), Spent())
    assert await spending.people() == 0
    assert await spending.forget(ALICE) == {"spent": 0}


async def test_a_failure_counts_as_its_writing_says(database: Database, clock: WallClock) -> None:
    spending = Spending(database, clock=clock)
    await spending.note(ALICE, Writing("scripted-1", Fallback.SLOW, asked_tokens=90, written_tokens=0))
    assert await spending.of(ALICE) == Spent(90, 0, 1)


async def test_one_persons_budget_is_theirs_alone_and_of_the_day(database: Database, clock: WallClock) -> None:
    spending = Spending(database, each=240, clock=clock)
    await spending.note(ALICE, COST)
    assert await spending.may_write(ALICE)
    await spending.note(ALICE, COST)
    assert not await spending.may_write(ALICE)
    assert await spending.may_write(BORIS)
    clock.pass_by(hours=5, minutes=9)
    assert not await spending.may_write(ALICE)
    clock.pass_by(minutes=1)
    assert await spending.may_write(ALICE)
    assert await spending.of(ALICE) == Spent()


async def test_the_budget_of_all_is_everyones(database: Database, clock: WallClock) -> None:
    spending = Spending(database, together=240, clock=clock)
    await spending.note(ALICE, COST)
    assert await spending.may_write(BORIS)
    await spending.note(BORIS, COST)
    assert not await spending.may_write(ALICE)
    assert not await spending.may_write(3)
    clock.pass_by(hours=6)
    assert await spending.may_write(ALICE)


async def test_without_a_bound_any_number_is_counted(database: Database, clock: WallClock) -> None:
    spending = Spending(database, clock=clock)
    await spending.note(ALICE, Writing("scripted-1", None, 3_000_000_000, 1))
    assert await spending.may_write(ALICE)
    assert (await spending.of(ALICE)).tokens == 3_000_000_001


async def test_a_restart_changes_nothing(tmp_path: Path, clock: WallClock) -> None:
    for _ in range(2):
        async with open_database(default_url(tmp_path)) as database:
            await Spending(database, clock=clock).note(ALICE, COST)
    async with open_database(default_url(tmp_path)) as database:
        assert not await Spending(database, each=240, clock=clock).may_write(ALICE)


async def test_answers_at_the_same_moment_are_counted_each(database: Database, clock: WallClock) -> None:
    spending = Spending(database, clock=clock)
    await asyncio.gather(*(spending.note(person, COST) for person in (ALICE, BORIS) for _ in range(10)))
    assert await spending.of(ALICE) == await spending.of(BORIS) == Spent(1000, 200, 10)
    assert await spending.in_all() == Spent(2000, 400, 20)


async def test_days_are_added_up(database: Database, clock: WallClock) -> None:
    spending = Spending(database, clock=clock)
    await spending.note(ALICE, COST)
    clock.pass_by(days=29)
    await spending.note(BORIS, COST)
    assert await spending.in_all() == Spent(100, 20, 1)
    assert await spending.in_all(days=29) == Spent(100, 20, 1)
    assert await spending.in_all(days=30) == Spent(200, 40, 2)


async def test_who_is_forgotten_leaves_the_sum_and_its_bound(database: Database, clock: WallClock) -> None:
    spending = Spending(database, each=100, together=200, clock=clock)
    await spending.note(ALICE, COST)
    clock.pass_by(days=1)
    await spending.note(ALICE, COST)
    await spending.note(BORIS, COST)
    assert await spending.forget(ALICE) == {"spent": 2}
    assert (await spending.of(ALICE), await spending.people()) == (Spent(), 1)
    assert (await spending.of(BORIS)).answers == 1
    assert (await spending.in_all()).answers == 2
    assert not await spending.may_write(ALICE)


async def test_a_forgotten_ones_own_budget_begins_anew(database: Database, clock: WallClock) -> None:
    spending = Spending(database, each=100, clock=clock)
    await spending.note(ALICE, COST)
    await spending.forget(ALICE)
    assert await spending.may_write(ALICE)


async def test_a_persons_days_are_forgotten_in_time_and_the_sums_are_not(database: Database, clock: WallClock) -> None:
    spending = Spending(database, clock=clock)
    await spending.note(ALICE, COST)
    await spending.expire(clock() - timedelta(days=0))
    assert await spending.of(ALICE) == Spent(100, 20, 1)
    clock.pass_by(days=1)
    await spending.expire(clock())
    assert await spending.forget(ALICE) == {"spent": 0}
    assert (await spending.in_all(days=2)).answers == 1


@pytest.mark.parametrize(
    ("person", "whole", "expected"),
    [
        (None, False, Today(model="scripted-1")),
        (ALICE, False, Today(model="scripted-1", yours=Spent(100, 20, 1), most_yours=500)),
        (
            ALICE,
            True,
            Today(
                model="scripted-1",
                yours=Spent(100, 20, 1),
                most_yours=500,
                in_all=Spent(200, 40, 2),
                most_in_all=900,
                people=2,
            ),
        ),
    ],
    ids=["nobody", "person", "admin"],
)
async def test_what_may_be_told_of_today(
    database: Database, clock: WallClock, person: int | None, whole: bool, expected: Today
) -> None:
    spending = Spending(database, each=500, together=900, clock=clock)
    await spending.note(ALICE, COST)
    await spending.note(BORIS, COST)
    assert await spending.today("scripted-1", person=person, whole=whole) == expected


COSTS = st.lists(st.tuples(st.sampled_from([ALICE, BORIS, 3]), st.integers(0, 10_000), st.integers(0, 10_000)))


@settings(max_examples=15, deadline=None)
@given(costs=COSTS)
async def test_the_sum_of_all_is_the_sum_of_each(
    tmp_path_factory: pytest.TempPathFactory, costs: list[tuple[int, int, int]]
) -> None:
    async with open_database(default_url(tmp_path_factory.mktemp("data"))) as database:
        spending = Spending(database, clock=WallClock())
        for person, asked, written in costs:
            await spending.note(person, Writing("scripted-1", None, asked, written))
        each = [await spending.of(person) for person in (ALICE, BORIS, 3)]
        in_all = await spending.in_all()
    assert in_all.asked == sum(one.asked for one in each) == sum(cost[1] for cost in costs)
    assert in_all.written == sum(one.written for one in each) == sum(cost[2] for cost in costs)
    assert in_all.answers == sum(one.answers for one in each)
