"""What a generation states about itself: how it was made, and of which files."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from index.editions import Edition, Editions
from index.embedding import Embedder, EveryLanguage
from index.errors import OUTDATED, CorruptIndexError, OutdatedIndexError
from index.types import LeftOut, Source

FILE_NAME = "manifest.json"

FORMAT = 4
"""Raised whenever what a generation's folder holds changes."""

CHUNKER = 6
"""Raised whenever the same file could be decoded, titled or cut differently."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything besides the documents that decides what an index holds. Another recipe means another index.

    `languages` are those that the model knows: in them chunks are measured in its tokens.
    """

    model: str
    dimension: int
    languages: str
    format: int = FORMAT
    chunker: int = CHUNKER


def recipe_of(embedder: Embedder) -> Recipe:
    languages = embedder.languages
    known = "*" if isinstance(languages, EveryLanguage) else ",".join(sorted(languages))
    return Recipe(embedder.fingerprint, embedder.dimension, known)


@dataclass(frozen=True, slots=True)
class Entry:
    """One indexed document: what its Source says, and the size in bytes, the time in nanoseconds and the hash of its
    file. `dated` says that `modified` stands in the document itself."""

    title: str
    modified: str
    language: str
    size: int
    mtime_ns: int
    sha256: str
    chunks: int
    url: str | None = None
    author: str | None = None
    dated: bool = False


@dataclass(frozen=True, slots=True)
class Manifest:
    """Written last into a generation: a folder without one was never finished.

    `churn` counts the chunks that were taken out since the generation was last built afresh.
    """

    recipe: Recipe
    published: datetime
    model_name: str
    languages: tuple[str, ...]
    chunks: int
    documents: dict[str, Entry]
    left_out: tuple[LeftOut, ...]
    churn: int = 0

    def sources(self) -> tuple[Source, ...]:
        return tuple(
            Source(
                name,
                entry.title,
                url=entry.url,
                modified=datetime.fromisoformat(entry.modified).date(),
                author=entry.author,
            )
            for name, entry in self.documents.items()
        )

    def editions(self) -> Editions:
        """The documents by series, each with the date that stands in it."""
        entries = zip(self.sources(), self.documents.values(), strict=True)
        return Editions(Edition(source, source.modified if entry.dated else None) for source, entry in entries)

    def write(self, folder: Path) -> None:
        content = self.content() | {"files": sizes_below(folder)}
        (folder / FILE_NAME).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")

    def content(self) -> dict[str, Any]:
        """All of it, ready for JSON."""
        return shallow(self) | {
            "recipe": shallow(self.recipe),
            "published": self.published.isoformat(),
            "documents": {name: shallow(entry) for name, entry in self.documents.items()},
            "left_out": [shallow(each) for each in self.left_out],
        }


def shallow(value: Manifest | Recipe | Entry | LeftOut) -> dict[str, Any]:
    """Its fields by name; `asdict` would copy all that is below them, at ten times the time."""
    return {field.name: getattr(value, field.name) for field in fields(value)}


def read_manifest(folder: Path) -> Manifest:
    """Raises OutdatedIndexError where another version wrote it, CorruptIndexError where it is missing, is not as this
    version writes it, or a file beside it is damaged."""
    try:
        content = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
        if content["recipe"]["format"] == FORMAT:
            check_sizes(folder, content["files"])
        return manifest_of(content)
    except (OSError, *MALFORMED) as error:
        raise CorruptIndexError(f"{folder / FILE_NAME} cannot be read ({error!r}).") from error


MALFORMED = (ValueError, KeyError, TypeError, AttributeError)
"""What `manifest_of` raises where it is not as this version writes it."""


def manifest_of(content: Mapping[str, Any]) -> Manifest:
    """As its `content` says. Raises OutdatedIndexError where another version wrote it, else one of MALFORMED."""
    if content["recipe"]["format"] != FORMAT:
        raise OutdatedIndexError(OUTDATED)
    return Manifest(
        recipe=Recipe(**content["recipe"]),
        published=datetime.fromisoformat(content["published"]),
        model_name=content["model_name"],
        languages=tuple(content["languages"]),
        chunks=content["chunks"],
        documents={name: Entry(**entry) for name, entry in content["documents"].items()},
        left_out=tuple(LeftOut(**each) for each in content["left_out"]),
        churn=content["churn"],
    )


def sizes_below(folder: Path) -> dict[str, int]:
    """The files of a generation that hold anything, with their size in bytes."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != FILE_NAME)
    return {path.relative_to(folder).as_posix(): size for path in files if (size := path.stat().st_size)}


def check_sizes(folder: Path, sizes: dict[str, int]) -> None:
    """Raises CorruptIndexError where a file is gone or shorter than it was written; SQLite may write on in Chroma's.

    The engines do not tell by themselves: on a shortened file Chroma found nothing or the wrong chunks, without error.
    """
    found = sizes_below(folder)
    for name, size in sizes.items():
        if found.get(name, 0) < size:
            raise CorruptIndexError(f"{folder / name} has {found.get(name, 0)} bytes instead of {size}.")
