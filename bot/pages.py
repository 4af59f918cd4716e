"""A page: what is shown to a person, as text with styles and buttons, and how a long one is split into several.

Pure values, the same for the console and for Telegram. Offsets count characters of the page's text.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Literal

StyleKind = Literal["bold", "italic", "underline", "quote", "expandable_quote", "code", "link"]

MESSAGE_UNITS = 4096
"""The longest message Telegram takes, in UTF-16 units."""

MOST_PARTS = 3
"""Beyond so many messages a person gets a short one and a file."""

CAPTION_UNITS = 1024
"""The longest caption of a file."""

MESSAGE_STYLES = 100
"""Telegram ignores the styles of a message beyond these."""


@dataclass(frozen=True, slots=True)
class Style:
    """How page.text[start:end] looks; `url` is where a link leads."""

    kind: StyleKind
    start: int
    end: int
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """What it says, and what it does.

    `action` is the number of a citation to open, CLOSE_ACTION, or a word of who shows it. Where there is none, the
    button opens `url`, or copies `copied`.
    """

    text: str
    action: str = ""
    url: str | None = None
    copied: str | None = None


CLOSE_ACTION = "0"


@dataclass(frozen=True, slots=True)
class Page:
    """Text with its styles, and rows of buttons below it. Pages are put together with `+`."""

    text: str
    styles: tuple[Style, ...] = ()
    buttons: tuple[tuple[Button, ...], ...] = ()

    def __add__(self, other: "Page") -> "Page":
        moved = (shifted(style, len(self.text)) for style in other.styles)
        return Page(self.text + other.text, (*self.styles, *moved), self.buttons + other.buttons)


def styled(content: str | Page, kind: StyleKind, *, url: str | None = None) -> Page:
    """The content with one more style over all of it, outside the styles that it has."""
    page = Page(content) if isinstance(content, str) else content
    return replace(page, styles=(Style(kind, 0, len(page.text), url), *page.styles)) if page.text else page


def joined(separator: str, pages: Iterable[Page]) -> Page:
    whole = Page("")
    for index, page in enumerate(pages):
        whole = whole + Page(separator if index else "") + page
    return whole


def shifted(style: Style, by: int) -> Style:
    return replace(style, start=style.start + by, end=style.end + by)


def utf16_length(text: str) -> int:
    """The length as Telegram counts it: a character beyond the Basic Multilingual Plane counts two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def fitting(text: str, units: int) -> int:
    """How many characters of the text fit into so many UTF-16 units."""
    if 2 * len(text) <= units:
        return len(text)
    taken = 0
    for index, character in enumerate(text):
        taken += 2 if character > "\uffff" else 1
        if taken > units:
            return index
    return len(text)


def split(page: Page, *, limit: int = MESSAGE_UNITS) -> tuple[Page, ...]:
    """The page as one or more messages, each within the limit of UTF-16 units and of styles; buttons on the last.

    Cut between paragraphs, else lines, else sentences, else words, as long as that leaves no part less than half
    full; else anywhere but inside a character. White space at a cut is dropped. A style that would be cut moves to the
    next part whole if it is no longer than half a part, an expandable quote if it fits there; a longer one goes on in
    the next part.
    """
    parts = [part_of(page, start, end) for start, end in cuts(page, limit)] or [Page("")]
    return (*parts[:-1], replace(parts[-1], buttons=page.buttons))


def beginning(page: Page, sentence: str, *, limit: int = MESSAGE_UNITS) -> Page:
    """As much of the page as fits into one message above the sentence, and all its buttons."""
    told = Page(f"\n\n{sentence}", buttons=page.buttons)
    return split(replace(page, buttons=()), limit=limit - utf16_length(told.text))[0] + told


