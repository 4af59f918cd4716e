"""What more passages cost on a Chroma server: building, memory, disk, opening, retrieval, and what dense search misses.

    .venv/bin/python -m tests.benchmarks.scaling DOCUMENTS QUESTIONS.jsonl [--points 10000 100000 300000] [--asked 200]
    .venv/bin/python -m tests.benchmarks.scaling DOCUMENTS QUESTIONS.jsonl --words 100000 300000 1000000

For each point a server of its own (`chroma run`) holds the vectors and the passages, and tantivy in a folder the words,
as workers with a CHROMA_URL have it. The passages are as in tests/benchmarks/large.py, without running the model for
each: lines of DOCUMENTS drawn at random, the vector the sum of the lines'. Prints a Markdown row for each point.
With --words only the words are built and searched, which a million passages take minutes for and not hours.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
import psutil
from chromadb.config import Settings as ChromaSettings

from bot.process import keep_heaps_few
from bot.questions import read_questions
from index.embedding import OnnxEmbedder, Vectors
from index.lexical import Analyzer, LexicalIndex
from index.library import Library
from index.manifest import Manifest, recipe_of
from index.retrieval import CANDIDATES, retrieve
from index.store import ChunkStore
from index.texts import DocumentTexts
from index.types import Chunk, Source, Span
from tests.benchmarks.large import NEAREST, PASSAGE_TOKENS, lines_of
from tests.benchmarks.speed import MEBIBYTE, percentile
from tests.postgres import free_port

BATCH = 2000
AT_ONCE = 4
"""Questions that several workers ask the server at the same time."""

STARTING_SECONDS = 600.0

HEAD = (
    "| passages | vectors built | words built | server, memory | server, disk | words, disk | worker, memory "
    "| first question after a start | retrieval p50, p95 | nearest, four at once | recall@10 |"
)


WORDS_HEAD = "| passages | words built | disk | memory | searched: p50, p95 |"


@dataclass(frozen=True)
class Lines:
    """What passages are made of; `sizes` in the model's tokens."""

    texts: Sequence[str]
    vectors: Vectors
    sizes: Sequence[int]

    def passages(self, count: int) -> Iterator[tuple[list[Chunk], Vectors]]:
        chance = random.Random(1)
        for begin in range(0, count, BATCH):
            made = [self._passage(number, chance) for number in range(begin, min(count, begin + BATCH))]
            yield [chunk for chunk, _ in made], np.array([vector for _, vector in made], dtype=np.float32)

    def _passage(self, number: int, chance: random.Random) -> tuple[Chunk, Vectors]:
        rows, tokens = [], 0
        while tokens < PASSAGE_TOKENS:
            rows.append(chance.randrange(len(self.texts)))
            tokens += self.sizes[rows[-1]]
        text, total = "\n".join(self.texts[row] for row in rows), self.vectors[rows].sum(axis=0)
        source = Source(f"report-{number // 20}.md", f"Report {number // 20}")
        return Chunk(f"en-{number:09}", Span(text, 0, len(text)), source, (), "en"), total / np.linalg.norm(total)


class ServerStore(ChunkStore):
    """`folder` has the server's port as its name."""

    def __init__(self, folder: Path) -> None:
        settings = ChromaSettings(anonymized_telemetry=False)
        self._client: Any = chromadb.HttpClient("127.0.0.1", int(folder.name), settings=settings)
        self._chunks: Any = None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", type=Path)
    parser.add_argument("questions", type=Path, metavar="QUESTIONS.jsonl")
    parser.add_argument("--points", type=int, nargs="+", default=[10_000, 100_000, 300_000])
    parser.add_argument("--words", type=int, nargs="+", metavar="POINT")
    parser.add_argument("--asked", type=int, default=200)
    options = parser.parse_args()
    keep_heaps_few()
    model = OnnxEmbedder()
    texts = lines_of(options.documents)
    lines = Lines(texts, model.embed(texts), [len(model.tokens(text)) for text in texts])
    asked = [question.text for question in read_questions(options.questions)]
    asked = random.Random(0).sample(asked, min(options.asked, len(asked)))
    head, points = (WORDS_HEAD, options.words) if options.words else (HEAD, options.points)
    print(f"{head}\n|{'---|' * head.count(' | ')}---|", flush=True)
    for count in points:
        with tempfile.TemporaryDirectory() as folder:
            cells = (
                measure_words(count, lines, asked, Path(folder))
                if options.words
                else measure(count, lines, asked, Path(folder), model)
            )
            print(f"| {' | '.join(cells)} |", flush=True)


