"""`citegram bot` with its index on a Chroma server that goes away: no question is lost, and nobody mends anything."""

import asyncio
import os
import signal
import subprocess
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests import chroma_server
from tests.botapi import BotApi, PrivateChat
from tests.builders import FERRY, plant
from tests.chroma_server import Chroma

pytestmark = pytest.mark.timeout(180)

CITEGRAM = (sys.executable, "-m", "bot")
QUESTION = "When does the last crossing leave?"
ANSWER = "nine in the evening"
MILL = "# The mill\n\nThe bell of the mill was cast by Jonas Bell in 1803.\n"
PATIENCE_SECONDS = 90


@pytest.fixture
def own_chroma(tmp_path: Path) -> Iterator[Chroma]:
    """One that a test may stop. It runs."""
    (tmp_path / "chroma").mkdir()
    with chroma_server.running(tmp_path / "chroma") as server:
        yield server


class Bots:
    """Bots with a data folder each, one token each, and one index on a Chroma server."""

    def __init__(self, folder: Path, chroma: Chroma) -> None:
        self._folder = folder
        self._chroma = chroma
        self._started: list[Process] = []

    def index(self, texts: dict[str, str]) -> None:
        seeds = plant(self._folder / "seeds", texts)
        command = [*CITEGRAM, "index", "--seeds", str(seeds)]
        subprocess.run(command, env=self.environment("writer"), cwd=self._folder, check=True, capture_output=True)

    async def start(self, api: BotApi, name: str) -> Process:
        own = {"TELEGRAM_BOT_TOKEN": api.token, "TELEGRAM_API_URL": api.url}
        process = await asyncio.create_subprocess_exec(
            *CITEGRAM, "bot", env=self.environment(name) | own, cwd=self._folder, stdout=DEVNULL, stderr=PIPE
        )
        self._started.append(process)
        return process

    def environment(self, name: str) -> dict[str, str]:
        (self._folder / name).mkdir(exist_ok=True)
        own = {"DATA_DIR": str(self._folder / name), "CHROMA_URL": self._chroma.url, "READER": "off"}
        return os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | own

    async def end(self, process: Process) -> str:
        """What it logged. It ends in peace."""
        process.send_signal(signal.SIGTERM)
        _, written = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == 0, written.decode()
        assert "Traceback" not in written.decode(), written.decode()
        return written.decode()

    async def close(self) -> None:
        for process in self._started:
            if process.returncode is None:
                process.kill()
                await process.communicate()


@pytest.fixture
async def bots(tmp_path: Path, own_chroma: Chroma) -> AsyncIterator[Bots]:
    made = Bots(tmp_path, own_chroma)
    yield made
    await made.close()


@asynccontextmanager
async def asked_at() -> AsyncIterator[tuple[BotApi, PrivateChat]]:
    async with BotApi() as api:
        yield api, api.private(api.user("Alice"))
        assert not api.violations


async def answered(chat: PrivateChat, words: str = QUESTION, *, holds: str = ANSWER) -> None:
    question = await chat.say(chat.person, words)
    reply = await chat.reply(to=question, timeout_seconds=PATIENCE_SECONDS)
    assert holds in reply.text, reply.text


async def line_of(process: Process, said: str) -> str:
    assert process.stderr
    async with asyncio.timeout(PATIENCE_SECONDS):
        while line := (await process.stderr.readline()).decode():
            if said in line:
                return line
    raise AssertionError(f"never said: {said}")


async def test_a_bot_started_while_the_server_is_down_waits_and_then_answers(bots: Bots, own_chroma: Chroma) -> None:
    await asyncio.to_thread(bots.index, {"ferry.md": FERRY})
    own_chroma.stop()
    async with asked_at() as (api, chat):
        process = await bots.start(api, "worker")
        line = await line_of(process, "Trying again in")
        assert "The Chroma server at" in line
        question = await chat.say(chat.person, QUESTION)
        await asyncio.to_thread(own_chroma.start)
        reply = await chat.reply(to=question, timeout_seconds=PATIENCE_SECONDS)
        assert ANSWER in reply.text
        await bots.end(process)


async def test_questions_wait_while_the_server_is_stopped_and_while_it_is_silent(
    bots: Bots, own_chroma: Chroma
) -> None:
    await asyncio.to_thread(bots.index, {"ferry.md": FERRY})
    async with asked_at() as (api, chat):
        process = await bots.start(api, "worker")
        await answered(chat)
        own_chroma.stop()
        others = [api.private(api.user(f"Person {number}")) for number in range(8)]
        waiting = [asyncio.create_task(answered(each)) for each in others]
        await line_of(process, "a question waits")
        await asyncio.to_thread(own_chroma.start)
        await asyncio.gather(*waiting)
        own_chroma.suspend()
        waiting = [asyncio.create_task(answered(each)) for each in others]
        await line_of(process, "it is silent")
        own_chroma.resume()
        await asyncio.gather(*waiting)
        await bots.end(process)
        assert [len(each.messages_of_bot) for each in others] == [2] * len(others)


async def test_two_bots_follow_a_switch_under_load(bots: Bots) -> None:
    await asyncio.to_thread(bots.index, {"ferry.md": FERRY})
    async with asked_at() as (one, chat), asked_at() as (other, another):
        processes = [await bots.start(one, "one"), await bots.start(other, "other")]
        over = asyncio.Event()

        async def ask_on(chat: PrivateChat) -> None:
            while not over.is_set():
                await answered(chat)

        asking = [asyncio.create_task(ask_on(each)) for each in (chat, another)]
        await asyncio.to_thread(bots.index, {"mill.md": MILL})
        for api in (one, other):
            await knows_the_mill(api.private(api.user("Bob")))
        over.set()
        await asyncio.gather(*asking)
        for process in processes:
            assert "fetched generation" in await bots.end(process)


async def knows_the_mill(chat: PrivateChat) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            question = await chat.say(chat.person, "Who cast the bell of the mill?")
            reply = await chat.reply(to=question, timeout_seconds=PATIENCE_SECONDS)
            if "Jonas Bell" in reply.text:
                return
