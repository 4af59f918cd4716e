"""The Procfile as a process manager runs it: honcho starts each line, and `python` is whatever stands first in PATH."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.console import sentences
from bot.database import default_url
from bot.mailbox import updates
from tests.botapi import BotApi
from tests.builders import plant
from tests.command_line import ROOT, environment
from tests.databases import ask
from tests.postgres import free_port

pytestmark = pytest.mark.timeout(90)

TIMEOUT_SECONDS = 40
HONCHO = (sys.executable, "-m", "honcho", "--no-prefix", "--no-colour", "--procfile", str(ROOT / "Procfile"))


class Manager:
    """Runs lines of the Procfile in the project's folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: list[Process] = []

    async def run(self, *arguments: str, **settings: str) -> Process:
        """`honcho run` or `honcho start`; the process leads a group of its own."""
        own = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "SEEDS_DIR": str(self._folder / "seeds"),
            "DATA_DIR": str(self._folder / "data"),
        }
        command, *rest = arguments
        process = await asyncio.create_subprocess_exec(
            *HONCHO, "--env", os.devnull, "--app-root", str(ROOT), command, *rest,
            env=environment(own | settings), stdin=asyncio.subprocess.DEVNULL, stdout=PIPE, stderr=STDOUT,
            start_new_session=True,
        )  # fmt: skip
        self._started.append(process)
        return process

    async def ended(self, process: Process) -> tuple[int | None, str]:
        output, _ = await asyncio.wait_for(process.communicate(), TIMEOUT_SECONDS)
        return process.returncode, output.decode()

    async def close(self) -> None:
        for process in self._started:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                await process.communicate()


@pytest.fixture
async def manager(tmp_path: Path) -> AsyncIterator[Manager]:
    plant(tmp_path / "seeds")
    manager = Manager(tmp_path)
    yield manager
    await manager.close()


def lines() -> dict[str, str]:
    text = (ROOT / "Procfile").read_text(encoding="utf-8")
    return dict(line.split(": ", 1) for line in text.splitlines() if line and not line.startswith("#"))


def test_the_lines() -> None:
    """Without `exec` a shell stands between, which dies of the signal before the bot has finished."""
    assert lines() == {
        "release": "python -m bot index && python -m bot migrate",
        "worker": "exec python -m bot bot",
        "web": "exec python -m bot bot --webhook",
    }


async def test_release_indexes_and_worker_answers_until_it_is_told_to_stop(manager: Manager, tmp_path: Path) -> None:
    status, output = await manager.ended(await manager.run("start", "release"))
    assert status == 0, output
    assert "3 added, 0 updated, 0 removed, 0 unchanged" in output
    assert sentences.MIGRATED in output
    assert ask(default_url(tmp_path / "data"), select(func.count()).select_from(updates)) == [(0,)]
    async with BotApi() as api:
        worker = await manager.run("start", "worker", TELEGRAM_BOT_TOKEN=api.token, TELEGRAM_API_URL=api.url)
        chat = api.private(api.user("Alice"))
        reply = await chat.reply(to=await chat.say(chat.person, "What does a bicycle pay on the ferry?"))
        assert reply.text.startswith("free of charge\n\nA bicycle travels free of charge. [1]")
        worker.send_signal(signal.SIGTERM)
        status, output = await manager.ended(worker)
        assert "Traceback" not in output
        assert "worker.1 stopped (rc=0)" in output, output
        assert not api.violations


async def test_web_is_called_at_the_port_that_it_is_given(manager: Manager) -> None:
    await manager.ended(await manager.run("start", "release"))
    port = free_port()
    async with BotApi() as api:
        url = f"http://127.0.0.1:{port}/hook"
        settings = {"TELEGRAM_BOT_TOKEN": api.token, "TELEGRAM_API_URL": api.url, "WEBHOOK_URL": url}
        web = await manager.run("start", "web", PORT=str(port), **settings)
        await api.called("setWebhook", url=url)
        chat = api.private(api.user("Alice"))
        reply = await chat.reply(to=await chat.say(chat.person, "What does a bicycle pay on the ferry?"))
        assert "A bicycle travels free of charge. [1]" in reply.text
        assert not api.calls_of("getUpdates")
        web.send_signal(signal.SIGTERM)
        _, output = await manager.ended(web)
        assert "Traceback" not in output
        assert not api.violations
        assert "web.1 stopped (rc=0)" in output, output


async def test_release_fails_where_there_is_nothing_to_index(manager: Manager, tmp_path: Path) -> None:
    status, output = await manager.ended(await manager.run("start", "release", SEEDS_DIR=str(tmp_path / "missing")))
    assert status == 1
    assert "does not exist" in output
    assert sentences.MIGRATED not in output
