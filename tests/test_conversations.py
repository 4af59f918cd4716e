import sqlite3
import threading
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import create_async_engine

from bot.considering import Considered
from bot.conversations import Conversations, KeptAnswer, KeptCitation, answers, chats
from bot.database import default_url, metadata, now, open_database
from bot.database_faults import URL_TAKES, clearly
from bot.errors import ConversationsError, DatabaseUrlError
from bot.pages import Button, Page, Style
from index.types import Source, Use

PAGE = Page(
    "It was lit in 1871 😀 [1]",
    (Style("bold", 0, 2), Style("link", 3, 6, "https://example.org")),
    ((Button("1", "1"),),),
)
CITATION = KeptCitation(
    Page("the passage", (), ((Button("Close", "0"), Button("Copy", copied="the passage")),)),
    quote="the passage",
    context="Here is the passage.",
    source=Source("log.pdf", "Log", page=3, url="https://example.org/log", modified=date(2024, 5, 17), label="iii"),
)
ANSWER = KeptAnswer(
    id="abc",
    chat=-100123,
    thread=7,
    question=42,
    page=PAGE,
    citations=(CITATION,),
    replies=(43, 44),
    asker=5_000_000_001,
    words="When was it lit?",
    notes=("[2] is from a newer document than [1].",),
    short="in 1871",
    considered=(
        Considered("log.pdf", "Log", ("The lamp", "Its keeper"), "iii", Use.QUOTED, (1,)),
        Considered("sea.txt", "", (), "", Use.NOT_READ, ()),
    ),
)


@asynccontextmanager
async def conversations_at(address: str | URL) -> AsyncIterator[Conversations]:
    async with open_database(address) as database:
        yield Conversations(database)


async def test_an_answer_comes_back_as_it_was_kept_also_after_a_restart(database_url: URL) -> None:
    async with conversations_at(database_url) as conversations:
        await conversations.keep(ANSWER)
    async with conversations_at(database_url) as conversations:
        assert await conversations.answer("abc") == ANSWER
        assert await conversations.answer_to(chat=-100123, question=42) == ANSWER
        assert await conversations.answer("other") is None
        assert await conversations.answer_to(chat=-100123, question=43) is None
        assert await conversations.answer_to(chat=5, question=42) is None


async def test_a_citation_is_opened_for_the_first_time_once(database_url: URL) -> None:
    async with conversations_at(database_url) as conversations:
        assert [await conversations.open("abc", 1) for _ in range(2)] == [True, False]
        assert await conversations.open("abc", 2)
    async with conversations_at(database_url) as conversations:
        assert not await conversations.open("abc", 2)


async def test_a_database_of_an_earlier_version_is_taken_over(tmp_path: Path) -> None:
    """It had no columns for who asked what, and another form of citations, which nobody can read any more."""
    earlier = sqlite3.connect(tmp_path / "bot.sqlite")
    columns = "id TEXT PRIMARY KEY, chat BIGINT, thread BIGINT, question BIGINT, replies TEXT, pages TEXT, created TEXT"
    earlier.execute(f"CREATE TABLE answers ({columns})")
    page = '{"text": "It was lit.", "styles": [], "buttons": []}'
    pages = f'{{"answer": {page}, "citations": [{page}]}}'
    created = now().replace(tzinfo=None).isoformat(" ")
    earlier.execute("INSERT INTO answers VALUES ('old', 1, NULL, 1, '[]', ?, ?)", (pages, created))
    earlier.commit()
    earlier.close()
    async with conversations_at(default_url(tmp_path)) as conversations:
        assert await conversations.answer("old") is None
        await conversations.keep(ANSWER)
        assert await conversations.answer("abc") == ANSWER


def test_the_pages_behind_the_buttons() -> None:
    assert [ANSWER.shown(number) for number in (0, 1, 2, -1)] == [PAGE, CITATION.page, None, None]


async def test_the_messages_of_an_answer_are_noted_once_they_are_sent(database_url: URL) -> None:
    async with conversations_at(database_url) as conversations:
        await conversations.keep(ANSWER)
        await conversations.sent("abc", (50,))
        kept = await conversations.answer("abc")
    assert kept is not None
    assert kept.replies == (50,)
    assert kept.page == PAGE


async def test_an_answer_is_found_by_any_of_its_messages(database_url: URL) -> None:
    async with conversations_at(database_url) as conversations:
        await conversations.keep(ANSWER)
        await conversations.keep(replace(ANSWER, id="def", question=45, replies=(430, 4)))
        found = [await conversations.answer_at(chat=-100123, message=message) for message in (43, 44, 4, 430)]
        assert [each and each.id for each in found] == ["abc", "abc", "def", "def"]
        assert await conversations.answer_at(chat=-100123, message=3) is None
        assert await conversations.answer_at(chat=5, message=43) is None


