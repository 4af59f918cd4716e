"""The record of what the server was asked, and waiting for it."""

from collections import deque
from dataclasses import replace
from typing import Any

from .asking import Request
from .waiting import TIMEOUT_SECONDS, Changes, Waiting

_SHOWN_REQUESTS = 15


class Record:
    """Requests and violations; those who wait for a change of them are woken."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.violations: list[str] = []
        self.errors: list[BaseException] = []
        """What went wrong in the test's own function."""
        self._changes = Changes()
        self._fresh: deque[int] = deque()

    def arrived(self, raw: bytes) -> Request:
        with self._changes.change():
            request = Request.read(len(self.requests), raw)
            self.requests.append(request)
            self._fresh.append(request.number)
        return request

    def note(self, number: int, **changed: Any) -> None:
        """Something became known of a request."""
        with self._changes.change():
            self.requests[number] = replace(self.requests[number], **changed)

    def next(self, *, timeout_seconds: float = TIMEOUT_SECONDS) -> Waiting[Request]:
        def find() -> Request | None:
            return self.requests[self._fresh.popleft()] if self._fresh else None

        return self._changes.expect(find, lambda: f"next request; {self.summary()}", timeout_seconds=timeout_seconds)

    def ended(self, number: int, *, timeout_seconds: float = TIMEOUT_SECONDS) -> Waiting[Request]:
        def find() -> Request | None:
            request = self.requests[number]
            return None if request.outcome == "open" else request

        return self._changes.expect(
            find, lambda: f"end of request {number}; {self.summary()}", timeout_seconds=timeout_seconds
        )

    def summary(self) -> str:
        """The latest requests, and all violations."""
        lines = [f"  {request}" for request in self.requests[-_SHOWN_REQUESTS:]] or ["  (nothing)"]
        violations = [f"  {violation}" for violation in self.violations]
        return "\n".join(["the server was asked:", *lines, *(["violations:", *violations] if violations else [])])
