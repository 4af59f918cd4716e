"""EPUB: the chapters in reading order, a part for each heading."""

import posixpath
import re
import zipfile
from urllib.parse import unquote

import lxml.etree

from index.formats import archive, markup
from index.formats.extract import Extract, UnreadableError, Writer, day_of, in_one_line, nested
from index.formats.markup import Element

WHAT = "a book"
LOCKS = "META-INF/encryption.xml"
LOCKED = re.compile(rb"CipherReference[^>]*\.x?html", re.IGNORECASE)
"""Fonts are often locked where the text is not."""

PARSER = lxml.etree.XMLParser(resolve_entities=False, no_network=True, recover=True)


def read(raw: bytes) -> Extract:
    """Raises UnreadableError where it is damaged or its text is locked."""
    with archive.opened(raw, WHAT) as book:
        try:
            if LOCKS in book.namelist() and LOCKED.search(book.read(LOCKS)):
                raise UnreadableError("is a book whose text is locked; get a copy without copy protection")
            container = parsed(book.read("META-INF/container.xml"))
            path = container.xpath("string(//*[local-name()='rootfile']/@full-path)")
            package = parsed(book.read(path))
            return from_chapters(book, package, posixpath.dirname(path))
        except KeyError as error:
            raise UnreadableError(f"is not {WHAT} that can be read ({error.args[0]})") from error


def from_chapters(book: zipfile.ZipFile, package: Element, folder: str) -> Extract:
    files = {item.get("id"): item.get("href") for item in package.iter("{*}item")}
    writer = Writer()
    for number, reference in enumerate(package.iter("{*}itemref"), start=1):
        href = files.get(reference.get("idref"))
        name = posixpath.normpath(posixpath.join(folder, unquote(href or ""))) if href else ""
        if name in book.namelist():
            write_chapter(writer, book.read(name), number)
    return writer.extract(
        title=told(package, "title"), dated=day_of(told(package, "date")), author=told(package, "creator")
    )


def write_chapter(writer: Writer, html: bytes, number: int) -> None:
    """A chapter without a heading is called by its number."""
    try:
        root = markup.parse(html)
    except UnreadableError:
        return
    for element in list(root.iter("head", "script", "style")):
        element.drop_tree()
    levels: list[tuple[int, str]] = []
    writer.part([f"Chapter {number}"])
    for block in markup.blocks(root):
        if block.level:
            levels = nested(levels, block.level, block.text)
            writer.part(title for _, title in levels)
        writer.write(block.text)


def told(package: Element, name: str) -> str | None:
    return in_one_line(package.xpath(f"string(//*[local-name()='metadata']/*[local-name()='{name}'])"))


def parsed(xml: bytes) -> Element:
    root = lxml.etree.fromstring(xml, PARSER)
    if root is None:
        raise UnreadableError(f"is not {WHAT} that can be read")
    return root