LONG_AGO, LATER = now() - timedelta(days=1), now() + timedelta(hours=1)
THERE: dict[str, Any] = {
    "chat": -100123,
    "thread": 7,
    "asker": ANSWER.asker,
    "since": LONG_AGO,
    "before": 100,
    "most": 3,
}


async def turns(conversations: Conversations, **others: Any) -> list[str]:
    return [each.id for each in await conversations.turns(**(THERE | others))]


async def test_turns_are_the_last_answers_in_a_chat_and_topic_to_one_person(database_url: URL) -> None:
    async with conversations_at(database_url) as conversations:
        for number in range(1, 6):
            await conversations.keep(replace(ANSWER, id=f"a{number}", question=number))
        await conversations.keep(replace(ANSWER, id="elsewhere", question=6, thread=None))
        await conversations.keep(replace(ANSWER, id="others", question=7, asker=8))
        await conversations.keep(replace(ANSWER, id="greeting", question=8, replies=()))
        assert await turns(conversations) == ["a3", "a4", "a5"]
        assert await turns(conversations, before=3) == ["a1", "a2"]
        assert await turns(conversations, thread=None) == ["elsewhere"]
        assert await turns(conversations, asker=8) == ["others"]
        assert await turns(conversations, chat=5) == await turns(conversations, since=LATER) == []


async def test_who_starts_over_has_no_turns_and_others_keep_theirs(database_url: URL) -> None:
    async with conversations_at(database_url) as conversations:
        await conversations.keep(replace(ANSWER, id="mine", question=1))
        await conversations.keep(replace(ANSWER, id="others", question=2, asker=8))
        await conversations.keep(replace(ANSWER, id="elsewhere", question=3, thread=9))
        await conversations.start_over(chat=-100123, thread=7, asker=ANSWER.asker)
        assert await turns(conversations) == []
        assert await turns(conversations, asker=8) == ["others"]
        assert await turns(conversations, thread=9) == ["elsewhere"]
        assert await conversations.answer("mine") is not None
        await conversations.keep(replace(ANSWER, id="new", question=4))
        assert await turns(conversations) == ["new"]


async def test_an_answer_given_anew_takes_the_place_of_the_earlier(database_url: URL) -> None:
    anew = KeptAnswer(id="abc", chat=-100123, thread=7, question=42, page=Page("Another."))
    async with conversations_at(database_url) as conversations:
        await conversations.keep(ANSWER)
        await conversations.keep(anew)
        assert await conversations.answer_to(chat=-100123, question=42) == anew


async def test_who_has_no_access_is_told_once(database_url: URL) -> None:
    async with conversations_at(database_url) as conversations:
        assert await conversations.deny(7)
        assert not await conversations.deny(7)
        assert await conversations.deny(8)
    async with conversations_at(database_url) as conversations:
        assert not await conversations.deny(7)


async def test_a_chat_is_met_as_often_as_it_likes(database_url: URL) -> None:
    async with conversations_at(database_url) as conversations:
        await conversations.meet(7, kind="private")
        await conversations.meet(7, kind="private")
    engine = create_async_engine(database_url)
    async with engine.connect() as connection:
        assert (await connection.execute(select(chats.c.id, chats.c.kind))).all() == [(7, "private")]
    await engine.dispose()


async def test_the_questions_are_nowhere_in_the_database(database_url: URL) -> None:
    async with conversations_at(database_url):
        pass
    engine = create_async_engine(database_url)
    async with engine.connect() as connection:
        assert (await connection.execute(select(answers))).all() == []
    await engine.dispose()
    assert "question" not in {column.name for column in metadata.tables["chats"].columns}
    assert answers.c.question.type.python_type is int


async def test_the_data_folder_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "not there?" / "yet #1 100%"
    async with conversations_at(default_url(folder)) as conversations:
        await conversations.keep(ANSWER)
    assert (folder / "bot.sqlite").is_file()


# What goes wrong ends in one sentence


async def opening(url: str | URL) -> str:
    with pytest.raises(ConversationsError) as caught:
        async with conversations_at(url):
            pass
    sentence = str(caught.value)
    assert "\n" not in sentence
    return sentence


async def test_a_damaged_database(tmp_path: Path) -> None:
    (tmp_path / "bot.sqlite").write_bytes(b"this is no database, whatever its name may say" * 100)
    sentence = await opening(default_url(tmp_path))
    assert str(tmp_path / "bot.sqlite") in sentence
    assert "move it away" in sentence
    for thread in threading.enumerate():
        if "_connection_worker" in thread.name:  # one that was told to end may still be on its way
            thread.join(10)
            assert not thread.is_alive()


