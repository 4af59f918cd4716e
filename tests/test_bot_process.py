"""`citegram bot` as a process of its own, with a real index: how it starts, how it stops, what it leaves behind."""

import asyncio
import os
import shutil
import signal
import subprocess
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from watchfiles import awatch

from bot import owner_texts, texts
from bot.database import default_url
from bot.evaluation.questions import read_questions
from bot.feedback import EXPECTED
from index.generations import CURRENT
from tests import botapi
from tests.balancer import Balancer
from tests.botapi import BotApi, PrivateChat
from tests.builders import plant
from tests.command_line import CITEGRAM, citegram
from tests.deployments import Deployment
from tests.scripted import FIRST_LIT, TEXTS

pytestmark = pytest.mark.timeout(90)

MILL = "# The mill\n\nThe bell of the mill was cast by Jonas Bell in 1803.\n"
QUESTION = "When was the lamp lit for the first time?"


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the index of the two documents."""
    data = tmp_path_factory.mktemp("data")
    index(plant(tmp_path_factory.mktemp("seeds"), TEXTS), data)
    return data


def index(seeds: Path, data: Path) -> None:
    """On the Chroma server, where the surroundings name one."""
    subprocess.run([*CITEGRAM, "index", "--seeds", seeds, "--data", data], cwd=seeds, check=True, capture_output=True)


@dataclass(frozen=True, slots=True)
class Bot:
    """One process, or the workers behind one address."""

    processes: tuple[Process, ...]

    def send_signal(self, number: signal.Signals) -> None:
        for process in self.processes:
            process.send_signal(number)


class Processes:
    """Starts bots against a server, all with one memory, and sees to their end."""

    def __init__(self, api: BotApi, *, data_dir: Path, deployment: Deployment, folder: Path) -> None:
        self.api = api
        self.database = deployment.database or default_url(folder)
        self._data_dir = data_dir
        self._folder = folder
        self._deployment = deployment
        self._started: list[Process] = []
        self._balancers = AsyncExitStack()

    async def start(self, **environment: str) -> Bot:
        if self._deployment.workers == 1:
            return Bot((await self._start("bot", **environment),))
        self.api.paced = False  # each keeps to the limits by itself
        balancer = Balancer(self._deployment.workers)
        await self._balancers.enter_async_context(balancer.balancing())
        called = environment | {"WEBHOOK_URL": balancer.url, "LISTEN_ON": "127.0.0.1"}
        own = [
            called | {"PORT": str(port), "DATA_DIR": str(data)}
            for port, data in zip(balancer.ports, self._own_folders, strict=True)
        ]
        return Bot(tuple([await self._start("bot", "--webhook", **each) for each in own]))

    async def _start(self, *arguments: str, **environment: str) -> Process:
        own = {
            "TELEGRAM_BOT_TOKEN": self.api.token,
            "TELEGRAM_API_URL": self.api.url,
            "DATA_DIR": str(self._data_dir),
            "DATABASE_URL": self.database.render_as_string(hide_password=False),
            "LOG_LEVEL": "DEBUG",
        }
        process = await asyncio.create_subprocess_exec(
            *CITEGRAM, *arguments, env=os.environ | own | environment, cwd=self._data_dir, stdout=PIPE, stderr=PIPE
        )
        self._started.append(process)
        return process

    @asynccontextmanager
    async def serving(self, **environment: str) -> AsyncIterator[Bot]:
        """A bot that runs, and that has ended in peace afterwards."""
        bot = await self.begun(**environment)
        yield bot
        bot.send_signal(signal.SIGTERM)
        assert await self.ended(bot) == (0, "")

    async def begun(self, **environment: str) -> Bot:
        """A bot that hears Telegram."""
        bot = await self.start(**environment)
        for _ in bot.processes:
            await self.api.called(self._deployment.entering, timeout_seconds=60)
        return bot

    async def ended(self, bot: Bot) -> tuple[int | None, str]:
        """The exit status, and the sentence on the way out, of all workers the same."""
        (outcome,) = set(await asyncio.gather(*map(self._ended, bot.processes)))
        return outcome

    async def _ended(self, process: Process) -> tuple[int | None, str]:
        """The token stands nowhere, not even in a log at DEBUG."""
        _, written = await asyncio.wait_for(process.communicate(), 40)
        errors = written.decode()
        assert "Traceback" not in errors
        assert not [secret for secret in (self.api.token.partition(":")[2], "WRONG-TOKEN") if secret in errors]
        sentences = [line for line in errors.splitlines() if line.startswith("citegram: ")]
        return process.returncode, "\n".join(sentences).removeprefix("citegram: ")

    @asynccontextmanager
    async def switching(self, data: Path) -> AsyncIterator[None]:
        """At the end of the block a bot that was started with this data folder has another generation."""
        one = self._deployment.workers == 1
        folders = [data / "index"] if one else [own / "shared" for own in self._own_folders]
        before = {folder / CURRENT: (folder / CURRENT).read_text() for folder in folders}
        yield
        for pointer, text in before.items():
            await changed(pointer, text)

    @property
    def _own_folders(self) -> list[Path]:
        """The data folders of workers that share an index on a server, as on several machines."""
        return [self._folder / f"worker-{number + 1}" for number in range(self._deployment.workers)]

    async def close(self) -> None:
        for process in self._started:
            if process.returncode is None:
                process.kill()
                await process.communicate()
        await self._balancers.aclose()


@pytest.fixture
async def processes(indexed: Path, tmp_path: Path, deployment: Deployment) -> AsyncIterator[Processes]:
    if deployment.workers > 1:
        index(plant(tmp_path / "indexed", TEXTS), tmp_path / "writer")
    async with BotApi() as api:
        processes = Processes(api, data_dir=indexed, deployment=deployment, folder=tmp_path)
        yield processes
        await processes.close()


@pytest.fixture
def chat(processes: Processes) -> PrivateChat:
    return processes.api.private(processes.api.user("Alice"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_reply_that_is_being_sent_when_the_end_is_near_still_arrives(
    processes: Processes, chat: PrivateChat, number: signal.Signals
) -> None:
    stall = botapi.Stall()
    processes.api.fail("sendMessage", stall)
    process = await processes.start()
    question = await chat.say(chat.person, QUESTION)
    await stall.reached()
    process.send_signal(number)
    process.send_signal(number)
    stall.release()
    assert (await chat.reply(to=question)).text.startswith("1871\n\n")
    assert await processes.ended(process) == (0, "")
    assert len(chat.messages_of_bot) == 1
    assert not processes.api.violations


async def test_buttons_work_after_a_restart_and_a_topic_keeps_its_replies(processes: Processes) -> None:
    alice = processes.api.user("Alice")
    forum = processes.api.forum("Harbour", members=[alice])
    topic = await forum.topic("Talk")
    async with processes.serving():
        await forum.say(alice, "Just talking.", topic=topic)
        answer = await forum.reply(to=await forum.say(alice, f"/ask {QUESTION}", topic=topic))
    async with processes.serving():
        await forum.tap(alice, answer, button="1")
        opened = await forum.reply(to=answer)
    assert opened.formatted("bold")[-1].endswith(FIRST_LIT)
    assert opened.thread_id == topic.id
    assert len(forum.messages_of_bot) == 3  # the topic's starter, the answer, and the citation
    assert not processes.api.violations


@pytest.mark.two_workers
async def test_a_topic_answered_always_stays_so_after_a_restart_and_any_chat_is_offered_answers(
    processes: Processes,
) -> None:
    api = processes.api
    alice = api.user("Alice")
    forum = api.forum("Harbour", members=[alice], bot_is_administrator=True)
    forum.promote(alice)
    topic = await forum.topic("Questions", by=alice)
    async with processes.serving():
        shown = await forum.reply(to=await forum.say(alice, "/mode", topic=topic))
        await forum.tap(alice, shown, button=texts.MODE_ALWAYS)
    async with processes.serving():
        await forum.say(alice, "We had soup for lunch yesterday.", topic=topic)
        await forum.say(alice, QUESTION)
        answer = await forum.reply(to=await forum.say(alice, QUESTION, topic=topic))
        offered = await api.inline(alice, QUESTION)
    assert answer.text.startswith("1871")
    assert answer.thread_id == topic.id
    assert len(forum.messages_of_bot) == 2
    assert offered.articles[0].title == "1871"
    assert FIRST_LIT in offered.articles[0].text
    assert not api.violations


async def test_without_a_token(processes: Processes) -> None:
    assert await processes.ended(await processes.start(TELEGRAM_BOT_TOKEN="")) == (2, owner_texts.NO_TOKEN)


async def test_with_a_refused_token(processes: Processes) -> None:
    refused = await processes.start(TELEGRAM_BOT_TOKEN="123456:WRONG-TOKEN")
    assert await processes.ended(refused) == (1, owner_texts.TOKEN_REFUSED)


@pytest.mark.one_worker("two that ask Telegram")
async def test_beside_another_poller(processes: Processes, chat: PrivateChat) -> None:
    async with processes.serving():
        await chat.reply(to=await chat.say(chat.person, QUESTION))
        assert await processes.ended(await processes.start()) == (1, owner_texts.ANOTHER_POLLER)
        await chat.reply(to=await chat.say(chat.person, QUESTION))


@pytest.mark.one_worker("it damages the file of SQLite's")
async def test_with_a_damaged_database(processes: Processes, tmp_path: Path) -> None:
    (tmp_path / "bot.sqlite").write_bytes(b"not a database " * 1000)
    status, sentence = await processes.ended(await processes.start())
    assert status == 1
    assert sentence.endswith("move it away and start again.")
    assert "\n" not in sentence


async def test_with_watch_seeds_a_new_document_is_answered_from_without_a_restart(
    indexed: Path, processes: Processes, chat: PrivateChat, tmp_path: Path
) -> None:
    seeds, data = plant(tmp_path / "seeds", TEXTS), tmp_path / "data"
    shutil.copytree(indexed, data)
    process = await processes.start(WATCH_SEEDS="on", SEEDS_DIR=str(seeds), DATA_DIR=str(data))
    question = "Who cast the bell of the mill?"
    first = await chat.reply(to=await chat.say(chat.person, question), timeout_seconds=40)
    assert "Jonas Bell" not in first.text
    async with processes.switching(data):
        (seeds / "mill.md").write_text(MILL)
    answer = await chat.reply(to=await chat.say(chat.person, question))
    assert answer.text.startswith("Jonas Bell\n\nThe bell of the mill was cast by Jonas Bell in 1803. [1]")
    process.send_signal(signal.SIGTERM)
    assert await processes.ended(process) == (0, "")


async def test_what_a_watched_question_misses_is_told_at_the_next_start(
    indexed: Path, processes: Processes, chat: PrivateChat, tmp_path: Path
) -> None:
    seeds, data = plant(tmp_path / "seeds", TEXTS | {"mill.md": MILL}), tmp_path / "data"
    shutil.copytree(indexed, data)

    @asynccontextmanager
    async def serving() -> AsyncIterator[None]:
        process = await processes.start(DATA_DIR=str(data))
        yield
        process.send_signal(signal.SIGTERM)
        assert await processes.ended(process) == (0, "")

    async with serving():
        asked = await chat.say(chat.person, "/watch Who cast the bell of the mill?")
        assert "Jonas Bell" not in (await chat.reply(to=asked)).text
    assert citegram("index", "--seeds", seeds, "--data", data, settings={}).status == 0
    async with serving():
        news = await chat.reply(to=asked, timeout_seconds=40)
        assert news.text.startswith(f"{texts.NEWS}\nWho cast the bell of the mill?\n\nNew: [1]\n\nJonas Bell\n\n")
        greeting = await chat.reply(to=await chat.start())
        await chat.tap(chat.person, greeting, button=texts.ASK_EXAMPLE)
        assert " [1]" in (await chat.reply(to=greeting)).text
    async with serving():
        await chat.reply(to=await chat.say(chat.person, QUESTION))
    assert sum(message.text.startswith(texts.NEWS) for message in chat.messages_of_bot) == 1


async def test_votes_become_a_question_file(processes: Processes, chat: PrivateChat, tmp_path: Path) -> None:
    alice = processes.api.user("Alice")
    group = processes.api.group("Harbour", members=[alice])
    async with processes.serving():
        good = await chat.reply(to=await chat.say(chat.person, QUESTION))
        await chat.tap(chat.person, good, button=texts.THUMBS_UP)
        bad = await group.reply(to=await group.say(alice, f"@{processes.api.bot.username} Who cast the bell?"))
        await group.tap(alice, bad, button=texts.THUMBS_DOWN)
    file, settings = tmp_path / "votes.jsonl", {"DATABASE_URL": processes.database.render_as_string(False)}
    ended = citegram("feedback", "--export", file, settings=settings)
    assert (ended.status, ended.errors) == (0, "")
    assert ended.output.startswith("2 votes: 1 good, 1 bad (1 without a reason)\n2 questions are in ")
    first, second = read_questions(file)
    assert (first.text, first.answers, first.answerable) == (QUESTION, ("1871",), True)
    assert first.evidence[0].endswith(FIRST_LIT)
    assert (second.text, second.answers) == ("Who cast the bell?", (EXPECTED,))
    assert citegram("feedback", "--export", tmp_path / "no" / "votes.jsonl", settings=settings).status == 1


async def changed(file: Path, before: str) -> None:
    """Waits until the file says something else."""
    async with asyncio.timeout(40):
        async for _ in awatch(file.parent, recursive=False, rust_timeout=500, yield_on_timeout=True):
            if file.read_text() != before:
                return
