"""What is kept about people: all of it goes when they say so, and all of it goes in time."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import BigInteger, Boolean, Date, DateTime, String, Table, delete, func, insert, select
from sqlalchemy import update as change
from sqlalchemy.engine import URL

from bot.conversations import PRIVATE, Conversations, KeptAnswer, answers
from bot.database import Database, default_url, metadata, now, open_database
from bot.errors import ConversationsError
from bot.feedback import Feedback, votes
from bot.keeping import EVERY_SECONDS, Keeping
from bot.pages import Page
from bot.privacy import FOR_DAYS, OTHERWISE
from bot.telegram import app  # noqa: F401  (with the app, every table is known)
from tests.scripted import FIRST_LIT, answered, quote
from tests.wall_clock import WallClock

ALICE, BORIS = 5_000_000_001, 2

OF_NOBODY = {"modes", "moves", "watched_documents", "spent_in_all"}
"""What is kept of groups, of documents and of all people together, and says nothing about a person."""

STAY_ON_REQUEST = {"members", "came", "albums", "attempts"} | OF_NOBODY
STAY_IN_TIME = {"members", "people", "watches"} | OF_NOBODY
"""Each other one for a reason that /privacy and /delete_me tell."""


@pytest.fixture
async def database(database_url: URL) -> AsyncIterator[Database]:
    async with open_database(database_url) as database:
        yield database


def value(column_type: object, *, person: int, at: datetime) -> Any:
    match column_type:
        case DateTime():
            return at
        case Date():
            return at.date()
        case Boolean():
            return True
        case String():
            return PRIVATE
        case BigInteger():
            return person
        case _:
            return 1


async def fill(database: Database, *, person: int, at: datetime) -> None:
    """A row in every table, in which every id is the person's, whatever it is called."""
    async with database.writing() as connection:
        for table in metadata.sorted_tables:
            row = {column.name: value(column.type, person=person, at=at) for column in table.columns}
            await connection.execute(delete(table))
            await connection.execute(insert(table).values(row))


async def filled(database: Database) -> set[str]:
    async with database.writing() as connection:
        return {table.name for table in metadata.sorted_tables if await connection.scalar(count(table))}


def count(table: Table) -> Any:
    return select(func.count()).select_from(table)


async def test_nothing_about_a_person_is_left_when_they_say_so(database: Database) -> None:
    await fill(database, person=ALICE, at=now())
    assert await filled(database) == set(metadata.tables)
    deleted = await Keeping(database, days=90).forget(ALICE)
    assert await filled(database) == STAY_ON_REQUEST
    assert deleted == dict.fromkeys(set(metadata.tables) - STAY_ON_REQUEST, 1)


@pytest.mark.parametrize("in_time", [False, True])
async def test_what_is_deleted_is_in_no_file_while_the_bot_runs(tmp_path: Path, in_time: bool) -> None:
    words = "Who cast the bell of the mill?"
    async with open_database(default_url(tmp_path)) as database:
        for number in range(200):
            answer = KeptAnswer(str(number), ALICE, None, number, Page("It was cast."), asker=ALICE, words=words)
            await Conversations(database).keep(answer)
        assert any(words.encode() in file.read_bytes() for file in tmp_path.iterdir())
        clock = WallClock(now() + timedelta(days=100))
        keeping = Keeping(database, days=90, clock=clock)
        await (keeping.expire() if in_time else keeping.forget(ALICE))
        assert (tmp_path / "bot.sqlite-wal").exists()
        assert all(words.encode() not in file.read_bytes() for file in tmp_path.iterdir())


async def test_others_keep_what_is_theirs(database: Database) -> None:
    await fill(database, person=BORIS, at=now())
    assert not any((await Keeping(database, days=90).forget(ALICE)).values())
    assert await filled(database) == set(metadata.tables)


async def test_everything_is_forgotten_in_time(database: Database) -> None:
    clock = WallClock()
    keeping = Keeping(database, days=7, clock=clock)
    await fill(database, person=ALICE, at=clock() - timedelta(hours=23))
    await keeping.expire()
    assert await filled(database) == set(metadata.tables) - {"attempts"}
    clock.pass_by(days=8)
    await keeping.expire()
    assert await filled(database) == STAY_IN_TIME


