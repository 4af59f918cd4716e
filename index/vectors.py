"""The vector cache: (model, hash of the text) → vector, so that no text is embedded twice.

One SQLite file beside the generations; an index can always be rebuilt from it without the model.
"""

import contextlib
import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from index.embedding import Embedder, Vectors
from index.errors import DataFolderError, is_full, unwritten

BATCH = 256
"""Texts embedded before their vectors are committed: what an interrupted rebuild loses at most."""


class VectorCache:
    """An embedder that remembers. Raises DataFolderError where the file cannot be written or is no database."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._explained():
            self._database = sqlite3.connect(path, timeout=30)
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute(
                "CREATE TABLE IF NOT EXISTS vectors (model TEXT, text_sha256 BLOB, vector BLOB,"
                " PRIMARY KEY (model, text_sha256)) WITHOUT ROWID"
            )

    def embed(
        self, texts: Sequence[str], *, embedder: Embedder, progress: Callable[[int, int], None] | None = None
    ) -> tuple[Vectors, int]:
        """The vectors of the texts in order, and how many of them had to be computed.

        `progress` hears (vectors in hand, all).
        """
        keys = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts]
        vectors = np.zeros((len(texts), embedder.dimension), dtype=np.float32)
        first: dict[bytes, int] = {}
        for row, key in enumerate(keys):
            first.setdefault(key, row)
        missing = []
        for key, row in first.items():
            if (known := self._get(embedder.fingerprint, key, dimension=embedder.dimension)) is None:
                missing.append(row)
            else:
                vectors[row] = known
        for begin in range(0, len(missing), BATCH):
            rows = missing[begin : begin + BATCH]
            vectors[rows] = embedder.embed([texts[row] for row in rows])
            self._put(embedder.fingerprint, [(keys[row], vectors[row].tobytes()) for row in rows])
            if progress:
                progress(len(texts) - len(missing) + begin + len(rows), len(texts))
        return vectors[[first[key] for key in keys]], len(missing)

    def close(self) -> None:
        self._database.close()

    def _get(self, model: str, key: bytes, *, dimension: int) -> Vectors | None:
        """None where it is not there, or damaged."""
        with self._explained():
            row = self._database.execute(
                "SELECT vector FROM vectors WHERE model = ? AND text_sha256 = ?", (model, key)
            ).fetchone()
        whole = row and len(row[0]) == dimension * np.dtype(np.float32).itemsize
        return np.frombuffer(row[0], dtype=np.float32) if whole else None

    def _put(self, model: str, rows: Sequence[tuple[bytes, bytes]]) -> None:
        with self._explained(), self._database:
            self._database.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", [(model, key, vector) for key, vector in rows]
            )

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if is_full(error):
                raise unwritten("The vector cache", error) from error
            raise DataFolderError(
                f"The vector cache {self._path} cannot be used ({error}). "
                "Make its folder writable; a damaged file can be deleted."
            ) from error
