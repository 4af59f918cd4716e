"""The documents of a generation in one SQLite file: their texts, which quotes are read back from, and their chunks."""

import contextlib
import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from index.errors import CorruptIndexError, unwritten
from index.types import Chunk, Source, Span

TABLES = """
CREATE TABLE IF NOT EXISTS texts (document TEXT PRIMARY KEY, text TEXT);
CREATE TABLE IF NOT EXISTS chunks (
    id TEXT PRIMARY KEY, document TEXT, start INTEGER, length INTEGER, source TEXT, heading TEXT, language TEXT,
    new INTEGER
);
CREATE INDEX IF NOT EXISTS chunks_of ON chunks (document);
"""
Row = tuple[Any, ...]
COLUMNS = "id, document, start, length, source, heading, language"

BATCH = 500
"""Rows that are held at once, and ids a statement."""


class DocumentTexts:
    """Reads from the file, which is written once, from any thread.

    It is opened with the first reading and kept open until `close`, so that a reader who is still in an old
    generation goes on reading when the writer removes its folder.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database: sqlite3.Connection | None = None
        self._lock = threading.Lock()

    def read(self, document: str) -> str:
        """Raises CorruptIndexError where the file or the document is missing."""
        try:
            with self._lock:
                row = self._open().execute("SELECT text FROM texts WHERE document = ?", (document,)).fetchone()
        except sqlite3.Error as error:
            raise CorruptIndexError(f"The texts in {self._path} cannot be read ({error}).") from error
        if row is None:
            raise CorruptIndexError(f"The text of {document} is missing from {self._path}.")
        return str(row[0])

    def chunks(self) -> Iterator[str]:
        """The text of each chunk. Raises CorruptIndexError where the file cannot be read."""
        try:
            database = self._open()
            for document, text in database.execute("SELECT document, text FROM texts"):
                spans = database.execute("SELECT start, length FROM chunks WHERE document = ?", (document,))
                yield from (text[start : start + length] for start, length in spans)
        except sqlite3.Error as error:
            raise CorruptIndexError(f"The texts in {self._path} cannot be read ({error}).") from error

    def close(self) -> None:
        with self._lock:
            if self._database:
                self._database.close()
                self._database = None

    def _open(self) -> sqlite3.Connection:
        if not self._database:
            address = f"file:{quote(str(self._path))}?mode=ro&immutable=1"
            self._database = sqlite3.connect(address, uri=True, check_same_thread=False)
        return self._database


class TextWriter:
    """Writes the file of a generation that nobody reads yet: a new one, or the copy of an earlier generation's.

    Chunks that were put since it was opened are new; the rest stand in the engines of the earlier generation. Raises
    DataFolderError where there is no room, CorruptIndexError where a copy cannot be read.
    """

    def __init__(self, path: Path) -> None:
        with explained():
            self._database = sqlite3.connect(path)
            self._database.executescript("PRAGMA synchronous = OFF; PRAGMA secure_delete = ON;" + TABLES)
            self._database.execute("UPDATE chunks SET new = 0 WHERE new")

    def put(self, document: str, text: str, chunks: Iterable[Chunk]) -> None:
        """A document that is not there yet."""
        with explained():
            self._database.execute("INSERT INTO texts VALUES (?, ?)", (document, text))
            self._database.executemany("INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, 1)", map(to_row, chunks))

    def remove(self, document: str) -> list[str]:
        """The ids of what was the document's."""
        with explained():
            ids = [row[0] for row in self._database.execute("SELECT id FROM chunks WHERE document = ?", (document,))]
            self._database.execute("DELETE FROM chunks WHERE document = ?", (document,))
            self._database.execute("DELETE FROM texts WHERE document = ?", (document,))
        return ids

    def count(self, *, new: bool = False) -> int:
        with explained():
            (found,) = self._database.execute("SELECT count(*) FROM chunks WHERE new >= ?", (int(new),)).fetchone()
        return int(found)

    def chunks(self, *, new: bool = False) -> Iterator[list[Chunk]]:
        """All, or the new ones, in the order in which they were put, a batch at a time."""
        with explained():
            found = self._database.execute(f"SELECT {COLUMNS} FROM chunks WHERE new >= ? ORDER BY rowid", (int(new),))
            while rows := found.fetchmany(BATCH):
                yield self._with_texts(rows)

    def kept(self) -> Iterator[str]:
        """The ids of the chunks that are not new."""
        with explained():
            yield from (row[0] for row in self._database.execute("SELECT id FROM chunks WHERE NOT new ORDER BY rowid"))

    def sample(self, count: int, *, new: bool = False) -> list[Chunk]:
        """About as many, spread evenly."""
        step = max(1, self.count(new=new) // count)
        numbered = "SELECT *, row_number() OVER (ORDER BY rowid) - 1 AS place FROM chunks WHERE new >= ?"
        with explained():
            rows = self._database.execute(f"SELECT {COLUMNS} FROM ({numbered}) WHERE place % ? = 0", (int(new), step))
            return self._with_texts(rows.fetchall())

    def languages(self) -> tuple[str, ...]:
        with explained():
            rows = self._database.execute("SELECT DISTINCT language FROM chunks ORDER BY language").fetchall()
        return tuple(row[0] for row in rows)

    def close(self) -> None:
        """What was written is complete only then."""
        with explained():
            self._database.commit()
        self._database.close()

    def _with_texts(self, rows: Sequence[Row]) -> list[Chunk]:
        documents = list(dict.fromkeys(row[1] for row in rows))
        places = ",".join("?" * len(documents))
        texts = dict(
            self._database.execute(f"SELECT document, text FROM texts WHERE document IN ({places})", documents)
        )
        return [from_row(row, texts[row[1]]) for row in rows]


@contextlib.contextmanager
def explained() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise unwritten("The texts", error) from error
    except sqlite3.DatabaseError as error:
        raise CorruptIndexError(f"The texts cannot be read ({error}).") from error


def to_row(chunk: Chunk) -> Row:
    source, span = chunk.source, chunk.span
    modified = source.modified.isoformat() if source.modified else None
    told = [source.title, source.page, source.url, modified, source.label, source.author]
    heading = json.dumps(chunk.heading, ensure_ascii=False)
    place = (chunk.id, source.document, span.start, len(span.text))
    return (*place, json.dumps(told, ensure_ascii=False), heading, chunk.language)


def from_row(row: Row, text: str) -> Chunk:
    key, document, start, length, told, heading, language = row
    span = Span(text[start : start + length], start, start + length)
    return Chunk(key, span, source_of(document, told), heading_of(heading), language)


@lru_cache(maxsize=BATCH)
def source_of(document: str, told: str) -> Source:
    """The chunks of a page share it, and come one after the other."""
    title, page, url, modified, label, author = json.loads(told)
    return Source(document, title, page, url, date.fromisoformat(modified) if modified else None, label, author)


@lru_cache(maxsize=BATCH)
def heading_of(told: str) -> tuple[str, ...]:
    return tuple(json.loads(told))
