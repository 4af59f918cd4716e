"""HTML pages: the main content without menus, by trafilatura; the title, date, author and address that it states."""

from dataclasses import replace
from typing import Any

import trafilatura
from trafilatura.settings import use_config

from index.formats import markdown, markup
from index.formats.extract import Extract, UnreadableError, Writer, day_of, in_one_line, nested
from index.formats.markup import Element

CONFIG = use_config()
CONFIG.set("DEFAULT", "EXTRACTION_TIMEOUT", "0")  # it works with signals, and the worker has a limit of its own

LEAST_SHARE, SHORT = 0.5, 300
"""Of the page's text without its surroundings: where trafilatura keeps less, or there are so few characters that it has
little to go by, the whole is taken."""


NAMES = {"item": "li", "row": "tr", "cell": "td", "list": "ul", "quote": "blockquote", "lb": "br", "graphic": "img"}
"""Of trafilatura's elements, in HTML."""

CODE = frozenset({"code", "quote"})


def read(raw: bytes) -> Extract:
    """Raises UnreadableError where the page shows no text."""
    page = markup.as_text(raw)
    root = markup.parse(page)
    told = trafilatura.extract_metadata(page, extensive=False)  # which else takes any year in the text for the date
    titled = root.findtext(".//title")
    markup.strip(root)
    whole = from_blocks(root)
    main = main_of(page)
    long = main and len(whole.text) >= SHORT and len(main.text) >= LEAST_SHARE * len(whole.text)
    return replace(
        main if main and long else whole,
        title=in_one_line(told.title if told else None) or in_one_line(titled),
        dated=day_of(told.date if told else None),
        url=markdown.web_address(told.url if told else None),
        author=in_one_line(told.author if told else None),
    )


def main_of(page: str | bytes) -> Extract | None:
    """What trafilatura takes for the content; None where it finds none."""
    found: Any = trafilatura.bare_extraction(
        page, include_comments=False, include_tables=True, include_links=False, config=CONFIG
    )
    if not found or found.body is None:
        return None
    for element in found.body.iter():
        element.tag = name_of(element)
    try:
        return from_blocks(found.body)
    except UnreadableError:
        return None


def name_of(element: Element) -> str:
    """The name that HTML has for it."""
    if element.tag == "head":
        return str(element.get("rend") or "p")
    if element.tag in CODE and "\n" in (element.text or "").strip():
        return "pre"
    return NAMES.get(element.tag, str(element.tag))


def from_blocks(root: Element) -> Extract:
    writer = Writer()
    levels: list[tuple[int, str]] = []
    for block in markup.blocks(root):
        if block.level:
            levels = nested(levels, block.level, block.text)
            writer.part(title for _, title in levels)
        writer.write(block.text)
    try:
        return writer.extract()
    except UnreadableError as error:
        raise UnreadableError("shows no text; a page that a script fills must be saved from the browser") from error
