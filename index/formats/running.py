"""Pages as one text: without the lines that run along over every page, and with the sentences that go over a break."""

import re
from collections import Counter
from collections.abc import Sequence

EDGE_LINES = 2
"""At the top and at the bottom of a page, where running heads and page numbers stand."""

FEWEST_PAGES = 3
"""That a line must run over; and over half of all that hold text."""

ENDED = re.compile(r"[.!?:;…。！？][\"'”’»)\]]*$")
GOES_ON = re.compile(r"[^\W\d_]")
SENTENCE = re.compile(r".*?[.!?…][\"'”’»)\]]*(?=\s+[^\s\w]*[A-Z\u00c0-\u00de\u0410-\u042f\d]|\s*$)", re.DOTALL)
PARAGRAPH = re.compile(r"\n\s*\n")


def without_running_lines(pages: Sequence[str]) -> list[str]:
    """The pages less the lines at their edges that stand on most of them, whatever the numbers in them."""
    lines = [page.strip().split("\n") for page in pages]
    tops, bottoms = (running(lines, place) for place in ((0, 1), (-1, -2)))
    return ["\n".join(stripped(each, tops, bottoms)) for each in lines]


def running(pages: Sequence[list[str]], places: tuple[int, int]) -> frozenset[str]:
    """What runs along at one edge, as `shape` has it."""
    found = Counter(
        shape
        for lines in pages
        for shape in {shape_of(lines[place]) for place in places if len(lines) > EDGE_LINES} - {""}
    )
    most = sum(any(lines) for lines in pages) / 2
    return frozenset(shape for shape, count in found.items() if count >= FEWEST_PAGES and count > most)


def shape_of(line: str) -> str:
    return re.sub(r"\d+|\b[ivxlc]+\b", "0", " ".join(line.split()).lower())


def stripped(lines: list[str], tops: frozenset[str], bottoms: frozenset[str]) -> list[str]:
    begin, end = 0, len(lines)
    while begin < min(EDGE_LINES, end) and shape_of(lines[begin]) in tops:
        begin += 1
    while end > max(begin, len(lines) - EDGE_LINES) and shape_of(lines[end - 1]) in bottoms:
        end -= 1
    return lines[begin:end]


def split_at_break(before: str, after: str) -> tuple[str, str]:
    """What of the page `after` belongs to the last sentence of the page `before`, and the rest.

    A sentence goes on where a page ends without a mark that ends one and the next begins with a small letter.
    """
    first = after[:1]
    if (
        not before
        or ENDED.search(before)
        or not GOES_ON.match(first)
        or first != first.lower()
        or first == first.upper()
    ):
        return "", after
    paragraph = PARAGRAPH.split(after, maxsplit=1)[0]
    sentence = SENTENCE.match(paragraph)
    end = sentence.end() if sentence else len(paragraph)
    return after[:end], after[end:].lstrip()
