"""Limits that a process which opens other people's files sets itself."""

import ctypes
import resource
import signal
import sys
from contextlib import suppress

END_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of Linux's prctl.h."""


def confine(megabytes: int) -> None:
    """At most so much memory; and a file that hangs a library must not outlive who wanted it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(END_WITH_PARENT, signal.SIGKILL)
    with suppress(ValueError, OSError):  # where the system knows no such limit
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
