"""XLSX, by openpyxl: a part for each sheet, a row a line with the names of its columns."""

import io
import re
from datetime import datetime
from typing import Any

import openpyxl
from openpyxl.xml.constants import ARC_CORE, DCORE_NS, DCTERMS_NS
from openpyxl.xml.functions import fromstring

from index.formats import archive, tables
from index.formats.extract import Extract, UnreadableError, Writer, day_of, in_one_line

PERCENT = re.compile(r'^(?:[^"]|"[^"]*")*?%')
"""In how a cell shows its number; not where it is only a text beside it."""

DIGITS = 15
"""Of a number, as table programs show them."""

WHAT = "a workbook"


def read(raw: bytes) -> Extract:
    archive.check(raw, WHAT)
    try:
        book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
    except Exception as error:  # whatever the XML inside makes it stumble over
        raise UnreadableError(f"is not {WHAT} that can be read ({in_one_line(error)})") from error
    writer = Writer()
    try:
        for sheet in book.worksheets:
            writer.part([f"Sheet {in_one_line(sheet.title)}"])
            sheet.reset_dimensions()  # many programs state too few cells, and the others would be passed over
            rows = ([shown(cell) for cell in row] for row in sheet.iter_rows())
            for line in tables.lines(rows):
                writer.write(line)
        return writer.extract(**properties(raw))
    finally:
        book.close()


def properties(raw: bytes) -> dict[str, Any]:
    """The file's own title, date and author. Where it tells no date, openpyxl would tell today's."""
    with archive.opened(raw, WHAT) as book:
        if ARC_CORE not in book.namelist():
            return {}
        told = fromstring(book.read(ARC_CORE))
    author = in_one_line(told.findtext(f"{{{DCORE_NS}}}creator"))
    days = (day_of(told.findtext(f"{{{DCTERMS_NS}}}{name}")) for name in ("modified", "created"))
    return {
        "title": in_one_line(told.findtext(f"{{{DCORE_NS}}}title")),
        "dated": next(filter(None, days), None),
        "author": author if author != "openpyxl" else None,
    }


def shown(cell: Any) -> object:
    """A day without the midnight that workbooks add, a whole number without its point, a share as the cell shows it,
    and no digits that only come of counting by twos."""
    value = cell.value
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        return value.date()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if PERCENT.search(cell.number_format or ""):
        return f"{rounded(100 * value)}%"
    return rounded(value)


def rounded(value: float) -> int | float:
    if isinstance(value, int):
        return value
    told = float(f"{value:.{DIGITS}g}")
    return int(told) if told.is_integer() else told
