"""Chunks and their vectors in Chroma: written once into a folder of their own, then only read."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import chromadb
from chromadb.config import Settings as ChromaSettings

from index.embedding import Vectors
from index.errors import CorruptIndexError
from index.types import Chunk, Source, Span

COLLECTION = "chunks"
BATCH = 2000
"""Rows a call: under Chroma's own limit (5461 here), and memory stays flat."""


class ChunkStore:
    """The chunks of one generation. Open it once a process and folder, and close it: Chroma shares clients."""

    def __init__(self, folder: Path) -> None:
        self._client: Any = chromadb.PersistentClient(str(folder), ChromaSettings(anonymized_telemetry=False))
        self._chunks: Any = None

    @classmethod
    def create(cls, folder: Path) -> "ChunkStore":
        """An empty store in a new folder."""
        store = cls(folder)
        store._chunks = store._client.create_collection(
            COLLECTION, configuration={"hnsw": {"space": "cosine"}}, embedding_function=None
        )
        return store

    @classmethod
    def open(cls, folder: Path) -> "ChunkStore":
        """The store in a folder. Raises CorruptIndexError where there is none."""
        store = cls(folder)
        try:
            store._chunks = store._client.get_collection(COLLECTION, embedding_function=None)
        except Exception as error:  # Chroma's Rust side raises its own kinds, InternalError among them
            store.close()
            raise CorruptIndexError(f"The vectors in {folder} cannot be read ({error}).") from error
        return store

    def add(self, chunks: Sequence[Chunk], vectors: Vectors) -> None:
        for begin in range(0, len(chunks), BATCH):
            batch = chunks[begin : begin + BATCH]
            self._chunks.add(
                ids=[chunk.id for chunk in batch],
                embeddings=vectors[begin : begin + BATCH],
                documents=[chunk.span.text for chunk in batch],
                metadatas=[to_metadata(chunk) for chunk in batch],
            )

    def count(self) -> int:
        return int(self._chunks.count())

    def nearest(self, vector: Vectors, limit: int) -> list[tuple[str, float]]:
        """Ids of the nearest chunks with their cosine to the vector, best first."""
        found = self._chunks.query(query_embeddings=[vector], n_results=limit, include=["distances"])
        return [(key, 1.0 - distance) for key, distance in zip(found["ids"][0], found["distances"][0], strict=True)]

    def get(self, ids: Sequence[str]) -> dict[str, Chunk]:
        """The chunks of the ids that exist, by id."""
        if not ids:
            return {}
        rows = self._chunks.get(ids=list(ids), include=["documents", "metadatas"])
        return {
            key: from_metadata(key, text, metadata)
            for key, text, metadata in zip(rows["ids"], rows["documents"], rows["metadatas"], strict=True)
        }

    def close(self) -> None:
        self._client.close()


def to_metadata(chunk: Chunk) -> dict[str, Any]:
    """Chroma takes flat values only and no None: what is unset is left out."""
    source = chunk.source
    metadata = {
        "document": source.document,
        "title": source.title,
        "page": source.page,
        "url": source.url,
        "modified": source.modified.isoformat() if source.modified else None,
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
    )
    span = Span(text, metadata["start"], metadata["start"] + len(text))
    return Chunk(key, span, source, tuple(json.loads(metadata["heading"])), metadata["language"])
