"""`citegram index --watch` and `--every`: one sync after the other until it is stopped."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from index.watching import Hear, Sync, keep, reasons


def follow(sync: Sync, seeds: Path, *, watching: bool, minutes: float | None, hear: Hear) -> None:
    """Returns after Ctrl-C or SIGTERM."""
    stop = threading.Event()
    with stopped_by_signals(stop), suppress(KeyboardInterrupt):
        why = reasons(seeds, stop=stop, watching=watching, minutes=minutes, hear=hear)
        keep(sync, why, stop=stop, hear=hear)


@contextmanager
def stopped_by_signals(stop: threading.Event) -> Iterator[None]:
    """Ctrl-C and SIGTERM let a sync that is under way end; a second one breaks it off.

    A KeyboardInterrupt may be raised anywhere, and is lost where Python clears up an object.
    """

    def end(number: int, _: object) -> None:
        stop.set()
        signal.signal(number, signal.default_int_handler)

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