async def test_codes_and_that_an_update_came_are_not_kept_for_as_long_as_the_rest(
    database: Database,
) -> None:
    clock = WallClock()
    await fill(database, person=ALICE, at=clock() - timedelta(days=2))
    await Keeping(database, days=7, clock=clock).expire()
    assert set(metadata.tables) - await filled(database) == {"codes", "attempts", "came", "albums"}


def test_everything_that_is_kept_is_told() -> None:
    assert FOR_DAYS.keys() | OTHERWISE.keys() | OF_NOBODY | {"came", "albums"} == set(metadata.tables)
    assert not FOR_DAYS.keys() & OTHERWISE.keys()


async def test_anothers_vote_stays_without_the_words_of_who_asked(database: Database) -> None:
    feedback = Feedback(database)
    asked = answered("When was the lamp lit?", quote("keeping-the-light.txt", FIRST_LIT))
    for answer, asker in (("hers", ALICE), ("his", BORIS)):
        await feedback.note(answer, asked)
        await feedback.vote(answer, BORIS, good=True, question=asked.question, asker=asker)
    deleted = await Keeping(database, days=90).forget(ALICE)
    assert deleted["votes"] == 0
    assert [(vote.answer, vote.question) for vote in await feedback.votes()] == [("hers", ""), ("his", asked.question)]


async def test_what_earlier_versions_kept_without_an_asker_is_found_by_the_chat(database: Database) -> None:
    await fill(database, person=ALICE, at=now())
    async with database.writing() as connection:
        await connection.execute(change(answers).values(asker=None))
        await connection.execute(change(votes).values(asker=None, voter=BORIS))
    assert (await Keeping(database, days=90).forget(ALICE))["answers"] == 1
    async with database.writing() as connection:
        assert (await connection.execute(select(votes.c.question))).all() == [("",)]


class Hours:
    """Sleeps as long as the test wants."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.asleep = asyncio.Event()
        self._awake = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.asleep.set()
        await self._awake.wait()
        self._awake.clear()

    async def pass_by(self) -> None:
        """An hour passes, and what is due is done."""
        await self.asleep.wait()
        self.asleep.clear()
        self._awake.set()
        await self.asleep.wait()


async def test_time_passes_while_the_bot_runs(database: Database) -> None:
    clock, hours = WallClock(), Hours()
    await fill(database, person=ALICE, at=clock() - timedelta(days=8))
    async with asyncio.timeout(20), Keeping(database, days=7, clock=clock, sleep=hours).in_time():
        assert await filled(database) == STAY_IN_TIME
        await fill(database, person=ALICE, at=clock())
        await hours.pass_by()
        assert await filled(database) == set(metadata.tables)
        clock.pass_by(days=8)
        await hours.pass_by()
        assert await filled(database) == STAY_IN_TIME
    assert set(hours.slept) == {EVERY_SECONDS}


async def test_a_database_that_fails_for_a_moment_is_tried_again(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    hours = Hours()
    async with asyncio.timeout(20), Keeping(database, days=7, sleep=hours).in_time():
        async with database.writing() as connection:
            await connection.run_sync(metadata.drop_all)
        await hours.pass_by()
        assert "tried again in an hour" in caplog.text
        with pytest.raises(ConversationsError):
            await Keeping(database, days=7).expire()
        async with database.writing() as connection:
            await connection.run_sync(metadata.create_all)
        await fill(database, person=ALICE, at=datetime(2020, 1, 1, tzinfo=UTC))
        await hours.pass_by()
        assert await filled(database) == STAY_IN_TIME


async def test_what_is_as_old_as_a_day_counts_by_days(database: Database) -> None:
    clock = WallClock()
    await fill(database, person=ALICE, at=clock() - timedelta(days=7, minutes=1))
    async with database.writing() as connection:
        await connection.execute(change(metadata.tables["asked"]).values(day=date(2026, 10, 29)))
    await Keeping(database, days=7, clock=clock).expire()
    assert "asked" in await filled(database)
