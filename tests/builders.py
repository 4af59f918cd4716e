"""Small values and small folders for the tests of index/, each with only what a test is about spelled out."""

import hashlib
import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

import numpy as np
from llama_index.core.schema import Document

from index.documents import as_document
from index.embedding import Embedder, Vectors
from index.formats.kinds import FROM_TEXT
from index.generations import Generations
from index.indexer import Indexer
from index.lexical import Analyzer
from index.pages import WebPages
from index.reading import Candidate, Features
from index.types import Chunk, Passage, Quote, Source, Span

FERRY = """# The ferry

The ferry crosses the strait four times a day. The last crossing leaves at nine in the evening.

## Fares

A bicycle travels free of charge. Grown-ups pay seven crowns, and children under six pay nothing.
"""
BAKERY = """The bakery on the square

Loaves come out of the oven before dawn. The baker grinds rye on a stone that her grandmother brought from the hills.
"""
OBSERVATORY = """Обсерватория стоит на холме за городом. Телескоп установили в 1931 году.

Астрономы наблюдают здесь кометы и двойные звёзды каждую ясную ночь.
"""
SEEDS = {"ferry.md": FERRY, "town/bakery.txt": BAKERY, "обсерватория.txt": OBSERVATORY}
"""Three small documents, two in English and one in Russian, one of them in a folder of its own."""


def fill_with_unused(cache: Path, count: int) -> None:
    """Vectors in a cache that no text has had for long, of the size that the built-in model's are."""
    with closing(sqlite3.connect(cache)) as database, database:
        database.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i + 1 FROM n WHERE i < ?) "
            "INSERT INTO vectors SELECT 'other', randomblob(32), randomblob(1536) FROM n",
            (count,),
        )
        database.execute("INSERT INTO unused SELECT model, text_sha256, 0 FROM vectors WHERE model = 'other'")


class HashEmbedder:
    """An embedder without a model: a text's vector is the sum of its words' own random directions.

    It records every text it is given, and is interrupted after `limit` of them.
    """

    def __init__(self, name: str = "hashes", *, limit: int | None = None, languages: Iterable[str] = ("en",)) -> None:
        self.name = self.fingerprint = name
        self.dimension = 32
        self.max_tokens = 64
        self.languages = frozenset(languages)
        self.embedded: list[str] = []
        self._limit = limit

    def tokens(self, text: str) -> list[int]:
        return [int(hashlib.sha256(word.encode()).hexdigest()[:6], 16) for word in re.findall(r"\w+|[^\w\s]", text)]

    def embed(self, texts: Sequence[str]) -> Vectors:
        if self._limit is not None and len(self.embedded) + len(texts) > self._limit:
            raise KeyboardInterrupt
        self.embedded += texts
        vectors = np.array([self._vector(text) for text in texts], dtype=np.float32)
        return vectors.reshape(len(texts), self.dimension)

    def embed_question(self, question: str) -> Vectors:
        vector: Vectors = self.embed([question])[0]
        return vector

    def _vector(self, text: str) -> Vectors:
        total = np.full(self.dimension, 1e-3)
        for token in self.tokens(self.name + " " + text.lower()):
            total += np.random.default_rng(token).normal(size=self.dimension)
        vector: Vectors = (total / np.linalg.norm(total)).astype(np.float32)
        return vector


def a_document(text: str, name: str = "ferry.md") -> Document:
    extract = FROM_TEXT[Path(name).suffix](text)
    return as_document(name, extract, modified=date(2024, 5, 17), size=len(text), mtime_ns=0, sha256="")


def a_span(part: str, whole: str, *, start: int = 0) -> Span:
    """Where `part` first stands in `whole`, which begins at `start` of its document."""
    at = start + whole.index(part)
    return Span(part, at, at + len(part))


def a_chunk(
    text: str = FERRY,
    *,
    start: int = 0,
    key: str = "en-1",
    source: Source = Source("ferry.md", "The ferry"),  # noqa: B008
    heading: tuple[str, ...] = (),
    language: str = "en",
) -> Chunk:
    return Chunk(key, Span(text, start, start + len(text)), source, heading, language)


def a_passage(text: str = FERRY, *, score: float = 1.0, start: int = 0, language: str = "en") -> Passage:
    return Passage(a_chunk(text, start=start, language=language), score)


def a_quote(part: str, whole: str = FERRY) -> Quote:
    """The whole document is its passage and its context."""
    passage = a_passage(whole)
    return Quote(a_span(part, whole), passage, passage.span)


def a_candidate(part: str, *, share: float = 0.1, own: Iterable[str] = (), **features: float) -> Candidate:
    counted = Features(*[0.0] * len(Features._fields))._replace(**features)
    return Candidate(
        a_span(part, FERRY), a_passage(), counted, None, frozenset(own), frozenset(), score=share, share=share
    )


def plant(folder: Path, texts: Mapping[str, str] = SEEDS) -> Path:
    """A folder of documents."""
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return folder


def an_indexer(
    folder: Path, *, embedder: Embedder, pages: WebPages | None = None, generations: Generations | None = None
) -> Indexer:
    """Indexes folder/seeds into folder/data, or into other generations."""
    (folder / "data").mkdir(exist_ok=True)
    return Indexer(
        seeds=folder / "seeds",
        generations=generations or Generations(folder / "data" / "index"),
        vectors=folder / "data" / "vectors.sqlite",
        embedder=embedder,
        analyzer=Analyzer(),
        pages=pages,
    )


def index(folder: Path, texts: Mapping[str, str] = SEEDS, *, embedder: Embedder) -> Generations:
    """Plants the texts, indexes them, and returns the generations, the new one published."""
    plant(folder / "seeds", texts)
    an_indexer(folder, embedder=embedder).sync(full=True)
    return Generations(folder / "data" / "index")
