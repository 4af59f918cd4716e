"""`citegram restore`: everything is unpacked and checked beside what is there, then put in its place part by part.

Each part is the old one or the new one, whenever the process is killed; the index comes last, as an indexer publishes.
"""

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.backup import sentences
from bot.backup.archive import Archive, open_archive
from bot.backup.contents import COPIES, DATABASE, GENERATION, SEEDS, VECTORS, Places, is_seed, seed_files
from bot.backup.databases import is_ours, make_single
from bot.errors import BackupError
from index.errors import CorruptIndexError, NoIndexError, OutdatedIndexError
from index.manifest import read_manifest

STAGE = ".restoring"
"""A folder beside what is to be replaced, so that a rename is enough."""


@dataclass(frozen=True, slots=True)
class Restored:
    """`database` is whether it was put there: None where the backup holds none. `outdated` means that the index must be
    brought up to date before it answers. No `index` is restored where a server held it, or is to hold it."""

    made: datetime
    index: bool
    database: bool | None
    vectors: bool
    pages: int
    documents: int
    outdated: bool


def restore(places: Places, file: Path, *, force: bool = False) -> Restored:
    """Raises BackupError, IndexBusyError, DataFolderError or IndexAwayError."""
    with open_archive(file) as archive:
        if not any(archive.below(part) for part in (GENERATION, DATABASE, VECTORS, SEEDS)):
            raise BackupError(sentences.NO_BACKUP.format(file=file))
        if not force:
            refuse_occupied(places, archive, file)
        indexed = bool(archive.below(GENERATION)) and places.generations.server is None
        with places.generations.writing(), written(file):
            check_room(places, archive, file)
            with stage(places.data) as staged, contextlib.ExitStack() as drafted:
                folder = drafted.enter_context(places.generations.drafting()) if indexed else None
                if folder:
                    archive.unpack(GENERATION, folder)
                outdated = folder is not None and is_outdated(folder, file)
                for part in (DATABASE, VECTORS, COPIES):
                    archive.unpack(part, staged / part)
                check_databases(staged, file)
                documents = restore_seeds(places, archive)
                pages = move_files(staged / COPIES, places.pages)
                vectors = put_vectors(staged / VECTORS, places.vectors)
                database = put_database(staged / DATABASE, places.database)
                if folder:
                    places.generations.publish(folder)
        return Restored(
            archive.statement.made,
            indexed,
            database,
            vectors,
            sum(name.endswith(".json") for name in pages),
            len(documents),
            outdated,
        )


def refuse_occupied(places: Places, archive: Archive, file: Path) -> None:
    """Nothing is replaced unasked."""
    there = []
    if archive.below(GENERATION) and places.generations.server is None and has_index(places):
        there.append(sentences.AN_INDEX.format(path=places.generations.root))
    if archive.below(DATABASE) and places.database and places.database.exists():
        there.append(sentences.A_DATABASE.format(path=places.database))
    if archive.below(SEEDS) and places.seeds.is_dir() and seed_files(places.seeds)[0]:
        there.append(sentences.DOCUMENTS.format(path=places.seeds))
    if there:
        raise BackupError(sentences.OCCUPIED.format(what="; ".join(there), file=file))


def has_index(places: Places) -> bool:
    try:
        places.generations.current()
    except NoIndexError:
        return False
    except CorruptIndexError:
        return True
    return True


def check_room(places: Places, archive: Archive, file: Path) -> None:
    """By what the backup states, and nothing larger is ever unpacked."""
    kept = sum(map(archive.bytes_of, (GENERATION, DATABASE, VECTORS, COPIES)))
    for folder, size in ((places.data, kept), (places.seeds, archive.bytes_of(SEEDS))):
        if size and size > shutil.disk_usage(existing(folder)).free:
            raise BackupError(sentences.NO_ROOM.format(file=file, megabytes=size // 10**6 + 1, folder=folder))


def existing(folder: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    return next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())


def is_outdated(folder: Path, file: Path) -> bool:
    try:
        read_manifest(folder)
    except OutdatedIndexError:
        return True
    except CorruptIndexError as error:
        raise BackupError(sentences.DAMAGED.format(file=file, what=GENERATION)) from error
    return False


def check_databases(staged: Path, file: Path) -> None:
    """Before the first part is in its place. Backups of earlier versions hold updates that waited."""
    for path in (staged / DATABASE, staged / VECTORS):
        if path.exists():
            if not is_ours(path):
                raise BackupError(sentences.DAMAGED.format(file=file, what=path.name))
            make_single(path)


def restore_seeds(places: Places, archive: Archive) -> list[str]:
    """Nothing but documents and what tells of them: the folder may hold anything else, a program or its settings."""
    names = archive.below(SEEDS)
    for name in names:
        if not is_seed(name.removeprefix(f"{SEEDS}/")):
            raise BackupError(sentences.HOSTILE.format(file=archive.path, name=name))
    if not names:
        return []
    with stage(places.seeds) as staged:
        archive.unpack(SEEDS, staged)
        return move_files(staged, places.seeds)


def move_files(source: Path, target: Path) -> list[str]:
    """Each by a rename; other files that are there stay. A name in the way that is a folder ends in OSError."""
    names = sorted(path.relative_to(source) for path in source.rglob("*") if path.is_file())
    for name in names:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).replace(target / name)
    return [name.as_posix() for name in names]


def put_vectors(source: Path, target: Path) -> bool:
    """Those that are there stay: a vector is bound to its text."""
    if not source.exists():
        return False
    if not target.exists():
        source.replace(target)
        return True
    with closing(sqlite3.connect(target, timeout=30)) as database:
        database.execute("ATTACH ? AS restored", (str(source),))
        with database:
            database.execute("INSERT OR IGNORE INTO vectors SELECT model, text_sha256, vector FROM restored.vectors")
    return True


def put_database(source: Path, target: Path | None) -> bool | None:
    """In one transaction, by whoever is alone with the file: a bot that runs keeps it open, and its database stays."""
    if not source.exists():
        return None
    if target is None:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with closing(sqlite3.connect(target, timeout=0)) as database:
            if not is_alone(database):
                return False
            with closing(sqlite3.connect(source)) as kept:
                kept.backup(database)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:  # it is damaged, and so nobody's
        for journal in ("-wal", "-shm", "-journal"):
            Path(f"{target}{journal}").unlink(missing_ok=True)
        source.replace(target)
    return True


def is_alone(database: sqlite3.Connection) -> bool:
    """From here on nobody else gets at it. SQLite leaves its write-ahead log only for the last one who has it open."""
    database.execute("PRAGMA locking_mode=EXCLUSIVE")
    try:
        (mode,) = database.execute("PRAGMA journal_mode=DELETE").fetchone()
        database.execute("BEGIN EXCLUSIVE")
        database.execute("COMMIT")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return False
        raise
    return bool(mode == "delete")


@contextmanager
def stage(beside: Path) -> Iterator[Path]:
    """What a killed restore left is removed first."""
    folder = beside / STAGE
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def written(file: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise BackupError(sentences.UNRESTORED.format(file=file, reason=reason)) from error
