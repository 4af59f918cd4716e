"""Chunks and their vectors in a Chroma server: a collection for each generation, named after its folder."""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from chromadb.errors import ChromaError

from index.chroma_server import ChromaServer
from index.embedding import Vectors
from index.errors import REBUILD, CorruptIndexError
from index.store import DECIMALS, HNSW, from_metadata, to_metadata
from index.types import Chunk

CHUNKS = "chunks"
"""The end of a collection's name."""

ROWS = 300
"""A call: as many as Chroma Cloud takes and gives."""

GRAPH = {name: value for name, value in HNSW.items() if name not in ("batch_size", "sync_threshold")}
"""When its files are written is the server's affair, which is alone with them."""


def collection_name(prefix: str, generation: str, kind: str) -> str:
    return f"{prefix}-{generation}-{kind}"


class ServerStore:
    """The chunks of one generation."""

    def __init__(self, server: ChromaServer, collection: Any) -> None:
        self._server = server
        self._collection = collection

    def add(self, chunks: Sequence[Chunk], vectors: Vectors) -> None:
        for begin in range(0, len(chunks), ROWS):
            batch = chunks[begin : begin + ROWS]
            with self._asking("could not be written"):
                self._collection.add(
                    ids=[chunk.id for chunk in batch],
                    embeddings=vectors[begin : begin + ROWS],
                    documents=[chunk.span.text for chunk in batch],
                    metadatas=[to_metadata(chunk) for chunk in batch],
                )

    def take(self, earlier: "ServerStore", ids: Iterable[str]) -> None:
        """Chunks of another generation as they stand there, with their vectors."""
        for batch in batches(ids):
            with self._asking("could not be copied"):
                found = earlier._collection.get(ids=batch, include=["embeddings", "documents", "metadatas"])
                self._collection.add(
                    ids=found["ids"],
                    embeddings=np.asarray(found["embeddings"], dtype=np.float32),
                    documents=found["documents"],
                    metadatas=found["metadatas"],
                )

    def remove(self, ids: Sequence[str]) -> None:
        for batch in batches(ids):
            with self._asking("could not be written"):
                self._collection.delete(ids=batch)

    def count(self) -> int:
        with self._asking("cannot be read"):
            return int(self._collection.count())

    def nearest(self, vector: Vectors, limit: int) -> list[tuple[str, float]]:
        with self._asking("cannot be read"):
            found = self._collection.query(query_embeddings=[vector], n_results=limit, include=["distances"])
        distances = (found["distances"] or [[]])[0]
        return [(key, round(1.0 - each, DECIMALS)) for key, each in zip(found["ids"][0], distances, strict=True)]

    def get(self, ids: Sequence[str]) -> dict[str, Chunk]:
        if not ids:
            return {}
        with self._asking("cannot be read"):
            rows = self._collection.get(ids=list(ids), include=["documents", "metadatas"])
        told = zip(rows["ids"], rows["documents"] or (), rows["metadatas"] or (), strict=True)
        return {key: from_metadata(key, text, dict(metadata)) for key, text, metadata in told}

    def close(self) -> None:
        """Nothing is held but by the server's client, which all generations share."""

    @contextlib.contextmanager
    def _asking(self, what_failed: str) -> Iterator[None]:
        """That the collection is gone, or is not as it was made, means that the generation cannot be used."""
        with self._server.reached(), explained(self._server, what_failed):
            yield


@contextlib.contextmanager
def explained(server: ChromaServer, what_failed: str) -> Iterator[None]:
    try:
        yield
    except ChromaError as error:
        raise CorruptIndexError(
            f"The index on the Chroma server at {server.address.place} {what_failed} ({error}). {REBUILD}"
        ) from error


class ServerStores:
    def __init__(self, server: ChromaServer) -> None:
        self._server = server

    def create(self, folder: Path) -> ServerStore:
        with explained(self._server, "could not be written"):
            made = self._server.create(self._name(folder), configuration={"hnsw": GRAPH})
        return ServerStore(self._server, made)

    def copy(self, earlier: Path, folder: Path, *, kept: Iterable[str]) -> ServerStore:
        """As a fork where the server makes one. Else row by row, so that no vector is computed again."""
        before = self.open(earlier)
        if fork := self._server.fork(before._collection, self._name(folder)):
            return ServerStore(self._server, fork)
        store = self.create(folder)
        store.take(before, kept)
        return store

    def open(self, folder: Path) -> ServerStore:
        with explained(self._server, "cannot be read"):
            return ServerStore(self._server, self._server.collection(self._name(folder)))

    def _name(self, folder: Path) -> str:
        return collection_name(self._server.address.prefix, folder.name, CHUNKS)


def batches(ids: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(ids)
    while batch := list(islice(rest, ROWS)):
        yield batch
