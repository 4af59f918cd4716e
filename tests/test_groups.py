from collections.abc import AsyncIterator

import pytest
from sqlalchemy.engine import URL

from bot.database import Database, open_database
from bot.groups import Mode, Modes
from bot.moves import Moves

GROUP, SUPERGROUP = -4_000_000_001, -1_002_000_000_001


@pytest.fixture
async def database(database_url: URL) -> AsyncIterator[Database]:
    async with open_database(database_url) as database:
        yield database


@pytest.fixture
def modes(database: Database) -> Modes:
    return Modes(database)


async def test_where_nothing_was_chosen_the_bot_answers_when_addressed(modes: Modes) -> None:
    assert await modes.mode(GROUP, None) is Mode.MENTIONED
    assert await modes.mode(GROUP, 7) is Mode.MENTIONED
    assert await modes.own(GROUP, None) is None


async def test_a_chat_of_one_person_has_no_mode(modes: Modes) -> None:
    await modes.choose(5_000_000_001, None, Mode.OFF)
    assert await modes.mode(5_000_000_001, None) is Mode.MENTIONED


async def test_a_topics_own_mode_comes_before_its_groups(modes: Modes) -> None:
    await modes.choose(GROUP, None, Mode.OFF)
    await modes.choose(GROUP, 7, Mode.ALWAYS)
    assert [await modes.mode(GROUP, topic) for topic in (None, 7, 8)] == [Mode.OFF, Mode.ALWAYS, Mode.OFF]
    assert [await modes.own(GROUP, topic) for topic in (None, 7, 8)] == [Mode.OFF, Mode.ALWAYS, None]
    assert await modes.mode(SUPERGROUP, 7) is Mode.MENTIONED


async def test_a_topic_is_like_its_group_again_once_its_choice_is_forgotten(modes: Modes) -> None:
    await modes.choose(GROUP, None, Mode.OFF)
    await modes.choose(GROUP, 7, Mode.ALWAYS)
    await modes.choose(GROUP, 7, None)
    assert await modes.mode(GROUP, 7) is Mode.OFF


async def test_a_second_choice_takes_the_place_of_the_first(modes: Modes) -> None:
    await modes.choose(GROUP, None, Mode.OFF)
    await modes.choose(GROUP, None, Mode.ALWAYS)
    assert await modes.mode(GROUP, None) is Mode.ALWAYS


async def test_modes_move_with_their_group_however_often_it_is_told(modes: Modes) -> None:
    await modes.choose(GROUP, None, Mode.ALWAYS)
    for _ in range(2):
        await modes.moved(GROUP, SUPERGROUP)
    assert await modes.mode(SUPERGROUP, None) is Mode.ALWAYS
    assert await modes.own(GROUP, None) is None


async def test_what_was_chosen_in_the_supergroup_already_holds(modes: Modes) -> None:
    await modes.choose(GROUP, None, Mode.ALWAYS)
    await modes.choose(SUPERGROUP, None, Mode.OFF)
    await modes.moved(GROUP, SUPERGROUP)
    assert await modes.mode(SUPERGROUP, None) is Mode.OFF
    assert await modes.own(GROUP, None) is None


async def test_a_move_is_known_both_ways(database: Database) -> None:
    moves = Moves(database)
    assert (await moves.current(GROUP), await moves.former(SUPERGROUP)) == (GROUP, None)
    for _ in range(2):
        await moves.moved(GROUP, SUPERGROUP)
    assert (await moves.current(GROUP), await moves.former(SUPERGROUP)) == (SUPERGROUP, GROUP)
    assert (await moves.current(SUPERGROUP), await moves.former(GROUP)) == (SUPERGROUP, None)
