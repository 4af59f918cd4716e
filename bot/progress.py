"""The bar that shows how far indexing has come, on a terminal only."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.text import Text

Progress = Callable[[str, int, int], None]
"""Called with the stage in words, how many are done, and how many there are; often, and in order."""


def no_progress(stage: str, done: int, total: int) -> None:
    """For whoever does not want to know."""


@contextmanager
def progress_bar(stream: TextIO | None = None) -> Iterator[Progress]:
    """One bar for each stage while the block runs, gone at its end; nothing where `stream` is no terminal.

    The stream is stderr unless given, so that what a command prints stays clean.
    """
    stream = stream or sys.stderr
    if not stream.isatty():
        yield no_progress
        return
    with Bars(*columns(), console=Console(file=stream), transient=True) as bars:
        yield Stages(bars)


def columns() -> tuple[ProgressColumn, ...]:
    return (
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        Rate(),
        TimeRemainingColumn(),
    )


class Stages:
    """A Progress that gives each stage a bar of its own when it first hears of it."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(stage[:1].upper() + stage[1:], total=total)
        self._bars.update(self._tasks[stage], completed=done, total=total)


class Rate(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f}/s", style="progress.data.speed")
