"""What a process of ours asks of the system: few heaps, to stand behind whoever answers, and an end in order."""

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

ARENA_MAX = -8
"""M_ARENA_MAX of glibc's malloc.h."""

ARENAS = 2
"""By default glibc gives a new thread a heap of its own, up to eight a core, and each keeps what it once held. Every
rebuild starts threads in tantivy and Chroma: over 60 rebuilds of 400 chunks a process grew from 307 to 450 MiB, with
two heaps from 291 to 300."""

NICENESS = 10
"""A ninth of the processor's time beside a thread that answers, and all of it where none does."""


AGAIN_SECONDS = 0.01


def keep_heaps_few() -> None:
    """Call it before any thread is started."""
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has no such heaps, and no mallopt
        if mallopt:
            mallopt(ARENA_MAX, ARENAS)


def give_way() -> None:
    """The calling thread, with every thread and process that it starts from now on, goes after those of others."""
    if sys.platform == "linux":
        os.nice(NICENESS)


def end_in_order() -> None:
    """SIGTERM is for the main thread what Ctrl-C is, so that what it holds is given back: the right to write an index
    that is on a server would lapse only after a while."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        sys.unraisablehook = partial(interrupted_again, sys.unraisablehook)


def interrupted_again(otherwise: Callable[[Any], object], lost: Any) -> None:
    """Python drops what is raised where nobody can catch it, as in the callback of a weak reference: an interrupt that
    fell there comes once more. By a timer of the system, since this may run within any lock."""
    if issubclass(lost.exc_type, KeyboardInterrupt) and sys.platform != "win32":
        signal.signal(signal.SIGALRM, signal.default_int_handler)
        signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS)
    else:
        otherwise(lost)
