"""Tables as text: a row a line, each value with the name of its column, so that a row can be understood alone."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from index.formats.extract import Extract, UnreadableError, Writer, in_one_line

SAMPLE = 20_000
SEPARATORS = ",;\t|"
STATED = re.compile(r"sep=(.)\r?\n")
"""How a first line tells a table program the separator; the program does not show it."""

MOST_ABOVE = 5
"""Rows of a single value, as a caption and a date are, that may stand above the names of the columns."""

FEWEST_NAMES = 3
"""Of columns below a caption: two may as well be a name and its value."""

FIGURE = re.compile(r"(?!(?:1\d|20)\d\d$)\W*\d[\d\W]*")
"""What names no column; a year may."""

KINDS = (
    re.compile(r"\d{4}-\d\d-\d\d([ T].*)?|\d{1,2}([./])\d{1,2}\2\d{2,4}([ T].*)?"),
    re.compile(r"[^\s@]+@[^\s@]+\.\w+"),
    re.compile(r"https?://\S+"),
)

csv.field_size_limit(1_000_000)


def read(text: str) -> Extract:
    """A CSV file, whatever its separator."""
    told = STATED.match(text)
    text = text[told.end() :] if told else text
    try:
        dialect = csv.Sniffer().sniff(text[:SAMPLE], delimiters=told[1] if told else SEPARATORS)
    except csv.Error:
        dialect = csv.excel
    writer = Writer()
    try:
        for line in lines(csv.reader(io.StringIO(text, newline=""), dialect)):
            writer.write(line)
    except csv.Error as error:
        raise UnreadableError(f"is not a table that can be read ({error})") from error
    return writer.extract()


def lines(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """`Row 3: Name: Anna; Age: 30` for each row below the one that names the columns, the first that holds anything or
    stands below what is written above the table.

    Rows are counted from 1 as a table program does, that of the names among them. A table of one row has no names.
    """
    filled = ((number, [in_one_line(value) for value in row]) for number, row in enumerate(rows, start=1) if holds(row))
    first = list(islice(filled, MOST_ABOVE + 2))
    head = head_at([row for _, row in first])
    names = first[head][1] if head is not None else []
    for place, (number, row) in enumerate(chain(first, filled)):
        if place != head:
            below = names if head is not None and place > head else []
            told = [
                f"{name}: {value}" if (name := named(below, column)) else value
                for column, value in enumerate(row)
                if value
            ]
            yield f"Row {number}: " + "; ".join(told)


def holds(row: Sequence[object]) -> bool:
    """Whether it says anything; a box that nobody ticked, or nought alone, stands in rows that were never filled in."""
    return any(value and str(value).strip() for value in row)


def head_at(rows: Sequence[Sequence[str | None]]) -> int | None:
    """Which of the first rows names the columns; none does where it is alone, or the first is like the second."""
    if len(rows) < 2 or any(are_alike(one, other) for one, other in zip(rows[0], rows[1], strict=False)):
        return None
    above = next((place for place, row in enumerate(rows) if count(row) > 1), 0)
    named_below = len(rows) > above + 1 and min(count(rows[above]), count(rows[above + 1])) >= FEWEST_NAMES
    return above if named_below and not any(FIGURE.fullmatch(value) for value in rows[above] if value) else 0


def are_alike(one: str | None, other: str | None) -> bool:
    """Whether both are days or both addresses: the name of a column is another thing than what stands below it."""
    return any(kind.fullmatch(one or "") and kind.fullmatch(other or "") for kind in KINDS)


def count(row: Sequence[str | None]) -> int:
    return sum(1 for value in row if value)


def named(names: Sequence[str | None], column: int) -> str | None:
    name = names[column] if column < len(names) else None
    return name.rstrip(":") if name else None
