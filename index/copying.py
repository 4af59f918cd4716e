"""An SQLite file copied as SQLite copies: whole, while others write on it."""

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote


def copy_database(source: Path, target: Path) -> None:
    """Page by page, so that it is as large. Raises sqlite3.Error; nothing is made where there is no source. The copy is
    not flushed to the disk: that is the caller's to do."""
    with closing(reading(source)) as before, closing(sqlite3.connect(target)) as after:
        after.execute("PRAGMA synchronous = OFF")
        before.backup(after)


def copy_what_is_left(source: Path, target: Path) -> None:
    """As copy_database, but row by row: without the room that was given up, in which deleted rows can still be read."""
    with closing(reading(source)) as before:
        before.execute("VACUUM INTO ?", (str(target),))


def reading(source: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(source))}?mode=ro", uri=True)