async def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert "bot.sqlite cannot be used" in await opening(default_url(tmp_path / "file"))


async def test_a_database_that_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "bot.sqlite").mkdir()
    before = set(threading.enumerate())
    assert "unable to open database file" in await opening(default_url(tmp_path))
    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("no address", "is not a database address"),
        ("postgresql+asyncpg://me:s3cret@localhost:s3cret/bot", "is not a database address"),
        ("postgresql+nosuchdriver://me:s3cret@localhost/bot?password=s3cret", "is not a database address"),
        ("sqlite+aiosqlite:///bot.sqlite?timeout=s3cret", "is not a database address"),
        ("sqlite:///s3cret.db", "names a driver that is not an async one"),
        ("oracle+cx_oracle://me:s3cret@localhost/bot?password=s3cret", "names neither SQLite nor Postgres"),
    ],
)
async def test_an_address_that_is_not_allowed_is_told_so_without_it(address: str, complaint: str) -> None:
    with pytest.raises(DatabaseUrlError) as caught:
        async with conversations_at(address):
            pass
    assert str(caught.value).startswith(f"DATABASE_URL {complaint}")
    assert str(caught.value).endswith(URL_TAKES)
    assert "s3cret" not in "".join(traceback.format_exception_only(caught.value))
    assert caught.value.exit_status == 2


def test_of_a_database_on_a_server_the_address_stays_hidden() -> None:
    address = make_url("postgresql+asyncpg://me:s3cret@localhost/bot?password=s3cret")
    with pytest.raises(ConversationsError) as caught, clearly(address):
        raise ConnectionRefusedError(111, "Connection refused")
    assert "Connection refused" in str(caught.value)
    assert "DATABASE_URL" in str(caught.value)
    assert "s3cret" not in str(caught.value)


async def test_a_database_lost_while_in_use(tmp_path: Path) -> None:
    async with conversations_at(default_url(tmp_path)) as conversations:
        engine = create_async_engine(default_url(tmp_path))
        async with engine.begin() as connection:
            await connection.run_sync(metadata.drop_all)
        await engine.dispose()
        with pytest.raises(ConversationsError, match="no such table"):
            await conversations.keep(ANSWER)
        with pytest.raises(ConversationsError):
            await conversations.deny(7)


# Groups that become supergroups


async def test_answers_move_with_their_group_and_forget_the_numbers_of_messages(database_url: URL) -> None:
    old, new = ANSWER.chat, -1_002_000_000_001
    async with open_database(database_url) as database:
        conversations = Conversations(database)
        await conversations.meet(old, kind="group")
        await conversations.keep(replace(ANSWER, thread=None, asker=old))
        await conversations.keep(replace(ANSWER, id="elsewhere", chat=5))
        await conversations.deny(old)
        for _ in range(2):
            await conversations.moved(old, new)
        carried = replace(ANSWER, thread=None, chat=new, question=0, replies=(), asker=new)
        assert await conversations.answer("abc") == carried
        assert await conversations.answer("elsewhere") == replace(ANSWER, id="elsewhere", chat=5)
        assert await conversations.answer_to(chat=new, question=ANSWER.question) is None
        assert not await conversations.deny(new)
        async with database.writing() as connection:
            assert [(row.id, row.kind) for row in await connection.execute(select(chats))] == [(new, "supergroup")]


async def test_a_supergroup_that_was_met_already_is_known_once(database_url: URL) -> None:
    async with open_database(database_url) as database:
        conversations = Conversations(database)
        for chat, kind in ((-4, "group"), (-100, "supergroup")):
            await conversations.meet(chat, kind=kind)
        await conversations.moved(-4, -100)
        async with database.writing() as connection:
            assert [row.id for row in await connection.execute(select(chats))] == [-100]


async def test_what_no_database_can_keep_is_replaced(database_url: URL) -> None:
    async with open_database(database_url) as database:
        conversations = Conversations(database)
        await conversations.keep(KeptAnswer("a", 1, None, 1, Page("It was."), asker=1, words="Was\0 it \ud83d?"))
        kept = await conversations.answer("a")
    assert kept is not None
    assert kept.words == "Was\ufffd it \ufffd?"


async def test_what_a_database_does_not_take_is_not_told(postgres_url: URL) -> None:
    async with open_database(postgres_url) as database:
        with pytest.raises(ConversationsError) as failed:
            async with database.writing() as connection:
                await connection.execute(insert(chats).values(id="Who cast the bell?", kind="private", met=now()))
    assert "bell" not in str(failed.value)
    assert "DataError" in str(failed.value)
