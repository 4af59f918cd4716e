"""What belongs to a backup, and where it lies. Never .env: what is secret is not in it."""

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url

from bot.database import address_of, file_of
from bot.database_faults import address_hidden
from config import Settings
from index.documents import IGNORE, PAGES, find_documents, is_unicode, suffix_of
from index.formats.kinds import DOCUMENT_TYPES
from index.generations import Generations
from index.wiring import generations_of

GENERATION, COPIES, SEEDS = "generation", "pages", "seeds"
"""Folders of a backup: the published generation, the copies of web pages, the documents."""

DATABASE, VECTORS = "bot.sqlite", "vectors.sqlite"
"""Its single files."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where it lies on this machine. `database` is None where another engine than SQLite keeps it."""

    data: Path
    generations: Generations
    pages: Path
    vectors: Path
    database: Path | None
    seeds: Path


def places_of(settings: Settings) -> Places:
    """Raises DatabaseUrlError."""
    data = settings.data_dir
    with address_hidden():
        database = file_of(make_url(address_of(settings)))
    return Places(
        data=data,
        generations=generations_of(settings),
        pages=data / "pages",
        vectors=data / "vectors.sqlite",
        database=database,
        seeds=settings.seeds_dir,
    )


def seed_files(seeds: Path) -> tuple[dict[str, Path], list[str]]:
    """The documents with the two files that say more of the folder, by their path below it; and the names that no
    backup can hold. Raises SeedsError."""
    rules = [seeds / name for name in (IGNORE, PAGES)]
    found = {path.relative_to(seeds).as_posix(): path for path in (*find_documents(seeds), *rules) if is_file(path)}
    nameless = [name.encode("utf-8", "replace").decode() for name in found if not is_unicode(name)]
    return {name: path for name, path in found.items() if is_unicode(name)}, nameless


def is_seed(name: str) -> bool:
    """Whether seed_files could have named it."""
    *folders, last = name.split("/")
    hidden = any(part.startswith(".") for part in (*folders, last))
    return name in (IGNORE, PAGES) or (not hidden and suffix_of(last) in DOCUMENT_TYPES)


def page_files(pages: Path) -> Iterator[tuple[str, Path]]:
    """The copies, with what is known of each; not one that is being written."""
    for path in sorted(pages.iterdir()) if pages.is_dir() else ():
        if path.suffix != ".part" and is_file(path):
            yield path.name, path


def is_file(path: Path) -> bool:
    """A pipe would never end."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False
