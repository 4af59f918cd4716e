"""One of the workers that share a mailbox: where something goes wrong that nobody foresaw, where the database is away
while others go on, and where an update is given up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy import update as change
from sqlalchemy.engine import URL
from telegram import Update
from telegram.ext import ApplicationBuilder, ContextTypes, TypeHandler

from bot import texts
from bot.database import Database, default_url, now, open_database
from bot.languages import say_in
from bot.mailbox import LAPSE, MOST_TRIES, Letter, Mailbox, updates
from bot.telegram.assembly import new_application
from bot.telegram.delivery import Delivery
from bot.telegram.failing import Failing
from bot.telegram.polling import received
from bot.telegram.worker import LOOK_SECONDS, Worker
from config.settings import load_settings
from tests.botapi import BotApi
from tests.deployments import at
from tests.telegram_world import texts_of
from tests.wall_clock import WallClock

SECRET = "Who cast the bell?"


class StrangeClock:
    """Fails once, and says something that no log may hold."""

    def __init__(self) -> None:
        self._failed = False

    def __call__(self) -> datetime:
        if not self._failed:
            self._failed = True
            raise ValueError(SECRET)
        return now()


async def test_a_worker_goes_on_whatever_goes_wrong_while_it_looks(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    application = ApplicationBuilder().token("1:a").updater(None).build()
    async with open_database(default_url(tmp_path)) as database:
        await Mailbox(database).put([Letter(1, "Alice", '{"update_id": "no update"}')])
        worker = Worker(application, Mailbox(database, clock=StrangeClock()))
        worker.start()
        async with asyncio.timeout(30):
            await worker.finish()
        assert await Mailbox(database).claim("another", most=1) == []
    assert "what people write cannot be handled" in caplog.text
    assert "ValueError" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize("turns", range(4))
async def test_a_worker_that_is_woken_at_the_moment_it_leaves_ends(tmp_path: Path, turns: int) -> None:
    """So many turns of the event loop lie between."""
    application = ApplicationBuilder().token("1:a").updater(None).build()
    async with open_database(default_url(tmp_path)) as database:
        worker = Worker(application, Mailbox(database))
        worker.start()
        while worker.quiet_seconds < LOOK_SECONDS / 4:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await worker.take([])
        for _ in range(turns):
            await asyncio.sleep(0)
        async with asyncio.timeout(20):
            await worker.leave()


# Two workers, and a database that is away


class Gate:
    """The first update stays under way; of each it is noted that it came."""

    def __init__(self) -> None:
        self.came: dict[int, asyncio.Event] = {1: asyncio.Event(), 2: asyncio.Event()}

    async def __call__(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        self.came[update.update_id].set()
        if update.update_id == 1:
            await asyncio.Event().wait()


def letter(number: int) -> Letter:
    return Letter(number, f"turn {number}", f'{{"update_id": {number}}}')


async def taken_over(database: Database, *statements: str) -> None:
    """Another worker claims the first update, which it can since the claim has lapsed; then the second comes."""
    async with database.writing() as connection:
        for statement in statements:
            await connection.execute(text(statement))
        theirs = change(updates).where(updates.c.id == 1)
        await connection.execute(theirs.values(worker="other", tries=updates.c.tries + 1, until=now() + LAPSE))
        await connection.execute(insert(updates).values(asdict(letter(2)) | {"arrived": now(), "tries": 0}))


async def tries_of_first(database: Database) -> int | None:
    async with database.writing() as connection:
        return await connection.scalar(select(updates.c.tries).where(updates.c.id == 1))


@asynccontextmanager
async def at_work(server: BotApi, database: Database, gate: Gate) -> AsyncIterator[None]:
    """A worker has begun the first update."""
    async with server, new_application(load_settings(**at(server))) as application:
        application.add_handler(TypeHandler(Update, gate))
        worker = Worker(application, Mailbox(database))
        await Mailbox(database).put([letter(1)])
        worker.start()
        async with asyncio.timeout(30):
            await gate.came[1].wait()
            yield
        await worker.leave()


async def test_an_update_that_another_took_over_while_the_database_was_away_has_no_death(
    server: BotApi, database_url: URL, caplog: pytest.LogCaptureFixture
) -> None:
    gate = Gate()
    async with open_database(database_url) as database, at_work(server, database, gate):
        async with database.writing() as connection:
            await connection.execute(text("ALTER TABLE updates RENAME TO away"))
        while "what people write cannot be handled" not in caplog.text:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await taken_over(database, "ALTER TABLE away RENAME TO updates")
        await gate.came[2].wait()
        assert await tries_of_first(database) == 1


async def test_one_that_another_took_over_from_a_worker_that_slept_has(server: BotApi, database_url: URL) -> None:
    """It may be the update that holds it up."""
    gate = Gate()
    async with open_database(database_url) as database, at_work(server, database, gate):
        await taken_over(database)
        await gate.came[2].wait()
        assert await tries_of_first(database) == 2


# What is given up


@pytest.mark.parametrize(("claims", "is_told"), [(MOST_TRIES, True), (2 * MOST_TRIES, False)])
async def test_who_wrote_what_is_given_up_is_told_once(
    server: BotApi, database_url: URL, caplog: pytest.LogCaptureFixture, claims: int, is_told: bool
) -> None:
    """In their language; but not where workers died over that, too."""
    clock = WallClock()
    async with server, open_database(database_url) as database:
        chat = server.private(server.user("Alisa", language_code="ru"))
        await chat.say(chat.person, SECRET)
        async with new_application(load_settings(**at(server))) as application:
            Failing(Delivery(application.bot)).add_to(application)
            early = Mailbox(database, clock=clock)
            raws = await received(application.bot, None)
            await Worker(application, early).take(raws)
            for _ in range(claims):
                assert [*await early.claim("dead", most=1), *await early.claim_suspect("dead")]
                clock.at += 2 * LAPSE
            worker = Worker(application, Mailbox(database))
            worker.start()
            async with asyncio.timeout(30):
                while await left(database):  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            await worker.leave()
        beginning = say_in("ru")(texts.WENT_WRONG, error="|").partition("|")[0]
        assert [each.startswith(beginning) for each in texts_of(chat)] == [True] * is_told
    assert f"was begun {claims} times and never ended: it is given up" in caplog.text
    assert SECRET not in caplog.text


async def left(database: Database) -> int | None:
    async with database.writing() as connection:
        return await connection.scalar(select(func.count()).select_from(updates))
