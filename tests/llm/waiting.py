"""Waiting for what happens in another thread, in an event loop or in a thread, without sleeping."""

import asyncio
import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

T = TypeVar("T")
TIMEOUT_SECONDS = 20.0


class Waiting(Generic[T]):
    """What is to come: `await` it in an event loop, or `wait()` for it in a thread.

    Where it never comes, that is an AssertionError. Without `timeout_seconds` it is waited for as long as it takes.
    """

    def __init__(self, future: Future[T], what: Callable[[], str], timeout_seconds: float | None) -> None:
        self._future = future
        self._what = what
        self._timeout_seconds = timeout_seconds

    def wait(self) -> T:
        try:
            return self._future.result(self._timeout_seconds)
        except TimeoutError:
            self._future.cancel()
            raise self._never_came() from None

    def __await__(self) -> Generator[None, None, T]:
        return self._awaited().__await__()

    async def _awaited(self) -> T:
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await asyncio.wrap_future(self._future)
        except TimeoutError:
            raise self._never_came() from None

    def _never_came(self) -> AssertionError:
        return AssertionError(f"no {self._what()} within {self._timeout_seconds:g} s")


class Changes:
    """A lock on some state, and those who wait until a change of it brings what they look for."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._waiting: list[tuple[Callable[[], Any], Future[Any]]] = []

    @contextmanager
    def change(self) -> Iterator[None]:
        """Change the state; afterwards everyone who waits looks again, in the order they came."""
        with self._lock:
            yield
            self._waiting = [each for each in self._waiting if not _settled(*each)]

    def expect(
        self,
        find: Callable[[], T | None],
        what: Callable[[], str],
        *,
        timeout_seconds: float | None = TIMEOUT_SECONDS,
    ) -> Waiting[T]:
        """What `find` finds now or after a change; it looks under the lock, so it may take what it finds."""
        future: Future[T] = Future()
        with self._lock:
            if not _settled(find, future):
                self._waiting.append((find, future))
        return Waiting(future, what, timeout_seconds)

    def until(
        self, holds: Callable[[], bool], what: Callable[[], str], *, timeout_seconds: float | None = TIMEOUT_SECONDS
    ) -> Waiting[bool]:
        """True once a condition holds."""
        return self.expect(lambda: holds() or None, what, timeout_seconds=timeout_seconds)


def _settled(find: Callable[[], T | None], future: Future[T]) -> bool:
    """Whether nobody waits any more: what they look for is there, or they have gone."""
    if future.cancelled():
        return True
    found = find()
    if found is None:
        return False
    if future.set_running_or_notify_cancel():
        future.set_result(found)
    return True
