"""The workers that share an index on a Chroma server, and which generation each reads, so that it stays while they do.

A worker is a collection whose metadata says so. All times are the server's.
"""

import contextlib
import re
import secrets
import threading
import time
from collections.abc import Mapping

from chromadb.errors import ChromaError

from index.chroma_server import ChromaServer, Metadata
from index.errors import IndexingError

GENERATION, SEEN = "generation", "seen"

SEEN_SECONDS = 20.0
"""How often a worker says that it is there."""

GONE_SECONDS = 60.0
"""A worker that was not heard of for so long reads no generation any more."""


class Readers:
    """One of them is this process, once it has appeared. Safe to share among threads."""

    def __init__(self, server: ChromaServer, *, gone_seconds: float = GONE_SECONDS) -> None:
        self._server = server
        self._prefix = f"{server.address.prefix}-reader-"
        self._own = self._prefix + secrets.token_hex(6)
        self._gone = gone_seconds
        self._telling = threading.Lock()
        self._told: tuple[str, float] | None = None

    def appear(self, generation: str) -> str | None:
        """Says what is read here, where it is another or was not said for a while; what was read before, where that is
        left now. Raises IndexAwayError or ChromaError."""
        with self._telling:
            before, now = self._told, time.monotonic()
            if before and before[0] == generation and now - before[1] < min(SEEN_SECONDS, self._gone / 3):
                return None
            self._server.put(self._own, {GENERATION: generation, SEEN: self._server.time()})
            self._told = generation, now
        return before[0] if before and before[0] != generation else None

    def disappear(self) -> None:
        with self._telling, contextlib.suppress(IndexingError, ChromaError):
            if self._told:
                self._server.remove(self._own)
                self._told = None

    def generations(self, found: Mapping[str, Metadata], now: float) -> set[str]:
        """Those that are read by whoever was heard of lately."""
        there = (each for name, each in found.items() if self.is_one(name) and not self.is_gone(each, now))
        return {str(each.get(GENERATION)) for each in there}

    def is_one(self, name: str) -> bool:
        return re.fullmatch(rf"{re.escape(self._prefix)}[0-9a-f]+", name) is not None

    def is_gone(self, metadata: Metadata, now: float) -> bool:
        return now - float(metadata.get(SEEN, 0)) >= self._gone