def measure_words(count: int, lines: Lines, asked: Sequence[str], scratch: Path) -> Sequence[str]:
    words_took, before = took(add_words, lines, count, scratch / "words"), psutil.Process().memory_info().rss
    words = LexicalIndex.open(scratch / "words", languages=["en"], analyzer=Analyzer())

    def search(question: str) -> None:
        words.coverage(question, [key for key, _ in words.search(question, CANDIDATES)])

    search(asked[0])
    seconds = sorted(took(search, question) for question in asked)
    return (
        f"{count:,}",
        f"{words_took:.0f} s",
        f"{size(scratch / 'words'):,.0f} MiB",
        f"{(psutil.Process().memory_info().rss - before) / MEBIBYTE:,.0f} MiB",
        f"{1000 * percentile(seconds, 50):.1f}, {1000 * percentile(seconds, 95):.1f} ms",
    )


def measure(count: int, lines: Lines, asked: Sequence[str], scratch: Path, model: OnnxEmbedder) -> Sequence[str]:
    with server(scratch / "chroma") as (port, _):
        store = ServerStore.create(Path(str(port)))
        vectors_took = sum(took(store.add, *batch) for batch in lines.passages(count))
        store.close()
    words_took = took(add_words, lines, count, scratch / "words")
    questions = np.array([model.embed_question(question) for question in asked])
    before = psutil.Process().memory_info().rss
    with server(scratch / "chroma") as (port, process):
        started = time.perf_counter()
        library = open_library(port, scratch, count, model)
        retrieve(asked[0], library=library, embedder=model)
        opened = time.perf_counter() - started
        seconds = sorted(took(lambda text: retrieve(text, library=library, embedder=model), text) for text in asked)
        together = sorted(asked_together(library, questions))
        found = recall(library, lines, count, questions)
        memory = process.memory_info().rss / MEBIBYTE
        worker = (psutil.Process().memory_info().rss - before) / MEBIBYTE
        library.close()
    return (
        f"{count:,}",
        f"{vectors_took:.0f} s",
        f"{words_took:.0f} s",
        f"{memory:,.0f} MiB",
        f"{size(scratch / 'chroma'):,.0f} MiB",
        f"{size(scratch / 'words'):,.0f} MiB",
        f"{worker:,.0f} MiB",
        f"{opened:.1f} s",
        f"{1000 * percentile(seconds, 50):.1f}, {1000 * percentile(seconds, 95):.1f} ms",
        f"{1000 * percentile(together, 50):.1f}, {1000 * percentile(together, 95):.1f} ms",
        f"{found:.4f}",
    )


def add_words(lines: Lines, count: int, folder: Path) -> None:
    index = LexicalIndex.create(folder, languages=["en"], analyzer=Analyzer())
    with index.adding(chunk for chunks, _ in lines.passages(count) for chunk in chunks):
        pass


def open_library(port: int, scratch: Path, count: int, model: OnnxEmbedder) -> Library:
    manifest = Manifest(
        recipe=recipe_of(model),
        published=datetime.now(UTC),
        model_name=model.name,
        languages=("en",),
        chunks=count,
        documents={},
        left_out=(),
        churn=0,
    )
    words = LexicalIndex.open(scratch / "words", languages=["en"], analyzer=Analyzer())
    store = ServerStore.open(Path(str(port)))
    return Library(scratch, manifest, store, words, DocumentTexts(scratch / "none"))


def took(call: Callable[..., object], *arguments: Any) -> float:
    """Seconds."""
    started = time.perf_counter()
    call(*arguments)
    return time.perf_counter() - started


def asked_together(library: Library, questions: Vectors) -> list[float]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda vector: took(lambda each: library.store.nearest(each, 50), vector), questions))


def recall(library: Library, lines: Lines, count: int, questions: Vectors) -> float:
    """The share of the nearest by exact search that is found; equals count for each other."""
    exact = np.full((len(questions), NEAREST), -1.0, dtype=np.float32)
    for _, vectors in lines.passages(count):
        exact = -np.sort(-np.hstack([exact, questions @ vectors.T]), axis=1)[:, :NEAREST]
    hits = [library.store.nearest(vector, NEAREST) for vector in questions]
    bounds = exact[:, -1] - 1e-5
    found = sum(cosine >= bound for each, bound in zip(hits, bounds, strict=True) for _, cosine in each)
    return float(found / (NEAREST * len(questions)))


def size(folder: Path) -> float:
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file()) / MEBIBYTE


@contextmanager
def server(folder: Path) -> Iterator[tuple[int, psutil.Process]]:
    """Its port and its process, once it answers."""
    port, program = free_port(), str(Path(sys.executable).with_name("chroma"))
    command = [program, "run", "--path", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as started:
        try:
            until_it_answers(port, started)
            yield port, psutil.Process(started.pid)
        finally:
            started.terminate()


def until_it_answers(port: int, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + STARTING_SECONDS
    while True:
        try:
            chromadb.HttpClient("127.0.0.1", port, settings=ChromaSettings(anonymized_telemetry=False))
            return
        except ValueError:
            assert process.poll() is None, "chroma ended"
            assert time.monotonic() < end, "chroma does not start"
            time.sleep(0.1)


if __name__ == "__main__":
    main()
