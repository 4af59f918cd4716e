"""Files read in a process of their own, with a limit of time and memory."""

import os
import re
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from index.formats.extract import TOO_MUCH_MEMORY, BrokenOffError, Extract, UnreadableError
from index.formats.pipes import receive, send

SECONDS = 120.0
"""A file, at most. A thousand pages of PDF take about ten."""

ROOT = Path(__file__).parent.parent
"""Where `index` can be imported from."""

KEPT = re.compile(r"PATH|HOME|LANG|LC_\w+|TZ|TMPDIR|PYTHON\w*|LD_LIBRARY_PATH|VIRTUAL_ENV|SYSTEMROOT")
"""Of the environment: what a program needs to run. A file that takes over a library finds no token in it."""

MEGABYTES = 2048
"""The process, at most, its libraries included."""


class EndedError(BrokenOffError):
    """The process is gone, or of no more use."""


class Extraction:
    """Starts the process with the first file and again after each that ended it. Not for several threads."""

    def __init__(self, *, seconds: float = SECONDS, megabytes: int = MEGABYTES) -> None:
        self._seconds = seconds
        self._megabytes = megabytes
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read(self, path: Path) -> Extract:
        """Raises UnreadableError, with the reason: BrokenOffError where it took too long, or ended the process.

        What earlier files left in the process may be to blame for that end: then another one reads the file again.
        """
        used = self._process is not None
        try:
            return self._read(path)
        except EndedError:
            if not used:
                raise
            return self._read(path)

    def _read(self, path: Path) -> Extract:
        process = self._process or self._start()
        assert process.stdin
        assert process.stdout
        late = threading.Event()

        def end() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(self._seconds, end)
        timer.start()
        try:
            send(process.stdin, str(path.absolute()))
            told = receive(process.stdout)
        except BrokenPipeError:
            told = None
        finally:
            timer.cancel()
        if isinstance(told, Extract):
            return told
        if isinstance(told, str) and told != TOO_MUCH_MEMORY:
            raise UnreadableError(told)
        self.close()
        if isinstance(told, str):
            raise EndedError(told)
        if late.is_set():
            raise BrokenOffError(f"took more than {self._seconds:g} seconds to read; split it or save it anew")
        raise EndedError("made the program that reads it crash; save it anew or export it again")

    def close(self) -> None:
        process, self._process = self._process, None
        if process:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                with suppress(OSError):  # what was to be written can't be
                    stream.close()  # type: ignore[union-attr]

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "index.formats.worker", str(self._megabytes)]
        own = {name: value for name, value in os.environ.items() if KEPT.fullmatch(name)}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT, env=own
        )
        return self._process
