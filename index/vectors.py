"""The vector cache: (model, hash of the text) → vector, so that no text is embedded twice.

One SQLite file beside the generations; an index can always be rebuilt from it without the model. Vectors that the index
has no more use for are deleted a week later (docs/decisions/0009).
"""

import contextlib
import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from index.embedding import Embedder, Vectors
from index.errors import DataFolderError, is_full, unwritten

BATCH = 256
"""Texts embedded before their vectors are committed: what an interrupted rebuild loses at most."""

KEPT_DAYS = 7
"""How long a vector stays that no text of the index has any more: an edit may be undone, a model changed back."""

FORGOTTEN = 1000
"""Vectors that are deleted at once: on a disk that is nearly full there is room for the journal of some only."""

TABLES = """
PRAGMA journal_mode = WAL;
PRAGMA secure_delete = ON;
CREATE TABLE IF NOT EXISTS vectors (
    model TEXT, text_sha256 BLOB, vector BLOB, PRIMARY KEY (model, text_sha256)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS unused (
    model TEXT, text_sha256 BLOB, day INTEGER, PRIMARY KEY (model, text_sha256)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS looked (day INTEGER);
"""
"""Those of earlier versions have the vectors alone. A vector is unused since the day on which it was found to be so."""


class VectorCache:
    """An embedder that remembers. Raises DataFolderError where the file cannot be written or is no database."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._explained():
            self._database = sqlite3.connect(path, timeout=30)
            try:
                self._database.executescript(TABLES)
            except sqlite3.Error:
                self._database.close()  # as long as it is open, no other removes its journal
                raise

    def embed(
        self, texts: Sequence[str], *, embedder: Embedder, progress: Callable[[int, int], None] | None = None
    ) -> tuple[Vectors, int]:
        """The vectors of the texts in order, and how many of them had to be computed.

        `progress` hears (vectors in hand, all).
        """
        keys = [key_of(text) for text in texts]
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

    def prune(self, texts: Iterable[str], *, model: str, today: int) -> None:
        """Deletes what has been without use for KEPT_DAYS, where `texts` are all that are in use, with this model. They
        are read once a day, which `today` counts; what no sync has published yet is not in use, and has its days."""
        with self._explained():
            if self._database.execute("SELECT 1 FROM looked WHERE day = ?", (today,)).fetchone():
                return
            self._look(texts, model, today)
            while rows := self._database.execute(
                "SELECT model, text_sha256 FROM unused WHERE day NOT BETWEEN ? AND ? LIMIT ?",
                (today - KEPT_DAYS, today, FORGOTTEN),
            ).fetchall():
                with self._database:
                    self._database.executemany("DELETE FROM vectors WHERE model = ? AND text_sha256 = ?", rows)
                    self._database.executemany("DELETE FROM unused WHERE model = ? AND text_sha256 = ?", rows)
            free, pages = self._database.execute(
                "SELECT freelist_count, page_count FROM pragma_freelist_count, pragma_page_count"
            ).fetchone()
            if 2 * free > pages:
                self._database.execute("VACUUM")

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

    def _look(self, texts: Iterable[str], model: str, today: int) -> None:
        """Notes what is unused, and what is no more."""
        self._database.execute("CREATE TEMP TABLE IF NOT EXISTS used (text_sha256 BLOB PRIMARY KEY) WITHOUT ROWID")
        with self._database:
            self._database.execute("DELETE FROM used")
            self._database.executemany("INSERT OR IGNORE INTO used VALUES (?)", ((key_of(text),) for text in texts))
            self._database.execute("DELETE FROM unused WHERE model = ? AND text_sha256 IN used", (model,))
            self._database.execute(
                "INSERT OR IGNORE INTO unused SELECT model, text_sha256, ? FROM vectors"
                " WHERE NOT (model = ? AND text_sha256 IN used)",
                (today, model),
            )
            self._database.execute("DELETE FROM looked")
            self._database.execute("INSERT INTO looked VALUES (?)", (today,))

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


def key_of(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
