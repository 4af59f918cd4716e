"""An index of 100,000 passages: what building takes, how long opening and retrieval take, what dense search misses.

    .venv/bin/python -m tests.benchmarks.large DOCUMENTS QUESTIONS.jsonl [--passages 100000] [--asked 300]

The passages are synthetic: sentences of DOCUMENTS, which are text files, drawn at random. Each sentence is embedded
once, and a passage's vector is the sum of its sentences', scaled to length 1: with 100,000 runs of the model a build
would take hours and tell nothing more. Questions are embedded by the model. Building runs in a process of its own.
"""

import argparse
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import psutil

from bot.process import keep_heaps_few
from bot.questions import read_questions
from index.embedding import OnnxEmbedder, Vectors
from index.generations import Generations
from index.indexer import Indexer
from index.lexical import Analyzer
from index.library import Library, open_library
from index.retrieval import retrieve
from index.sentences import sentences
from tests.benchmarks.speed import MEBIBYTE, percentile, tell

PASSAGE_TOKENS = 230
"""A little more than a chunk of the built-in model holds of such text, so that there are as many as asked for."""

PASSAGES_A_DOCUMENT = 20
NEAREST = 10


class SummedEmbedder:
    """Knows a vector for each line; a text's is the sum of its lines'. Lines it does not know are embedded."""

    def __init__(self, known: Path) -> None:
        """`known` is a file of numpy's with the arrays `lines` and `vectors`."""
        self._model = OnnxEmbedder()
        self.name = self.fingerprint = "sums"
        self.dimension, self.max_tokens = self._model.dimension, self._model.max_tokens
        self.languages, self.tokens = self._model.languages, self._model.tokens
        self.embed_question = self._model.embed_question
        stored = np.load(known)
        self._known: dict[str, Vectors] = dict(zip(stored["lines"].tolist(), stored["vectors"], strict=True))

    def embed(self, texts: Sequence[str]) -> Vectors:
        sums = np.array([self._sum(text) for text in texts], dtype=np.float32).reshape(len(texts), self.dimension)
        scaled: Vectors = sums / np.linalg.norm(sums, axis=1, keepdims=True)
        return scaled

    def _sum(self, text: str) -> Vectors:
        total: Vectors = np.sum([self._of(line) for line in text.splitlines() if line.strip()], axis=0)
        return total

    def _of(self, line: str) -> Vectors:
        if line not in self._known:
            self._known[line] = self._model.embed([line])[0]
        return self._known[line]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", type=Path)
    parser.add_argument("questions", type=Path, metavar="QUESTIONS.jsonl")
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--asked", type=int, default=300)
    parser.add_argument("--build", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    keep_heaps_few()
    if options.build:
        build(options.build)
        return
    asked = [question.text for question in read_questions(options.questions)]
    asked = random.Random(0).sample(asked, min(options.asked, len(asked)))
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        make_documents(options.documents, scratch, options.passages)
        measure_build([*sys.argv[1:], "--build", folder])
        measure_reading(scratch, asked)


def make_documents(sources: Path, scratch: Path, passages: int) -> None:
    """The folder `seeds` and the file `known.npz`."""
    model, chance, lines = OnnxEmbedder(), random.Random(1), lines_of(sources)
    np.savez(scratch / "known.npz", lines=np.array(lines), vectors=model.embed(lines))
    sizes = [len(model.tokens(line)) for line in lines]
    (scratch / "seeds").mkdir()
    for number in range(-(-passages // PASSAGES_A_DOCUMENT)):
        written, tokens = [f"# Report {number}", ""], 0
        while tokens < PASSAGES_A_DOCUMENT * PASSAGE_TOKENS:
            row = chance.randrange(len(lines))
            written.append(lines[row])
            tokens += sizes[row]
        (scratch / "seeds" / f"report-{number}.md").write_text("\n".join(written) + "\n", encoding="utf-8")


def lines_of(sources: Path) -> list[str]:
    """The sentences of text files, each once."""
    return sorted(
        {
            " ".join(text[start:end].split())
            for path in sources.glob("*.txt")
            for text in [path.read_text(encoding="utf-8")]
            for start, end in sentences(text, "en")
        }
    )


def an_indexer(scratch: Path) -> Indexer:
    return Indexer(
        seeds=scratch / "seeds",
        generations=Generations(scratch / "index"),
        vectors=scratch / "vectors.sqlite",
        embedder=SummedEmbedder(scratch / "known.npz"),
        analyzer=Analyzer(),
    )


def build(scratch: Path) -> None:
    report = an_indexer(scratch).sync()
    tell("build", f"{report.chunks} passages in {report.seconds:.0f} s")


def measure_build(arguments: Sequence[str]) -> None:
    subprocess.run([sys.executable, "-m", "tests.benchmarks.large", *arguments], check=True)
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    tell("build, most memory", f"{most / 1024:.0f} MiB")


def measure_reading(scratch: Path, asked: Sequence[str]) -> None:
    embedder = SummedEmbedder(scratch / "known.npz")
    before = psutil.Process().memory_info().rss
    started = time.perf_counter()
    library = open_library(Generations(scratch / "index").current(), analyzer=Analyzer())
    retrieve(asked[0], library=library, embedder=embedder)
    tell("open and first question", f"{time.perf_counter() - started:.2f} s")
    seconds = []
    for question in asked:
        started = time.perf_counter()
        retrieve(question, library=library, embedder=embedder)
        seconds.append(time.perf_counter() - started)
    seconds.sort()
    tell("retrieval", f"p50 {1000 * percentile(seconds, 50):.1f} ms, p95 {1000 * percentile(seconds, 95):.1f} ms, warm")
    tell("memory of the open index", f"{(psutil.Process().memory_info().rss - before) / MEBIBYTE:.0f} MiB")
    found, expected = recall(
        library, scratch / "vectors.sqlite", np.array([embedder.embed_question(each) for each in asked])
    )
    tell(f"dense recall@{NEAREST}", f"{found / expected:.4f} of {expected}")
    library.close()
    started = time.perf_counter()
    (scratch / "seeds" / "one-more.md").write_text("# One more\n\nIt was added.\n", encoding="utf-8")
    report = an_indexer(scratch).sync()
    tell("one added", f"{report.seconds:.1f} s")


def recall(library: Library, cache: Path, questions: Vectors) -> tuple[int, int]:
    """How many of the nearest by exact search are found, and how many there are; equals count for each other."""
    exact = np.full((len(questions), NEAREST), -1.0, dtype=np.float32)
    with closing(sqlite3.connect(cache)) as database:
        rows = database.execute("SELECT vector FROM vectors")
        while batch := rows.fetchmany(10_000):
            vectors = np.frombuffer(b"".join(row[0] for row in batch), dtype=np.float32).reshape(len(batch), -1)
            exact = -np.sort(-np.hstack([exact, questions @ vectors.T]), axis=1)[:, :NEAREST]
    bounds = exact[:, -1] - 1e-5
    hits = [library.store.nearest(vector, NEAREST) for vector in questions]
    found = sum(cosine >= bound for each, bound in zip(hits, bounds, strict=True) for _, cosine in each)
    return found, NEAREST * len(questions)


if __name__ == "__main__":
    main()
