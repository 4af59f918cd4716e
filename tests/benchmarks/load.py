"""How the bot bears up under many chats: latency by load, and over a long run latency, memory, handles and tasks.

    .venv/bin/python -m tests.benchmarks.load DOCUMENTS QUESTIONS.jsonl [--chats 500] [--questions 20000]
        [--at-once 32] [--load 1,2,5,10,20,40] [--load-seconds 30] [--reader on|off]
        [--plot docs/load.svg] [--write docs/performance.md] [--webhook] [--workers 1] [--postgres] [--profile FILE]

The bot is a process of its own (load_child.py), with its real index, models and database; Telegram is the server of
the tests, in this process, which watches the pace that Telegram allows: 30 messages a second, one a second in a chat.
Several workers keep to it each by itself, so there it is not watched.

First questions come at each --load a second, at random moments, whether or not those before are answered. Then all
--questions are asked as fast as the bot answers, --at-once under way at a time, each chat's next after its answer.
A latency is from the moment the server has the question to the moment it has the answer. Prints Markdown.
"""

import argparse
import asyncio
import contextlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from bot.questions import read_questions
from tests import postgres
from tests.benchmarks.load_bots import Bots, own_seconds, running, watched
from tests.benchmarks.load_chats import Chats
from tests.benchmarks.load_report import Run, Step, markdown, plot, put_into
from tests.botapi import BotApi
from tests.command_line import CITEGRAM, environment

SAMPLE_SECONDS = 5.0

PACE = "exceeded"
"""What the server says of a message that comes sooner than Telegram's pace allows."""

WARM_UP = 20
"""Questions before anything is measured."""


def main() -> None:
    options = parsed()
    with tempfile.TemporaryDirectory() as scratch, database_of(options) as database:
        folder = Path(scratch)
        settings = {
            "SEEDS_DIR": str(options.documents.resolve()),
            "DATA_DIR": str(folder / "data"),
            "READER": options.reader,
        }
        subprocess.run([*CITEGRAM, "index"], env=environment(settings), cwd=folder, check=True, stdout=sys.stderr)
        run = asyncio.run(measured(options, {**settings, **database}, folder))
        if options.profile:
            for profile in sorted(folder.glob("*.profile")):
                shutil.copy(profile, options.profile)
    print(markdown(run))
    if options.write:
        options.write.write_text(put_into(options.write.read_text(encoding="utf-8"), markdown(run)), encoding="utf-8")
    if options.plot:
        options.plot.write_text(plot(run), encoding="utf-8")


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", type=Path)
    parser.add_argument("questions_file", metavar="QUESTIONS.jsonl", type=Path)
    parser.add_argument("--chats", type=int, default=500)
    parser.add_argument("--questions", type=int, default=20_000)
    parser.add_argument("--at-once", type=int, default=32)
    parser.add_argument("--load", type=lambda text: [float(part) for part in text.split(",") if part], default="")
    parser.add_argument("--load-seconds", type=float, default=30.0)
    parser.add_argument("--reader", choices=("on", "off"), default="on")
    parser.add_argument("--webhook", action="store_true")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--postgres", action="store_true", help="the state is in a Postgres that is started for this")
    parser.add_argument("--plot", type=Path, help="where the plot goes, as SVG")
    parser.add_argument("--write", type=Path, help="a page in which the Markdown goes between the marks")
    parser.add_argument("--profile", type=Path, help="where the bot's profile goes; the bot is slower by it")
    options = parser.parse_args()
    if options.workers > 1 and not options.webhook:
        parser.error("several workers need --webhook")
    return options


@contextlib.contextmanager
def database_of(options: argparse.Namespace) -> Iterator[Mapping[str, str]]:
    if not options.postgres:
        yield {}
        return
    with postgres.server() as address:
        yield {"DATABASE_URL": f"{address}postgres"}


async def measured(options: argparse.Namespace, settings: Mapping[str, str], folder: Path) -> Run:
    asked = [question.text for question in read_questions(options.questions_file)]
    async with (
        BotApi(paced=options.workers == 1, forgetful=True) as api,
        running(
            api,
            settings=settings,
            folder=folder,
            workers=options.workers,
            webhook=options.webhook,
            profile=options.profile is not None,
        ) as bots,
    ):
        chats = Chats(api, count=options.chats, questions=asked)
        await chats.ask_all(WARM_UP, at_once=options.at_once)
        steps = [await at_load(chats, offered, options.load_seconds) for offered in options.load]
        before, begun = work_so_far(bots), time.monotonic()
        async with watched(bots, every_seconds=SAMPLE_SECONDS) as samples:
            answered = await chats.ask_all(options.questions, at_once=options.at_once)
        took = time.monotonic() - begun
        after = work_so_far(bots)
        complaints = {
            "Lost": chats.lost,
            "answered twice": chats.twice,
            "failures told": sum(chats.failures.values()),
            "messages beyond the pace": sum(PACE in violation for violation in api.violations),
            "other violations": sum(PACE not in violation for violation in api.violations),
            "warnings logged": bots.complaints,
        }
        for violation in api.violations[:5]:
            print(violation, file=sys.stderr)
    return Run(
        conditions=conditions(options),
        chats=options.chats,
        steps=steps,
        answered=[(each.answered - begun, each.seconds) for each in answered],
        samples=samples,
        cores={name: max(0.0, after[name] - before.get(name, 0.0)) / took for name in after},
        complaints=complaints,
    )


async def at_load(chats: Chats, offered: float, seconds: float) -> Step:
    begun = time.monotonic()
    answered = await chats.ask_at(offered, seconds=seconds)
    print(f"{len(answered)} answered at {offered:g} a second", file=sys.stderr, flush=True)
    return Step(offered, [each.seconds for each in answered], time.monotonic() - begun)


def work_so_far(bots: Bots) -> dict[str, float]:
    """The processor's seconds."""
    return dict(bots.seconds_by_thread()) | {"this benchmark with Telegram's server": own_seconds()}


def conditions(options: argparse.Namespace) -> str:
    hearing = f"{options.workers} workers by webhook" if options.webhook else "one process that polls"
    database = "Postgres" if options.postgres else "SQLite"
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    return f"{hearing}, {database}, `READER={options.reader}`, {options.at_once} at once, {machine}"


if __name__ == "__main__":
    main()
