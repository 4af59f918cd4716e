"""The text that a file holds, and what stands where in it."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

MOST_CHARACTERS = 20_000_000
"""Of a document's text: some 30 thick books. What is longer is a database."""


TOO_LONG = f"holds more than {MOST_CHARACTERS:,} characters of text; split it"


TOO_MUCH_MEMORY = "takes too much memory to read; split it"


class UnreadableError(Exception):
    """A file that holds no text to index; the text says why and what to do, in words for its owner."""


class BrokenOffError(UnreadableError):
    """Reading did not come to its end; the machine may be to blame, and another time it may be read."""


@contextmanager
def readable() -> Iterator[None]:
    """Whatever a reader or its library raises becomes an UnreadableError: a reason, never an end."""
    try:
        yield
    except UnreadableError:
        raise
    except MemoryError as error:
        raise UnreadableError(TOO_MUCH_MEMORY) from error
    except RecursionError as error:
        raise UnreadableError("is nested too deeply to be read") from error
    except Exception as error:
        raise UnreadableError(f"cannot be read ({in_one_line(error) or type(error).__name__})") from error


@dataclass(frozen=True, slots=True)
class Part:
    """The stretch from `start` to the next part: the path of headings it stands under, outermost first; its page,
    1-based, and the page's printed label where that is another; who wrote it and when, where that is said of it alone.
    """

    start: int
    heading: tuple[str, ...] = ()
    page: int | None = None
    label: str | None = None
    author: str | None = None
    dated: date | None = None


@dataclass(frozen=True, slots=True)
class Extract:
    """`text` is what quotes are cut from. `parts` lie in order; what stands before the first is not indexed. `dated` is
    what the file itself says of when it was written."""

    text: str
    parts: tuple[Part, ...] = (Part(0),)
    title: str | None = None
    dated: date | None = None
    url: str | None = None
    author: str | None = None


class Writer:
    """Puts a text together from blocks, with a blank line between them, and remembers where the parts begin."""

    def __init__(self) -> None:
        self._blocks: list[str] = []
        self._parts: list[Part] = []
        self._length = 0

    def part(self, heading: Iterable[str] = (), **more: Any) -> None:
        """What is written from here on stands there; `more` is what else a Part says."""
        begun = Part(self._length, tuple(heading), **more)
        if self._parts and self._parts[-1].start == begun.start:
            self._parts.pop()
        self._parts.append(begun)

    def write(self, block: str) -> None:
        """Raises UnreadableError where the text grows too long."""
        block = tidy(block)
        if block:
            if not self._parts:
                self.part()
            self._blocks.append(block + "\n\n")
            self._length += len(self._blocks[-1])
        if self._length > MOST_CHARACTERS:
            raise UnreadableError(TOO_LONG)

    def go_on(self, text: str, *, glue: str = " ") -> None:
        """More of the block that was written last, if there is any."""
        if text and self._blocks:
            last = self._blocks.pop()
            self._length -= len(last)
            self.write(last.rstrip() + glue + text)

    def extract(self, **more: object) -> Extract:
        """Raises UnreadableError where nothing was written."""
        text = "".join(self._blocks).rstrip()
        if not text:
            raise UnreadableError("holds no text")
        parts = tuple(part for part in self._parts if part.start < len(text))
        return Extract(text, parts, **more)  # type: ignore[arg-type]


DAY = re.compile(r"\D{0,2}(\d{4})(?:-(\d\d?)-(\d\d?)(?!\d)|-?(\d\d)-?(\d\d))")
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
LINE_END = re.compile(r"\r\n|[\r\v\f]")
"""Beside \\n: a presentation breaks a line by \\v."""


def tidy(block: str) -> str:
    """Without control characters and the white space around it."""
    return CONTROL.sub("", LINE_END.sub("\n", block)).strip()


def in_one_line(text: object) -> str | None:
    """A title, an author or an address as it is shown; None where it is empty."""
    return " ".join(tidy("" if text is None else str(text)).split()) or None


def day_of(text: object) -> date | None:
    """The date in a text that begins with one, as 2024-05-17, 2024-5-7 or 20240517 with whatever behind it."""
    if found := DAY.match(str(text or "")):
        try:
            return date(*(int(each) for each in found.groups() if each))
        except ValueError:
            return None
    return None


def nested(levels: list[tuple[int, str]], level: int, title: str) -> list[tuple[int, str]]:
    """The open headings after one of `level` has begun."""
    return [*(outer for outer in levels if outer[0] < level), (level, title)]


def parts_of(begin: int, headings: Iterable[tuple[int, int, str]]) -> Iterator[Part]:
    """A part for each heading, given as (offset, level, text), and one for what stands before the first."""
    yield Part(begin)
    levels: list[tuple[int, str]] = []
    for offset, level, title in headings:
        levels = nested(levels, level, title)
        yield Part(offset, tuple(name for _, name in levels))
