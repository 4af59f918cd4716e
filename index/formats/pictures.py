"""A page of a PDF as a picture, with a quote marked on it.

Runs as `python -m index.formats.pictures MEGABYTES FILE PAGE`, the quote on standard input and the picture, a PNG, on
standard output: a file that crashes pdfium or takes all memory ends this process and no other.
"""

import io
import sys
from collections.abc import Sequence
from ctypes import c_int
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image, ImageChops, ImageDraw
from pypdfium2 import raw

from index.formats.confinement import confine
from index.formats.pdf import opened, page_of

DOTS = 1600
"""The longer side: Telegram shows no more of a photo, and small print can be read."""

MARKER = (255, 236, 110)
"""A light yellow, laid over the paper as ink is not: what is dark stays dark."""

ROOM = 1.5
"""Points around the letters of a line."""


class Box(NamedTuple):
    """In points, from the lower left corner of the page."""

    left: float
    bottom: float
    right: float
    top: float


def picture(content: bytes, page: int, quote: str) -> bytes:
    """The page (1-based) as a PNG, the quote marked as far as it stands on it.

    Raises PdfiumError where there is no such page, or the file cannot be read.
    """
    document = opened(content)
    shown = page_of(document, page - 1)
    width, height = shown.get_size()
    scale = DOTS / max(width, height)
    drawn = shown.render(scale=scale).to_pil().convert("RGB")
    marks = Image.new("RGB", drawn.size, "white")
    pen = ImageDraw.Draw(marks)
    for box in boxes(shown.get_textpage(), quote):
        corners = [shown_at(box.left, box.top, shown, scale), shown_at(box.right, box.bottom, shown, scale)]
        (left, right), (upper, lower) = (sorted(side) for side in zip(*corners, strict=True))
        pen.rectangle((left, upper, right, lower), fill=MARKER)
    told = io.BytesIO()
    ImageChops.multiply(drawn, marks).save(told, "PNG", optimize=True)
    return told.getvalue()


def shown_at(x: float, y: float, page: Any, scale: float) -> tuple[float, float]:
    """Where a point of the page is in the picture, which pdfium turns as the page says."""
    width, height = page.get_size()
    column, row = c_int(), c_int()
    raw.FPDF_PageToDevice(page, 0, 0, round(width * scale), round(height * scale), 0, x, y, column, row)
    return column.value, row.value


def boxes(text: Any, quote: str) -> list[Box]:
    """A box for each line of the quote."""
    letters = letters_of(text)
    begin, end = found("".join(letter for letter, _ in letters), squeezed(quote))
    return lines([box_of(text, index) for _, index in letters[begin:end]])


def letters_of(text: Any) -> list[tuple[str, int]]:
    """What of the page is neither white space nor a hyphen at the end of a line, with its index."""
    units = [chr(raw.FPDFText_GetUnicode(text, index)) for index in range(text.count_chars())]
    return [(letter, index) for index, unit in enumerate(units) for letter in squeezed(unit)]


def squeezed(text: str) -> str:
    """Without white space and hyphens, which lines and extraction change."""
    return "".join(letter for letter in text if not letter.isspace() and letter not in "-\x02\ufffe\xad\x00")


def found(page: str, quote: str) -> tuple[int, int]:
    """Where the quote stands on the page; of one that goes on over the page's end, what stands at that end.

    Nothing, (0, 0), where it does not stand there.
    """
    begin = page.find(quote)
    if quote and begin >= 0:
        return begin, begin + len(quote)
    most = min(len(page), len(quote) - 1)
    share = next((length for length in range(most, MIN_SHARE, -1) if page.endswith(quote[:length])), 0)
    return (len(page) - share, len(page)) if share else (0, 0)


MIN_SHARE = 12
"""Letters of a quote at the end of a page: fewer may stand there by chance."""


def box_of(text: Any, index: int) -> Box:
    return Box(*text.get_charbox(index, loose=True))


def lines(letters: Sequence[Box]) -> list[Box]:
    """One box for the letters that follow each other in a line. Letters without any extent are left out."""
    found: list[Box] = []
    for box in (box for box in letters if box.right > box.left and box.top > box.bottom):
        if found and overlap(found[-1], box):
            last = found[-1]
            found[-1] = Box(
                min(last.left, box.left), min(last.bottom, box.bottom),
                max(last.right, box.right), max(last.top, box.top),
            )  # fmt: skip
        else:
            found.append(box)
    return [Box(box.left - ROOM, box.bottom - ROOM, box.right + ROOM, box.top + ROOM) for box in found]


def overlap(line: Box, box: Box) -> bool:
    """Whether the letter stands in the line: by half of its height."""
    shared = min(line.top, box.top) - max(line.bottom, box.bottom)
    return shared > (box.top - box.bottom) / 2


def main() -> None:
    megabytes, file, page = sys.argv[1:]
    confine(int(megabytes))
    quote = sys.stdin.buffer.read().decode()
    sys.stdout.buffer.write(picture(Path(file).read_bytes(), int(page), quote))


if __name__ == "__main__":
    main()
