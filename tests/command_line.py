"""`citegram` as a process of its own, in a working folder without `.env`."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
CITEGRAM = (sys.executable, "-m", "bot")
TIMEOUT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Ended:
    """What a process left behind. No command may ever end in a traceback."""

    status: int
    output: str
    errors: str

    def __post_init__(self) -> None:
        assert "Traceback" not in self.errors, self.errors
        assert "Exception ignored" not in self.errors, self.errors

    @property
    def sentence(self) -> str:
        """The one line on stderr, less the program's name."""
        (line,) = self.errors.splitlines()
        assert line.startswith("citegram: "), line
        return line.removeprefix("citegram: ")


def citegram(
    *arguments: str | Path,
    settings: Mapping[str, str | Path],
    program: tuple[str, ...] = CITEGRAM,
    stdout: int = subprocess.PIPE,
) -> Ended:
    """Runs the command to its end, in the empty working folder of the tests (conftest.py)."""
    ended = subprocess.run(
        [*program, *arguments],
        env=environment(settings),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=TIMEOUT_SECONDS,
    )
    return Ended(ended.returncode, (ended.stdout or b"").decode(), ended.stderr.decode())


def environment(settings: Mapping[str, str | Path]) -> dict[str, str]:
    """The surroundings of a process that finds this project wherever it runs, with output buffered as for a user."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return inherited | {"PYTHONPATH": str(ROOT)} | {name: str(value) for name, value in settings.items()}
