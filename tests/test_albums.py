"""Albums whose parts come to different workers."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.engine import URL

from bot.albums import Albums
from bot.database import Database, open_database
from tests.wall_clock import WallClock


@pytest.fixture
async def database(database_url: URL) -> AsyncIterator[Database]:
    async with open_database(database_url) as database:
        yield database


async def test_one_part_is_the_first_whichever_worker_has_it_and_however_often(database: Database) -> None:
    one, other = Albums(database), Albums(database)
    assert await one.is_first("7", 10)
    assert not await other.is_first("7", 11)
    assert await other.is_first("7", 10)
    assert await other.is_first("8", 11)


async def test_an_album_is_forgotten_after_a_day(database: Database) -> None:
    clock = WallClock()
    albums = Albums(database, clock=clock)
    assert await albums.is_first("7", 10)
    clock.pass_by(hours=23)
    await albums.expire(clock())
    assert not await albums.is_first("7", 11)
    clock.pass_by(hours=1)
    await albums.expire(clock())
    assert await albums.is_first("7", 11)
