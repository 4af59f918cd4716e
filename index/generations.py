"""The generations of the index on disk: one folder each, and CURRENT, which names the published one.

A generation is written where nobody reads, and becomes the published one by a single rename. So a writer may be
killed at any moment: what is published stays, and what was unfinished is removed by the next writer.
"""

import contextlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from index.errors import CorruptIndexError, DataFolderError, IndexBusyError, NoIndexError
from index.manifest import FILE_NAME as MANIFEST
from index.store import FolderStores, Stores

CURRENT = "CURRENT"
POINTER = f"{CURRENT}.new"
"""What becomes CURRENT."""

LOCK = "LOCK"
MEND = "Mend it with: citegram index"
NAME = re.compile(r"\d{8}T\d{6}-[0-9a-f]{6}")


class Generations:
    """The folder data/index."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def server(self) -> str | None:
        """Which one holds the chunks; None where they are in the folder."""
        return None

    @property
    def stores(self) -> Stores:
        """Where the chunks are, for those who read."""
        return FolderStores()

    @property
    def writing_stores(self) -> Stores:
        return self.stores

    def current(self) -> Path:
        """The published generation. Raises NoIndexError where there is none, CorruptIndexError where it is gone."""
        return self._named()

    def is_published(self, folder: Path) -> bool:
        return self.current() == folder

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Holds the lock that lets one process rebuild; the operating system frees it when the process dies.

        Raises IndexBusyError where another holds it, DataFolderError where the folder cannot be written.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.root / LOCK, timeout=0)
            lock.acquire()
        except Timeout:
            raise IndexBusyError(
                "Another process is rebuilding the index. Wait for it to finish, then try again."
            ) from None
        except OSError as error:
            raise DataFolderError(
                f"The data folder {self.root} cannot be written ({error.strerror}). Make it writable or set DATA_DIR."
            ) from error
        try:
            yield
        finally:
            lock.release()

    def begin(self) -> Path:
        """A new, empty folder for a generation; call it, and all below, while `writing`."""
        self.clean()
        folder = self.root / f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
        folder.mkdir()
        return folder

    @contextlib.contextmanager
    def drafting(self) -> Iterator[Path]:
        """As `begin`; the folder is removed where the block fails, unless it is published by then."""
        folder = self.begin()
        try:
            yield folder
        except BaseException:
            if folder != self._published():
                shutil.rmtree(folder, ignore_errors=True)
            raise

    def publish(self, folder: Path) -> None:
        """Makes a finished generation the published one, and keeps the one before it for who still reads there."""
        before = self._published()
        flush(folder)
        pointer = self.root / POINTER
        pointer.write_text(folder.name + "\n", encoding="utf-8")
        flush(pointer)
        pointer.replace(self.root / CURRENT)
        flush(self.root)
        self._remove_all_but(folder, before)

    def clean(self) -> None:
        """Removes what killed writers left and all generations but the published one and the last before it."""
        (self.root / POINTER).unlink(missing_ok=True)
        published = self._published()
        earlier = [
            path for path in self._folders() if (path / MANIFEST).exists() and (not published or path < published)
        ]
        self._remove_all_but(published, *earlier[-1:])

    def _published(self) -> Path | None:
        try:
            return self._named()
        except (NoIndexError, CorruptIndexError):
            return None

    def _named(self) -> Path:
        """The one that CURRENT names."""
        try:
            name = (self.root / CURRENT).read_text(encoding="utf-8").strip()
        except (FileNotFoundError, NotADirectoryError):
            raise NoIndexError("There is no index yet. Run: citegram index") from None
        except (OSError, ValueError) as error:
            raise CorruptIndexError(f"{self.root / CURRENT} cannot be read ({error}). {MEND}") from error
        if name not in (path.name for path in self._folders()):
            raise CorruptIndexError(f"{self.root / CURRENT} names {name!r}, which is no generation. {MEND}")
        return self.root / name

    def _folders(self) -> list[Path]:
        """The folders that bear a name as `begin` gives; any other is not ours to touch."""
        return sorted(path for path in self.root.iterdir() if NAME.fullmatch(path.name) and path.is_dir())

    def _remove_all_but(self, *kept: Path | None) -> None:
        for path in self._folders():
            if path not in kept:
                shutil.rmtree(path, ignore_errors=True)


def flush(path: Path) -> None:
    """Everything at or below the path is on the disk when this returns."""
    for each in (path, *path.rglob("*")) if path.is_dir() else (path,):
        descriptor = os.open(each, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
