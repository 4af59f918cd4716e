"""`citegram backup`: written beside its place while everything goes on, and put there when it is whole."""

import glob
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bot.backup import sentences
from bot.backup.archive import ArchiveWriter
from bot.backup.contents import COPIES, DATABASE, GENERATION, SEEDS, VECTORS, Places, page_files, seed_files
from bot.backup.databases import make_single
from bot.errors import BackupError
from index.copying import copy_what_is_left
from index.errors import is_full
from index.generations import Generations
from index.holding import holding

OWNER_ONLY = 0o600
"""It holds what people asked."""

SECONDS_ABANDONED = 24 * 3600


@dataclass(frozen=True, slots=True)
class Made:
    """What is in a backup: no `index` where a server holds it. `nameless` are documents that it cannot hold, `database`
    is None with another engine."""

    file: Path
    size: int
    index: bool
    database: bool | None
    vectors: bool
    pages: int
    documents: int | None
    nameless: tuple[str, ...]


def back_up(places: Places, file: Path, *, vectors: bool = False, seeds: bool = False, force: bool = False) -> Made:
    """Of an index on a server the vectors are kept, from which it is built anew.

    Raises BackupError, SeedsError, NoIndexError or CorruptIndexError; then nothing is left of it, and a file that
    was there stays as it was."""
    documents, nameless = seed_files(places.seeds) if seeds else ({}, [])
    with scratch_beside(file, force=force) as scratch, written(file):
        part = scratch / "part"
        part.touch(OWNER_ONLY)
        with part.open("wb") as target, ArchiveWriter(target) as archive:
            indexed = places.generations.server is None
            if indexed:
                put_generation(archive, places.generations, scratch)
            database = put_database(archive, DATABASE, places.database, scratch)
            cache = (vectors or not indexed) and put_database(archive, VECTORS, places.vectors, scratch)
            copies = put_files(archive, COPIES, dict(page_files(places.pages)))
            kept = put_files(archive, SEEDS, documents)
            archive.finish()
            target.flush()
            os.fsync(target.fileno())
        size = part.stat().st_size
        refuse_existing(file, force=force)
        part.replace(file)
    known = None if places.database is None else database
    pages = sum(name.endswith(".json") for name in copies)
    return Made(file, size, indexed, known, cache, pages, len(kept) if seeds else None, tuple(nameless))


def put_generation(archive: ArchiveWriter, generations: Generations, scratch: Path) -> None:
    (scratch / "held").mkdir()
    with holding(generations, scratch=scratch / "held") as held:
        for name, source in held.items():
            archive.put(f"{GENERATION}/{name}", source)


def put_database(archive: ArchiveWriter, name: str, path: Path | None, scratch: Path) -> bool:
    """Whether there is one. In the backup it is a single file without updates that wait."""
    if path is None or not path.exists():
        return False
    copied = scratch / name
    try:
        copy_what_is_left(path, copied)
        if not make_single(copied):
            return False
    except sqlite3.Error as error:
        if is_full(error):
            raise
        raise BackupError(sentences.UNREAD_DATABASE.format(path=path, reason=error)) from error
    with copied.open("rb") as source:
        archive.put(name, source)
    copied.unlink()
    return True


def put_files(archive: ArchiveWriter, part: str, files: dict[str, Path]) -> list[str]:
    """The names of those that were still there."""
    put = []
    for name, path in files.items():
        with suppress(FileNotFoundError), path.open("rb") as source:
            archive.put(f"{part}/{name}", source)
            put.append(name)
    return put


@contextmanager
def scratch_beside(file: Path, *, force: bool) -> Iterator[Path]:
    """A folder on the same disk, which nobody else can look into, removed at the end."""
    refuse_existing(file, force=force)
    remove_abandoned(file)
    try:
        scratch = Path(tempfile.mkdtemp(prefix=f".{file.name}-", dir=file.absolute().parent))
    except OSError as error:
        if is_full(error):
            raise BackupError(sentences.UNWRITTEN.format(file=file, reason=error.strerror)) from error
        raise BackupError(sentences.NO_FOLDER.format(file=file)) from error
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def remove_abandoned(file: Path) -> None:
    """What killed backups to that file left: copies that nobody knows of. One that runs is not that old."""
    for folder in file.absolute().parent.glob(f"{glob.escape(f'.{file.name}-')}*"):
        with suppress(OSError):
            old = time.time() - folder.lstat().st_mtime > SECONDS_ABANDONED
            if old and folder.is_dir() and not folder.is_symlink() and is_scratch(folder):
                shutil.rmtree(folder, ignore_errors=True)


def is_scratch(folder: Path) -> bool:
    """Whether nothing is in it but what a backup puts there."""
    names = {path.name for path in folder.iterdir()}
    return all(name in ("part", "held") or name.startswith((DATABASE, VECTORS)) for name in names)


@contextmanager
def written(file: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise BackupError(sentences.UNWRITTEN.format(file=file, reason=reason)) from error


def refuse_existing(file: Path, *, force: bool) -> None:
    if file.is_dir():
        raise BackupError(sentences.NO_FOLDER.format(file=file))
    if file.exists() and not force:
        raise BackupError(sentences.EXISTS.format(file=file))
