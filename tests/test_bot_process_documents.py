"""Documents through the chat of a bot that is a process of its own, with the real model and a real index."""

import asyncio
import shutil
import signal
from pathlib import Path

import pytest

from bot import texts
from tests.botapi import Message, PrivateChat
from tests.builders import plant
from tests.scripted import TEXTS
from tests.test_bot_process import Bot, Processes, chat, indexed, processes

__all__ = ["chat", "indexed", "processes"]

pytestmark = pytest.mark.timeout(120)

MILL = "# The mill\n\nThe bell of the mill was cast by Jonas Bell in 1803.\n"
QUESTION = "Who cast the bell of the mill?"
SECONDS = 40


class Owner:
    """Alice, an admin, and a bot with a folder of documents."""

    def __init__(self, processes: Processes, chat: PrivateChat, folder: Path) -> None:
        self.chat = chat
        self.seeds, self.data = folder / "seeds", folder / "data"
        self._processes = processes

    async def start(self, **environment: str) -> Bot:
        admins = {"ADMINS": str(self.chat.person.id), "SEEDS_DIR": str(self.seeds), "DATA_DIR": str(self.data)}
        return await self._processes.begun(**admins, **environment)

    async def end(self, process: Bot) -> None:
        process.send_signal(signal.SIGTERM)
        assert await self._processes.ended(process) == (0, "")
        violations = self._processes.api.violations
        assert not [each for each in violations if not each.endswith("exceeded")]  # a busy machine is no even clock

    async def send(self, name: str, content: bytes) -> Message:
        return await self.chat.document(self.chat.person, name, content)

    async def told(self, text: str) -> str:
        asked = await self.chat.say(self.chat.person, text)
        return (await self.chat.reply(to=asked, timeout_seconds=SECONDS)).text

    async def report(self, asked: Message) -> str:
        message = await self.chat.reply(to=asked, timeout_seconds=SECONDS)
        while " …" in message.text:
            message = await self.chat.edited(message, timeout_seconds=SECONDS)
        return message.text


@pytest.fixture
def owner(indexed: Path, processes: Processes, chat: PrivateChat, tmp_path: Path) -> Owner:
    owner = Owner(processes, chat, tmp_path)
    shutil.copytree(indexed, owner.data)
    plant(owner.seeds, TEXTS)
    return owner


@pytest.mark.parametrize("watch", ["off", "on"])
async def test_a_document_is_sent_answered_from_and_forgotten(owner: Owner, watch: str) -> None:
    """Also where the bot watches the folder, and may have indexed the file before it is asked to."""
    process = await owner.start(WATCH_SEEDS=watch)
    assert "Jonas Bell" not in await owner.told(QUESTION)
    report = await owner.report(await owner.send("the mill.md", MILL.encode()))
    assert report.startswith("Added\n• inbox/the mill.md\n\nDocuments: 3, passages: ")
    answer = await owner.chat.reply(to=await owner.chat.say(owner.chat.person, QUESTION))
    assert answer.text.startswith("Jonas Bell\n\nThe bell of the mill was cast by Jonas Bell in 1803. [1]")
    await owner.chat.tap(owner.chat.person, answer, button="1")
    assert (await owner.chat.edited(answer)).text.startswith("[1] The mill\ninbox/the mill.md")
    forgotten = await owner.report(await owner.chat.say(owner.chat.person, "/forget mill"))
    assert forgotten.startswith("I have forgotten inbox/the mill.md.\n\nDocuments: 2, ")
    assert (await owner.told(QUESTION)).startswith(texts.DOCUMENTS_SILENT)
    assert (await owner.told("/sources")).startswith("I answer from 2 documents:\n")
    await owner.end(process)


async def test_a_damaged_file_is_refused_and_leaves_nothing_behind(owner: Owner) -> None:
    process = await owner.start()
    report = await owner.report(await owner.send("timetable.pdf", b"%PDF-1.7 and nothing else"))
    assert report.startswith("Not taken\n• inbox/timetable.pdf: ")
    assert not list((owner.seeds / "inbox").iterdir())
    assert (await owner.told("/status")).startswith("Documents: 2\n")
    await owner.end(process)


async def test_a_stop_does_not_wait_for_a_sync(owner: Owner) -> None:
    """And the next start goes on with what was sent."""
    process = await owner.start()
    many = "".join(f"# Note {number}\n\nNote {number} says {number * number}.\n\n" for number in range(800))
    message = await owner.chat.reply(to=await owner.send("notes.md", many.encode()), timeout_seconds=SECONDS)
    async with asyncio.timeout(15):
        await owner.end(process)
    assert owner.chat.latest(message).text.startswith("The index stays as it was: The bot was stopped")
    (owner.seeds / "inbox" / "notes.md").write_text(MILL)
    process = await owner.start()
    rebuilt = await owner.report(await owner.chat.say(owner.chat.person, "/rebuild"))
    assert rebuilt.startswith("Added\n• inbox/notes.md\n\nDocuments: 3, ")
    await owner.end(process)
