"""The progress bar on a terminal, and its silence elsewhere."""

import io
import os

from bot.progress import progress_bar


def test_a_terminal_shows_stage_count_and_total() -> None:
    shown = drawn_on_terminal()
    assert "Embedding" in shown
    assert "30/40" in shown
    assert "Reading" in shown


def drawn_on_terminal() -> str:
    """Everything that the bars ever drew."""
    leader, follower = os.openpty()
    with os.fdopen(follower, "w") as stream, progress_bar(stream) as progress:
        progress("reading", 2, 2)
        progress("embedding", 30, 40)
    drawn = b""
    try:
        while part := os.read(leader, 65536):
            drawn += part
    except OSError:  # the way a pseudo-terminal says that nobody writes to it any more
        pass
    finally:
        os.close(leader)
    return drawn.decode()


def test_nothing_else_shows_anything() -> None:
    stream = io.StringIO()
    with progress_bar(stream) as progress:
        progress("embedding", 30, 40)
    assert stream.getvalue() == ""
