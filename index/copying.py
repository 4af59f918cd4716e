"""An SQLite file copied as SQLite copies: whole, while others write on it."""

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote


def copy_database(source: Path, target: Path) -> None:
    """Raises sqlite3.Error; nothing is made where there is no source. The copy is not flushed to
    the disk: that is the caller's to do."""
    with (
        closing(sqlite3.connect(f"file:{quote(str(source))}?mode=ro", uri=True)) as before,
        closing(sqlite3.connect(target)) as after,
    ):
        after.execute("PRAGMA synchronous = OFF")
        before.backup(after)
