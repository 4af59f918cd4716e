"""What lies in the documents folder now against what a generation was made of: by size and time, then by content."""

import hashlib
import stat
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from index.documents import File
from index.manifest import Entry, Manifest
from index.types import LeftOut


@dataclass(frozen=True, slots=True)
class Changes:
    """`kept`: indexed documents whose files say what they said. `passed`: files left out before that are as they were.
    `to_read`: all others. `gone`: indexed documents that are kept no longer, those that are to be read again among
    them."""

    kept: dict[str, Entry]
    passed: tuple[LeftOut, ...]
    to_read: tuple[File, ...]
    gone: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stamp:
    """Of a file: its size in bytes and its time in nanoseconds."""

    size: int
    mtime_ns: int

    @property
    def day(self) -> str:
        return datetime.fromtimestamp(self.mtime_ns // 10**9, UTC).date().isoformat()


def compare(files: Iterable[File], before: Manifest | None, *, now: float) -> Changes:
    """`before` is None where every file is to be read; `now` is in seconds since 1970."""
    documents = before.documents if before else {}
    left_out = {each.document: each for each in before.left_out} if before else {}
    kept, passed, to_read = {}, [], []
    for file in files:
        name, stamp = file.name, stamp_of(file.path)
        entry, out = documents.get(name), left_out.get(name)
        if stamp and entry and is_same(file.path, stamp, entry):
            kept[name] = replace(entry, size=stamp.size, mtime_ns=stamp.mtime_ns)
        elif stamp and out and is_known(out, stamp, now):
            passed.append(out)
        else:
            to_read.append(file)
    gone = tuple(name for name in documents if name not in kept)
    return Changes(kept, tuple(passed), tuple(to_read), gone)


def is_known(out: LeftOut, stamp: Stamp, now: float) -> bool:
    """Whether another look at a file that was left out would say no more."""
    return stamp == Stamp(out.size or 0, out.mtime_ns or 0) and (out.again is None or now < out.again)


def is_same(path: Path, stamp: Stamp, entry: Entry) -> bool:
    """Whether an index would say the same of the file. It is read where its time is another and its size is not."""
    if stamp == Stamp(entry.size, entry.mtime_ns):
        return True
    same_date = entry.dated or stamp.day == entry.modified
    return stamp.size == entry.size and same_date and sha256_of(path) == entry.sha256


def stamp_of(path: Path) -> Stamp | None:
    """None where there is no file that could be read."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return Stamp(status.st_size, status.st_mtime_ns) if stat.S_ISREG(status.st_mode) else None


def sha256_of(path: Path) -> str | None:
    """None where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def renamed(added: dict[str, Entry], removed: dict[str, Entry]) -> tuple[tuple[str, str], ...]:
    """Pairs (old, new) of removed and added documents with the same content, each used once."""
    by_content: dict[str, list[str]] = {}
    for name in sorted(removed, reverse=True):
        by_content.setdefault(removed[name].sha256, []).append(name)
    pairs = []
    for name in sorted(added):
        if olds := by_content.get(added[name].sha256):
            pairs.append((olds.pop(), name))
    return tuple(pairs)
