"""Places where an answer waits for the test."""

from typing import Self

from .waiting import TIMEOUT_SECONDS, Changes, Waiting


class Hold:
    """An answer waits here until the test releases it, or the client goes.

    Every method may be called from any thread and any event loop; what it returns is awaited, or waited for with
    `.wait()` in a test that has no event loop.
    """

    def __init__(self) -> None:
        self._changes = Changes()
        self._is_reached = False
        self._is_released = False
        self._is_closed = False

    def release(self) -> None:
        """Let this answer, and any other that comes here, go on to its end."""
        with self._changes.change():
            self._is_released = True

    def reached(self, *, timeout_seconds: float = TIMEOUT_SECONDS) -> Waiting[bool]:
        """Wait until an answer waits here."""
        return self._until_set("_is_reached", "answer that waits", timeout_seconds)

    def closed(self, *, timeout_seconds: float = TIMEOUT_SECONDS) -> Waiting[bool]:
        """Wait until the client has closed the connection of an answer that is not at its end."""
        return self._until_set("_is_closed", "client that goes", timeout_seconds)

    def note_closed(self) -> None:
        """The server noticed that the client has gone."""
        with self._changes.change():
            self._is_closed = True

    async def hold(self) -> None:
        """Wait here."""
        with self._changes.change():
            self._is_reached = True
        await self._changes.until(lambda: self._is_released, lambda: "release", timeout_seconds=None)

    def _until_set(self, flag: str, what: str, timeout_seconds: float) -> Waiting[bool]:
        def say() -> str:
            return f"{what} at {self!r}"

        return self._changes.until(lambda: bool(getattr(self, flag)), say, timeout_seconds=timeout_seconds)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Gate(Hold):
    """Lets the pieces of one streamed reply through as the test says; the end follows the last piece by itself.

    A reply that isn't streamed waits until all its pieces are let through.
    """

    def __init__(self) -> None:
        super().__init__()
        self._allowed = 0
        self._sent = 0

    @classmethod
    def opened(cls) -> Self:
        """One that keeps nothing back."""
        gate = cls()
        gate.release()
        return gate

    def send(self, pieces: int = 1) -> None:
        """Let so many more pieces through."""
        with self._changes.change():
            self._allowed += pieces

    def sent(self, pieces: int, *, timeout_seconds: float = TIMEOUT_SECONDS) -> Waiting[bool]:
        """Wait until so many pieces have been sent in all."""

        def say() -> str:
            return f"{pieces} pieces sent ({self._sent} were)"

        return self._changes.until(lambda: self._sent >= pieces, say, timeout_seconds=timeout_seconds)

    async def let_through(self, pieces: int = 1) -> None:
        """Wait until so many more pieces may go."""
        with self._changes.change():
            self._is_reached = True
        wanted = self._sent + pieces
        await self._changes.until(
            lambda: self._is_released or self._allowed >= wanted, lambda: "piece", timeout_seconds=None
        )

    def note_sent(self, pieces: int = 1) -> None:
        with self._changes.change():
            self._sent += pieces
