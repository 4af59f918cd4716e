"""Asking every method every question of a set, one question after the other, and keeping the answers.

What is kept of a set, in a folder of its name: one file of JSON lines a method, which score.py reads, and run.json,
which says what was asked, when, of which commit, and how long the indexes took to build.
"""

import contextlib
import json
import os
import platform
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from bot.answer_json import answer_json
from bot.questions import answer_or_reason
from config import Settings, load_settings
from index.answering import Answerer
from index.building import build_indexer
from index.embedding import OnnxEmbedder, Vectors
from index.types import Chunk
from index.vectors import VectorCache
from index.wiring import build_answerer
from tests.benchmarks.baselines import Baselines, read_chunks, sentence_texts, write_vectors, write_words
from tests.benchmarks.methods import (
    BM25,
    CITEGRAM,
    DENSE,
    METHODS,
    RRF,
    SENTENCES,
    STARTER,
    UNREAD,
    Contestant,
    Line,
    Method,
    timed,
)
from tests.benchmarks.nearest import SentenceVectors
from tests.benchmarks.starter import Starter
from tests.command_line import ROOT

SEED = 3
TOLD_EVERY = 50

Question = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """What was asked of a set. `build_seconds` is by method; `of` counts the questions of the whole set.

    `others` is the share of the machine's time that other processes took meanwhile.
    """

    day: str
    commit: str
    machine: str
    others: float
    documents: int
    chunks: int
    asked: int
    of: int
    build_seconds: dict[str, float]


class Citegram:
    """The product under one of its settings."""

    def __init__(self, method: Method, answerer: Answerer) -> None:
        self._method = method
        self._answerer = answerer

    def answer(self, question: str) -> dict[str, Line]:
        return {self._method.key: answer_json(answer_or_reason(self._answerer, question))}

    def close(self) -> None:
        self._answerer.close()


class StageClock:
    """Hears an indexer's progress and tells how long it embedded."""

    def __init__(self) -> None:
        self._last: dict[str, float] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        self._last[stage] = time.perf_counter()

    @property
    def embedding_seconds(self) -> float:
        return self._last["embedding"] - self._last["reading"] if "embedding" in self._last else 0.0


class Neighbours:
    """How much of the machine other processes take from now on."""

    def __init__(self) -> None:
        self._before = self._seconds()

    def share(self) -> float:
        everyone, busy, own = (now - before for now, before in zip(self._seconds(), self._before, strict=True))
        return round(max(0.0, busy - own) / everyone, 3)

    @staticmethod
    def _seconds() -> tuple[float, float, float]:
        """Of all cores together, of these the busy ones, and of these this process's."""
        every, own = psutil.cpu_times(), psutil.Process().cpu_times()
        return sum(every), sum(every) - every.idle - getattr(every, "iowait", 0.0), own.user + own.system


def run_set(folder: Path, kept: Path, scratch: Path, *, sample: int | None) -> None:
    """Indexes the documents of a set for every method, asks, and keeps the answers in the new folder `kept`."""
    every = read_questions(folder)
    questions = every if sample is None else random.Random(SEED).sample(every, min(sample, len(every)))
    kept.mkdir(parents=True)
    neighbours, of_commit = Neighbours(), commit()  # before the run: the files may change during it
    with build((folder / "docs").resolve(), scratch) as built:
        ask(questions, built.contestants, kept)
    run = Run(
        day=datetime.now(UTC).date().isoformat(),
        commit=of_commit,
        machine=f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}",
        others=neighbours.share(),
        documents=built.documents,
        chunks=built.chunks,
        asked=len(questions),
        of=len(every),
        build_seconds=built.seconds,
    )
    (kept / "run.json").write_text(json.dumps(asdict(run), indent=1), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Built:
    """Everyone with an index of the same documents; `seconds` is how long each method's took."""

    contestants: tuple[Contestant, ...]
    documents: int
    chunks: int
    seconds: dict[str, float]


@contextlib.contextmanager
def build(documents: Path, scratch: Path) -> Iterator[Built]:
    """Chunks are embedded once, in citegram's own build; those seconds count for every method that needs vectors."""
    settings = load_settings(seeds_dir=documents, data_dir=scratch / "data", reader=True)
    clock, embedder = StageClock(), OnnxEmbedder()
    sentences = SentenceVectors(embedder)
    report = build_indexer(settings).sync(progress=clock)
    chunks, reading = timed(lambda: read_chunks(documents, embedder))
    vectors = cached_vectors(settings, chunks, embedder)
    lexical, words = timed(lambda: write_words(scratch / "words", chunks))
    store, storing = timed(lambda: write_vectors(scratch / "vectors", chunks, vectors))
    _, learning = timed(lambda: sentences.learn(sentence_texts(chunks)))
    starter, starting = timed(lambda: Starter(documents, scratch / "starter", embedder=embedder, sentences=sentences))
    dense = reading + clock.embedding_seconds + storing
    seconds = {CITEGRAM: report.seconds, UNREAD: report.seconds, STARTER: starting, BM25: reading + words}
    seconds |= {DENSE: dense, RRF: dense + words, SENTENCES: reading + words + learning}
    contestants = (
        Citegram(CITEGRAM, build_answerer(settings)),
        Citegram(UNREAD, build_answerer(settings.model_copy(update={"reader": False}))),
        starter,
        Baselines(store=store, lexical=lexical, sentences=sentences, embedder=embedder),
    )
    with contextlib.ExitStack() as closing:
        for contestant in contestants:
            closing.callback(contestant.close)
        rounded = {method.key: round(value, 3) for method, value in seconds.items()}
        yield Built(contestants, len(report.added), report.chunks, rounded)


def cached_vectors(settings: Settings, chunks: Sequence[Chunk], embedder: OnnxEmbedder) -> Vectors:
    """What the indexer has just embedded."""
    cache = VectorCache(settings.data_dir / "vectors.sqlite")
    vectors, _ = cache.embed([chunk.span.text for chunk in chunks], embedder=embedder)
    cache.close()
    return vectors


def ask(questions: Sequence[Question], contestants: Sequence[Contestant], kept: Path) -> None:
    """Every contestant in turn, in an order drawn anew for each question, so that noise hits all alike."""
    order = random.Random(SEED)
    for contestant in contestants:
        contestant.answer(questions[0]["question"])
    with contextlib.ExitStack() as files:
        keep = {
            method.key: files.enter_context((kept / f"{method.key}.jsonl").open("w", encoding="utf-8"))
            for method in METHODS
        }
        for number, question in enumerate(questions, start=1):
            for contestant in order.sample(contestants, len(contestants)):
                for key, line in contestant.answer(question["question"]).items():
                    keep[key].write(json.dumps({"id": question["id"]} | line, ensure_ascii=False) + "\n")
            if number % TOLD_EVERY == 0 or number == len(questions):
                print(f"{kept.name}: {number} of {len(questions)}", file=sys.stderr, flush=True)


def read_questions(folder: Path) -> list[Question]:
    lines = (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def commit() -> str:
    """The short name of the commit, and whether tracked files were changed since."""
    short = git("rev-parse", "--short", "HEAD")
    return f"{short} with changes" if git("status", "--porcelain", "--untracked-files=no") else short


def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
