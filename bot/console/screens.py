"""The two places where the console is read: a terminal, and a pipe or file."""

from collections.abc import Callable
from concurrent.futures import Future, wait
from math import inf
from signal import SIGINT, signal
from threading import Thread
from time import monotonic
from typing import Self, TextIO

from rich.console import Console, RenderableType
from rich.text import Text

from bot.console.paint import paint, plain, visible
from bot.console.sentences import WAITING
from bot.pages import Page
from index.types import Answer

WIDEST = 100
"""Columns. Longer lines are hard to follow with the eye, however wide the terminal. A narrower one wraps sooner."""

PATIENCE_SECONDS = 0.3
"""An answer that is there sooner shows no sign of waiting: it would only flicker."""

HEARTBEAT_SECONDS = 0.05
"""How often a wait looks whether Ctrl-C was pressed."""


class Terminal:
    """Colours, wrapping at words, and a sign of life while a question is worked on."""

    def __init__(self, stream: TextIO) -> None:
        self._console = Console(file=stream, highlight=False, markup=False, emoji=False)

    def show(self, page: Page) -> None:
        self._write(paint(page, colours=not self._console.no_color))

    def say(self, text: str) -> None:
        self._write(Text(visible(text)))

    def wait_for(self, work: Callable[[], Answer]) -> Answer:
        """Its result or error. On Ctrl-C the work is left to end by itself, unseen: it cannot be stopped half-way."""
        future = started(work)
        with CtrlC() as ctrl_c:
            ctrl_c.wait(future, at_most_seconds=PATIENCE_SECONDS)
            if not (ctrl_c.pressed or future.done()):
                with self._console.status(WAITING, spinner="dots"):
                    ctrl_c.wait(future)
        if ctrl_c.pressed:
            raise KeyboardInterrupt
        return future.result()

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

    def wait_for(self, work: Callable[[], Answer]) -> Answer:
        return work()

    def _write(self, text: str) -> None:
        self._stream.write(f"{text.rstrip()}\n\n")
        self._stream.flush()


class CtrlC:
    """Notes Ctrl-C while the block runs. Breaking in just anywhere would leave the terminal half drawn."""

    def __init__(self) -> None:
        self.pressed = False

    def __enter__(self) -> Self:
        self._before = signal(SIGINT, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        signal(SIGINT, self._before)

    def wait(self, future: Future[Answer], *, at_most_seconds: float = inf) -> None:
        """Until the future is done, Ctrl-C is pressed or the time is up."""
        end = monotonic() + at_most_seconds
        while not (self.pressed or future.done() or monotonic() > end):
            wait([future], timeout=HEARTBEAT_SECONDS)

    def _note(self, *_: object) -> None:
        self.pressed = True


def started(work: Callable[[], Answer]) -> Future[Answer]:
    """The work, begun on a thread of its own that does not keep the process alive."""
    future: Future[Answer] = Future()
    Thread(target=fulfil, args=(future, work), daemon=True).start()
    return future


def fulfil(future: Future[Answer], work: Callable[[], Answer]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:
        future.set_exception(error)
