"""What stands on a terminal while an answer is awaited."""

from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.spinner import Spinner

from bot.console.paint import paint
from bot.console.sentences import WAITING, WRITING
from bot.folding import fold
from bot.pages import Page

Line = list[Segment]

CUT = "…"
"""Stands for the lines that do not fit on the screen."""


class Growing:
    """The answer's text as far as it is verified, as the answer itself will show it, above a sign of life.

    Of a long text it is the end: what is drawn anew all the time must fit on the screen, with a line for the cursor.
    """

    def __init__(self, *, width: int) -> None:
        self._width = width
        self._text = ""
        self._waiting = sign_of_life(WAITING)
        self._writing = sign_of_life(WRITING)

    def hear(self, text: str) -> None:
        """Comes from another thread than what draws."""
        self._text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        text = self._text
        narrow = options.update(width=min(self._width, options.max_width))
        lines = console.render_lines(self._writing if text else self._waiting, narrow, pad=False)
        if text:
            written = console.render_lines(paint(Page(f"{fold(text)}\n")), narrow, pad=False)
            lines = end_of(written, room=options.size.height - len(lines) - 1) + lines
        for line in lines:
            yield from line
            yield Segment.line()


def sign_of_life(words: str) -> Spinner:
    return Spinner("dots", words, style="status.spinner")


def end_of(lines: list[Line], *, room: int) -> list[Line]:
    """As many of the last lines as there is room for, and a sign where others are left out."""
    if len(lines) <= room:
        return lines
    return [[Segment(CUT)], *lines[len(lines) - room + 1 :]][: max(0, room)]
