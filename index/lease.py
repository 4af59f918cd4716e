"""The right to write the index on a Chroma server: one writer at a time, on whatever machine.

It is a collection, for no two can have one name. Its holder renews it, and one that is not renewed any more lapses. All
times are the server's.
"""

import contextlib
import logging
import secrets
import threading
from collections.abc import Iterator
from uuid import UUID

from chromadb.errors import ChromaError, NotFoundError, UniqueConstraintError

from index.chroma_server import ChromaServer
from index.errors import IndexBusyError, IndexingError

logger = logging.getLogger(__name__)

RENEW_SECONDS = 5.0

LAPSE_SECONDS = 30.0
"""Without a sign of life for so long, a writer is taken for dead."""

BUSY = "Another machine is rebuilding the index. Wait for it to finish, then try again."


class Lease:
    def __init__(self, server: ChromaServer, *, lapse_seconds: float = LAPSE_SECONDS) -> None:
        self._server = server
        self._name = f"{server.address.prefix}-writer"
        self._lapse = lapse_seconds
        self._held: UUID | None = None

    @contextlib.contextmanager
    def holding(self) -> Iterator[None]:
        """Raises IndexBusyError where another holds it, and IndexAwayError."""
        over, token = threading.Event(), secrets.token_hex(8)
        renewing = None
        try:
            self._held = self._taken(token)
            renewing = threading.Thread(target=self._renew, args=(self._held, over), name="writing lease", daemon=True)
            renewing.start()
            yield
        finally:
            over.set()
            if renewing and renewing.is_alive():
                renewing.join()
            self._give_back(token)

    def check(self) -> None:
        """Raises IndexBusyError where another took it, because this process was suspended for long."""
        if self._holder() != self._held:
            raise IndexBusyError(BUSY)

    def _taken(self, token: str) -> UUID:
        """One that lapsed is put aside by its id, which hits no other; whoever then makes the next one first has it."""
        name = self._name
        try:
            found = self._server.collection(name)
        except NotFoundError:
            found = None
        if found:
            seen = float((found.metadata or {}).get("seen", 0))
            if self._server.time() - seen < self._lapse:
                raise IndexBusyError(BUSY)
            logger.warning("a writer of the index was taken for dead")
            self._put_aside(found.id)
        try:
            return self._server.create(name, metadata={"seen": self._server.time(), "token": token}).id
        except UniqueConstraintError as error:
            raise IndexBusyError(BUSY) from error

    def _holder(self) -> UUID | None:
        try:
            return self._server.collection(self._name).id
        except NotFoundError:
            return None

    def _renew(self, held: UUID, over: threading.Event) -> None:
        while not over.wait(min(RENEW_SECONDS, self._lapse / 3)):
            try:
                self._server.change(held, metadata={"seen": self._server.time()})
            except Exception as error:  # whatever it is, the next time may be in time
                logger.debug("the lease is not renewed: %s", error)

    def _put_aside(self, held: UUID) -> None:
        aside = f"{self._name}-{secrets.token_hex(4)}"
        with contextlib.suppress(ChromaError):
            self._server.change(held, name=aside)
            self._server.remove(aside)

    def _give_back(self, token: str) -> None:
        """By its token where this process was broken off, or cut off, before it heard that the server had made it."""
        held, self._held = self._held, None
        with contextlib.suppress(IndexingError, NotFoundError):  # then it lapses
            if held is None:
                found = self._server.collection(self._name)
                held = found.id if (found.metadata or {}).get("token") == token else None
            if held:
                self._put_aside(held)
