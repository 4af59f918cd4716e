"""The codes that strangers get: good for one person, one day and one time."""

import re
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select
from sqlalchemy.engine import URL

from bot.database import Database, open_database
from bot.pairing import ALPHABET, Attempts, Codes, Newcomer, codes
from tests.wall_clock import WallClock

ALICE, BORIS = 5_000_000_001, 2


@pytest.fixture
async def database(database_url: URL) -> AsyncIterator[Database]:
    async with open_database(database_url) as database:
        yield database


async def test_a_code_tells_whose_it_is_once(database: Database) -> None:
    pairing = Codes(database)
    code = await pairing.issue(ALICE, language="ru")
    other = await pairing.issue(BORIS, language="en")
    assert code is not None
    assert re.fullmatch(f"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}", code)
    assert await pairing.redeem(code) == Newcomer(ALICE, "ru")
    assert await pairing.redeem(code) is None
    assert await pairing.redeem(other or "") == Newcomer(BORIS, "en")


@pytest.mark.parametrize("typed", [str.lower, lambda code: code.replace("-", ""), lambda code: code.replace("-", " ")])
async def test_a_code_may_be_typed_in_any_way(database: Database, typed: object) -> None:
    pairing = Codes(database)
    code = await pairing.issue(ALICE, language="en")
    assert callable(typed)
    assert await pairing.redeem(typed(code)) == Newcomer(ALICE, "en")


@pytest.mark.parametrize("code", ["", "BCDF-GHJK", "x" * 5000, "ß", "'; DROP TABLE codes"])
async def test_what_is_no_code_is_nobodys(database: Database, code: str) -> None:
    pairing = Codes(database)
    await pairing.issue(ALICE, language="en")
    assert await pairing.redeem(code) is None


async def test_a_new_code_comes_only_when_the_old_one_is_over(database: Database) -> None:
    clock = WallClock()
    pairing = Codes(database, clock=clock)
    first = await pairing.issue(ALICE, language="en")
    clock.pass_by(hours=23, minutes=59)
    assert await pairing.issue(ALICE, language="en") is None
    clock.pass_by(minutes=1)
    assert await pairing.redeem(first or "") is None
    second = await pairing.issue(ALICE, language="en")
    assert second not in (None, first)
    assert await pairing.redeem(second or "") == Newcomer(ALICE, "en")


async def test_an_old_code_is_worth_nothing_though_nobody_asked_for_another(database: Database) -> None:
    clock = WallClock()
    pairing = Codes(database, clock=clock)
    code = await pairing.issue(ALICE, language="en")
    clock.pass_by(hours=24)
    assert await pairing.redeem(code or "") is None


async def test_no_code_stands_in_the_database(database: Database) -> None:
    code = await Codes(database).issue(ALICE, language="en")
    async with database.writing() as connection:
        (row,) = (await connection.execute(select(codes))).all()
    assert code is not None
    assert not any(code.replace("-", "") in str(value) or code in str(value) for value in row)


async def test_wrong_codes_are_counted_for_each_admin_within_an_hour_whichever_worker_hears_them(
    database: Database,
) -> None:
    clock = WallClock()
    attempts, other = (Attempts(database, most=3, clock=clock) for _ in range(2))
    for each in (attempts, other, attempts):
        assert await attempts.are_left(ALICE)
        await each.failed(ALICE)
        clock.pass_by(minutes=10)
    assert not await other.are_left(ALICE)
    assert await attempts.are_left(BORIS)
    clock.pass_by(minutes=29)
    await attempts.expire(clock())
    assert not await attempts.are_left(ALICE)
    clock.pass_by(minutes=1)
    await attempts.expire(clock())
    assert await attempts.are_left(ALICE)
    await attempts.failed(ALICE)
    assert not await other.are_left(ALICE)
