"""Databases for tests: what the bot keeps must be kept alike in SQLite and in Postgres."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Executable, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import create_async_engine

from bot.database import default_url
from tests import postgres

NUMBERS = count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    if reason := postgres.why_not():
        pytest.skip(reason)
    pytest.importorskip("asyncpg", reason="needs the extra postgres")
    with postgres.server() as address:
        yield address


@pytest.fixture
def postgres_url(postgres_server: str) -> URL:
    """Of an empty database."""
    name = f"test_{next(NUMBERS)}"
    with ThreadPoolExecutor(1) as thread:  # where no event loop is
        thread.submit(asyncio.run, make(name, f"{postgres_server}postgres")).result()
    return make_url(f"{postgres_server}{name}")


async def make(name: str, address: str) -> None:
    engine = create_async_engine(address, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
    await engine.dispose()


def ask(url: URL, *statements: Executable) -> list[tuple[Any, ...]]:
    """What the last of the statements finds, in a database that others use meanwhile. The event loop waits."""

    async def asked() -> list[tuple[Any, ...]]:
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            for statement in statements:
                found = await connection.execute(statement)
            rows = [tuple(row) for row in found] if found.returns_rows else []
        await engine.dispose()
        return rows

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, asked()).result()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> URL:
    """Of an empty database of either kind."""
    if request.param == "sqlite":
        return default_url(tmp_path)
    url: URL = request.getfixturevalue("postgres_url")
    return url
