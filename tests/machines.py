"""Machines that share an index on a Chroma server: each with a data folder of its own."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import MappingProxyType

from index.answering import Answerer
from index.chroma_server import Address, ChromaServer
from index.embedding import Embedder
from index.following import FollowingLibrary
from index.indexer import Indexer, Report
from index.lease import LAPSE_SECONDS, Lease
from index.lexical import Analyzer
from index.library import open_library
from index.manifest import recipe_of
from index.readers import GONE_SECONDS, Readers
from index.shared import FOLLOWED_SECONDS, SharedGenerations
from tests.builders import plant

PATIENCE_SECONDS = 30

LOOK_SECONDS = 0.05
"""Tests need not wait for a worker to look around."""


class Machine:
    def __init__(
        self,
        folder: Path,
        *,
        address: Address,
        embedder: Embedder,
        answer_seconds: float = 10.0,
        gone_seconds: float = GONE_SECONDS,
    ) -> None:
        self.folder = folder
        self.server = ChromaServer(address, answer_seconds=answer_seconds)
        self.embedder = embedder
        self.gone_seconds = gone_seconds
        self._analyzer = Analyzer()
        (folder / "data").mkdir(parents=True)

    def generations(
        self, *, lapse_seconds: float = LAPSE_SECONDS, followed_seconds: float = FOLLOWED_SECONDS
    ) -> SharedGenerations:
        return SharedGenerations(
            self.folder / "data" / "shared",
            server=self.server,
            analyzer=self._analyzer,
            lease=Lease(self.server, lapse_seconds=lapse_seconds),
            readers=Readers(self.server, gone_seconds=self.gone_seconds),
            followed_seconds=followed_seconds,
        )

    def indexer(self, **patience: float) -> Indexer:
        return Indexer(
            seeds=self.folder / "seeds",
            generations=self.generations(**patience),
            vectors=self.folder / "data" / "vectors.sqlite",
            embedder=self.embedder,
            analyzer=self._analyzer,
        )

    def sync(self, texts: Mapping[str, str] = MappingProxyType({}), *, full: bool = False, **patience: float) -> Report:
        plant(self.folder / "seeds", texts)
        return self.indexer(**patience).sync(full=full)

    @contextmanager
    def library(self) -> Iterator[FollowingLibrary]:
        generations = self.generations()
        opened = partial(
            open_library, analyzer=self._analyzer, recipe=recipe_of(self.embedder), stores=generations.stores
        )
        library = FollowingLibrary(generations, open_folder=opened, look_seconds=LOOK_SECONDS)
        try:
            yield library
        finally:
            library.close()

    @contextmanager
    def answerer(self) -> Iterator[Answerer]:
        with self.library() as library:
            yield Answerer(library=library, embedder=self.embedder, analyzer=self._analyzer)

    def collections(self) -> set[str]:
        """What is on the server, less the prefix."""
        prefix = f"{self.server.address.prefix}-"
        return {name.removeprefix(prefix) for name in self.server.named(prefix)}


MakeMachine = Callable[[], Machine]


def until(is_so: Callable[[], bool]) -> None:
    """Other threads make it so."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)
