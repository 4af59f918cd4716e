import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy.engine import URL

from bot.changes import Known, Told
from bot.database import open_database
from bot.watches import MOST, Watch, Watches

WATCH = Watch(
    chat=-100123,
    thread=7,
    message=42,
    person=5_000_000_001,
    language="ru",
    words="When was it lit?",
    known=Known(True, frozenset({Told("It was lit in 1871.", "h1"), Told("Зажгли.", "h2")})),
    generation="one",
)


@pytest.fixture
async def watches(database_url: URL) -> AsyncIterator[Watches]:
    async with open_database(database_url) as database:
        yield Watches(database)


def another(number: int, **changes: object) -> Watch:
    return replace(WATCH, id=f"w{number}", words=f"Question {number}?", **changes)  # type: ignore[arg-type]


async def test_a_watch_comes_back_as_it_was_kept_also_after_a_restart(database_url: URL) -> None:
    for _ in range(2):
        async with open_database(database_url) as database:
            assert await Watches(database).keep(WATCH)
            assert await Watches(database).watch(WATCH.id) == WATCH
            assert await Watches(database).of_chat(-100123) == (WATCH,)
            assert await Watches(database).of_chat(5) == ()


async def test_a_person_has_so_many_and_no_more(watches: Watches) -> None:
    assert all([await watches.keep(another(number, chat=number)) for number in range(MOST)])
    assert not await watches.keep(another(MOST))
    assert await watches.keep(another(MOST, person=6))
    await watches.end("w0")
    assert await watches.keep(another(MOST + 1))


@pytest.mark.parametrize("thread", [7, None])
async def test_the_same_question_in_the_same_place_is_watched_once(watches: Watches, thread: int | None) -> None:
    first, second = replace(WATCH, id="one", thread=thread), replace(WATCH, id="two", thread=thread)
    assert await watches.keep(first)
    assert await watches.keep(second)
    assert await watches.of_chat(WATCH.chat) == (second,)
    elsewhere = replace(WATCH, id="three", thread=8)
    assert await watches.keep(elsewhere)
    assert await watches.of_chat(WATCH.chat) == (second, elsewhere)


async def test_a_change_is_made_once_whoever_tries(watches: Watches) -> None:
    await watches.keep(WATCH)
    assert await watches.behind("two") == (WATCH,)
    changed = await watches.change(WATCH, generation="two", sending="abc", known=Known(False))
    assert changed is not None
    assert await watches.watch(WATCH.id) == changed
    assert await watches.change(WATCH, generation="two") is None
    assert await watches.behind("two") == ()
    assert await watches.unfinished() == (changed,)
    sent = await watches.change(changed, sending=None)
    assert sent is not None
    assert await watches.unfinished() == ()
    await watches.end(WATCH.id)
    assert await watches.change(sent, generation="three") is None
    assert await watches.watch(WATCH.id) is None


async def test_documents_are_noted_in_place_of_the_earlier(watches: Watches) -> None:
    assert await watches.documents() == frozenset()
    for hashes in ({"a", "b"}, {"b", "c"}, {"b", "c"}, set[str]()):
        await watches.note_documents(hashes)
        assert await watches.documents() == hashes


async def test_documents_are_noted_by_several_workers_at_once(watches: Watches) -> None:
    await watches.note_documents({"a", "b"})
    await asyncio.gather(*(watches.note_documents({"b", *map(str, range(200))}) for _ in range(4)))
    assert await watches.documents() == {"b", *map(str, range(200))}
