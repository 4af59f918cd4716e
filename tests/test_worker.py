"""One of the workers that share a mailbox, where something goes wrong that nobody foresaw."""

import asyncio
from datetime import datetime
from pathlib import Path

import pytest
from telegram.ext import ApplicationBuilder

from bot.database import default_url, now, open_database
from bot.mailbox import Letter, Mailbox
from bot.telegram.worker import Worker

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
