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

NCX = "application/x-dtbncx+xml"
POINTS = (
    "//*[local-name()='navPoint'] | //*[local-name()='nav'][@*[local-name()='type']='toc']//*[local-name()='a'][@href]"
)
NAME_OF_POINT = "string(self::*[local-name()='a'] | *[local-name()='navLabel'])"

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
    files = {item.get("id"): within(folder, item.get("href")) for item in package.iter("{*}item")}
    names = names_in(book, package, folder)
    held = frozenset(book.namelist())
    writer, name = Writer(), None
    for number, reference in enumerate(package.iter("{*}itemref"), start=1):
        file = files.get(reference.get("idref"), "")
        if file in held:
            name = names.get(file, name)
            write_chapter(writer, book.read(file), name or f"Chapter {number}")
    return writer.extract(
        title=told(package, "title"), dated=day_of(told(package, "date")), author=told(package, "creator")
    )


def within(folder: str, href: str | None) -> str:
    """The file in the archive that a reference leads to."""
    return posixpath.normpath(posixpath.join(folder, unquote((href or "").partition("#")[0]))) if href else ""


def names_in(book: zipfile.ZipFile, package: Element, folder: str) -> dict[str, str]:
    """What the table of contents calls the files; nothing where there is none to speak of."""
    found: dict[str, str] = {}
    for item in package.iter("{*}item"):
        file = within(folder, item.get("href"))
        tells = item.get("media-type") == NCX or "nav" in item.get("properties", "")
        if not tells or file not in book.namelist():
            continue
        contents = lxml.etree.fromstring(book.read(file), PARSER)
        for point in contents.xpath(POINTS) if contents is not None else ():
            name = in_one_line(point.xpath(NAME_OF_POINT))
            if name:
                target = point.get("href") or point.xpath("string(*[local-name()='content']/@src)")
                found.setdefault(within(posixpath.dirname(file), target), name)
    return found if len(found) > 1 else {}


def write_chapter(writer: Writer, html: bytes, name: str) -> None:
    """A chapter without a heading is called as the table of contents has it, or by its number."""
    try:
        root = markup.parse(html)
    except UnreadableError:
        return
    for element in list(root.iter("head", "script", "style")):
        element.drop_tree()
    levels: list[tuple[int, str]] = []
    writer.part([name])
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
