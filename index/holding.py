"""The published generation held on to, so that all of it can be read while others rebuild and remove it."""

import contextlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from index.copying import copy_database
from index.errors import CorruptIndexError, is_full, unwritten
from index.generations import Generations
from index.manifest import FILE_NAME, check_sizes
from index.store import CHROMA, CHROMA_FILE

TRIES = 20
"""A generation is removed by the second rebuild after it; that many between two looks would be a wonder."""


@contextlib.contextmanager
def holding(generations: Generations, *, scratch: Path) -> Iterator[dict[str, BinaryIO]]:
    """The files of the published generation by their path in its folder, open for reading: they stay readable though
    the folder is removed. `scratch` is an empty folder, for a copy of what may be written on meanwhile.

    Raises NoIndexError, CorruptIndexError, or DataFolderError where there is no room.
    """
    with contextlib.ExitStack() as opened:
        yield _taken_hold(generations, scratch, opened)


def _taken_hold(generations: Generations, scratch: Path, opened: contextlib.ExitStack) -> dict[str, BinaryIO]:
    for _ in range(TRIES):
        folder = generations.current()
        try:
            with contextlib.ExitStack() as attempt:
                files = _opened(folder, scratch, attempt)
                opened.push(attempt.pop_all())
                return files
        except (OSError, ValueError, KeyError, sqlite3.Error, CorruptIndexError) as error:
            if is_full(error):
                raise unwritten("A copy of the vectors", error) from error
            if generations.current() == folder:
                raise CorruptIndexError(f"The index in {folder} cannot be read whole ({error}).") from error
    raise CorruptIndexError("The index is rebuilt again and again. Try again when it rests.")


def _opened(folder: Path, scratch: Path, opened: contextlib.ExitStack) -> dict[str, BinaryIO]:
    """Whether nothing was removed until all was open shows by the sizes that the manifest states."""
    shutil.rmtree(scratch / CHROMA, ignore_errors=True)
    (scratch / CHROMA).mkdir()
    copied = scratch / CHROMA / CHROMA_FILE
    copy_database(folder / CHROMA / CHROMA_FILE, copied)
    kept = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith(CHROMA_FILE))
    files: dict[str, BinaryIO] = {}
    for root, path in ((scratch, copied), *((folder, path) for path in kept)):
        files[path.relative_to(root).as_posix()] = opened.enter_context(path.open("rb"))
    check_sizes(folder, json.loads((folder / FILE_NAME).read_text(encoding="utf-8")).get("files", {}))
    return files
