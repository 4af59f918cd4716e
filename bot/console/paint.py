"""A Page in a terminal's colours, or in plain characters."""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.segment import Segment
from rich.style import Style as Look
from rich.text import Text

from bot.console.sentences import opening
from bot.pages import Page, Style
from index.types import MARKER

LOOKS = {
    "bold": "bold",
    "italic": "italic",
    "underline": "underline",
    "quote": "",
    "expandable_quote": "dim",
    "code": "cyan",
    "link": "underline",
}
MARKER_LOOK = "bold cyan"
HINT_LOOK = "dim"
HIGHLIGHT = "black on yellow"
HIGHLIGHT_WITHOUT_COLOURS = "reverse"

CONTROLS = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)), "\ufffd") | {
    ord("\t"): "\t",
    ord("\n"): "\n",
    ord("\r"): " ",
}


def paint(page: Page, *, colours: bool = True) -> RenderableType:
    """The page with a bar beside its quotes, and the commands that do what its buttons do.

    What is bold within a quote is highlighted, by reversal where colours are not wanted.
    """
    text = Text(visible(page.text))
    for style in page.styles:
        text.stylize(look(style), style.start, style.end)
    for start, end in highlights(page):
        text.stylize(HIGHLIGHT if colours else HIGHLIGHT_WITHOUT_COLOURS, start, end)
    return Group(*blocks(page, text), *hint(page))


def plain(page: Page) -> str:
    """The page's text, with what would be highlighted between » and «."""
    text = visible(page.text)
    for start, end in sorted(highlights(page), reverse=True):
        text = f"{text[:start]}»{text[start:end]}«{text[end:]}"
    return text


def visible(text: str) -> str:
    """The text, as long as it was, with nothing in it that a terminal would obey: documents may hold anything."""
    return text.translate(CONTROLS)


def look(style: Style) -> Look:
    link = Look(link=visible(style.url)) if style.url else Look.null()
    return Look.parse(LOOKS[style.kind]) + link


def highlights(page: Page) -> list[tuple[int, int]]:
    quotes = [style for style in page.styles if style.kind == "quote"]
    bold = [style for style in page.styles if style.kind == "bold"]
    return [
        (inner.start, inner.end)
        for inner in bold
        if any(outer.start <= inner.start and inner.end <= outer.end for outer in quotes)
    ]


def blocks(page: Page, text: Text) -> Iterator[RenderableType]:
    """The text cut before and after each quote. The line break at a cut goes: each block has lines of its own."""
    quotes = sorted((style.start, style.end) for style in page.styles if style.kind in ("quote", "expandable_quote"))
    end_of_last = 0
    for start, end in quotes:
        yield from unquoted(text[end_of_last:start], after_quote=end_of_last > 0, before_quote=True)
        yield Quoted(text[start:end])
        end_of_last = end
    yield from unquoted(text[end_of_last:], after_quote=end_of_last > 0, before_quote=False)


def unquoted(text: Text, *, after_quote: bool, before_quote: bool) -> Iterator[Text]:
    if before_quote:
        text.remove_suffix("\n")
    if after_quote and text.plain.startswith("\n"):
        text = text[1:]
    if text.plain or (after_quote and before_quote):
        text.highlight_regex(MARKER, MARKER_LOOK)
        yield text


def hint(page: Page) -> Iterator[Text]:
    """The commands that open what the page's buttons open."""
    actions = [button.action for row in page.buttons for button in row]
    if actions:
        yield Text(f"\n{opening(actions)}", style=HINT_LOOK)


@dataclass(frozen=True, slots=True)
class Quoted:
    """Text with a bar at its left on every line, however it wraps."""

    text: Text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = max(1, options.max_width - len(BAR.text))
        for line in console.render_lines(self.text, options.update(width=width), pad=False):
            yield BAR
            yield from line
            yield Segment.line()


BAR = Segment("│ ", Look(color="yellow"))
