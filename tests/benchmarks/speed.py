"""How fast and how large: building an index, a cold `citegram ask`, warm answers, a serving bot's memory.

    .venv/bin/python -m tests.benchmarks.speed DOCUMENTS QUESTIONS.jsonl [--sample 300]

Prints one figure a line. The bot is measured against the Bot API server of the tests, after it has answered the
sampled questions in a private chat. Machines differ and are shared: compare figures of one run only.
"""

import argparse
import asyncio
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from bot.questions import read_questions
from config import load_settings
from index.building import build_indexer
from index.wiring import build_answerer
from tests.botapi import BotApi

MEBIBYTE = 1 << 20
COLD_RUNS = 5
BOT_QUESTIONS = 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--sample", type=int, default=300)
    options = parser.parse_args()
    asked = [question.text for question in read_questions(options.questions)]
    asked = random.Random(0).sample(asked, min(options.sample, len(asked)))
    with tempfile.TemporaryDirectory() as data:
        settings = load_settings(seeds_dir=options.documents.resolve(), data_dir=Path(data))
        report = build_indexer(settings).sync()
        tell(
            "build",
            f"{report.chunks} passages in {report.seconds:.1f} s, {report.chunks / report.seconds:.0f} a second",
        )
        again = build_indexer(settings).sync(full=True)
        tell("rebuild from the vector cache", f"{again.seconds:.1f} s, {again.embedded} embedded")
        environment = os.environ | {"DATA_DIR": data, "SEEDS_DIR": str(options.documents.resolve())}
        cold = [cold_ask(asked[number], environment) for number in range(COLD_RUNS)]
        tell("cold `citegram ask`", f"median {statistics.median(cold):.2f} s of {COLD_RUNS}, slowest {max(cold):.2f} s")
        answerer = build_answerer(settings)
        answerer.answer(asked[0])
        seconds = sorted(answerer.answer(question).seconds for question in asked)
        answerer.close()
        tell(
            "warm answer",
            f"median {1000 * statistics.median(seconds):.0f} ms, p95 {1000 * percentile(seconds, 95):.0f} ms",
        )
        tell("bot, resident memory", asyncio.run(bot_memory(asked[:BOT_QUESTIONS], environment)))


def tell(name: str, value: str) -> None:
    print(f"{name:30} {value}", flush=True)


def percentile(ordered: list[float], percent: int) -> float:
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def cold_ask(question: str, environment: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "bot", "ask", question], env=environment, stdout=subprocess.DEVNULL, check=False
    )
    return time.perf_counter() - started


async def bot_memory(asked: list[str], environment: dict[str, str]) -> str:
    async with BotApi(token="123456:TEST-TOKEN", username="citegram_test_bot") as api:
        environment = environment | {"TELEGRAM_BOT_TOKEN": "123456:TEST-TOKEN", "TELEGRAM_API_URL": api.url}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "bot", env=environment, stderr=asyncio.subprocess.DEVNULL
        )
        chat = api.private(api.user("Alice"))
        await chat.start()
        await chat.next_message(timeout_seconds=30)
        for question in asked:
            await chat.reply(to=await chat.say(chat.person, question), timeout_seconds=60)
        resident = psutil.Process(process.pid).memory_info().rss
        process.terminate()
        await process.wait()
    return f"{resident / MEBIBYTE:.0f} MiB after {len(asked)} questions"


if __name__ == "__main__":
    main()
