"""The methods that are compared, and the line of JSON in which each answers: what score.py of the sets reads."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

Line = dict[str, Any]
"""An answer in the shape of `citegram ask --json` (docs/json.md), as far as score.py looks at it."""

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Method:
    """`quotes`: it yields quotes. `sure`: it says how sure it is, in whatever measure."""

    key: str
    title: str
    what: str
    quotes: bool = True
    sure: bool = True


CITEGRAM = Method("citegram", "citegram", "as it comes: default settings.")
UNREAD = Method("unread", "citegram, READER=off", "the same index, without the reader.")
STARTER = Method(
    "starter",
    "llama-index starter",
    "`SimpleDirectoryReader`, `VectorStoreIndex` and Chroma with all their defaults: pieces of 1024 tokens, 200 "
    "shared, of which the embedder, citegram's, sees the first 256; ten passages, so long that they hold the evidence "
    "more easily than others'. Where the starter asks a language model, the sentence of the first passage that is "
    "nearest to the question stands for the answer; its time is not counted. Sure by the first passage's score.",
)
BM25 = Method("bm25", "BM25", "stemmed BM25 over citegram's chunks; sure by its best score.", quotes=False)
DENSE = Method("dense", "dense", "nearest of citegram's chunks; sure by the best cosine.", quotes=False)
RRF = Method(
    "rrf",
    "equal RRF",
    "BM25's and dense search's first fifty by reciprocal ranks, k 60, equal weights. A sum of ranks says nothing of "
    "how sure it is.",
    quotes=False,
    sure=False,
)
SENTENCES = Method(
    "sentences",
    "sentence cosine",
    "the three sentences of BM25's first five chunks that are nearest to the question, their vectors kept with "
    "the index; sure by the best cosine.",
)
METHODS = (CITEGRAM, UNREAD, STARTER, BM25, DENSE, RRF, SENTENCES)


class Contestant(Protocol):
    def answer(self, question: str) -> dict[str, Line]:
        """A line for each of its methods, by key."""

    def close(self) -> None: ...


def answered(
    passages: list[dict[str, Any]], *, sure: float, seconds: float, quotes: list[dict[str, Any]] | None = None
) -> Line:
    """The line of a method that never abstains."""
    return {
        "outcome": "answered",
        "confidence": sure,
        "citations": [{"number": number} | quote for number, quote in enumerate(quotes or [], start=1)],
        "closest": [],
        "passages": passages,
        "seconds": seconds,
    }


def timed(work: Callable[[], Value]) -> tuple[Value, float]:
    """What the work returns, and its seconds."""
    started = time.perf_counter()
    value = work()
    return value, time.perf_counter() - started
