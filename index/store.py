"""Chunks and their vectors in Chroma: written once into a folder of their own, then only read.

`Chunks` is what the rest of the index asks of them, and `Stores` where those of each generation stand.
"""

import contextlib
import json
import shutil
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import chromadb
from chromadb.config import Settings as ChromaSettings
from chromadb.errors import ChromaError

from index.copying import copy_what_is_left
from index.embedding import Vectors
from index.errors import DAMAGED, CorruptIndexError, DataFolderError, is_full, unwritten
from index.types import Chunk, Source, Span

CHROMA = "chroma"
"""The folder of the chunks in a generation's."""

CHROMA_FILE = "chroma.sqlite3"
"""In the folder CHROMA: Chroma may write on it when it only reads."""

COLLECTION = "chunks"
HNSW = {
    "space": "cosine",
    "ef_construction": 400,
    "ef_search": 400,
    "max_neighbors": 64,
    "batch_size": 1,
    "sync_threshold": 1,
}
"""A wide graph: in a folder with 3,300 near-equal log lines Chroma's own settings found .77 of the other documents' ten
nearest, these .99, in the same time (1.6 ms a query, 2 s to build).

And the smallest batches, so that every vector is in the graph's files when the writer is done. By default up to 1,000
wait in the log, and every reader writes files of the graph anew when it opens them, while others may be reading."""

CLIENTS = threading.Lock()
"""Chroma makes a folder's engine and counts its clients in two steps; who closes in between stops it for the other."""

DECIMALS = 6
"""Of a cosine. In the seventh, Chroma's depends on how the graph was filled, and equal texts must stay equal."""

BATCH = 2000
"""Rows a call: under Chroma's own limit (5461 here), and memory stays flat."""


class Chunks(Protocol):
    """The chunks of one generation. Every method may raise CorruptIndexError, writing also DataFolderError, and any of
    them IndexAwayError where a server holds them."""

    def add(self, chunks: Sequence[Chunk], vectors: Vectors) -> None: ...

    def remove(self, ids: Sequence[str]) -> None: ...

    def count(self) -> int: ...

    def nearest(self, vector: Vectors, limit: int) -> list[tuple[str, float]]:
        """Ids of the nearest chunks with their cosine to the vector, best first."""
        ...

    def get(self, ids: Sequence[str]) -> dict[str, Chunk]:
        """The chunks of the ids that exist, by id."""
        ...

    def close(self) -> None: ...


class Stores(Protocol):
    """Where the chunks of each generation stand, by the generation's folder."""

    def create(self, folder: Path) -> Chunks:
        """None yet, of a new generation."""
        ...

    def copy(self, earlier: Path, folder: Path, *, kept: Iterable[str]) -> Chunks:
        """Those of an earlier generation, for a new one: the `kept` ones at least."""
        ...

    def open(self, folder: Path) -> Chunks: ...


