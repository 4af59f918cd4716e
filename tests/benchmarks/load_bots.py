"""The bots of load.py, each a process of its own: started, shared calls among them, watched from outside, ended."""

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import aiohttp
import psutil
from aiohttp import web

from bot.telegram.webhook import SECRET_HEADER
from tests.benchmarks.load_report import Sample
from tests.botapi import BotApi
from tests.command_line import environment
from tests.postgres import free_port

MEBIBYTE = 1 << 20
START_SECONDS = 120.0
END_SECONDS = 60.0
OF_INTEREST = (" WARNING ", " ERROR ", "Traceback")


@dataclass(frozen=True, slots=True)
class Worker:
    """`notes` is what it writes of itself, `log` its stderr."""

    process: Process
    notes: Path
    log: Path

    def last_note(self) -> dict[str, object]:
        """Nothing before the first."""
        lines = self.notes.read_text(encoding="utf-8").splitlines() if self.notes.exists() else []
        with contextlib.suppress(IndexError, ValueError):
            note: dict[str, object] = json.loads(lines[-1])
            return note
        return {}


class Bots:
    """`folder` is for what they write; `database` is SQLite's file, if that is where their state is."""

    def __init__(self, workers: Sequence[Worker], *, database: Path | None) -> None:
        self._workers = workers
        self._database = database

    def sample(self, at: float) -> Sample:
        """Children count with their parents."""
        processes = [psutil.Process(worker.process.pid) for worker in self._workers]
        processes += [child for process in processes for child in process.children(recursive=True)]
        return Sample(
            at=at,
            memory=sum(process.memory_info().rss for process in processes) / MEBIBYTE,
            handles=sum(process.num_fds() for process in processes),
            threads=sum(process.num_threads() for process in processes),
            tasks=sum(int(str(worker.last_note().get("tasks", 0))) for worker in self._workers),
            database=size_of(self._database) / MEBIBYTE if self._database else 0.0,
        )

    def seconds_by_thread(self) -> Counter[str]:
        """Of the processor, since they started, by kind of thread; those that have ended count with none."""
        seconds: Counter[str] = Counter()
        for worker in self._workers:
            told = worker.last_note().get("threads")
            seconds.update(told if isinstance(told, dict) else {})
        for worker in self._workers:
            times = psutil.Process(worker.process.pid).cpu_times()
            seconds["the bot, all together"] += times.user + times.system
        return seconds

    @property
    def complaints(self) -> int:
        """Lines of the logs that warn."""
        logs = [worker.log.read_text(encoding="utf-8") for worker in self._workers]
        return sum(any(mark in line for mark in OF_INTEREST) for log in logs for line in log.splitlines())


def size_of(database: Path) -> int:
    """With what SQLite keeps beside it."""
    return sum(path.stat().st_size for path in database.parent.glob(f"{database.name}*"))


@contextlib.asynccontextmanager
async def running(
    api: BotApi, *, settings: Mapping[str, str], folder: Path, workers: int, webhook: bool, profile: bool
) -> AsyncIterator[Bots]:
    """They hear by polling, of which there can be one, or are called in turn."""
    ports = [free_port() for _ in range(workers)] if webhook else []
    async with contextlib.AsyncExitStack() as closing:
        own = {"TELEGRAM_BOT_TOKEN": api.token, "TELEGRAM_API_URL": api.url, "LISTEN_ON": "127.0.0.1"}
        if webhook:
            own["WEBHOOK_URL"] = await closing.enter_async_context(sharing(ports))
        started = []
        for number in range(workers):
            port = {"PORT": str(ports[number])} if webhook else {}
            worker = await start({**settings, **own, **port}, folder, number, webhook=webhook, profile=profile)
            closing.push_async_callback(end, worker)
            started.append(worker)
        for _ in started:
            await api.called("setWebhook" if webhook else "getUpdates", timeout_seconds=START_SECONDS)
        yield Bots(started, database=None if "DATABASE_URL" in settings else Path(settings["DATA_DIR"], "bot.sqlite"))


async def start(settings: Mapping[str, str], folder: Path, number: int, *, webhook: bool, profile: bool) -> Worker:
    notes, log = folder / f"worker-{number}.jsonl", folder / f"worker-{number}.log"
    chosen = [*(["--webhook"] if webhook else []), *(["--profile"] if profile else [])]
    command = (sys.executable, "-m", "tests.benchmarks.load_child", str(notes), *chosen)
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *command, env=environment(settings), cwd=folder, stdout=errors, stderr=errors
        )
    return Worker(process, notes, log)


async def end(worker: Worker) -> None:
    with contextlib.suppress(ProcessLookupError):
        worker.process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(worker.process.wait(), END_SECONDS)
    except TimeoutError:
        worker.process.kill()
        await worker.process.wait()


@contextlib.asynccontextmanager
async def sharing(ports: Sequence[int]) -> AsyncIterator[str]:
    """The address of a server that passes each call on to the next of them."""
    order = cycle(ports)

    async def pass_on(request: web.Request) -> web.Response:
        secret = {SECRET_HEADER: request.headers.get(SECRET_HEADER, "")}
        address = f"http://127.0.0.1:{next(order)}/hook"
        try:
            async with session.post(address, data=await request.read(), headers=secret) as response:
                return web.Response(status=response.status)
        except aiohttp.ClientError:
            return web.Response(status=502)

    application = web.Application()
    application.router.add_post("/hook", pass_on)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(30)) as session:
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        finally:
            await runner.cleanup()


@contextlib.asynccontextmanager
async def watched(bots: Bots, *, every_seconds: float) -> AsyncIterator[list[Sample]]:
    """Samples from now to the end of the block, and one at its end."""
    samples: list[Sample] = []
    begun = time.monotonic()

    async def watch() -> None:
        while True:
            samples.append(bots.sample(time.monotonic() - begun))
            await asyncio.sleep(every_seconds)

    watching = asyncio.create_task(watch())
    try:
        yield samples
        samples.append(bots.sample(time.monotonic() - begun))
    finally:
        watching.cancel()


def own_seconds() -> float:
    times = os.times()
    return times.user + times.system
