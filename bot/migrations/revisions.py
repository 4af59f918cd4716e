"""Which revisions of the database there are, and which one a database has. Needs no Alembic, which takes long to load
and is needed only where there is something to change."""

import logging
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select

from bot.errors import NewerDatabaseError

logging.getLogger("alembic").setLevel(logging.WARNING)  # before it is loaded, for it tells of that too


@dataclass(frozen=True)
class Revisions:
    """Those whose files are in the folder's versions/."""

    folder: Path

    @cached_property
    def known(self) -> tuple[str, ...]:
        """In order; a revision is called by the four digits of its file."""
        return tuple(sorted(path.stem[1:5] for path in (self.folder / "versions").glob("r[0-9]*.py")))

    @property
    def head(self) -> str:
        return self.known[-1]

    def lacks(self, connection: Connection) -> bool:
        """Whether the database lacks one of them. Raises NewerDatabaseError."""
        revision = revision_of(connection)
        if revision is not None and revision not in self.known:
            raise NewerDatabaseError(NEWER.format(revision=revision, head=self.head))
        return revision != self.head


OURS = Revisions(Path(__file__).parent)

NEWER = (
    "The bot's database was made by a later version of citegram (it is at revision {revision}; this version knows none "
    "after {head}). Start that version, or give this one a database of its own by DATABASE_URL or DATA_DIR."
)

alembic_version = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))
"""Alembic's own: it has one row."""


def revision_of(connection: Connection) -> str | None:
    """None where it has no tables, or those of a version that knew of no revisions."""
    if not inspect(connection).has_table(alembic_version.name):
        return None
    return connection.execute(select(alembic_version.c.version_num)).scalar_one_or_none()
