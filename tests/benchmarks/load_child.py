"""`citegram bot` as it is, which writes down how it fares: python -m tests.benchmarks.load_child FILE [--webhook]
[--profile]

Every few seconds a line of JSON is added to FILE: how many asyncio tasks there are, and the processor's seconds that
each kind of thread took. With --profile the loop's thread and those that answer are profiled, by the processor's
seconds, and FILE.profile tells at the end where they went.
"""

import argparse
import asyncio
import cProfile
import io
import json
import pstats
import re
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import psutil

from bot.logs import set_up_logging
from bot.process import keep_heaps_few
from bot.serving import hearing
from bot.telegram import app
from config import Settings, load_settings
from index.answering import Answerer
from index.wiring import build_answerer

EVERY_SECONDS = 2.0
THREADS = 6
"""What asyncio itself takes on two cores."""

SHOWN = 45
"""Functions in a profile."""


def main() -> None:
    keep_heaps_few()
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("--webhook", action="store_true")
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    settings = load_settings()
    set_up_logging(settings, "bot")
    with closing(build_answerer(settings)) as answerer:
        if options.profile:
            profiled(settings, answerer, options)
        else:
            asyncio.run(serve(settings, answerer, options))


async def serve(settings: Settings, answerer: Answerer, options: argparse.Namespace) -> None:
    noting = asyncio.create_task(note(options.file))
    await app.run(settings, answerer, hear=hearing(settings, webhook=options.webhook))
    noting.cancel()
    with suppress(asyncio.CancelledError):
        await noting


async def note(file: Path) -> None:
    while True:
        line = {"tasks": len(asyncio.all_tasks()), "threads": seconds_by_thread()}
        with file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(line) + "\n")
        await asyncio.sleep(EVERY_SECONDS)


def seconds_by_thread() -> dict[str, float]:
    """Those that are there, by kind; what Python did not start is the libraries' own."""
    names = {thread.native_id: kind(thread.name) for thread in threading.enumerate()}
    seconds: Counter[str] = Counter()
    for thread in psutil.Process().threads():
        seconds[names.get(thread.id, "native")] += thread.user_time + thread.system_time
    return dict(seconds)


def kind(name: str) -> str:
    """The name without numbers: `asyncio_3` and `asyncio_4` are of one kind."""
    return re.sub(r"[-_ ]?\d+.*", "", name) or name


def profiled(settings: Settings, answerer: Answerer, options: argparse.Namespace) -> None:
    """Each thread has a profile of its own."""
    answering: list[cProfile.Profile] = []

    def begin() -> None:
        answering.append(cProfile.Profile(time.thread_time))
        answering[-1].enable()

    async def serve_in_profiled_threads() -> None:
        executor = ThreadPoolExecutor(THREADS, "asyncio", initializer=begin)
        asyncio.get_running_loop().set_default_executor(executor)
        await serve(settings, answerer, options)

    loop = cProfile.Profile(time.thread_time)
    loop.runcall(asyncio.run, serve_in_profiled_threads())
    told = [f"the loop's thread\n{table([loop])}"]
    if answering:
        told.append(f"threads that answer\n{table(answering)}")
    options.file.with_suffix(".profile").write_text("\n".join(told), encoding="utf-8")


def table(profiles: list[cProfile.Profile]) -> str:
    written = io.StringIO()
    stats = pstats.Stats(profiles[0], stream=written)
    for other in profiles[1:]:
        stats.add(other)
    stats.sort_stats("tottime").print_stats(SHOWN)
    stats.sort_stats("cumulative").print_stats(SHOWN)
    return written.getvalue()


if __name__ == "__main__":
    main()
