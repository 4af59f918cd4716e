"""The parts of docker-compose.yml's profile "many" started as processes: its commands and surroundings, on loopback."""

import asyncio
import shlex
import signal
import subprocess
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.engine import URL

from tests.balancer import Balancer
from tests.botapi import BotApi
from tests.builders import plant
from tests.command_line import environment
from tests.postgres import free_port
from tests.test_containers import compose

pytestmark = pytest.mark.timeout(180)

SECONDS = 60
QUESTION = "What does a bicycle pay on the ferry?"


class Machine:
    """What the names of the file mean here."""

    def __init__(self, folder: Path, *, postgres: URL) -> None:
        self._services: dict[str, Any] = compose()["services"]
        self._folder = folder
        self._postgres = postgres
        self.chroma_port = free_port()
        plant(folder / "seeds")

    def command(self, name: str) -> list[str]:
        return [sys.executable, "-m", "bot", *self._services[name]["command"]]

    def surroundings(self, name: str, **here: str) -> dict[str, str]:
        told = self._services[name]["environment"]
        address = f"postgresql+asyncpg://citegram:${{POSTGRES_PASSWORD:-}}@postgres/{self.of_postgres('POSTGRES_DB')}"
        assert address == told["DATABASE_URL"]
        assert self.of_postgres("POSTGRES_USER") == "citegram"
        translated = {
            "DATA_DIR": str(self._folder / told["DATA_DIR"].strip("/")),
            "SEEDS_DIR": str(self._folder / told["SEEDS_DIR"].strip("/")),
            "LISTEN_ON": "127.0.0.1",
            "PORT": str(free_port()),
            "METRICS_PORT": str(free_port()),
            "CHROMA_URL": told["CHROMA_URL"].replace("chroma:8000", f"127.0.0.1:{self.chroma_port}"),
            "DATABASE_URL": self._postgres.render_as_string(hide_password=False),
        }
        assert translated.keys() == told.keys()
        return environment(translated | here)

    def of_postgres(self, variable: str) -> str:
        return str(self._services["postgres"]["environment"][variable])

    def release(self) -> None:
        subprocess.run(self.command("release"), env=self.surroundings("release"), cwd=self._folder, check=True)

    def healthy(self, name: str, surroundings: dict[str, str]) -> bool:
        """What the engine asks a container."""
        ported = self._services[name]["environment"]["METRICS_PORT"]
        test = [word.replace(f":{ported}/", f":{surroundings['METRICS_PORT']}/") for word in self._check(name)]
        return subprocess.run([sys.executable, *test[1:]], capture_output=True).returncode == 0

    def _check(self, name: str) -> list[str]:
        kind, program, *arguments = self._services[name]["healthcheck"]["test"]
        assert (kind, program) == ("CMD", "python")
        return [program, *arguments]

    def chroma(self) -> list[str]:
        here = {"0.0.0.0": "127.0.0.1", "8000": str(self.chroma_port), "/data": str(self._folder / "chroma")}
        words = self._services["chroma"]["command"]
        assert set(here) <= set(words), shlex.join(words)
        return [str(Path(sys.executable).parent / "chroma"), *(here.get(word, word) for word in words)]


@pytest.fixture
def machine(tmp_path: Path, postgres_url: URL) -> Iterator[Machine]:
    """With its servers of vectors and of rows running."""
    machine = Machine(tmp_path, postgres=postgres_url)
    with subprocess.Popen(
        machine.chroma(), cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as chroma:
        try:
            wait_for_chroma(machine.chroma_port, chroma)
            yield machine
        finally:
            chroma.terminate()


def wait_for_chroma(port: int, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + SECONDS
    while True:
        try:
            httpx.get(f"http://127.0.0.1:{port}/api/v2/heartbeat").raise_for_status()
            return
        except httpx.HTTPError:
            assert process.poll() is None
            assert time.monotonic() < end, "Chroma does not start"
            time.sleep(0.1)


@asynccontextmanager
async def running(command: list[str], surroundings: dict[str, str], folder: Path) -> AsyncIterator[Process]:
    """It must end in peace when it is told to, as `docker stop` does."""
    process = await asyncio.create_subprocess_exec(*command, env=surroundings, cwd=folder, stdout=PIPE, stderr=PIPE)
    try:
        yield process
        process.send_signal(signal.SIGTERM)
        _, errors = await asyncio.wait_for(process.communicate(), SECONDS)
        assert process.returncode == 0, errors.decode()
        assert "Traceback" not in errors.decode()
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def test_two_workers_with_their_servers_answer_and_one_goes_on_without_the_other(
    machine: Machine, tmp_path: Path
) -> None:
    await asyncio.to_thread(machine.release)
    balancer = Balancer()
    async with BotApi(paced=False) as api, balancer.balancing():
        own = {"TELEGRAM_BOT_TOKEN": api.token, "TELEGRAM_API_URL": api.url, "WEBHOOK_URL": balancer.url}
        one, other = (
            machine.surroundings(name, PORT=str(port), **own)
            for name, port in zip(("first", "second"), balancer.ports, strict=True)
        )
        chat = api.private(api.user("Alice"))

        async def ask() -> str:
            question = await chat.say(chat.person, QUESTION)
            return (await chat.reply(to=question, timeout_seconds=SECONDS)).text

        async with running(machine.command("second"), other, tmp_path):
            async with running(machine.command("first"), one, tmp_path):
                for _ in balancer.ports:
                    await api.called("setWebhook", timeout_seconds=SECONDS)
                for _ in range(2 * len(balancer.ports)):
                    assert (await ask()).startswith("free of charge\n\nA bicycle travels free of charge. [1]")
                for name, surroundings in (("first", one), ("second", other)):
                    assert await asyncio.to_thread(machine.healthy, name, surroundings)
            assert (await ask()).startswith("free of charge")
        assert not api.violations
        assert not api.calls_of("getUpdates")
    assert not (tmp_path / "data" / "bot.sqlite").exists()
    assert not list((tmp_path / "data").rglob("chroma.sqlite3"))
