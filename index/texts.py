"""The extracted text of every document of a generation: what quotes are read back from."""

import sqlite3
import threading
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from index.errors import CorruptIndexError, DataFolderError


class DocumentTexts:
    """One SQLite file, written once and then only read, from any thread.

    It is opened with the first reading and kept open until `close`, so that a reader who is still in an old
    generation goes on reading when the writer removes its folder.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database: sqlite3.Connection | None = None
        self._lock = threading.Lock()

    @classmethod
    def create(cls, path: Path, texts: Iterable[tuple[str, str]]) -> "DocumentTexts":
        """Writes (document, text) pairs into a new file. Raises DataFolderError where there is no room."""
        database = sqlite3.connect(path)
        try:
            with database:
                database.execute("CREATE TABLE texts (document TEXT PRIMARY KEY, text TEXT)")
                database.executemany("INSERT INTO texts VALUES (?, ?)", texts)
        except sqlite3.OperationalError as error:
            raise DataFolderError(f"The texts could not be written ({error}). Make room, then try again.") from error
        finally:
            database.close()
        return cls(path)

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
