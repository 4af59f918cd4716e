"""The generations of an index on a Chroma server, each followed by a folder of this machine's.

On the server a generation is two collections: its chunks, and in pieces what the other workers need beside them. One
more names the published generation, and its change is the switch. In the folder are the texts and the words.
"""

import contextlib
import json
import logging
import re
import shutil
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from pathlib import Path

from chromadb.errors import ChromaError

from index.chroma_server import WRITE_SECONDS, ChromaServer, Metadata
from index.errors import (
    REBUILD,
    CorruptIndexError,
    IndexBusyError,
    IndexingError,
    NoIndexError,
    unwritten,
)
from index.generations import NAME, Generations
from index.lease import Lease
from index.lexical import Analyzer
from index.library import TEXTS, adding_words, open_library
from index.manifest import FILE_NAME, MALFORMED, Manifest, manifest_of
from index.pieces import Pieces
from index.readers import GENERATION, Readers
from index.server_store import CHUNKS, ServerStores, collection_name, explained
from index.texts import TextWriter

logger = logging.getLogger(__name__)

BESIDE = "beside"
"""The end of the name of the collection with the rest of a generation."""

FETCHED_BESIDE_SECONDS = 120.0
"""Another process with the same data folder fetches a generation: for how long it is waited for."""

FOLLOWED_SECONDS = 15.0
"""For so long a writer waits until all workers read what it published."""

LOOK_AGAIN_SECONDS = 0.2


