"""A terminal with a program running in it: keys go in, and the screen is read as a person sees it."""

import os
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pexpect
import pyte
import pyte.screens

ROOT = Path(__file__).parent.parent
TIMEOUT_SECONDS = 20
UP, TAB, ENTER, CTRL_C, CTRL_D, CTRL_R = "\x1b[A", "\t", "\r", "\x03", "\x04", "\x12"


class Terminal:
    """Every look at the screen waits until it shows what it should, and fails with the screen's contents if not.

    With `echo` keys that nobody reads show at once, as a person's terminal has it.
    """

    def __init__(
        self,
        command: list[str],
        *,
        columns: int = 110,
        rows: int = 60,
        environment: Mapping[str, str] | None = None,
        echo: bool = False,
    ) -> None:
        inherited = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR")}
        self._child = pexpect.spawn(
            command[0],
            command[1:],
            cwd=str(ROOT),
            dimensions=(rows, columns),
            env=inherited | {"TERM": "xterm-256color"} | dict(environment or {}),
            echo=echo,
        )
        self._screen = AnsweringScreen(columns, rows, self._child)
        self._stream = pyte.ByteStream(self._screen)
        self.columns = columns
        self.written = b""
        """All that the program has written, also what no longer stands."""

    def send(self, keys: str | bytes) -> None:
        self._child.send(keys)

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        """All words on the screen, a space between each two, however they are wrapped; bars left out."""
        return words(self.lines)

    @property
    def scroll(self) -> str:
        """The same with what has moved out of the screen at its top."""
        above = ("".join(row[column].data for column in range(self.columns)) for row in self._screen.history.top)
        return words([*above, *self.lines])

    def cells(self, wanted: Callable[["pyte.screens.Char"], bool]) -> str:
        """The wanted cells' characters in reading order, with one space wherever some were skipped."""
        rows = (self._screen.buffer[row] for row in range(self._screen.lines))
        marked = ((row[column].data if wanted(row[column]) else "\n") for row in rows for column in range(self.columns))
        return " ".join("".join(marked).split())

    def wait_until(self, condition: Callable[[], bool], wanted: str) -> None:
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"waited in vain for {wanted}; the screen:\n" + "\n".join(self.lines).rstrip())
            self._feed(0.2)

    def wait_for(self, text: str) -> None:
        self.wait_until(lambda: " ".join(text.split()) in self.text, repr(text))

    def wait_for_line(self, line: str) -> None:
        """Until the line with the cursor is exactly so."""
        self.wait_until(lambda: self.lines[self._screen.cursor.y] == line, f"the cursor in {line!r}")

    def exit_status(self) -> int | None:
        """How the program ended by itself; None if a signal ended it."""
        self._child.expect(pexpect.EOF, timeout=TIMEOUT_SECONDS)
        self._take(self._child.before or b"")
        self._child.close()
        status: int | None = self._child.exitstatus
        return status

    def close(self) -> None:
        self._child.close(force=True)

    def _feed(self, timeout_seconds: float) -> None:
        try:
            read = self._child.read_nonblocking(65536, timeout=timeout_seconds)
        except pexpect.TIMEOUT:
            return
        except pexpect.EOF:
            raise AssertionError("the program ended; the screen:\n" + "\n".join(self.lines).rstrip()) from None
        self._take(read)

    def _take(self, read: bytes) -> None:
        self.written += read
        self._stream.feed(read)


def words(lines: Iterable[str]) -> str:
    return " ".join(" ".join(lines).replace("│", " ").split())


class AnsweringScreen(pyte.HistoryScreen):
    """Answers when the program asks where the cursor is, as real terminals do, and remembers what moves out of it."""

    def __init__(self, columns: int, rows: int, child: "pexpect.spawn[bytes]") -> None:
        super().__init__(columns, rows, history=1000)
        self._child = child

    def write_process_input(self, data: str) -> None:
        self._child.send(data)
