"""Where a sync may fail: what an Indexer is given, in versions that end it at a moment of choice."""

import errno
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import psutil

from index.embedding import Vectors
from index.generations import Generations
from index.indexer import Progress
from index.store import Chunks, FolderStores, Stores
from index.types import Chunk

READER = "index.formats.worker"
LOOK_SECONDS = 0.001


class Disk:
    """Has room for so many writes."""

    def __init__(self, writes: int) -> None:
        self._left = writes

    def write(self) -> None:
        if not self._left:
            raise OSError(errno.ENOSPC, "No space left on device")
        self._left -= 1


class ChunksOnDisk:
    """Chunks that take room."""

    def __init__(self, chunks: Chunks, disk: Disk) -> None:
        self._chunks, self._disk = chunks, disk
        self.count, self.nearest, self.get, self.close = chunks.count, chunks.nearest, chunks.get, chunks.close

    def add(self, chunks: Sequence[Chunk], vectors: Vectors) -> None:
        self._disk.write()
        self._chunks.add(chunks, vectors)

    def remove(self, ids: Sequence[str]) -> None:
        self._disk.write()
        self._chunks.remove(ids)


class StoresOnDisk:
    """Those in folders, where a new one is a write, too."""

    def __init__(self, disk: Disk) -> None:
        self._stores, self._disk = FolderStores(), disk

    def create(self, folder: Path) -> Chunks:
        self._disk.write()
        return ChunksOnDisk(self._stores.create(folder), self._disk)

    def copy(self, earlier: Path, folder: Path, *, kept: Iterable[str]) -> Chunks:
        self._disk.write()
        return ChunksOnDisk(self._stores.copy(earlier, folder, kept=kept), self._disk)

    def open(self, folder: Path) -> Chunks:
        return self._stores.open(folder)


class FullGenerations(Generations):
    """On a disk that is full after so many writes."""

    def __init__(self, root: Path, *, writes: int) -> None:
        super().__init__(root)
        self._stores = StoresOnDisk(Disk(writes))

    @property
    def writing_stores(self) -> Stores:
        return self._stores


class InterruptedGenerations(Generations):
    """Whose writer is interrupted when it would publish, or when it has just done so."""

    def __init__(self, root: Path, *, after: bool) -> None:
        super().__init__(root)
        self.after = after

    def publish(self, folder: Path) -> None:
        if self.after:
            super().publish(folder)
        raise KeyboardInterrupt


def interrupting(word: int) -> Progress:
    """At this word of progress, from 1."""
    words = count(1)

    def progress(stage: str, done: int, total: int) -> None:
        if next(words) == word:
            raise KeyboardInterrupt

    return progress


class ReaderKiller:
    """Kills processes that read files for this one, and knows which."""

    def __init__(self) -> None:
        self.killed: set[int] = set()

    def kill(self) -> None:
        """Those that there are."""
        for process in psutil.Process().children():
            with suppress(psutil.Error):
                if process.pid not in self.killed and READER in process.cmdline():
                    process.kill()
                    self.killed.add(process.pid)

    def after_each_file(self, stage: str, done: int, total: int) -> None:
        """Of a sync whose progress this hears."""
        self.kill()

    @contextmanager
    def at_birth(self, most: int) -> Iterator[None]:
        """The first so many, as soon as they are there: while they read."""
        ended = threading.Event()

        def look() -> None:
            while len(self.killed) < most and not ended.wait(LOOK_SECONDS):
                self.kill()

        thread = threading.Thread(target=look)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
