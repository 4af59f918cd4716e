"""What citegram adds to a language model's own time: before it is asked, up to the first text shown, and at the end.

    .venv/bin/python -m tests.benchmarks.writing DOCUMENTS QUESTIONS.jsonl [--sample 60] [--runs 3]

The model is the tests' server on this machine's loopback. It begins after FIRST_SECONDS, then sends a word each
WORD_SECONDS, and notes when it sends which. What it says is made of the passages that it is given: quotes, their
sentences, and one that is said a little differently. Its own time runs from the arrival of the request to the sending
of its first sentence with its mark; the rest of the time to the first text shown is citegram's. Prints one figure a
line, those of the run with the least. Machines differ and are shared: compare figures of one run only.
"""

import argparse
import asyncio
import random
import re
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.questions import read_questions
from config import Settings
from config.settings import load_settings
from index.answering import Answerer
from index.building import build_indexer
from index.sentences import sentences
from index.wiring import build_answerer
from tests.benchmarks.speed import percentile, tell
from tests.llm import Gate, LlmServer, Reply, Request

FIRST_SECONDS, WORD_SECONDS = 0.3, 0.012
"""A quick model's: 80 words a second."""

PASSAGE = re.compile(r'^<passage id="(\w+)"[^\n]*>\n(.*?)\n</passage>$', re.MULTILINE | re.DOTALL)
WORDS = (6, 40)
"""Of a sentence that is worth saying."""


class Pace(Gate):
    """Lets the pieces through at a model's pace, and notes when each was sent."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = time.perf_counter()
        self.sent_at: list[float] = []

    async def let_through(self, pieces: int = 1) -> None:
        due = self.asked + FIRST_SECONDS + WORD_SECONDS * len(self.sent_at)
        await asyncio.sleep(max(0.0, due - time.perf_counter()))

    def note_sent(self, pieces: int = 1) -> None:
        self.sent_at.append(time.perf_counter())


@dataclass
class Model:
    """`pace` and `first` are those of the latest reply: after how many pieces its first sentence is said."""

    pace: Pace = field(default_factory=Pace)
    first: int = 0

    def __call__(self, request: Request) -> Reply:
        self.pace = Pace()
        told = [(id, said) for id, text in PASSAGE.findall(request.text) for said in worth_saying(text)][:4]
        quotes = "\n".join(f"[{id}] {said}" for id, said in told[:2])
        before = f"QUOTES\n{quotes}\nANSWER\n"
        answer = [f"{altered(said) if place % 2 else said} [{id}]" for place, (id, said) in enumerate(told)]
        self.first = len(f"{before}{answer[0]}".split()) if answer else 0
        return Reply(before + " ".join(answer), gate=self.pace)


def worth_saying(text: str) -> list[str]:
    said = (" ".join(text[start:end].split()) for start, end in sentences(text, "en"))
    return [each for each in said if WORDS[0] <= len(each.split()) <= WORDS[1]][:2]


def altered(sentence: str) -> str:
    """The same with a word less of those that say little."""
    return re.sub(r"\b(?:also|then|the|very|however,?) ", "", sentence, count=1)


@dataclass(frozen=True)
class Timing:
    """Seconds of citegram's."""

    before: float
    to_first: float | None
    at_end: float


@dataclass
class Heard:
    first: float | None = None

    def __call__(self, text: str) -> None:
        self.first = self.first or time.perf_counter()


def timed(asked: list[str], answerer: Answerer, model: Model) -> Iterator[Timing]:
    for question in asked:
        heard = Heard()
        began = time.perf_counter()
        answer = answerer.answer(question, hear=heard)
        ended = time.perf_counter()
        if answer.writing is None or answer.writing.fallback or not model.first:
            continue
        sent, pace = model.pace.sent_at, model.pace
        own = sent[model.first - 1] - pace.asked
        shown = heard.first - began - own if heard.first else None
        yield Timing(pace.asked - began, shown, ended - sent[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--sample", type=int, default=60)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    asked = [question.text for question in read_questions(options.questions)]
    asked = random.Random(0).sample(asked, min(options.sample, len(asked)))
    with tempfile.TemporaryDirectory() as data, LlmServer() as server:
        model = Model()
        server.answer_by(model)
        settings = load_settings(
            seeds_dir=options.documents.resolve(),
            data_dir=Path(data),
            llm_base_url=server.url,
            llm_model=server.model,
            llm_api_key=server.key,
        )
        build_indexer(settings).sync()
        for reader in (True, False):
            measure(asked, settings.model_copy(update={"reader": reader}), model, runs=options.runs)


def measure(asked: list[str], settings: Settings, model: Model, *, runs: int) -> None:
    timings = []
    for _ in range(runs):
        answerer = build_answerer(settings)  # one that remembers nothing
        answerer.answer("What is this about?")
        timings.append(list(timed(asked, answerer, model)))
        answerer.close()
    reader = "READER=on" if settings.reader else "READER=off"
    for name, figures in (
        ("before it is asked", [[each.before for each in run] for run in timings]),
        (
            "to the first text",
            [[each.to_first for each in run if each.to_first is not None] for run in timings],
        ),
        ("from its last word", [[each.at_end for each in run] for run in timings]),
    ):
        best = min((sorted(each) for each in figures), key=lambda run: percentile(run, 50))
        median, worst = 1000 * percentile(best, 50), 1000 * percentile(best, 95)
        tell(f"{name}, {reader}", f"median {median:.0f} ms, p95 {worst:.0f} ms of {len(best)}")


if __name__ == "__main__":
    main()
