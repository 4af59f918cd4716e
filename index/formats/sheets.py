"""XLSX, by openpyxl: a part for each sheet, a row a line with the names of its columns."""

import io
from datetime import datetime

import openpyxl

from index.formats import archive, tables
from index.formats.extract import Extract, UnreadableError, Writer, in_one_line

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
            rows = ([shown(value) for value in row] for row in sheet.iter_rows(values_only=True))
            for line in tables.lines(rows):
                writer.write(line)
        told = book.properties
        return writer.extract(
            title=in_one_line(told.title),
            dated=told.modified.date() if told.modified else None,
            author=in_one_line(told.creator) if told.creator != "openpyxl" else None,
        )
    finally:
        book.close()


def shown(value: object) -> object:
    """A day without the midnight that workbooks add, a whole number without its point."""
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        return value.date()
    return int(value) if isinstance(value, float) and value.is_integer() else value
