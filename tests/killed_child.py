"""A sync, or the pruning of a vector cache, in a process of its own that starts at once: forked from a server that has
everything loaded."""

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from hashlib import sha256
from multiprocessing.process import BaseProcess
from pathlib import Path

from index.embedding import Vectors
from index.store import CHROMA
from index.vectors import VectorCache
from tests.builders import HashEmbedder
from tests.office import Office

DIGEST_BYTES = 32
LOOK_SECONDS = 0.0001
"""Between two looks at what Chroma writes. Changes that follow each other within less are seen as one."""


class LoggingEmbedder(HashEmbedder):
    """Writes down what it is about to embed, so that it is known also after a kill."""

    def __init__(self, log: Path) -> None:
        super().__init__()
        self._log = log

    def embed(self, texts: Sequence[str]) -> Vectors:
        with self._log.open("ab", buffering=0) as file:
            file.write(b"".join(digests(texts)))
        return super().embed(texts)


def run(folder: Path, log: Path, full: bool) -> None:
    Office(folder, LoggingEmbedder(log)).sync(full=full)


def prune(file: Path, used: Sequence[str], day: int) -> None:
    with closing(VectorCache(file)) as cache:
        cache.prune(used, model=HashEmbedder().fingerprint, today=day)


def started(folder: Path, log: Path, *, full: bool) -> BaseProcess:
    return forked(run, folder, log, full)


def started_pruning(file: Path, used: Sequence[str], *, day: int) -> BaseProcess:
    return forked(prune, file, used, day)


def forked(target: Callable[..., None], *arguments: object) -> BaseProcess:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "bot.preload"])
    process = context.Process(target=target, args=arguments)
    process.start()
    return process


def logged(log: Path) -> list[bytes]:
    """The SHA-256 of every text in the log, in order; the log is emptied."""
    content = log.read_bytes() if log.exists() else b""
    log.unlink(missing_ok=True)
    return [content[at : at + DIGEST_BYTES] for at in range(0, len(content), DIGEST_BYTES)]


def digests(texts: Iterable[str]) -> list[bytes]:
    return [sha256(text.encode()).digest() for text in texts]


def writes(sync: BaseProcess, root: Path, known: set[Path]) -> Iterator[None]:
    """Each change that is seen of the files in the Chroma folder of a generation that is not among the known ones,
    until the sync ends."""
    before: dict[Path, tuple[int, int]] = {}
    while sync.is_alive():
        new = (folder for folder in root.iterdir() if folder not in known)
        now = {path: stamp for folder in new for path, stamp in stamps(folder / CHROMA)}
        if now != before:
            yield
        before = now
        sync.join(LOOK_SECONDS)


def stamps(folder: Path) -> Iterator[tuple[Path, tuple[int, int]]]:
    """Size and time of every file below."""
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            status = path.stat()
            yield path, (status.st_size, status.st_mtime_ns)
