"""Keys that are pressed while nobody reads them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

if sys.platform != "win32":
    import termios

LOCAL_FLAGS = 3
"""Where a terminal's attributes hold ECHO."""


@contextmanager
def unseen(terminal: TextIO) -> Iterator[None]:
    """Within the block they do not show on the terminal: each would shift what is drawn there again and again. Whoever
    reads next gets them."""
    if sys.platform == "win32":
        yield
        return
    descriptor = terminal.fileno()
    before = termios.tcgetattr(descriptor)
    silent = [*before]
    silent[LOCAL_FLAGS] &= ~termios.ECHO
    try:
        termios.tcsetattr(descriptor, termios.TCSANOW, silent)
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSANOW, before)