def cuts(page: Page, limit: int) -> Iterator[tuple[int, int]]:
    """The stretches of the text that become parts, without the white space around them."""
    start, length = 0, len(page.text.rstrip())
    while (start := after_space(page.text, start)) < length:
        room = min(length, room_from(page, start, limit))
        end = room if room == length else best_cut(page, start, room, limit)
        yield start, start + len(page.text[start:end].rstrip())
        start = end


def room_from(page: Page, start: int, limit: int) -> int:
    """Where a part that begins at `start` has to end at the latest."""
    end = start + max(1, fitting(page.text[start : start + limit], limit))
    begins = sorted(max(style.start, start) for style in page.styles if style.end > start)
    if len(begins) > MESSAGE_STYLES:
        end = min(end, max(start + 1, begins[MESSAGE_STYLES]))
    return end


def best_cut(page: Page, start: int, room: int, limit: int) -> int:
    """The best place to end a part, after `start` and no later than `room`."""
    cut = text_cut(page.text, start, room)
    while (style := short_style_at(cut, page, start, limit)) is not None:
        cut = text_cut(page.text, start, style.start)
    for style in page.styles:
        whole = utf16_length(page.text[style.start : style.end]) <= limit
        if style.kind == "expandable_quote" and style.start < cut < style.end and whole:
            cut = style.start if start < style.start else min(style.end, room)
    return cut


def short_style_at(cut: int, page: Page, start: int, limit: int) -> Style | None:
    """A style that would be cut here, though it begins after `start` and is no longer than half a part."""
    within = (style for style in page.styles if start < style.start < cut < style.end)
    return next((each for each in within if utf16_length(page.text[each.start : each.end]) <= limit // 2), None)


PARAGRAPH_BREAK = re.compile(r"[^\S\n]*\n\s*\n")
LINE_BREAK = re.compile(r"\s*\n")
SENTENCE_BREAK = re.compile(
    r"""(?<=[.!?…。！？])(?=\s)(?!\s+\[\d)|(?<=[.!?…]["'”’»)\]])(?=\s)(?!\s+\[\d)|"""
    r"(?<=[.!?…。！？] \[\d\])(?=\s)(?!\s+\[\d)|(?<=[.!?…。！？] \[\d\d\])(?=\s)(?!\s+\[\d)"
)
WORD_BREAK = re.compile(r"(?<=\S)(?=\s)(?!\s+\[\d)")
"""No break parts a marker such as [1] from what it marks."""


def text_cut(text: str, start: int, room: int) -> int:
    half = (start + room) // 2
    for breaks in (PARAGRAPH_BREAK, LINE_BREAK, SENTENCE_BREAK, WORD_BREAK):
        found = (match.start() for match in breaks.finditer(text, half))
        places = list(takewhile(lambda place: place <= room, found))
        if places and places[-1] > start:
            return places[-1]
    return whole_character(text, start, room)


def whole_character(text: str, start: int, cut: int) -> int:
    """The cut moved back so that accents, emoji modifiers and joined emoji stay with what they belong to."""
    moved = cut
    while moved > start and belongs_to_previous(text, moved):
        moved -= 1
    return moved if moved > start else cut


def belongs_to_previous(text: str, index: int) -> bool:
    character = text[index]
    return (
        unicodedata.category(character) in ("Mn", "Me", "Mc")
        or character == ZERO_WIDTH_JOINER
        or text[index - 1] == ZERO_WIDTH_JOINER
        or "\U0001f3fb" <= character <= "\U0001f3ff"
    )


ZERO_WIDTH_JOINER = "\u200d"


def after_space(text: str, start: int) -> int:
    return start + sum(1 for _ in takewhile(str.isspace, text[start:]))


def part_of(page: Page, start: int, end: int) -> Page:
    """The stretch as a page of its own, with the styles that reach into it."""
    clipped = (replace(style, start=max(style.start, start), end=min(style.end, end)) for style in page.styles)
    styles = tuple(shifted(style, -start) for style in clipped if style.start < style.end)
    return Page(page.text[start:end], styles[:MESSAGE_STYLES])
