"""The record of what the bot did, and waiting for it without sleeping."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TypeVar

from .values import Call

T = TypeVar("T")
_SHOWN_CALLS = 15


class Record:
    """Calls and violations, and one condition that every change of the server's state is announced on."""

    def __init__(self, *, kept_calls: int | None = None) -> None:
        self.calls: deque[Call] = deque(maxlen=kept_calls)
        self.violations: list[str] = []
        self._changed = asyncio.Condition()

    async def announce(self) -> None:
        """Wake everyone who waits for a change."""
        async with self._changed:
            self._changed.notify_all()

    async def until(self, holds: Callable[[], bool], *, timeout_seconds: float) -> bool:
        """Wait until a condition holds; False where the time ran out first."""
        try:
            async with asyncio.timeout(timeout_seconds), self._changed:
                await self._changed.wait_for(holds)
        except TimeoutError:
            return False
        return True

    async def expect(self, find: Callable[[], T | None], what: str, *, timeout_seconds: float) -> T:
        """Wait until `find` finds something; an AssertionError that lists what happened instead where it never does."""
        found: list[T] = []

        def holds() -> bool:
            found.extend(item for item in [find()] if item is not None)
            return bool(found)

        if not await self.until(holds, timeout_seconds=timeout_seconds):
            raise AssertionError(f"no {what} within {timeout_seconds:g} s; {self.summary()}")
        return found[0]

    def summary(self) -> str:
        """The latest calls, the polling left out, and all violations."""
        calls = [call for call in self.calls if call.method != "getUpdates" or call.error]
        lines = [_line(call) for call in calls[-_SHOWN_CALLS:]] or ["  (nothing)"]
        violations = [f"  {violation}" for violation in self.violations]
        return "\n".join(["the bot called:", *lines, *(["violations:", *violations] if violations else [])])


def _line(call: Call) -> str:
    outcome = call.error or "ok"
    fault = f" [{call.fault}]" if call.fault else ""
    return f"  {call.method} {dict(call.parameters)!r:.300} -> {call.status} {outcome}{fault}"
