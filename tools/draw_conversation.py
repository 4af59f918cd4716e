"""The picture of a conversation in the README, drawn from what the bot really says.

    .venv/bin/python -m tools.draw_conversation "QUESTION" docs/conversation.svg

Answers the question from the index, renders the answer and its first citation as Telegram gets them, and sets both
beside each other, as before and after a tap. Nothing in it is written by hand.
"""

import argparse
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from html import escape
from pathlib import Path

from PIL import ImageFont

from bot.languages import ENGLISH
from bot.pages import Button, Page, Style
from bot.telegram.asking import composed
from bot.telegram.opening import steps
from config import load_settings
from index.wiring import build_answerer

SIZE, LEADING = 15, 21
WIDTH, MARGIN, GAP = 460, 14, 16
BUTTON = 36
PAPER, INK, BUBBLE, ASKED, QUOTE, BAR, LINK, KEY = (
    "#d7e3ec", "#10202c", "#ffffff", "#e6fbd0", "#eef5fb", "#3a8fd0", "#1f74b5", "#8fb2c9",
)  # fmt: skip
FONT = ImageFont.load_default(SIZE)
"""Only to measure: each run is then set to the measured length, whatever font it is shown in."""

QUOTES = {"quote", "expandable_quote"}

TOKEN = re.compile(r"\n|[^\S\n]+|\S+")


@dataclass(frozen=True, slots=True)
class Run:
    """Part of a line: where it begins, how long it is, and the styles over it."""

    text: str
    x: float
    length: float
    kinds: frozenset[str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("question")
    parser.add_argument("picture", type=Path)
    options = parser.parse_args()
    with closing(build_answerer(load_settings())) as answerer:
        page, citations = composed(answerer.answer(options.question), ENGLISH)
    first = citations[0]
    opened = Page(first.page.text, first.page.styles, (*first.page.buttons, steps(first, 1, ENGLISH)))
    options.picture.write_text(drawn(options.question, page, opened), encoding="utf-8")


def drawn(question: str, answer: Page, opened: Page) -> str:
    """An SVG: the question and its answer at the left, and at the right what the answer becomes on a tap."""
    asked, depth = bubble(Page(question), x=MARGIN + 90, y=MARGIN, width=WIDTH - 90, colour=ASKED)
    left, first = bubble(answer, x=MARGIN, y=depth + GAP, width=WIDTH, colour=BUBBLE)
    right, second = bubble(opened, x=2 * MARGIN + WIDTH, y=depth + GAP, width=WIDTH, colour=BUBBLE)
    height, width = max(first, second) + MARGIN, 2 * WIDTH + 3 * MARGIN
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-size="{SIZE}" '
        f'font-family="Helvetica, Arial, sans-serif">\n<rect width="{width}" height="{height}" fill="{PAPER}"/>'
    )
    return "\n".join([head, *asked, *left, *right, "</svg>\n"])


def bubble(page: Page, *, x: float, y: float, width: float, colour: str) -> tuple[list[str], float]:
    """The elements of a message, and how far down it goes."""
    lines = list(broken(page, width - 2 * MARGIN))
    height = len(lines) * LEADING + MARGIN
    told = [f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="12" fill="{colour}"/>']
    for number, (quoted, line) in enumerate(lines):
        top = y + MARGIN / 2 + number * LEADING
        baseline = top + 0.75 * LEADING
        if quoted:
            told.append(f'<rect x="{x + 6}" y="{top}" width="{width - 12}" height="{LEADING}" fill="{QUOTE}"/>')
            told.append(f'<rect x="{x + 6}" y="{top}" width="3" height="{LEADING}" fill="{BAR}"/>')
        told += [written(run, x + MARGIN, baseline) for run in line if run.text.strip()]
    below = y + height
    for row in page.buttons:
        told += keys(row, x=x, y=below + 4, width=width)
        below += BUTTON + 4
    return told, below


def broken(page: Page, width: float) -> Iterator[tuple[bool, list[Run]]]:
    """The page in lines that fit, and whether each belongs to a quote."""
    line: list[Run] = []
    x = 0.0
    for match in TOKEN.finditer(page.text):
        kinds = frozenset(style.kind for style in page.styles if covers(style, match.start()))
        length = FONT.getlength(match[0]) if match[0] != "\n" else 0.0
        if match[0] == "\n" or (x + length > width and match[0].strip()):
            yield bool(kinds & QUOTES), line
            line, x = [], 0.0
        if match[0] != "\n" and (line or match[0].strip()):
            line.append(Run(match[0], x, length, kinds))
            x += length
    yield bool(line and line[0].kinds & QUOTES), line


def covers(style: Style, place: int) -> bool:
    return style.start <= place < style.end


def written(run: Run, x: float, y: float) -> str:
    look = ' font-weight="bold"' if "bold" in run.kinds else ""
    look += ' font-family="monospace"' if "code" in run.kinds else ""
    colour = LINK if "link" in run.kinds or re.fullmatch(r"\[\d+\]", run.text) else INK
    place = f'x="{x + run.x:.1f}" y="{y:.1f}" textLength="{run.length:.1f}" lengthAdjust="spacingAndGlyphs"'
    return f'<text {place} fill="{colour}"{look}>{escape(run.text)}</text>'


def keys(row: Sequence[Button], *, x: float, y: float, width: float) -> Iterator[str]:
    each = (width - 4 * (len(row) - 1)) / len(row)
    for number, button in enumerate(row):
        left = x + number * (each + 4)
        yield f'<rect x="{left:.1f}" y="{y}" width="{each:.1f}" height="{BUTTON}" rx="8" fill="{KEY}"/>'
        place = f'x="{left + each / 2:.1f}" y="{y + BUTTON / 2 + 5}" text-anchor="middle"'
        yield f'<text {place} fill="#ffffff">{escape(button.text)}</text>'


if __name__ == "__main__":
    main()
