"""How the bot of an end-to-end scenario runs: as one that asks, with SQLite and an index in its folder, or as two
workers that Telegram calls behind one address, with Postgres and an index on a Chroma server.

A scenario runs in the first way; marked `two_workers` also in the second, and with `pytest --two-workers` only in that.
Marked `one_worker` it never does, for the reason that the mark tells.
"""

import asyncio
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import pytest
from sqlalchemy.engine import URL

from bot.answers import Answers
from bot.telegram.app import run
from bot.telegram.webhook import Webhook
from config.settings import load_settings
from index.building import build_indexer
from tests.balancer import Balancer
from tests.botapi import BotApi

ONE, TWO = "one-worker", "two-workers"

PREFIXES = count(1)

Parts = Callable[[], Mapping[str, Any]]
"""What each worker has of its own: further arguments of `run`."""


class Deployment(Protocol):
    workers: int
    database: URL | None
    """None: a file of SQLite's."""
    entering: str
    """The method with which a bot tells Telegram how it hears."""

    async def serve(
        self, api: BotApi, answers: Answers, *, stop: asyncio.Event, parts: Parts = dict, **settings: object
    ) -> None:
        """Until `stop`. What one worker raises is raised."""

    def share(self, folders: Mapping[str, Path]) -> None:
        """What is indexed in the folders, `seeds_dir` and `data_dir`, is where this way of running looks for it."""


class OneWorker:
    """Asks Telegram, and keeps its state in SQLite."""

    workers = 1
    database: URL | None = None
    entering = "deleteWebhook"

    async def serve(
        self, api: BotApi, answers: Answers, *, stop: asyncio.Event, parts: Parts = dict, **settings: object
    ) -> None:
        await run(load_settings(**(at(api) | settings)), answers, stop=stop, **parts())

    def share(self, folders: Mapping[str, Path]) -> None:
        """It is there."""


class TwoWorkers:
    """In one process: what modules keep they share, and the answers. tests/test_bot_process*.py have one each."""

    workers = 2
    entering = "setWebhook"

    def __init__(self, database: URL) -> None:
        self.database: URL | None = database
        self._address = database.render_as_string(hide_password=False)

    async def serve(
        self, api: BotApi, answers: Answers, *, stop: asyncio.Event, parts: Parts = dict, **settings: object
    ) -> None:
        api.paced = False  # each keeps to the limits by itself
        balancer = Balancer(self.workers)
        async with balancer.balancing():
            common = at(api) | {"webhook_url": balancer.url, "listen_on": "127.0.0.1", "database_url": self._address}
            each = [load_settings(**(common | settings | {"port": port})) for port in balancer.ports]
            tasks = [
                asyncio.create_task(run(own, answers, stop=stop, **({"hear": Webhook(own).hear} | dict(parts()))))
                for own in each
            ]
            try:
                await asyncio.gather(*tasks)
            finally:
                stop.set()
                await asyncio.gather(*tasks, return_exceptions=True)

    def share(self, folders: Mapping[str, Path]) -> None:
        build_indexer(load_settings(**folders)).sync()


def at(api: BotApi) -> dict[str, object]:
    return {"telegram_bot_token": api.token, "telegram_api_url": api.url}


def add_option(parser: pytest.Parser) -> None:
    parser.addoption(
        f"--{TWO}",
        action="store_true",
        help="run the end-to-end scenarios with two workers that are called, on Postgres and a Chroma server",
    )


def generate(metafunc: pytest.Metafunc) -> None:
    if "deployment" not in metafunc.fixturenames:
        return
    if metafunc.config.getoption("two_workers"):
        ways = [TWO]
    else:
        ways = [ONE, TWO] if metafunc.definition.get_closest_marker("two_workers") else [ONE]
    metafunc.parametrize("deployment", ways, indirect=True)


@pytest.fixture
def deployment(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    """How the bot runs in this scenario. Settings that are read after this name the Chroma server of two workers."""
    if request.param == ONE:
        return OneWorker()
    if alone := request.node.get_closest_marker("one_worker"):
        pytest.skip(alone.args[0])
    database, chroma = request.getfixturevalue("postgres_url"), request.getfixturevalue("chroma")
    monkeypatch.setenv("CHROMA_URL", chroma.url)
    monkeypatch.setenv("CHROMA_PREFIX", f"scenario-{next(PREFIXES)}")
    return TwoWorkers(database)
