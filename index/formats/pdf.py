"""PDF, by pdfium: a part for each page, under the bookmarks that lead there. A sentence that goes over a page break
belongs to the page it begins on."""

import re
from contextlib import suppress
from typing import Any

import pypdfium2
from pypdfium2 import PdfiumError

from index.formats.extract import Extract, UnreadableError, Writer, day_of, in_one_line, nested, tidy
from index.formats.running import split_at_break, without_running_lines

HYPHENATED = re.compile("(?:\x02|\ufffe)\n?")
"""What pdfium makes of a hyphen that ends a line within a word."""

WORD_BEFORE = re.compile(r"((?:\w+-)*)(\w*)\Z")
MOST_OF_WORD = 60

MADE_BY = re.compile(r"Microsoft (?:Word|PowerPoint|Excel|Publisher|Visio) - (?=.)")
NO_TITLE = re.compile(r"untitled(?: document)?", re.IGNORECASE)

HYPHEN_AT_END = re.compile("(?:\x02|\ufffe)\\s*$")

SOFT_BREAK = re.compile(r"(?<=[^\s.!?:;])[ \t]*\n(?=[^\s•\-–*])")
"""A line that goes on in the next."""


def read(raw: bytes) -> Extract:
    """Raises UnreadableError where it is encrypted, damaged, or holds pictures of pages only."""
    try:
        document = opened(raw)
    except PdfiumError as error:
        if "password" in str(error).lower():
            raise UnreadableError("is encrypted; save a copy without a password") from error
        raise UnreadableError(f"is a damaged PDF ({error}); save it anew or export it again") from error
    try:
        return from_pages(document)
    finally:
        document.close()


def opened(raw: bytes) -> Any:
    """The document with its form, if it has one. Raises PdfiumError."""
    document = pypdfium2.PdfDocument(raw)
    with suppress(PdfiumError):
        document.init_forms()
    return document


def from_pages(document: Any) -> Extract:
    writer, bookmarks = Writer(), bookmarks_of(document)
    levels: list[tuple[int, str]] = []
    before, glue = "", " "
    for index, page in enumerate(without_running_lines([text_of(document, index) for index in range(len(document))])):
        text = tidy(SOFT_BREAK.sub(" ", HYPHENATED.sub(rejoined, page)))
        rest = ""
        if index not in bookmarks:
            rest, text = split_at_break(before, text)
            writer.go_on(rest, glue=glue)
        for level, title in bookmarks.get(index, ()):
            levels = nested(levels, level, title)
        if text:
            number, label = index + 1, in_one_line(document.get_page_label(index))
            writer.part((name for _, name in levels), page=number, label=label if label != str(number) else None)
            writer.write(text)
        before = text or before + rest
        if page.strip():
            glue = "" if HYPHEN_AT_END.search(page) else " "
    told = document.get_metadata_dict()
    try:
        return writer.extract(
            title=title_in(told.get("Title")),
            dated=day_of(told.get("CreationDate")) or day_of(told.get("ModDate")),
            author=in_one_line(told.get("Author")),
        )
    except UnreadableError as error:
        if str(error) != "holds no text":
            raise
        raise UnreadableError(
            "holds pictures of pages, without text; run a text recognition (OCR) over it and save the result"
        ) from error


def rejoined(broken: re.Match[str]) -> str:
    """Nothing in place of the hyphen that a line broke at, unless it is the word's own: "state-of-the-art", "e-mail",
    "Smith-Jones", "COVID-19"."""
    page, begin = broken.string, broken.start()
    following = page[broken.end() : broken.end() + 1]
    found = WORD_BEFORE.search(page[max(0, begin - MOST_OF_WORD) : begin])
    before, last = found.groups() if found else ("", "")
    own = before or len(last) == 1 or following.isdecimal() or (last[-1:].islower() and following.isupper())
    return "-" if own else ""


def title_in(told: object) -> str | None:
    """Without the name of the program, which some put before it; None where it says that there is none."""
    title = MADE_BY.sub("", in_one_line(told) or "")
    return None if not title or NO_TITLE.fullmatch(title) else title


def text_of(document: Any, index: int) -> str:
    """As pdfium has it. A page that cannot be read has no text; the others stay."""
    try:
        page = page_of(document, index)
        told: str = page.get_textpage().get_text_bounded()
        page.close()
    except PdfiumError:
        return ""
    return told.replace("\r\n", "\n").replace("\r", "\n")


def page_of(document: Any, index: int) -> Any:
    """With what was filled into its form as a part of it. Raises PdfiumError."""
    page = document[index]
    if document.formenv is None:
        return page
    with suppress(PdfiumError):
        page.flatten()
    page.close()
    return document[index]


def bookmarks_of(document: Any) -> dict[int, list[tuple[int, str]]]:
    """(level, title) of the bookmarks by the index of their page, in order."""
    found: dict[int, list[tuple[int, str]]] = {}
    try:
        for bookmark in document.get_toc(max_depth=6):
            destination, title = bookmark.get_dest(), in_one_line(bookmark.get_title())
            index = destination.get_index() if destination else None
            if title and index is not None:
                found.setdefault(index, []).append((bookmark.level, title))
    except PdfiumError:
        return found
    return found
