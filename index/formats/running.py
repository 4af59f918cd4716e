"""Pages as one text: without the lines that run along over every page, and with the sentences that go over a break."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

EDGE_LINES = 2
"""At the top and at the bottom of a page, where running heads and page numbers stand."""

FEWEST_PAGES = 3
"""That a line must run over; and over half of all that hold text."""

PAGE_NUMBER = re.compile(
    r"\W*(?:page|p|seite|s|стр|страница|página|pagina|pág|side|sida|strona|strana)?\W*(\d{1,4})\W*"
    r"(?:(?:of|von|de|из|sur|di|van|z)?\W*\d{1,4}\W*)?",
    re.IGNORECASE,
)

SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]]*(?=\s|$)")
ENDED = re.compile(r"[.!?:;…。！？][\"'”’»)\]]*$")
PARAGRAPH = re.compile(r"\n\s*\n")

MOST_OF_SENTENCE = 500
MOST_WITHOUT_END = 200
"""Characters of the next page that may belong to the last sentence of this one: up to a mark that ends it, or where a
paragraph ends without one."""

Line = tuple[str, int | None]
"""What a line says; of a page number, how far it is from the page's place."""


def without_running_lines(pages: Sequence[str]) -> list[str]:
    """The pages less the lines at their edges that say the same on most of them, and less page numbers."""
    lines = [page.strip().split("\n") for page in pages]
    tops, bottoms = (running(lines, places) for places in ((0, 1), (-1, -2)))
    return ["\n".join(stripped(each, page, tops, bottoms)) for page, each in enumerate(lines)]


def running(pages: Sequence[list[str]], places: tuple[int, int]) -> frozenset[Line]:
    """What runs along at one edge."""
    found = Counter(
        line
        for page, lines in enumerate(pages)
        for line in {as_line(lines[place], page) for place in places if len(lines) > EDGE_LINES}
    )
    most = sum(any(lines) for lines in pages) / 2
    return frozenset(line for line, count in found.items() if count >= FEWEST_PAGES and count > most)


def as_line(text: str, page: int) -> Line:
    number = PAGE_NUMBER.fullmatch(text.strip())
    return ("", int(number[1]) - page) if number else (" ".join(text.split()), None)


def stripped(lines: list[str], page: int, tops: frozenset[Line], bottoms: frozenset[Line]) -> list[str]:
    begin, end = 0, len(lines)
    while begin < min(EDGE_LINES, end) and as_line(lines[begin], page) in tops:
        begin += 1
    while end > max(begin, len(lines) - EDGE_LINES) and as_line(lines[end - 1], page) in bottoms:
        end -= 1
    return lines[begin:end]


def split_at_break(before: str, after: str) -> tuple[str, str]:
    """What of the page `after` belongs to the last sentence of the page `before`, and the rest.

    A sentence goes on where a page ends without a mark that ends one and the next begins with a small letter.
    """
    if not before or ENDED.search(before) or not after[:1].islower():
        return "", after
    paragraph = PARAGRAPH.split(after, maxsplit=1)[0]
    whole = len(paragraph) if len(paragraph) <= MOST_WITHOUT_END else 0
    end = next(ends(paragraph[:MOST_OF_SENTENCE]), whole)
    return after[:end], after[end:].lstrip()


def ends(text: str) -> Iterator[int]:
    """Where sentences end: at a mark after which nothing, or no small letter, stands."""
    for mark in SENTENCE_END.finditer(text):
        if not text[mark.end() :].lstrip()[:1].islower():
            yield mark.end()
