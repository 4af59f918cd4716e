"""What a rebuild costs and whether it is in the way: 1,000 documents of a news article's size, made of real sentences.

    .venv/bin/python -c "from tests.benchmarks.sync import main; main()" DOCUMENTS QUESTIONS.jsonl
        [--documents 1000] [--rebuilds 50]

Not by -m: the process of each sync imports anew what -m ran, which takes longer here than of the bot.

Prints the seconds of a full build, of a sync with nothing changed and with one document changed, in a running process
and as a command; how long questions take at rest and while the index is rebuilt beside them; and how memory and the
data folder grow over many rebuilds with questions between. DOCUMENTS are text files whose sentences are shuffled.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

from bot.process import keep_heaps_few
from bot.questions import read_questions
from bot.rebuilding import Syncs
from config import Settings, load_settings
from index.answering import Answerer
from index.building import build_indexer
from index.sentences import sentences
from index.wiring import build_answerer
from tests.benchmarks.speed import MEBIBYTE, percentile, tell

CHARACTERS = 3500
"""Of a document: a news article of some 600 words."""

ASKED_AT_REST = 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", metavar="DOCUMENTS", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--rebuilds", type=int, default=50)
    options = parser.parse_args()
    keep_heaps_few()
    asked = [question.text for question in read_questions(options.questions)]
    random.Random(0).shuffle(asked)
    with tempfile.TemporaryDirectory() as scratch:
        settings = load_settings(seeds_dir=Path(scratch, "seeds"), data_dir=Path(scratch, "data"))
        make_documents(options.sources, settings.seeds_dir, options.documents)
        syncs = Syncs(settings)
        full = sync_times(syncs, settings)
        command_times(settings, full)
        answerer = build_answerer(settings)
        serving(syncs, settings, answerer, asked)
        growth(syncs, settings, answerer, asked, options.rebuilds)
        answerer.close()


def make_documents(sources: Path, seeds: Path, count: int) -> None:
    chance = random.Random(1)
    known = []
    for path in sorted(sources.glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        known += [" ".join(text[start:end].split()) for start, end in sentences(text, "en")]
    seeds.mkdir()
    for number in range(count):
        written: list[str] = []
        while sum(map(len, written)) < CHARACTERS:
            written.append(" ".join(chance.choices(known, k=4)))
        text = f"# Report {number}\n\n" + "\n\n".join(written) + "\n"
        (seeds / f"report-{number}.md").write_text(text, encoding="utf-8")


def change(seeds: Path, number: int) -> None:
    path = seeds / f"report-{number}.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}\nA line was added at {time.time_ns()}.\n", encoding="utf-8")


def sync_times(syncs: Syncs, settings: Settings) -> float:
    report = syncs.sync()
    rate = report.chunks / report.seconds
    tell("full build", f"{report.seconds:.1f} s, {report.chunks} passages, {rate:.0f} a second")
    indexer = build_indexer(settings)
    tell("nothing changed", f"{max(indexer.sync().seconds for _ in range(3)):.2f} s, inside the process")
    times = []
    for number in range(5):
        change(settings.seeds_dir, number)
        started = time.perf_counter()
        changed = syncs.sync()
        times.append(time.perf_counter() - started)
        assert changed.updated == (f"report-{number}.md",)
    slowest = max(times)
    tell("one changed, in a bot", f"{min(times):.2f} to {slowest:.2f} s, {report.seconds / slowest:.0f} times less")
    return report.seconds


def command_times(settings: Settings, full: float) -> None:
    change(settings.seeds_dir, 10)
    seconds = command_time(settings)
    tell("one changed, as a command", f"{seconds:.1f} s, {full / seconds:.0f} times less than the full build")
    tell("full, from the vector cache", f"{command_time(settings, '--full'):.1f} s")


def command_time(settings: Settings, *arguments: str) -> float:
    environment = os.environ | {"DATA_DIR": str(settings.data_dir), "SEEDS_DIR": str(settings.seeds_dir)}
    command = [sys.executable, "-m", "bot", "index", *arguments]
    started = time.perf_counter()
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def serving(syncs: Syncs, settings: Settings, answerer: Answerer, asked: Sequence[str]) -> None:
    answerer.answer(asked[0])
    at_rest = sorted(answerer.answer(question).seconds for question in asked[:ASKED_AT_REST])

    def changes() -> None:
        for number in range(20, 30):
            change(settings.seeds_dir, number)
            syncs.sync()

    for name, work in (("one changed, ten times", changes), ("all anew", lambda: command_time(settings, "--full"))):
        beside = sorted(while_it_runs(work, answerer, asked[ASKED_AT_REST:]))
        rest, busy = (1000 * percentile(each, 95) for each in (at_rest, beside))
        tell(
            f"p95 beside ({name})",
            f"{busy:.0f} ms of {len(beside)}, slowest {1000 * beside[-1]:.0f}; at rest {rest:.0f} ms",
        )


def while_it_runs(work: Callable[[], object], answerer: Answerer, asked: Sequence[str]) -> list[float]:
    thread = threading.Thread(target=work)
    thread.start()
    seconds = []
    for question in asked:
        if not thread.is_alive():
            break
        seconds.append(answerer.answer(question).seconds)
    thread.join()
    return seconds


def growth(syncs: Syncs, settings: Settings, answerer: Answerer, asked: Sequence[str], rebuilds: int) -> None:
    process, resident = psutil.Process(), []
    for number in range(rebuilds):
        change(settings.seeds_dir, 30 + number % 50)
        syncs.sync()
        answerer.answer(asked[number % len(asked)])
        resident.append(process.memory_info().rss / MEBIBYTE)
    generations = [path for path in (settings.data_dir / "index").iterdir() if path.is_dir()]
    forked_from = sum(child.memory_info().rss for child in process.children()) / MEBIBYTE
    tell(
        f"memory over {rebuilds} rebuilds",
        f"{resident[0]:.0f} to {resident[-1]:.0f} MiB, most {max(resident):.0f}; {len(generations)} generations; "
        f"{forked_from:.0f} MiB more that syncs are forked from",
    )


if __name__ == "__main__":
    main()
