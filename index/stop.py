"""A stop: given in one thread, obeyed by what another one is waiting for."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from index.errors import CitegramError, StoppedError

Tell = Callable[[CitegramError], object]


class Stop:
    """For one answer. What obeys it raises the error that it was given with; the first one counts."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._error: CitegramError | None = None
        self._tell: list[Tell] = []

    def give(self, error: CitegramError | None = None) -> None:
        """Without an error, it is a StoppedError: whoever asked does not want to wait any longer."""
        with self._lock:
            if self._error is not None:
                return
            self._error = error or StoppedError()
            telling = tuple(self._tell)
        for tell in telling:
            tell(self._error)

    def check(self) -> None:
        """Raises the StoppedError, if it was given; any other error is for who writes, and nobody else need end."""
        if isinstance(self._error, StoppedError):
            raise self._error

    @contextmanager
    def told(self, tell: Tell) -> Iterator[None]:
        """Within the block, `tell` is called with the error once the stop is given, in the thread of who gives it; at
        once, where it was given before."""
        with self._lock:
            given = self._error
            self._tell.append(tell)
        try:
            if given is not None:
                tell(given)
            yield
        finally:
            self._tell.remove(tell)
