"""One of the workers that share a mailbox, where something goes wrong that nobody foresaw."""

import asyncio
from datetime import datetime
from pathlib import Path

import pytest
from telegram.ext import ApplicationBuilder

from bot.database import default_url, now, open_database
from bot.mailbox import Letter, Mailbox
from bot.telegram.worker import LOOK_SECONDS, Worker

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
