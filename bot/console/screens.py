"""The two places where the console is read: a terminal, and a pipe or file."""

import os
from typing import TextIO

from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text

from bot.console.growing import Growing
from bot.console.keys import unseen
from bot.console.paint import paint, plain, visible
from bot.console.waiting import Wait, Work
from bot.pages import Page
from index.stop import Stop
from index.types import Answer

WIDEST = 100
"""Columns. Longer lines are hard to follow with the eye, however wide the terminal. A narrower one wraps sooner."""

PATIENCE_SECONDS = 0.3
"""An answer that is there sooner shows no sign of waiting: it would only flicker."""

PAINTINGS_A_SECOND = 12.5
"""As often as the sign of life looks different."""


class Terminal:
    """Colours, wrapping at words, and a sign of life while a question is worked on, with the text as it is written."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._console = Console(
            file=stream, highlight=False, markup=False, emoji=False, _environ=surroundings(stream.fileno())
        )

    def show(self, page: Page) -> None:
        self._write(paint(page, colours=not self._console.no_color))

    def say(self, text: str) -> None:
        self._write(Text(visible(text)))

    def wait_for(self, work: Work) -> Answer:
        growing = Growing(width=WIDEST)
        with unseen(self._stream), Wait(work, growing.hear) as wait:
            if not wait.is_over(within_seconds=PATIENCE_SECONDS):
                with Live(growing, console=self._console, refresh_per_second=PAINTINGS_A_SECOND, transient=True):
                    wait.is_over()
        return wait.answer()

    def _write(self, content: RenderableType) -> None:
        self._console.print(content, width=WIDEST)
        self._console.print()


class Stream:
    """Plain text, as it comes: no colours, no wrapping, nothing to wait by."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def show(self, page: Page) -> None:
        self._write(plain(page))

    def say(self, text: str) -> None:
        self._write(visible(text))

    def wait_for(self, work: Work) -> Answer:
        return work(None, Stop())

    def _write(self, text: str) -> None:
        self._stream.write(f"{text.rstrip()}\n\n")
        self._stream.flush()


def surroundings(terminal: int) -> dict[str, str]:
    """The environment's variables, less a size that was exported once, where the terminal itself tells its own: what is
    drawn again and again must fit."""
    known = all(os.get_terminal_size(terminal))
    return {name: value for name, value in os.environ.items() if not (known and name in ("COLUMNS", "LINES"))}
