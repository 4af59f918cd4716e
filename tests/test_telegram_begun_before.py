"""Updates that were begun by a process that died over them, handled again by the next: whatever had been done by then,
nobody is answered twice and nothing is lost. And a database that is away when Telegram tells something."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from sqlalchemy import delete, insert
from sqlalchemy import update as change
from telegram import Bot
from telegram.ext import Application

from bot import texts
from bot.conversations import answers
from bot.database import Database, default_url, now, open_database
from bot.feedback import Feedback
from bot.mailbox import MOST_TRIES, updates
from bot.telegram.polling import poll
from bot.telegram.updates import RawUpdate, Take, read
from bot.telegram.worker import letter
from tests.botapi import PrivateChat
from tests.scripted import FIRST_LIT
from tests.telegram_world import GatedAnswers, World, button_texts, texts_of
from tests.test_telegram_access import answer
from tests.test_telegram_webhook import Called, called

__all__ = ["called"]

pytestmark = pytest.mark.one_worker("it leads two processes one after the other, by hand")


class Death:
    """Brings back what the bot was told, as a process leaves it that dies while it handles it."""

    def __init__(self, world: World, folder: Path) -> None:
        self._world = world
        self._folder = folder
        self._told: list[RawUpdate] = []
        world.hear = self._hear

    async def _hear(self, application: Application, *, take: Take, stop: object) -> None:  # type: ignore[type-arg]
        async def noting(raws: Sequence[RawUpdate]) -> None:
            self._told.extend(raws)
            await take(raws)

        await poll(application, take=noting, stop=stop)  # type: ignore[arg-type]

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        async with open_database(default_url(self._folder)) as database:
            yield database

    async def over(self, kind: str, *, tries: int = 1) -> None:
        """Over the last update of a kind."""
        raw = next(each for each in reversed(self._told) if kind in each)
        update = read(raw, Bot(self._world.api.token))
        assert update is not None
        left = letter(raw, update)
        row = {"id": left.id, "turn": left.turn, "body": left.body, "arrived": now(), "tries": tries}
        async with self.database() as database, database.writing() as connection:
            await connection.execute(insert(updates).values(row))

    async def before_the_answer_was_kept(self) -> None:
        async with self.database() as database, database.writing() as connection:
            await connection.execute(delete(answers))

    async def before_it_was_noted_as_sent(self) -> None:
        async with self.database() as database, database.writing() as connection:
            await connection.execute(change(answers).values(replies="[]"))


class Completing(GatedAnswers):
    """A language model is asked what a follow-up means, and does not know."""

    writer_name = "scripted"
    completed = 0

    def ask_model(self, *_: object, **__: object) -> None:
        self.completed += 1


@pytest.fixture
def death(world: World, tmp_path: Path) -> Death:
    return Death(world, tmp_path / "data")


@pytest.fixture
def chat(world: World) -> PrivateChat:
    return world.api.private(world.api.user("Alice"))


async def answered_next(world: World, chat: PrivateChat, **settings: object) -> None:
    """The next process runs, until it has handled all there was in the chat, and a question more."""
    async with world.bot(**settings):
        await answer(chat, "Any more?")


async def test_what_was_answered_is_not_answered_again(world: World, death: Death, chat: PrivateChat) -> None:
    async with world.bot():
        await answer(chat, "How many steps?")
    await death.over("message")
    await answered_next(world, chat)
    assert world.answers.asked == ["How many steps?", "Any more?"]
    assert len(texts_of(chat)) == 2


async def test_a_follow_up_that_was_answered_is_not_completed_again(
    world: World, death: Death, chat: PrivateChat
) -> None:
    world.answers = completing = Completing()
    async with world.bot():
        await answer(chat, "How many steps does the lighthouse have?")
        await answer(chat, "And who counted them?")
    await death.over("message")
    await answered_next(world, chat)
    assert completing.completed == 2, "once for it, and once for the question after it"


async def test_what_was_not_kept_is_answered_and_not_counted_twice(
    world: World, death: Death, chat: PrivateChat
) -> None:
    async with world.bot(daily_questions=2):
        await answer(chat, "How many steps?")
        question = await chat.say(chat.person, "How many stairs?")
        await chat.reply(to=question)
    await death.over("message")
    await death.before_the_answer_was_kept()
    async with world.bot(daily_questions=2):
        assert (await chat.reply(to=question)).text.startswith(FIRST_LIT)
        assert (await answer(chat, "Any more?")).text.startswith("That was all for today")


async def test_what_may_have_been_sent_is_offered(world: World, death: Death, chat: PrivateChat) -> None:
    async with world.bot():
        question = await chat.say(chat.person, "How many steps?")
        given = await chat.reply(to=question)
    await death.over("message")
    await death.before_it_was_noted_as_sent()
    async with world.bot():
        notice = await chat.reply(to=question)
        assert (notice.text, button_texts(notice)) == (texts.CONNECTION_BROKE, [texts.SHOW_ANSWER])
        await chat.tap(chat.person, notice, button=texts.SHOW_ANSWER)
        assert (await chat.edited(notice)).text == given.text
    assert world.answers.asked == ["How many steps?"]


async def test_an_edit_that_was_answered_is_answered_in_the_same_place(
    world: World, death: Death, chat: PrivateChat
) -> None:
    async with world.bot():
        question = await chat.say(chat.person, "How many steps?")
        given = await chat.reply(to=question)
        await chat.edit(question, "How many stairs and which lantern?")
        given = await chat.edited(given)
    await death.over("edited_message")
    await answered_next(world, chat)
    assert len(texts_of(chat)) == 2


@pytest.mark.parametrize("kept", [True, False])
async def test_a_watched_question_is_answered_once(world: World, death: Death, chat: PrivateChat, kept: bool) -> None:
    async with world.bot():
        asked = await chat.say(chat.person, "/watch How many steps?")
        await chat.reply(to=asked)
    await death.over("message")
    if not kept:
        await death.before_the_answer_was_kept()
    await answered_next(world, chat)
    assert len([each for each in chat.messages_of_bot if each.reply_to == asked.id]) == (1 if kept else 2)
    async with world.bot():
        assert (await answer(chat, "/watches")).text.startswith("I watch one question")


async def test_a_vote_counts_once(world: World, death: Death, chat: PrivateChat) -> None:
    async with world.bot():
        given = await answer(chat, "How many steps?")
        await chat.tap(chat.person, given, button=texts.THUMBS_UP)
    await death.over("callback_query")
    async with world.bot():
        await world.api.called("answerCallbackQuery")
        await world.api.called("answerCallbackQuery")
    async with death.database() as database:
        assert len(await Feedback(database).votes()) == 1


async def test_a_citation_that_a_group_may_not_have_is_said_again(world: World, death: Death) -> None:
    alice = world.api.user("Alice")
    group = world.api.group("Harbour", members=[alice])
    async with world.bot():
        given = await group.reply(to=await group.say(alice, "/ask How many steps?"))
        await group.tap(alice, given, button="1")
        said = await group.reply(to=given)
    await death.over("callback_query")
    async with world.bot():
        assert (await group.reply(to=given)).text == said.text


async def test_what_was_begun_too_often_is_given_up_and_told_and_holds_nobody_up(
    world: World, death: Death, chat: PrivateChat, caplog: pytest.LogCaptureFixture
) -> None:
    async with world.bot():
        await answer(chat, "How many steps?")
    await death.over("message", tries=MOST_TRIES)
    await death.before_the_answer_was_kept()
    await answered_next(world, chat)
    assert world.answers.asked == ["How many steps?", "Any more?"]
    assert [text.startswith(texts.WENT_WRONG.split("{")[0]) for text in texts_of(chat)] == [False, True, False]
    assert f"was begun {MOST_TRIES} times and never ended: it is given up" in caplog.text


async def test_what_was_begun_twice_is_begun_once_more(world: World, death: Death, chat: PrivateChat) -> None:
    async with world.bot():
        question = await chat.say(chat.person, "How many steps?")
        answered = await chat.reply(to=question)
    await death.over("message", tries=MOST_TRIES - 1)
    await death.before_the_answer_was_kept()
    async with world.bot():
        assert (await chat.reply(to=question)).text == answered.text


# A database that is away


@asynccontextmanager
async def no_mailbox(folder: Path) -> AsyncIterator[None]:
    await asyncio.to_thread(rename, folder / "bot.sqlite", "came", "gone")
    yield
    await asyncio.to_thread(rename, folder / "bot.sqlite", "gone", "came")


def rename(file: Path, table: str, name: str) -> None:
    with closing(sqlite3.connect(file, isolation_level=None, timeout=30)) as connection:
        connection.execute(f"ALTER TABLE {table} RENAME TO {name}")


async def test_what_cannot_be_kept_is_fetched_again(
    world: World, chat: PrivateChat, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with world.bot():
        await answer(chat, "How many steps?")
        async with no_mailbox(tmp_path / "data"):
            asked = await chat.say(chat.person, "How many stairs?")
            await world.api.called("getUpdates")
            while "cannot be kept" not in caplog.text:
                await world.api.called("getUpdates")
        await chat.reply(to=asked)
    assert world.answers.asked == ["How many steps?", "How many stairs?"]


async def test_what_cannot_be_kept_is_brought_again(
    world: World, called: Called, chat: PrivateChat, tmp_path: Path
) -> None:
    async with called.bot():
        await answer(chat, "How many steps?")
        async with no_mailbox(tmp_path / "data"):
            update = b'{"update_id": 7, "message": {"message_id": 7, "date": 1, "chat": {"id": 1, "type": "private"}}}'
            assert await called.call(update, secret=called.secret) == 503
            asked = await chat.say(chat.person, "How many stairs?")
        await chat.reply(to=asked)
    assert world.answers.asked == ["How many steps?", "How many stairs?"]


def refuse_answers(file: Path, *, before: int) -> None:
    """While an update is handled for a time before that one."""
    with closing(sqlite3.connect(file, isolation_level=None, timeout=30)) as connection:
        connection.execute(
            f"CREATE TRIGGER away BEFORE INSERT ON answers WHEN (SELECT max(tries) FROM updates) < {before} "
            "BEGIN SELECT RAISE(ABORT, 'away'); END"
        )


async def test_what_fails_with_the_database_is_answered_when_that_is_back(
    world: World, chat: PrivateChat, tmp_path: Path
) -> None:
    async with world.bot():
        await answer(chat, "How many steps?")
        await asyncio.to_thread(refuse_answers, tmp_path / "data" / "bot.sqlite", before=2)
        assert (await answer(chat, "How many stairs?")).text.startswith(FIRST_LIT)
    assert world.answers.asked == ["How many steps?", "How many stairs?", "How many stairs?"]


async def test_who_asked_is_told_where_the_database_stays_away(world: World, chat: PrivateChat, tmp_path: Path) -> None:
    async with world.bot():
        await answer(chat, "How many steps?")
        await asyncio.to_thread(refuse_answers, tmp_path / "data" / "bot.sqlite", before=MOST_TRIES + 1)
        told = (await answer(chat, "How many stairs?")).text
    assert told.startswith(texts.WENT_WRONG.split("{")[0])
    assert world.answers.asked[1:] == ["How many stairs?"] * MOST_TRIES
    assert len(texts_of(chat)) == 2
