"""What a generation states about itself: how it was made, and of which files."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from index.errors import CorruptIndexError
from index.types import LeftOut, Source

FILE_NAME = "manifest.json"


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything besides the documents that decides what an index holds. Another recipe means another index."""

    format: int
    model: str
    dimension: int
    chunker: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One indexed document: its file's size in bytes and time in nanoseconds, and its text's hash."""

    title: str
    modified: str
    language: str
    size: int
    mtime_ns: int
    sha256: str
    chunks: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """Written last into a generation: a folder without one was never finished."""

    recipe: Recipe
    published: datetime
    model_name: str
    languages: tuple[str, ...]
    chunks: int
    documents: dict[str, Entry]
    left_out: tuple[LeftOut, ...]

    def sources(self) -> tuple[Source, ...]:
        return tuple(
            Source(name, entry.title, modified=datetime.fromisoformat(entry.modified).date())
            for name, entry in self.documents.items()
        )

    def write(self, folder: Path) -> None:
        content = {**asdict(self), "published": self.published.isoformat()}
        (folder / FILE_NAME).write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Raises CorruptIndexError where it is missing or not as this version writes it."""
    try:
        content = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
        return Manifest(
            recipe=Recipe(**content["recipe"]),
            published=datetime.fromisoformat(content["published"]),
            model_name=content["model_name"],
            languages=tuple(content["languages"]),
            chunks=content["chunks"],
            documents={name: Entry(**entry) for name, entry in content["documents"].items()},
            left_out=tuple(LeftOut(**each) for each in content["left_out"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CorruptIndexError(f"{folder / FILE_NAME} cannot be read ({error!r}).") from error