class SharedGenerations(Generations):
    """`root` is this machine's folder for them."""

    def __init__(
        self,
        root: Path,
        *,
        server: ChromaServer,
        analyzer: Analyzer,
        lease: Lease | None = None,
        readers: Readers | None = None,
        followed_seconds: float = FOLLOWED_SECONDS,
    ) -> None:
        super().__init__(root)
        self._server = server
        self._writing_server = ChromaServer(server.address, answer_seconds=WRITE_SECONDS)
        self._analyzer = analyzer
        self._lease = lease or Lease(server)
        self._followed_seconds = followed_seconds
        self._looking = threading.RLock()
        self._has_looked = False
        self._readers = readers or Readers(server)

    @property
    def server(self) -> str:
        return self._server.address.place

    def heartbeat(self) -> None:
        """Raises IndexAwayError or IndexRefusedError where the server cannot be used."""
        self._server.metadata(self._pointer)

    @property
    def stores(self) -> ServerStores:
        return ServerStores(self._server)

    @property
    def writing_stores(self) -> ServerStores:
        return ServerStores(self._writing_server)

    def current(self) -> Path:
        """As the server said when it was last looked at. Raises also IndexAwayError."""
        if not self._has_looked:
            self.follow()
        return self._named()

    def is_published(self, folder: Path) -> bool:
        """Asks the server. Raises IndexAwayError."""
        self.follow()
        return self._named() == folder

    def follow(self) -> None:
        """Fetches the published generation where this machine does not have it. Raises NoIndexError, IndexAwayError,
        IndexRefusedError, CorruptIndexError, OutdatedIndexError, or DataFolderError."""
        with self._looking:
            while (name := self._published_on_server()) != self._held():
                try:
                    self._while_writing(partial(self._fetch_missing, name))
                except CorruptIndexError:
                    if self._published_on_server() == name:
                        raise
            self._has_looked = True

    def fetch_again(self, folder: Path, *, whatever: bool = False) -> None:
        """Where what is here of a generation cannot be opened, as another process may have mended it; or `whatever`
        opening says. Raises as `follow`."""
        with self._looking:
            self._has_looked = False
            discard = partial(shutil.rmtree, folder, ignore_errors=True)
            self._while_writing(discard if whatever else partial(self._discard_damaged, folder))
            self.follow()

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """As of Generations, on every machine that shares the server; the published generation is fetched first."""
        with super().writing(), self._lease.holding():
            with contextlib.suppress(NoIndexError), self._looking:
                name = self._published_on_server()
                if name != self._held():
                    with contextlib.suppress(IndexingError):  # what cannot be read is built afresh
                        self._fetch(name)
                self._has_looked = True
            yield

    def clean(self) -> None:
        self._sweep()
        super().clean()

    @contextlib.contextmanager
    def drafting(self) -> Iterator[Path]:
        with super().drafting() as folder:
            try:
                yield folder
            except BaseException:
                with contextlib.suppress(IndexingError, ChromaError):  # then the next writer removes it
                    if self._named_on_server() != folder.name:
                        self._remove(folder.name)
                raise

    def publish(self, folder: Path) -> None:
        """Waits for the workers, so that none of them quotes what is then said to be removed. What was published before
        is removed when no worker reads it any more. Raises IndexAwayError."""
        server = self._writing_server
        manifest = folder / FILE_NAME
        with explained(server, "could not be written"):
            Pieces(server, self._name(folder.name, BESIDE)).put({FILE_NAME: manifest, TEXTS: folder / TEXTS})
            self._lease.check()
            server.put(self._pointer, {GENERATION: folder.name})
        super().publish(folder)
        with contextlib.suppress(IndexingError, ChromaError):
            self._wait_until_followed(folder.name)
            self._sweep()

    def appear(self) -> None:
        """Tells the server which generation is read here, so that it stays; what nobody reads any more is removed.
        Raises IndexAwayError."""
        if (name := self._held()) and (left := self._readers.appear(name)) and left not in self._read():
            self._remove(left)

    def disappear(self) -> None:
        self._readers.disappear()

    def close(self) -> None:
        self._server.close()
        self._writing_server.close()

    @property
    def _prefix(self) -> str:
        return self._server.address.prefix

    @property
    def _pointer(self) -> str:
        return f"{self._prefix}-current"

    def _name(self, generation: str, kind: str) -> str:
        return collection_name(self._prefix, generation, kind)

    def _held(self) -> str | None:
        folder = super()._published()
        return folder.name if folder else None

    def _published_on_server(self) -> str:
        """Raises NoIndexError."""
        if name := self._named_on_server():
            return name
        raise NoIndexError(
            f"There is no index on the Chroma server at {self._server.address.place} yet. Run: citegram index"
        )

    def _named_on_server(self) -> str | None:
        with explained(self._server, "cannot be read"):
            metadata = self._server.metadata(self._pointer)
        return str(metadata[GENERATION]) if metadata and GENERATION in metadata else None

    def _while_writing(self, work: Callable[[], None]) -> None:
        """Another process with the same data folder is waited for."""
        end = time.monotonic() + FETCHED_BESIDE_SECONDS
        while True:
            try:
                with super().writing():
                    return work()
            except IndexBusyError:
                if time.monotonic() > end:
                    raise
            time.sleep(LOOK_AGAIN_SECONDS)

    def _fetch_missing(self, name: str) -> None:
        if name != self._held():
            self._fetch(name)

    def _discard_damaged(self, folder: Path) -> None:
        """Another process may have mended it."""
        try:
            open_library(folder, analyzer=self._analyzer, stores=self.stores).close()
        except CorruptIndexError:
            shutil.rmtree(folder, ignore_errors=True)

    def _fetch(self, name: str) -> None:
        """While `writing` in the folder. Where another is published meanwhile, it may be gone before it is here."""
        if not NAME.fullmatch(name):
            raise CorruptIndexError(f"The Chroma server names {name!r}, which is no generation. {REBUILD}")
        super().clean()
        folder = self.root / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            self._fill(folder)
            open_library(folder, analyzer=self._analyzer, stores=self.stores).close()
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise unwritten(f"The index in {self.root}", error) from error
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        super().publish(folder)
        logger.info("fetched generation %s", name)

    def _fill(self, folder: Path) -> None:
        beside = Pieces(self._server, self._name(folder.name, BESIDE))
        beside.get(FILE_NAME, folder / FILE_NAME)
        manifest = fetched_manifest(folder / FILE_NAME)
        (folder / FILE_NAME).unlink()
        beside.get(TEXTS, folder / TEXTS)
        texts = TextWriter(folder / TEXTS)
        try:
            with adding_words(texts, folder, analyzer=self._analyzer):
                pass
        finally:
            texts.close()
        manifest.write(folder)

    def _wait_until_followed(self, generation: str) -> None:
        end = time.monotonic() + self._followed_seconds
        while self._read() != {generation}:
            if time.monotonic() > end:
                logger.warning("there are workers that still answer from the generation before")
                return
            time.sleep(LOOK_AGAIN_SECONDS)

    def _sweep(self) -> None:
        """While `writing`: removes what killed writers left, and all generations but the published one and those that
        workers read."""
        now, found = self._server.time(), self._server.named(f"{self._prefix}-")
        kept = self._kept(found, now)
        for name, metadata in found.items():
            if self._is_left_over(name, metadata, kept=kept, now=now):
                self._writing_server.remove(name)

    def _read(self) -> set[str]:
        return self._kept(self._server.named(f"{self._prefix}-"), self._server.time())

    def _kept(self, found: Mapping[str, Metadata], now: float) -> set[str]:
        """The generations that stay: the published one, asked for by its name, and those that workers read."""
        published = self._named_on_server()
        return self._readers.generations(found, now) | ({published} if published else set())

    def _is_left_over(self, name: str, metadata: Metadata, *, kept: Collection[str], now: float) -> bool:
        """Of what bears a name as we give; any other is not ours to touch."""
        prefix = re.escape(self._prefix)
        if generation := re.fullmatch(rf"{prefix}-({NAME.pattern})-(?:{CHUNKS}|{BESIDE})", name):
            return generation[1] not in kept
        if self._readers.is_one(name):
            return self._readers.is_gone(metadata, now)
        return re.fullmatch(rf"{prefix}-writer-[0-9a-f]+", name) is not None

    def _remove(self, generation: str) -> None:
        """The chunks first: without them nobody takes it for whole."""
        for kind in (CHUNKS, BESIDE):
            self._writing_server.remove(self._name(generation, kind))


def fetched_manifest(path: Path) -> Manifest:
    """Raises OutdatedIndexError or CorruptIndexError."""
    try:
        return manifest_of(json.loads(path.read_text(encoding="utf-8")))
    except MALFORMED as error:
        raise CorruptIndexError(
            f"What the Chroma server holds of the index cannot be read ({error!r}). {REBUILD}"
        ) from error
