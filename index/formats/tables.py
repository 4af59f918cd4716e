"""Tables as text: a row a line, each value with the name of its column, so that a row can be understood alone."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from index.formats.extract import Extract, UnreadableError, Writer, in_one_line

SAMPLE = 20_000
csv.field_size_limit(1_000_000)


def read(text: str) -> Extract:
    """A CSV file, whatever its separator."""
    try:
        dialect = csv.Sniffer().sniff(text[:SAMPLE], delimiters=",;\t|")
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
    """`Row 3: Name: Anna; Age: 30` for each row below the first that holds anything, which names the columns.

    Rows are counted from 1 as a table program does, that of the names among them. A table of one row has no names.
    """
    numbered = ((number, [in_one_line(value) for value in row]) for number, row in enumerate(rows, start=1))
    filled = ((number, row) for number, row in numbered if any(row))
    head = next(filled, None)
    if head is None:
        return
    second = next(filled, None)
    names = head[1] if second else []
    for number, row in chain([second] if second else [head], filled):
        told = [
            f"{name}: {value}" if (name := named(names, column)) else value for column, value in enumerate(row) if value
        ]
        yield f"Row {number}: " + "; ".join(told)


def named(names: Sequence[str | None], column: int) -> str | None:
    name = names[column] if column < len(names) else None
    return name.rstrip(":") if name else None
