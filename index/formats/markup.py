"""HTML as blocks of text: paragraphs, list items, table rows, and headings with their level."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import lxml.etree
import lxml.html

from index.formats.encodings import try_decode
from index.formats.extract import UnreadableError, in_one_line

Element = Any
"""Of lxml, which has no types."""

LEFT_OUT = ("script", "style", "noscript", "template", "nav", "header", "footer", "aside", "form", "svg", "title")
"""Not the head: lxml takes a page that names neither head nor body for one all through, where it begins with a tag that
is younger than lxml's knowledge."""
BLOCKS = frozenset(
    {
        *("address", "article", "blockquote", "body", "br", "center", "dd", "details", "div", "dl", "dt", "fieldset"),
        *("figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "html", "li", "main", "ol", "p", "pre"),
        *("section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
    }
)
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
CELLS = frozenset({"td", "th"})
MENUS = BLOCKS - {"html", "body", "main", "article"}
FEWEST_LINKS, MENU_SHARE = 4, 0.8
"""Of a menu: its links, and what they hold of its letters."""

MENU = re.compile(r"\b(?:\w*[_-])?(?:menu|nav|navigation|navbar|breadcrumbs?|footer|sidebar)\b", re.IGNORECASE)
CONSENT = re.compile(
    r"cookie[\W_]?(?:banner|bar|box|consent|info|law|message|notice|overlay|popup)|consent[\W_]?(?:banner|box|dialog|popup)"
    r"|^\s*consent\b|\bgdpr|onetrust|didomi|usercentrics|cybotcookie",
    re.IGNORECASE,
)
MOST_OF_BANNER = 3000

MOST_OF_CELL = 300
"""Characters. What holds more is no value in a table."""

CHARSET = re.compile(rb"charset|encoding\s*=", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Block:
    """`level` is that of a heading, 0 for text."""

    text: str
    level: int = 0


def parse(html: str | bytes) -> Element:
    """Raises UnreadableError where there is nothing to parse."""
    try:
        html = as_text(html)
        if isinstance(html, str):
            html = re.sub(r"^\s*<\?xml[^>]*\?>", "", html)  # lxml refuses texts that name an encoding
        return lxml.html.document_fromstring(html)
    except (lxml.etree.LxmlError, ValueError, AssertionError) as error:
        raise UnreadableError(f"is not a page that can be read ({in_one_line(error)})") from error


def as_text(html: str | bytes) -> str | bytes:
    """A page that is UTF-8, or names no encoding, is read like a text file: many name a wrong one, and lxml would take
    those that name none for Latin-1."""
    if isinstance(html, str):
        return html
    if CHARSET.search(html, 0, 2048) and not is_utf8(html):
        return html
    text = try_decode(html)
    return html if text is None else text.removeprefix("\ufeff")


def is_utf8(html: bytes) -> bool:
    """Whether it can be nothing else: ASCII alone may be one of the encodings of seven bits."""
    try:
        return not html.isascii() and bool(html.decode())
    except UnicodeDecodeError:
        return False


def blocks(root: Element) -> Iterator[Block]:
    """In reading order. What surrounds a page (menus, scripts, forms) is passed over."""
    pieces: list[str] = []
    level, cell = 0, None
    for event, element in lxml.etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if event in ("comment", "pi"):
            pieces.append(element.tail or "")
            continue
        tag = element.tag if isinstance(element.tag, str) else ""
        divides = tag in BLOCKS and tag not in CELLS
        if (divides and cell is not None) or (tag == "br" and level):
            pieces.append(" ")
        elif divides:
            yield from finished(pieces, level, as_lines=event == "end" and tag == "pre")
            level = int(tag[1]) if event == "start" and re.fullmatch(r"h[1-6]", tag) else 0
        if event == "start":
            if tag == "li" and cell is None:
                pieces.append("- ")
            elif tag in CELLS and any(piece.strip() for piece in pieces):
                pieces.append(" | ")
            if tag in CELLS and cell is None and is_of_table(element):
                cell = element
            pieces.append(element.text or "")
        else:
            cell = None if element is cell else cell
            pieces.append(element.tail or "")
    yield from finished(pieces, level)


def is_of_table(cell: Element) -> bool:
    """Whether it stands in a row to be read as one; else the table only sets out the page."""
    alone = cell.getprevious() is None and cell.getnext() is None
    if alone or any(True for _ in cell.iterdescendants("table", *HEADINGS)):
        return False
    return sum(map(len, islice(cell.itertext(), MOST_OF_CELL))) <= MOST_OF_CELL


def finished(pieces: list[str], level: int, *, as_lines: bool = False) -> Iterator[Block]:
    text = "".join(pieces).strip("\r\n") if as_lines else in_one_line("".join(pieces))
    pieces.clear()
    if text and text != "-":
        yield Block(text, level)


def strip(root: Element) -> None:
    """Takes out what surrounds the text."""
    for element in [*root.iter(*LEFT_OUT), *menus(root), *banners(root)]:
        if element.getparent() is not None:
            element.drop_tree()


def menus(root: Element) -> list[Element]:
    """Blocks of which nearly all is links, where they stand above the page's first heading or are called so."""
    found, is_above = [], root.find(".//h1") is not None
    open_ones: list[tuple[int, int, int]] = [(0, 0, 0)]
    for event, element in lxml.etree.iterwalk(root, events=("start", "end")):
        if event == "start":
            is_above = is_above and element.tag != "h1"
            open_ones.append((letters(element.text), 0, 0))
            continue
        whole, linked, links = open_ones.pop()
        if element.tag == "a":
            linked, links = whole, 1
        if links >= FEWEST_LINKS and linked >= MENU_SHARE * whole and element.tag in MENUS:
            found += [element] if is_above or called(element, MENU) else []
        outer = open_ones[-1]
        open_ones[-1] = (outer[0] + whole + letters(element.tail), outer[1] + linked, outer[2] + links)
    return found


def banners(root: Element) -> list[Element]:
    """What asks for consent to cookies, and holds no more than that."""
    asking = (element for element in root.iter("div", "section", "dialog") if called(element, CONSENT))
    return [each for each in asking if sum(map(letters, each.itertext())) <= MOST_OF_BANNER]


def called(element: Element, what: re.Pattern[str]) -> bool:
    return bool(what.search(f"{element.get('id', '')} {element.get('class', '')}"))


def letters(text: str | None) -> int:
    return len((text or "").strip())
