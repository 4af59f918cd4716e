"""The extracted text of every document of a generation: what quotes are read back from."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from index.errors import CorruptIndexError


class DocumentTexts:
    """One SQLite file, written once and then only read, from any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def create(cls, path: Path, texts: Iterable[tuple[str, str]]) -> "DocumentTexts":
        """Writes (document, text) pairs into a new file."""
        database = sqlite3.connect(path)
        try:
            with database:
                database.execute("CREATE TABLE texts (document TEXT PRIMARY KEY, text TEXT)")
                database.executemany("INSERT INTO texts VALUES (?, ?)", texts)
        finally:
            database.close()
        return cls(path)

    def read(self, document: str) -> str:
        """Raises CorruptIndexError where the file or the document is missing."""
        try:
            database = sqlite3.connect(f"file:{quote(str(self._path))}?mode=ro&immutable=1", uri=True)
            try:
                row = database.execute("SELECT text FROM texts WHERE document = ?", (document,)).fetchone()
            finally:
                database.close()
        except sqlite3.Error as error:
            raise CorruptIndexError(f"The texts in {self._path} cannot be read ({error}).") from error
        if row is None:
            raise CorruptIndexError(f"The text of {document} is missing from {self._path}.")
        return str(row[0])
