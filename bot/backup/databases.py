"""The two databases of a backup as single files: whole, of this project, and without what waits to be handled."""

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.backup.contents import DATABASE, VECTORS

OURS = {DATABASE: {"chats", "answers", "members", "people", "came"}, VECTORS: {"vectors"}}
"""Tables by file, of which one at least is in it. No version had a view or a trigger."""

WAITING = "updates"
"""Handled by the bot that has them, and never again weeks later by one that was restored."""


def make_single(path: Path) -> bool:
    """A copy becomes one file whatever its journal was, without updates that wait; whether there is a table in it.
    Raises sqlite3.Error."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode=DELETE")
        tables = {name for kind, name in objects_in(database) if kind == "table"}
        if WAITING in tables:
            database.execute("PRAGMA secure_delete=ON")
            database.execute("DELETE FROM updates")
            database.execute("VACUUM")
    return bool(tables)


def is_ours(path: Path) -> bool:
    """Whether it is a whole database with tables of this project. `path` bears its name in the backup."""
    try:
        with closing(sqlite3.connect(path)) as database:
            found = objects_in(database)
            if path.name == VECTORS:
                database.execute("SELECT model, text_sha256, vector FROM vectors LIMIT 0")
            return (
                not any(kind in ("view", "trigger") for kind, _ in found)
                and not OURS[path.name].isdisjoint(name for kind, name in found if kind == "table")
                and database.execute("PRAGMA quick_check").fetchall() == [("ok",)]
            )
    except sqlite3.DatabaseError:
        return False


def objects_in(database: sqlite3.Connection) -> list[tuple[str, str]]:
    return database.execute("SELECT type, name FROM sqlite_schema").fetchall()
