"""The bot as a process of its own, killed with SIGKILL: no question is lost, none answered twice, and each chat is
answered in order. With SQLite where it asks for updates, with Postgres where two workers are called."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import pytest
from sqlalchemy.engine import URL

from bot import texts
from bot.database import default_url
from tests import botapi
from tests.balancer import Balancer
from tests.bot_child import told, until_there
from tests.botapi import BotApi, Message, PrivateChat
from tests.telegram_world import button_texts

pytestmark = pytest.mark.timeout(180)

SEED = 20261126
PATIENCE_SECONDS = 90
"""What a dead worker held is free after ten."""


class Workers:
    """Starts bots against a server, all with one database, and sees to their end."""

    def __init__(self, api: BotApi, *, folder: Path, database: URL) -> None:
        self.api = api
        self._folder = folder
        self._database = database
        self._started: list[Process] = []

    async def start(self, *arguments: str, **environment: str) -> Process:
        own = {
            "TELEGRAM_BOT_TOKEN": self.api.token,
            "TELEGRAM_API_URL": self.api.url,
            "DATA_DIR": str(self._folder / "data"),
            "DATABASE_URL": self._database.render_as_string(hide_password=False),
        }
        command = (sys.executable, "-m", "tests.bot_child", *arguments)
        env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | own | environment
        process = await asyncio.create_subprocess_exec(*command, env=env, cwd=self._folder, stdout=DEVNULL, stderr=PIPE)
        self._started.append(process)
        return process

    async def kill(self, process: Process) -> None:
        process.kill()
        _, errors = await process.communicate()
        assert process.returncode == -signal.SIGKILL, errors.decode()

    async def end(self, process: Process) -> None:
        process.send_signal(signal.SIGTERM)
        _, errors = await asyncio.wait_for(process.communicate(), 40)
        assert process.returncode == 0, errors.decode()
        assert "Traceback" not in errors.decode()

    async def close(self) -> None:
        for process in self._started:
            if process.returncode is None:
                process.kill()
                await process.communicate()


@asynccontextmanager
async def workers_at(api: BotApi, *, folder: Path, database: URL) -> AsyncIterator[Workers]:
    async with api:
        workers = Workers(api, folder=folder, database=database)
        try:
            yield workers
        finally:
            await workers.close()


@pytest.fixture
async def workers(tmp_path: Path) -> AsyncIterator[Workers]:
    async with workers_at(BotApi(), folder=tmp_path, database=default_url(tmp_path)) as workers:
        yield workers
        assert not workers.api.violations


@pytest.fixture
def chat(workers: Workers) -> PrivateChat:
    return workers.api.private(workers.api.user("Alice"))


def first_text(message: Message) -> str:
    """What it said before a tap turned it into something else."""
    return message.edits[0].text if message.edits else message.text


# One process, killed at a known moment


async def test_a_question_that_was_being_answered_is_answered_by_the_next_process(
    workers: Workers, chat: PrivateChat, tmp_path: Path
) -> None:
    process = await workers.start()
    asked = [await chat.say(chat.person, words) for words in ("First, please hang?", "Second?")]
    await asyncio.to_thread(until_there, tmp_path / "data" / "heard")
    await workers.kill(process)
    process = await workers.start()
    for question in asked:
        answer = await chat.reply(to=question, timeout_seconds=PATIENCE_SECONDS)
        assert answer.text.startswith(told(question.text))
    await workers.end(process)
    assert [message.reply_to for message in chat.messages_of_bot] == [question.id for question in asked]


@pytest.mark.parametrize("arrives", [True, False])
async def test_an_answer_that_was_being_sent_is_offered_by_the_next_process(
    workers: Workers, chat: PrivateChat, arrives: bool
) -> None:
    """Whether or not it has arrived: nobody can know."""
    stall = botapi.Stall(delivered=arrives)
    workers.api.fail("sendMessage", stall)
    process = await workers.start()
    question = await chat.say(chat.person, "How many steps?")
    await stall.reached()
    await workers.kill(process)
    process = await workers.start()
    if arrives:
        answer = await chat.reply(to=question)
        assert answer.text.startswith(told(question.text))
    notice = await chat.reply(to=question, timeout_seconds=PATIENCE_SECONDS)
    assert (notice.text, button_texts(notice)) == (texts.CONNECTION_BROKE, [texts.SHOW_ANSWER])
    await chat.tap(chat.person, notice, button=texts.SHOW_ANSWER)
    assert (await chat.edited(notice)).text.startswith(told(question.text))
    await chat.reply(to=await chat.say(chat.person, "How many stairs?"))
    await workers.end(process)
    assert len(chat.messages_of_bot) == 2 + arrives


async def test_a_notice_that_was_being_sent_is_sent_again_by_the_next_process(
    workers: Workers, chat: PrivateChat
) -> None:
    """Nobody can know whether it has arrived, and without it the question would be lost."""
    answer, notice = botapi.Stall(delivered=False), botapi.Stall(delivered=True)
    workers.api.fail("sendMessage", answer)
    workers.api.fail("sendMessage", notice)
    process = await workers.start()
    question = await chat.say(chat.person, "How many steps?")
    for stall in (answer, notice):
        await stall.reached()
        await workers.kill(process)
        process = await workers.start()
    for _ in range(2):
        said = await chat.reply(to=question, timeout_seconds=PATIENCE_SECONDS)
        assert said.text == texts.CONNECTION_BROKE
    await chat.reply(to=await chat.say(chat.person, "How many stairs?"))
    await workers.end(process)
    assert len(chat.messages_of_bot) == 3


# At any moment


async def ask_everything(
    chats: list[PrivateChat], each: int, words: str = "Question {number} of {name}?"
) -> dict[PrivateChat, list[Message]]:
    asked: dict[PrivateChat, list[Message]] = {chat: [] for chat in chats}
    for number in range(each):
        for chat in chats:
            question = words.format(number=number, name=chat.person.first_name)
            asked[chat].append(await chat.say(chat.person, question))
    return asked


async def until_sent(api: BotApi, count: int) -> None:
    """So many more."""
    for _ in range(count):
        await api.called("sendMessage", timeout_seconds=PATIENCE_SECONDS)


async def check(asked: dict[PrivateChat, list[Message]], *, kills: int, begins: Callable[[str], str] = told) -> None:
    """Each question has its answer once, or the notice that stands for it; in each chat they stand in order.

    The notice itself is sent again where a kill broke it off: nobody can know whether it arrived.
    """
    notices = 0
    for chat, questions in asked.items():
        for question in questions:
            await chat.reply(to=question, timeout_seconds=PATIENCE_SECONDS)
        for question in questions:
            said = [first_text(each) for each in chat.messages_of_bot if each.reply_to == question.id]
            answers = [each for each in said if each != texts.CONNECTION_BROKE]
            assert all(each.startswith(begins(question.text)) for each in answers), said
            assert len(answers) <= 1, f"answered twice: {question.text}"
            assert answers or said, f"lost: {question.text}"
            assert len(said) - len(answers) <= kills, said
            notices += len(said) - len(answers)
        order = [each.reply_to or 0 for each in chat.messages_of_bot]
        assert order == sorted(order), chat.person.first_name
    print(f"{sum(map(len, asked.values()))} questions, {kills} kills, {notices} notices")


async def test_killed_at_any_moment_the_bot_loses_nothing_and_says_nothing_twice(workers: Workers) -> None:
    chance, api = Random(SEED), workers.api
    chats = [api.private(api.user(f"Person{number}")) for number in range(12)]
    process = await workers.start()
    asked = await ask_everything(chats, 6)
    kills = 3
    for _ in range(kills):
        await until_sent(api, chance.randint(3, 15))
        await asyncio.sleep(chance.uniform(0, 0.2))
        await workers.kill(process)
        process = await workers.start()
    await check(asked, kills=kills)
    await workers.end(process)


# Two workers behind one address


async def test_of_two_workers_behind_one_address_one_may_die(tmp_path: Path, postgres_url: URL) -> None:
    """What each of them says a second it keeps to itself: the limits are not watched here."""
    balancer, api = Balancer(), BotApi(paced=False)
    async with balancer.balancing(), workers_at(api, folder=tmp_path, database=postgres_url) as workers:
        own = {"WEBHOOK_URL": balancer.url, "LISTEN_ON": "127.0.0.1"}
        one, other = [await workers.start("--webhook", PORT=str(port), **own) for port in balancer.ports]
        for _ in balancer.ports:
            await api.called("setWebhook", timeout_seconds=PATIENCE_SECONDS)
        chats = [api.private(api.user(f"Person{number}")) for number in range(50)]
        asked = await ask_everything(chats, 10)
        await until_sent(api, 200)
        await workers.kill(one)
        await check(asked, kills=1)
        await workers.end(other)
        assert not api.violations
        assert not api.calls_of("deleteWebhook")
