"""How long to wait before something is tried again."""

from collections.abc import Iterator


def growing_pauses(*, longest: float = 30.0) -> Iterator[float]:
    """Seconds: one, and twice as long each time."""
    pause = 1.0
    while True:
        yield pause
        pause = min(2 * pause, longest)
