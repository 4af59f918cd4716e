"""`citegram bot` with its index on a Chroma server that goes away, and two workers of which one does: no question is
lost, and nobody mends anything."""

import asyncio
import signal
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from index.chroma_server import Address, ChromaServer
from tests import chroma_server
from tests.botapi import BotApi, Message, PrivateChat
from tests.builders import FERRY, plant
from tests.chroma_server import Chroma
from tests.deployments import Deployment, OneWorker, TwoWorkers
from tests.test_bot_process import Bot, Processes, index
from tests.test_bot_process_database import AWAY_SECONDS
from tests.test_bot_process_killed import PATIENCE_SECONDS, ask_everything, check, until_sent

pytestmark = pytest.mark.timeout(180)

QUESTION = "When does the last crossing leave?"
ANSWER = "The last crossing leaves at nine in the evening. [1]"
MILL = "# The mill\n\nThe bell of the mill was cast by Jonas Bell in 1803.\n"
SETTINGS = {"READER": "off", "LOG_LEVEL": "INFO"}


@pytest.fixture
def own_chroma(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Chroma]:
    """One that a test may stop. It runs, holds one document, and every process knows it by its settings."""
    (tmp_path / "chroma").mkdir()
    with chroma_server.running(tmp_path / "chroma") as server:
        monkeypatch.setenv("CHROMA_URL", server.url)
        index(plant(tmp_path / "seeds", {"ferry.md": FERRY}), tmp_path / "writer")
        yield server


@asynccontextmanager
async def asked_at(folder: Path, deployment: Deployment) -> AsyncIterator[Processes]:
    """Their data folders are not the one from which the server was filled."""
    (folder / "data").mkdir()
    async with BotApi() as api:
        processes = Processes(api, data_dir=folder / "data", deployment=deployment, folder=folder)
        try:
            yield processes
            assert not api.violations
        finally:
            await processes.close()


def people(api: BotApi, count: int) -> list[PrivateChat]:
    return [api.private(api.user(f"Person {number}")) for number in range(count)]


async def answered(chat: PrivateChat) -> None:
    question = await chat.say(chat.person, QUESTION)
    reply = await chat.reply(to=question, timeout_seconds=PATIENCE_SECONDS)
    assert reply.text.startswith(ANSWER)


async def line_of(process: Process, said: str) -> str:
    assert process.stderr
    async with asyncio.timeout(PATIENCE_SECONDS):
        while line := (await process.stderr.readline()).decode():
            if said in line:
                return line
    raise AssertionError(f"never said: {said}")


async def test_a_bot_started_while_the_server_is_down_waits_and_then_answers(
    own_chroma: Chroma, tmp_path: Path
) -> None:
    own_chroma.stop()
    async with asked_at(tmp_path, OneWorker()) as processes:
        bot = await processes.start(**SETTINGS)
        line = await line_of(bot.processes[0], "Trying again in")
        assert "The Chroma server at" in line
        (chat,) = people(processes.api, 1)
        waiting = asyncio.create_task(answered(chat))
        await asyncio.to_thread(own_chroma.start)
        await waiting
        bot.send_signal(signal.SIGTERM)
        assert await processes.ended(bot) == (0, "")


async def test_questions_wait_while_the_server_is_stopped_and_while_it_is_silent(
    own_chroma: Chroma, tmp_path: Path
) -> None:
    async with asked_at(tmp_path, OneWorker()) as processes, processes.serving(**SETTINGS) as bot:
        (process,) = bot.processes
        chats = people(processes.api, 8)
        await answered(chats[0])
        own_chroma.stop()
        waiting = [asyncio.create_task(answered(each)) for each in chats]
        await line_of(process, "a question waits")
        await asyncio.to_thread(own_chroma.start)
        await asyncio.gather(*waiting)
        own_chroma.suspend()
        waiting = [asyncio.create_task(answered(each)) for each in chats]
        await line_of(process, "it is silent")
        own_chroma.resume()
        await asyncio.gather(*waiting)
        assert [len(each.messages_of_bot) for each in chats] == [3] + [2] * 7


async def test_two_workers_follow_a_switch_and_one_dies_in_the_middle_of_500_questions(
    own_chroma: Chroma, postgres_url: URL, tmp_path: Path
) -> None:
    old = chunks_on(own_chroma)
    async with asked_at(tmp_path, TwoWorkers(postgres_url)) as processes:
        api, bot = processes.api, await processes.begun(**SETTINGS)
        one, other = bot.processes
        chats = people(api, 50)
        asked = await ask_everything(chats, 5, QUESTION)
        seeds, writer = plant(tmp_path / "seeds", {"mill.md": MILL}), tmp_path / "writer"
        switching = asyncio.create_task(asyncio.to_thread(index, seeds, writer))
        while not switching.done():
            await until_sent(api, 40)
            add(asked, await ask_everything(chats, 1, QUESTION))
        await switching
        assert len(chunks_on(own_chroma)) == 1, "what nobody reads any more is gone when the sync ends"
        assert chunks_on(own_chroma) != old
        add(asked, await ask_everything(chats, 5, QUESTION))
        assert len(api.calls_of("sendMessage")) < sum(map(len, asked.values())), "nothing is being answered"
        one.kill()
        await check(asked, kills=1, begins=lambda question: ANSWER)
        (late,) = people(api, 1)
        question = await late.say(late.person, "Who cast the bell of the mill?")
        assert (await late.reply(to=question, timeout_seconds=PATIENCE_SECONDS)).text.startswith(
            "The bell of the mill was cast by Jonas Bell"
        )
        other.send_signal(signal.SIGTERM)
        assert await processes.ended(Bot((other,))) == (0, "")


async def test_two_workers_outlast_a_stop_of_the_server_under_load(
    own_chroma: Chroma, postgres_url: URL, tmp_path: Path
) -> None:
    """Nobody starts the workers again."""
    async with asked_at(tmp_path, TwoWorkers(postgres_url)) as processes:
        api, bot = processes.api, await processes.begun(**SETTINGS)
        asked = await ask_everything(people(api, 50), 4, QUESTION)
        await until_sent(api, 40)
        await asyncio.to_thread(own_chroma.stop)
        await asyncio.sleep(AWAY_SECONDS)
        assert len(api.calls_of("sendMessage")) < sum(map(len, asked.values())), "nobody waits"
        await asyncio.to_thread(own_chroma.start)
        await check(asked, kills=0, begins=lambda question: ANSWER)
        bot.send_signal(signal.SIGTERM)
        assert await processes.ended(bot) == (0, "")


def add(asked: dict[PrivateChat, list[Message]], more: dict[PrivateChat, list[Message]]) -> None:
    for chat, questions in more.items():
        asked[chat].extend(questions)


def chunks_on(chroma: Chroma) -> set[str]:
    """The collections with the chunks of a generation."""
    return {name for name in ChromaServer(Address(chroma.url)).named("citegram-") if name.endswith("-chunks")}
