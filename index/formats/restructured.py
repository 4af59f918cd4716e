"""reStructuredText: the text as it stands, and its headings: lines with a rule of signs below, or below and above."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import accumulate

from index.formats.extract import Extract, in_one_line, parts_of

RULE = re.compile(r"([!-/:-@\[-`{-~])\1+")


def read(text: str) -> Extract:
    headings = headings_of(text)
    return Extract(text, tuple(parts_of(0, headings)), title=headings[0][2] if headings else None)


def headings_of(text: str) -> list[tuple[int, int, str]]:
    """(offset, level, text) of each. A level is a way of underlining; the first that is met is the highest."""
    ways: list[tuple[str, bool]] = []
    found = []
    for start, over, line, under in ruled(text):
        title = in_one_line(line)
        if title is None or len(under) < width(title) or (over and over != under) or is_rule(title):
            continue
        way = (under[0], bool(over))
        if way not in ways:
            ways.append(way)
        found.append((start, 1 + ways.index(way), title))
    return found


def ruled(text: str) -> Iterator[tuple[int, str, str, str]]:
    """What has a rule below: where it begins, the rule above it or nothing, the line, the rule. None within another."""
    lines = text.split("\n")
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    rules = [rule_in(line) for line in lines]
    place = 0
    while place + 1 < len(lines):
        over = rules[place] if place + 2 < len(lines) and rules[place + 2] and lines[place + 1].strip() else ""
        title = place + 1 if over else place
        if lines[title].strip() and rules[title + 1]:
            yield starts[place], over, lines[title], rules[title + 1]
            place = title + 2
        else:
            place += 1


def rule_in(line: str) -> str:
    """The rule that a line is; nothing where it is none."""
    rule = line.rstrip(" \t\r")
    return rule if RULE.fullmatch(rule) else ""


def is_rule(title: str) -> bool:
    """A line of one sign, repeated: the border of a table or a break."""
    return not any(each.isalnum() for each in title)


def width(title: str) -> int:
    """Columns: wide letters of East Asia take two."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in title)
