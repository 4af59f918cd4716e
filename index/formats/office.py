"""DOCX and PPTX, by python-docx and python-pptx: headings as the styles say, and slides by their number."""

import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from operator import attrgetter
from typing import Any

import docx
import pptx
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph

from index.formats import archive, tables
from index.formats.extract import Extract, UnreadableError, Writer, in_one_line, nested

HOLDERS = frozenset(
    qn(f"w:{name}")
    for name in ("ins", "moveTo", "sdt", "sdtContent", "hyperlink", "smartTag", "fldSimple", "customXml")
)
"""What holds runs, paragraphs or tables. What was deleted is held by others."""

NOTES = {
    qn("w:footnoteReference"): RELATIONSHIP_TYPE.FOOTNOTES,
    qn("w:endnoteReference"): RELATIONSHIP_TYPE.ENDNOTES,
}
OF_OLD = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"

MOST_STYLES = 9
"""That one is made from another; a file may have them go in a circle."""

WORD, SLIDES = "a Word document", "a presentation"


def read_docx(raw: bytes) -> Extract:
    archive.check(raw, WORD)
    document = opened(docx.Document, raw, WORD)
    writer = Writer()
    levels: list[tuple[int, str]] = []
    told = properties(document)
    title = told["title"]
    notes = notes_of(document)
    for block in blocks_in(document.element.body, document._body):
        if isinstance(block, Table):
            for line in tables.lines(texts_in(row.cells, text_of_cell) for row in block.rows):
                writer.write(line)
            for more in beside(block, notes):
                writer.write(more)
            continue
        said = text_of(block._p)
        style, text = style_of(block), in_one_line(said)
        if text and style == "Title":
            title = title or text
        elif text and style.startswith("Heading "):
            levels = nested(levels, int(style.removeprefix("Heading ")) if style[8:].isdecimal() else 1, text)
            writer.part(name for _, name in levels)
        writer.write(f"- {said}" if text and style.startswith("List") else said)
        for more in beside(block, notes):
            writer.write(more)
    return writer.extract(**told | {"title": title or (levels[0][1] if levels else None)})


def blocks_in(element: Any, parent: Any) -> Iterator[Paragraph | Table]:
    """Paragraphs and tables, also within what is only there to hold them, such as the field of a form."""
    for child in element:
        if child.tag == qn("w:p"):
            yield Paragraph(child, parent)
        elif child.tag == qn("w:tbl"):
            yield Table(child, parent)
        elif child.tag in HOLDERS:
            yield from blocks_in(child, parent)


def text_of(element: Any) -> str:
    """Of a paragraph as it reads when all changes are accepted: python-docx passes over what was inserted."""
    return "".join(run.text for run in runs_of(element))


def runs_of(element: Any) -> Iterator[Any]:
    for child in element:
        if child.tag == qn("w:r"):
            yield child
        elif child.tag in HOLDERS:
            yield from runs_of(child)


def beside(block: Paragraph | Table, notes: dict[Any, str]) -> dict[str, None]:
    """What stands in text boxes that hang on a paragraph or table, and in its notes; each once."""
    paragraphs = block._tbl.iter(qn("w:p")) if isinstance(block, Table) else [block._p]
    runs = [run for paragraph in paragraphs for run in runs_of(paragraph)]
    texts = [text_of_block(inner) for run in runs for box in boxes_in(run) for inner in blocks_in(box, block)]
    return dict.fromkeys([*texts, *(notes.get(key_of(note), "") for run in runs for note in run.iter(*NOTES))])


def boxes_in(run: Any) -> Iterator[Any]:
    """Word keeps a second copy of each for programs of old."""
    for box in run.iter(qn("w:txbxContent")):
        if not any(outer.tag == OF_OLD for outer in box.iterancestors()):
            yield box


def notes_of(document: Any) -> dict[Any, str]:
    """Footnotes and endnotes by what refers to them."""
    found = {}
    for reference, kind in NOTES.items():
        with suppress(KeyError):
            part = parse_xml(document.part.part_related_by(kind).blob)
            for note in part:
                text = "\n".join(text_of(paragraph) for paragraph in note.iter(qn("w:p")))
                found[reference, note.get(qn("w:id"))] = text
    return found


def key_of(reference: Any) -> Any:
    return reference.tag, reference.get(qn("w:id"))


def text_of_cell(cell: Any) -> str:
    return "\n".join(text_of_block(block) for block in blocks_in(cell._tc, cell))


def text_of_block(block: Paragraph | Table) -> str:
    if isinstance(block, Paragraph):
        return text_of(block._p)
    return "\n".join(text_of_cell(cell) for row in block.rows for cell in row.cells)


def style_of(paragraph: Paragraph) -> str:
    """The style's English name, which Word keeps in any language; that of a heading, where it is made from one."""
    style: Any = paragraph.style
    own = name = name_of(style)
    for _ in range(MOST_STYLES):
        if style is None or name == "Title" or name.startswith("Heading "):
            break
        style = style.base_style
        name = name_of(style)
    return name if name.startswith("Heading ") else own


def name_of(style: Any) -> str:
    return str(style.name or "") if style is not None else ""


def read_pptx(raw: bytes) -> Extract:
    archive.check(raw, SLIDES)
    presentation = opened(pptx.Presentation, raw, SLIDES)
    writer, first = Writer(), None
    for number, slide in enumerate(presentation.slides, start=1):
        title = in_one_line(slide.shapes.title.text_frame.text) if slide.shapes.title is not None else None
        first = first or title
        writer.part([f"Slide {number}: {title}" if title else f"Slide {number}"])
        for text in texts_of(slide.shapes):
            writer.write(text)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            writer.write(slide.notes_slide.notes_text_frame.text)
    told = properties(presentation)
    return writer.extract(**told | {"title": told["title"] or first})


def texts_of(shapes: Any) -> Iterator[str]:
    for shape in shapes:
        if getattr(shape, "shapes", None) is not None:
            yield from texts_of(shape.shapes)
        elif shape.has_text_frame:
            yield "\n".join(paragraph.text for paragraph in shape.text_frame.paragraphs)
        elif getattr(shape, "has_table", False) and shape.has_table:
            yield from tables.lines(texts_in(row.cells) for row in shape.table.rows)


def texts_in(cells: Any, text_of_cell: Callable[[Any], str] = attrgetter("text")) -> list[str | None]:
    """Merged cells stand in a row several times; they are told once."""
    told = [in_one_line(text_of_cell(cell)) for cell in cells]
    return [text if not place or text != told[place - 1] else None for place, text in enumerate(told)]


def properties(file: Any) -> dict[str, Any]:
    """The file's own title, date and author. Where it has none, the libraries would tell a title of theirs and today's
    date."""
    try:
        file.part.package.part_related_by(RELATIONSHIP_TYPE.CORE_PROPERTIES)
    except KeyError:
        return {"title": None}
    told = file.core_properties
    modified = told.modified or told.created
    return {
        "title": in_one_line(told.title),
        "dated": modified.date() if modified else None,
        "author": in_one_line(told.author),
    }


def opened(library: Any, raw: bytes, what: str) -> Any:
    """The libraries raise whatever the XML inside makes them stumble over."""
    try:
        return library(io.BytesIO(raw))
    except Exception as error:
        raise UnreadableError(f"is not {what} that can be read ({in_one_line(error)})") from error