class ChunkStore:
    """The chunks of one generation. Open it once a process and folder, and close it: Chroma shares clients."""

    def __init__(self, folder: Path) -> None:
        with CLIENTS:
            self._client: Any = chromadb.PersistentClient(str(folder), ChromaSettings(anonymized_telemetry=False))
        self._chunks: Any = None

    @classmethod
    def create(cls, folder: Path) -> "ChunkStore":
        """An empty store in a new folder. Raises DataFolderError, as `add` does, where there is no room."""
        with explained():
            store = cls(folder)
            store._chunks = store._client.create_collection(
                COLLECTION, configuration={"hnsw": HNSW}, embedding_function=None
            )
        return store

    @classmethod
    def open(cls, folder: Path) -> "ChunkStore":
        """The store in a folder. Raises CorruptIndexError where there is none, DataFolderError on a full disk, since
        Chroma writes when it opens."""
        store = None
        try:
            store = cls(folder)
            store._chunks = store._client.get_collection(COLLECTION, embedding_function=None)
            store.count()
        except Exception as error:  # Chroma's Rust side raises its own kinds, InternalError among them
            if store:
                store.close()
            if is_full(error):
                raise DataFolderError(
                    "The disk is full, and an index is not opened without some room. Make it."
                ) from error
            raise CorruptIndexError(f"The vectors in {folder} cannot be read ({error}).") from error
        return store

    def add(self, chunks: Sequence[Chunk], vectors: Vectors) -> None:
        for begin in range(0, len(chunks), BATCH):
            batch = chunks[begin : begin + BATCH]
            with explained():
                self._chunks.add(
                    ids=[chunk.id for chunk in batch],
                    embeddings=vectors[begin : begin + BATCH],
                    documents=[chunk.span.text for chunk in batch],
                    metadatas=[to_metadata(chunk) for chunk in batch],
                )

    def remove(self, ids: Sequence[str]) -> None:
        for begin in range(0, len(ids), BATCH):
            with explained():
                self._chunks.delete(ids=list(ids[begin : begin + BATCH]))

    def count(self) -> int:
        return int(self._chunks.count())

    def nearest(self, vector: Vectors, limit: int) -> list[tuple[str, float]]:
        """Ids of the nearest chunks with their cosine to the vector, best first. Raises CorruptIndexError."""
        with readable():
            found = self._chunks.query(query_embeddings=[vector], n_results=limit, include=["distances"])
        return [
            (key, round(1.0 - distance, DECIMALS))
            for key, distance in zip(found["ids"][0], found["distances"][0], strict=True)
        ]

    def get(self, ids: Sequence[str]) -> dict[str, Chunk]:
        """The chunks of the ids that exist, by id. Raises CorruptIndexError."""
        if not ids:
            return {}
        with readable():
            rows = self._chunks.get(ids=list(ids), include=["documents", "metadatas"])
        return {
            key: from_metadata(key, text, metadata)
            for key, text, metadata in zip(rows["ids"], rows["documents"], rows["metadatas"], strict=True)
        }

    def close(self) -> None:
        with CLIENTS:
            self._client.close()


@contextlib.contextmanager
def readable() -> Iterator[None]:
    try:
        yield
    except ChromaError as error:
        raise CorruptIndexError(DAMAGED) from error


@contextlib.contextmanager
def explained() -> Iterator[None]:
    try:
        yield
    except ChromaError as error:
        raise unwritten("The vectors", error) from error


def to_metadata(chunk: Chunk) -> dict[str, Any]:
    """Chroma takes flat values only and no None: what is unset is left out."""
    source = chunk.source
    metadata = {
        "document": source.document,
        "title": source.title,
        "page": source.page,
        "url": source.url,
        "modified": source.modified.isoformat() if source.modified else None,
        "label": source.label,
        "author": source.author,
        "start": chunk.span.start,
        "heading": json.dumps(chunk.heading, ensure_ascii=False),
        "language": chunk.language,
    }
    return {name: value for name, value in metadata.items() if value is not None}


def from_metadata(key: str, text: str, metadata: dict[str, Any]) -> Chunk:
    source = Source(
        metadata["document"],
        metadata["title"],
        page=metadata.get("page"),
        url=metadata.get("url"),
        modified=date.fromisoformat(metadata["modified"]) if "modified" in metadata else None,
        label=metadata.get("label"),
        author=metadata.get("author"),
    )
    span = Span(text, metadata["start"], metadata["start"] + len(text))
    return Chunk(key, span, source, tuple(json.loads(metadata["heading"])), metadata["language"])


class FolderStores:
    """Each generation's in its own folder."""

    def create(self, folder: Path) -> ChunkStore:
        return ChunkStore.create(folder / CHROMA)

    def copy(self, earlier: Path, folder: Path, *, kept: Iterable[str]) -> ChunkStore:
        """All of them, as they lie there."""
        copy_vectors(earlier, folder)
        return ChunkStore.open(folder / CHROMA)

    def open(self, folder: Path) -> ChunkStore:
        return ChunkStore.open(folder / CHROMA)


def copy_vectors(before: Path, folder: Path) -> None:
    """Of a generation. Chroma's SQLite file may be written on while it is read, so it is copied as SQLite copies, and
    without the texts that it only marks as deleted."""
    shutil.copytree(before / CHROMA, folder / CHROMA, ignore=shutil.ignore_patterns(f"{CHROMA_FILE}*"))
    try:
        copy_what_is_left(before / CHROMA / CHROMA_FILE, folder / CHROMA / CHROMA_FILE)
    except sqlite3.DatabaseError as error:
        if is_full(error):
            raise unwritten("The vectors", error) from error
        raise CorruptIndexError(f"{before / CHROMA} cannot be copied ({error}).") from error
