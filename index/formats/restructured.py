"""reStructuredText: the text as it stands, and its headings: lines with a rule of signs below, or below and above."""

import re
import unicodedata

from index.formats.extract import Extract, in_one_line, parts_of

SIGN = r"[!-/:-@\[-`{-~]"
HEADING = re.compile(
    rf"^(?:(?P<over>({SIGN})\2+)[ \t]*\r?\n)?(?P<title>[ \t]*\S.*?)[ \t]*\r?\n(?P<under>({SIGN})\5+)[ \t]*$",
    re.MULTILINE,
)


def read(text: str) -> Extract:
    headings = headings_of(text)
    return Extract(text, tuple(parts_of(0, headings)), title=headings[0][2] if headings else None)


def headings_of(text: str) -> list[tuple[int, int, str]]:
    """(offset, level, text) of each. A level is a way of underlining; the first that is met is the highest."""
    ways: list[tuple[str, bool]] = []
    found = []
    for match in HEADING.finditer(text):
        over, under, title = match["over"], match["under"], in_one_line(match["title"])
        if title is None or len(under) < width(title) or (over and over != under) or is_rule(title):
            continue
        way = (under[0], over is not None)
        if way not in ways:
            ways.append(way)
        found.append((match.start(), 1 + ways.index(way), title))
    return found


def is_rule(title: str) -> bool:
    """A line of one sign, repeated: the border of a table or a break."""
    return not any(each.isalnum() for each in title)


def width(title: str) -> int:
    """Columns: wide letters of East Asia take two."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in title)
