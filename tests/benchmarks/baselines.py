"""The plain ways over citegram's own chunks: BM25, dense search, equal RRF, and the nearest sentences of BM25's chunks.

They stand on the same engines and the same chunks as citegram, so that what differs is the method alone. A question is
embedded and each search made once for all four; the time of a step counts for every method that needs it. Sentences are
embedded with the index, which is the least time a question can take.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.answer_json import passage_json
from index.chunking import chunk_document
from index.documents import find_files, read_documents
from index.embedding import Embedder, Vectors
from index.lexical import Analyzer, LexicalIndex
from index.ranking import Hits
from index.reading import sentences_of
from index.retrieval import CANDIDATES, PASSAGES
from index.store import ChunkStore
from index.types import Chunk, LeftOut, Passage, Span
from tests.benchmarks.methods import BM25, DENSE, RRF, SENTENCES, Line, answered, timed
from tests.benchmarks.nearest import SentenceVectors

RRF_K = 60
READ_CHUNKS = 5
QUOTES = 3

Timed = tuple[Hits, float]
"""What a search found, and its seconds."""


class Baselines:
    """Answers by all four. `store` and `lexical` hold the same chunks, `sentences` knows their sentences."""

    def __init__(
        self, *, store: ChunkStore, lexical: LexicalIndex, sentences: SentenceVectors, embedder: Embedder
    ) -> None:
        self._store = store
        self._lexical = lexical
        self._sentences = sentences
        self._embedder = embedder

    def answer(self, question: str) -> dict[str, Line]:
        vector, embedding = timed(lambda: self._embedder.embed([question])[0])
        dense, nearest = timed(lambda: self._store.nearest(vector, CANDIDATES))
        words, searching = timed(lambda: self._lexical.search(question, CANDIDATES))
        fused, fusing = timed(lambda: reciprocal(words, dense))
        everything = embedding + nearest + searching + fusing
        by_words, fetching = timed(lambda: self._fetch(words))
        return {
            BM25.key: line(by_words, sure=best(words), seconds=searching + fetching),
            DENSE.key: self._found((dense, embedding + nearest), sure=best(dense)),
            RRF.key: self._found((fused, everything), sure=0.0),
            SENTENCES.key: self._quoted(by_words, vector, seconds=searching + fetching + embedding),
        }

    def close(self) -> None:
        self._store.close()

    def _found(self, found: Timed, *, sure: float) -> Line:
        hits, seconds = found
        passages, fetching = timed(lambda: self._fetch(hits))
        return line(passages, sure=sure, seconds=seconds + fetching)

    def _quoted(self, passages: Sequence[Passage], vector: Vectors, *, seconds: float) -> Line:
        (sure, quotes), choosing = timed(lambda: self._choose(passages[:READ_CHUNKS], vector))
        return line(passages, sure=sure, seconds=seconds + choosing, quotes=quotes)

    def _choose(self, passages: Sequence[Passage], vector: Vectors) -> tuple[float, list[dict[str, Any]]]:
        """The best cosine and the nearest sentences."""
        spans = [(span, passage) for passage in passages for span in sentences_of(passage)]
        ranked = self._sentences.ranked([span.text for span, _ in spans], vector)[:QUOTES]
        return ranked[0][1] if ranked else 0.0, [as_quote(*spans[row]) for row, _ in ranked]

    def _fetch(self, hits: Hits) -> list[Passage]:
        first = hits[:PASSAGES]
        chunks = self._store.get([key for key, _ in first])
        return [Passage(chunks[key], score) for key, score in first]


def reciprocal(*rankings: Hits) -> list[tuple[str, float]]:
    """Reciprocal rank fusion with equal weights: the sum of 1 / (k + rank), best first; equal sums by id."""
    scores: dict[str, float] = {}
    for hits in rankings:
        for rank, (key, _) in enumerate(hits, start=1):
            scores[key] = scores.get(key, 0.0) + 1 / (RRF_K + rank)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def as_quote(span: Span, passage: Passage) -> dict[str, Any]:
    return {"quote": span.text, "document": passage.source.document, "start": span.start, "end": span.end}


def sentence_texts(chunks: Sequence[Chunk]) -> list[str]:
    return [span.text for chunk in chunks for span in sentences_of(Passage(chunk, 0.0))]


def best(hits: Hits) -> float:
    return hits[0][1] if hits else 0.0


def line(
    passages: Sequence[Passage], *, sure: float, seconds: float, quotes: list[dict[str, Any]] | None = None
) -> Line:
    return answered([passage_json(passage) for passage in passages], sure=sure, seconds=seconds, quotes=quotes)


def read_chunks(seeds: Path, embedder: Embedder) -> list[Chunk]:
    """The chunks that the indexer makes of a folder."""
    documents = read_documents(find_files(seeds))
    return [
        chunk
        for document in documents
        if not isinstance(document, LeftOut)
        for chunk in chunk_document(document, embedder=embedder)
    ]


def write_words(folder: Path, chunks: Sequence[Chunk]) -> LexicalIndex:
    lexical = LexicalIndex.create(folder, languages={chunk.language for chunk in chunks}, analyzer=Analyzer())
    with lexical.adding(chunks):
        pass
    return lexical


def write_vectors(folder: Path, chunks: Sequence[Chunk], vectors: Vectors) -> ChunkStore:
    store = ChunkStore.create(folder)
    store.add(chunks, vectors)
    return store
