"""Files of every format: what is read from them, what stands where, and what is said of those that cannot be read."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import date
from email.message import EmailMessage
from pathlib import Path

import docx
import openpyxl
import pptx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part as PackagePart
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from llama_index.core.schema import Document

from index.documents import File, read_document
from index.extraction import Extraction
from index.formats import restructured, tables
from index.formats.extract import MOST_CHARACTERS, Part, UnreadableError, readable
from index.formats.front_matter import MOST_CHARACTERS as MOST_FRONT_MATTER
from index.formats.front_matter import front_matter_of
from index.formats.kinds import DOCUMENT_TYPES, IN_WORKER
from index.formats.worker import READERS
from index.types import LeftOut
from tests.files import (
    HTML,
    MADE,
    a_docx,
    a_form,
    a_mail,
    a_pdf,
    an_epub,
    saved,
)


@pytest.fixture(scope="module")
def extraction() -> Iterator[Extraction]:
    with Extraction() as extraction:
        yield extraction


@pytest.fixture
def folder(tmp_path: Path, extraction: Extraction) -> "Folder":
    return Folder(tmp_path, extraction)


class Folder:
    def __init__(self, path: Path, extraction: Extraction) -> None:
        self.path = path
        self.extraction = extraction

    def read(self, name: str, content: bytes | None = None) -> Document | LeftOut:
        (self.path / name).write_bytes(MADE[name] if content is None else content)
        return read_document(File(name, self.path / name), extraction=self.extraction)

    def document(self, name: str, content: bytes | None = None) -> Document:
        found = self.read(name, content)
        assert isinstance(found, Document), found
        return found

    def reason(self, name: str, content: bytes) -> str:
        found = self.read(name, content)
        assert isinstance(found, LeftOut), found.text[:200]
        assert found == LeftOut(name, found.reason)
        return found.reason


def parts(document: Document) -> list[tuple[tuple[str, ...], int | None, str | None, str]]:
    """Heading, page, label, and what stands there."""
    told = [Part(**{**each, "heading": tuple(each["heading"])}) for each in document.metadata["parts"]]
    ends = [*(part.start for part in told[1:]), len(document.text)]
    return [
        (part.heading, part.page, part.label, document.text[part.start : end].strip())
        for part, end in zip(told, ends, strict=True)
        if document.text[part.start : end].strip()
    ]


def about(document: Document) -> tuple[str, str, str | None]:
    """Title, date, author."""
    return document.metadata["title"], document.metadata["modified"], document.metadata["author"]


def test_every_type_has_a_reader_and_a_file_here() -> None:
    assert READERS.keys() == IN_WORKER
    same = {".htm": ".html", ".xhtml": ".html", ".tsv": ".csv", ".markdown": ".md"}
    assert {same.get(kind, kind) for kind in DOCUMENT_TYPES} == {Path(name).suffix for name in MADE}


# Each format


def test_pdf_pages(folder: Folder) -> None:
    found = folder.document("minutes.pdf")
    assert parts(found) == [
        ((), 1, None, "The meeting began at nine."),
        ((), 2, None, "The mayor spoke about the harbour.\nIt will be rebuilt."),
    ]
    assert found.metadata["title"] == "minutes"


def test_pdf_labels_bookmarks_title_and_date(folder: Folder) -> None:
    content = a_pdf(
        ["Foreword.", "The mill burned\nin 1854.", "It was rebuilt."],
        labels="0 << /S /r /St 4 >> 1 << /S /D >>",
        bookmarks=[("The fire", 1), ("Later", 2)],
        info="/Title (The old mill) /Author (Anna Reed) /CreationDate (D:20240517101500Z)",
    )
    found = folder.document("mill.pdf", content)
    assert parts(found) == [
        ((), 1, "iv", "Foreword."),
        (("The fire",), 2, "1", "The mill burned in 1854."),
        (("Later",), 3, "2", "It was rebuilt."),
    ]
    assert about(found) == ("The old mill", "2024-05-17", "Anna Reed")


def test_a_sentence_over_a_page_break_belongs_to_the_page_it_begins_on(folder: Folder) -> None:
    pages = [
        "The mill was sold in 1799.\nIts wheel was taken by the flood",
        "of the year 1854 and never\nfound again. The mill stood still.",
        "A new owner came and",
        "went",
        "within a year.",
    ]
    assert parts(folder.document("mill.pdf", a_pdf(pages))) == [
        (
            (),
            1,
            None,
            "The mill was sold in 1799.\nIts wheel was taken by the flood of the year 1854 and never found again.",
        ),
        ((), 2, None, "The mill stood still."),
        ((), 3, None, "A new owner came and went within a year."),
    ]


def test_pages_without_letters_are_passed_over(folder: Folder) -> None:
    pages = ["", "and so it began. Then it", "", "went on. It ended."]
    assert parts(folder.document("odd.pdf", a_pdf(pages))) == [
        ((), 2, None, "and so it began. Then it went on."),
        ((), 4, None, "It ended."),
    ]


def test_a_page_under_a_bookmark_is_no_sentence_s_end(folder: Folder) -> None:
    content = a_pdf(["Contents and", "what is to come."], bookmarks=[("Preface", 1)])
    assert [part[3] for part in parts(folder.document("book.pdf", content))] == ["Contents and", "what is to come."]


def test_what_runs_along_over_the_pages_is_left_out(folder: Folder) -> None:
    said = (
        "The keeper lit the lamp",
        "before the storm came.\nIt was 1871",
        "when she wrote it down.",
        "She was tired.",
    )
    pages = [f"The Lamp, a Chronicle\n{text}\nPage {number} of 4" for number, text in enumerate(said, start=1)]
    assert [part[3] for part in parts(folder.document("lamp.pdf", a_pdf(pages)))] == [
        "The keeper lit the lamp before the storm came.",
        "It was 1871 when she wrote it down.",
        "She was tired.",
    ]


def test_what_was_filled_into_a_form_is_text_of_its_page(folder: Folder) -> None:
    found = folder.document("form.pdf", a_form("Name of the keeper:", "Maria Holm"))
    assert parts(found) == [((), 1, None, "Name of the keeper:\nMaria Holm")]


def test_a_hyphen_that_is_a_word_s_own_stays_where_a_line_breaks_at_it(folder: Folder) -> None:
    said = "COVID-\n19 came. Smith-\nJones got the state-of-\nthe-art e-\nmail of the har-\nbour. The HAR-\nBOUR won."
    text = "COVID-19 came. Smith-Jones got the state-of-the-art e-mail of the harbour. The HARBOUR won."
    assert folder.document("a.pdf", a_pdf([said])).text == text


@pytest.mark.parametrize(
    ("told", "title"),
    [("Microsoft Word - The mill.doc", "The mill.doc"), ("Untitled", "a"), ("Untitled love", "Untitled love")],
)
def test_the_title_of_a_pdf_is_not_the_name_of_the_program(folder: Folder, told: str, title: str) -> None:
    assert folder.document("a.pdf", a_pdf(["It burned."], info=f"/Title ({told})")).metadata["title"] == title


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (a_pdf(["Secret."], encrypted=True), "is encrypted; save a copy without a password"),
        (a_pdf(["", ""]), "holds pictures of pages, without text; run a text recognition (OCR) over it"),
        (b"%PDF-1.7\nnothing more", "is a damaged PDF"),
        (b"", "is empty"),
    ],
    ids=["encrypted", "scanned", "damaged", "empty"],
)
def test_a_pdf_that_cannot_be_read(folder: Folder, content: bytes, reason: str) -> None:
    assert folder.reason("a.pdf", content).startswith(reason)


def test_word(folder: Folder) -> None:
    found = folder.document("report.docx")
    assert parts(found) == [
        ((), None, None, "The harbour was built in 1921."),
        (("Fees",), None, None, "Fees\n\nA berth costs forty crowns a night."),
        (
            ("Fees", "In winter"),
            None,
            None,
            "In winter\n\nBerths are free from December to March.\n\n- a lamp\n\nRow 2: Boat: Swan; Length: 9 m",
        ),
    ]
    assert about(found) == ("The harbour report", "2023-04-05", "Anna Reed")


def test_slides(folder: Folder) -> None:
    found = folder.document("mill.pptx")
    assert parts(found) == [
        (("Slide 1: The mill",), None, None, "The mill\n\nThe mill burned in 1854."),
        (
            ("Slide 2: Plans",),
            None,
            None,
            "Plans\n\nIt will be rebuilt in stone.\n\nAsk the mayor about the money.",
        ),
    ]
    assert about(found)[1:] == ("2022-01-02", "Tom Hale")


def test_a_line_that_a_slide_breaks_does_not_run_into_the_next(folder: Folder) -> None:
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    assert slide.shapes.title is not None
    slide.shapes.title.text = "The old\vmill"
    slide.placeholders[1].text = "It burned\vin 1854."
    [part] = parts(folder.document("mill.pptx", saved(presentation)))
    assert (part[0], part[3]) == (("Slide 1: The old mill",), "The old\nmill\n\nIt burned\nin 1854.")


def test_sheets(folder: Folder) -> None:
    found = folder.document("boats.xlsx")
    assert parts(found) == [
        (
            ("Sheet Boats",),
            None,
            None,
            "Row 2: Name: Swan; Length: 9; Built: 1998-05-17\n\nRow 4: Name: Heron; Length: 7.5",
        ),
        (("Sheet Fees",), None, None, "Row 2: Season: summer; Crowns a night: 40"),
    ]


def test_a_style_made_from_that_of_a_heading_is_one(folder: Folder) -> None:
    document = docx.Document()
    for name, base in (("Kapitel", "Heading 1"), ("Kapitel kursiv", "Kapitel"), ("Text", "Normal")):
        document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = document.styles[base]
    document.styles["Heading 2"].base_style = document.styles["Heading 1"]
    document.styles["Normal"].base_style = document.styles["Text"]  # in a circle
    for text, style in (("Fees", "Kapitel kursiv"), ("In winter", "Heading 2"), ("They are low.", "Text")):
        document.add_paragraph(text, style=style)
    assert [part[0] for part in parts(folder.document("a.docx", saved(document)))] == [("Fees",), ("Fees", "In winter")]


@pytest.mark.parametrize("name", ["report.docx", "mill.pptx", "boats.xlsx"])
def test_a_file_that_says_nothing_of_itself_is_called_by_its_name_and_has_its_file_s_date(
    folder: Folder, name: str
) -> None:
    """As Google saves them: the libraries would tell a title of their own and the day of reading."""
    found = folder.document(name, without_properties(MADE[name]))
    title = {"report.docx": "Fees", "mill.pptx": "The mill", "boats.xlsx": "boats"}[name]
    assert (found.metadata["title"], found.metadata["dated"], found.metadata["author"]) == (title, False, None)


def without_properties(content: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(made, "w") as after:
        for name in before.namelist():
            if name != "docProps/core.xml":
                after.writestr(name, re.sub(rb"<(Relationship|Override) [^>]*core[^>]*>", b"", before.read(name)))
    return made.getvalue()


def test_a_workbook_that_tells_no_date_has_its_file_s(folder: Folder) -> None:
    told = re.compile(rb"<dcterms:(modified|created).*?</dcterms:\1>")
    found = folder.document("boats.xlsx", rewritten(MADE["boats.xlsx"], "docProps/core.xml", told, b""))
    assert not found.metadata["dated"]


def test_nought_and_no_are_values(folder: Folder) -> None:
    book = openpyxl.Workbook()
    for row in (["Boat", "Berths", "Sold", "Fee"], ["Swan", 0, False, 0.0], [None, None, False, None]):
        book.active.append(row)
    assert folder.document("a.xlsx", saved(book)).text == "Row 2: Boat: Swan; Berths: 0; Sold: False; Fee: 0"


def test_numbers_are_those_that_a_workbook_shows(folder: Folder) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Boat", "Fee", "VAT", "Paid"])
    book.active.append(["Swan", 40.1 + 0.2, 0.07, 0.125])
    for cell, form in (("B2", '0.00 "% of it"'), ("C2", "0%"), ("D2", "0.0%")):
        book.active[cell].number_format = form
    content = rewritten(
        saved(book), "xl/worksheets/sheet1.xml", re.compile(rb"<v>40.3</v>"), b"<v>40.300000000000004</v>"
    )
    told = "Row 2: Boat: Swan; Fee: 40.3; VAT: 7%; Paid: 12.5%"
    assert folder.document("a.xlsx", content).text == told


@pytest.mark.parametrize("stated", [b"A1", b"A1:B2", b"A1:XFD1048576"])
def test_a_sheet_that_states_another_size_is_read_whole(folder: Folder, stated: bytes) -> None:
    size = re.compile(rb'<dimension ref="[^"]*"')
    content = rewritten(MADE["boats.xlsx"], "xl/worksheets/sheet1.xml", size, b'<dimension ref="%s"' % stated)
    assert folder.document("boats.xlsx", content).text == folder.document("boats.xlsx").text


def rewritten(content: bytes, name: str, old: re.Pattern[bytes], new: bytes) -> bytes:
    """An archive with something else in one of its files."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(made, "w") as after:
        for each in before.namelist():
            after.writestr(each, old.sub(new, before.read(each)) if each == name else before.read(each))
    return made.getvalue()


def test_a_row_keeps_the_names_of_its_columns(folder: Folder) -> None:
    found = folder.document("boats.csv")
    assert found.text == "Row 2: Name: Swan; Length: 9 m; Home: North quay\n\nRow 3: Name: Heron; Length: 7 m"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("Name,Length\n", "Row 1: Name; Length"),
        ("\n\nName\tLength\nSwan\t9\n", "Row 4: Name: Swan; Length: 9"),
        ('Name,Said\nSwan,"one,\ntwo"\n', "Row 2: Name: Swan; Said: one, two"),
        ("Name\nSwan,9\n", "Row 2: Name: Swan; 9"),
        ("Name,Said\r\nSwan,one\u2028two\x85three\r\n", "Row 2: Name: Swan; Said: one two three"),
        ("sep=;\nName;Length\nSwan;9,5\n", "Row 2: Name: Swan; Length: 9,5"),
        ("Name,Length\rSwan,9\r", "Row 2: Name: Swan; Length: 9"),
    ],
)
def test_odd_tables(folder: Folder, content: str, text: str) -> None:
    assert folder.document("a.csv", content.encode()).text == text


@pytest.mark.parametrize("name", ["boats.json", "boats.jsonl"])
def test_records(folder: Folder, name: str) -> None:
    assert parts(folder.document(name)) == [
        (("Swan",), None, None, "title: Swan\nberth.quay: north\nberth.number: 4\ncrew: Anna, Tom"),
        (("Heron",), None, None, "title: Heron\nberth.quay: south\nberth.number: 7"),
    ]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (
            ["Fees", "of 2026", "", "Boat;Season;2025;2026", "Swan;summer;40;42"],
            ["Row 1: Fees", "Row 2: of 2026", "Row 5: Boat: Swan; Season: summer; 2025: 40; 2026: 42"],
        ),
        (["Boat", "Name;Swan", "Length;9"], ["Row 2: Boat: Name; Swan", "Row 3: Boat: Length; 9"]),
        (
            ["Boat", "Swan;9;summer", "Heron;7;winter"],
            ["Row 2: Boat: Swan; 9; summer", "Row 3: Boat: Heron; 7; winter"],
        ),
        (["Boat", "Swan", "Heron"], ["Row 2: Boat: Swan", "Row 3: Boat: Heron"]),
        (["Swan;2024-05-17", "Heron;2023-04-01"], ["Row 1: Swan; 2024-05-17", "Row 2: Heron; 2023-04-01"]),
        (["Anna;a@b.org", "Tom;t@b.org"], ["Row 1: Anna; a@b.org", "Row 2: Tom; t@b.org"]),
        (["Boat;1.5.2025", "Swan;9"], ["Row 2: Boat: Swan; 1.5.2025: 9"]),
        (["Fees", "Boat;Season;Crowns"], ["Row 2: Fees: Boat; Season; Crowns"]),
    ],
    ids=[
        "captions", "a name and its value", "figures", "one column", "days", "addresses", "named by a day",
        "nothing below",
    ],
)  # fmt: skip
def test_the_row_that_names_the_columns_is_found(rows: list[str], told: list[str]) -> None:
    assert list(tables.lines(row.split(";") for row in rows)) == told


def test_records_are_told_apart_also_where_something_is_said_of_them_all(folder: Folder) -> None:
    content = {"count": 2, "boats": [{"name": "Swan", "crew": [{"name": "Anna"}]}, {"length": 9}], "tags": ["a", "b"]}
    assert parts(folder.document("a.json", json.dumps(content).encode())) == [
        ((), None, None, "count: 2\ntags: a, b"),
        (("Swan",), None, None, "boats.name: Swan\nboats.crew.name: Anna"),
        (("Record 2",), None, None, "boats.length: 9"),
    ]


def test_what_breaks_a_line_elsewhere_breaks_none_between_records(folder: Folder) -> None:
    content = '{"title": "Swan", "said": "one\u2028two\x85three"}\r\n{"title": "Heron"}\r\n'
    assert [part[0] for part in parts(folder.document("a.jsonl", content.encode()))] == [("Swan",), ("Heron",)]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.json", '{"a": ', "is not valid JSON"),
        ("a.json", "[" * 100_000, "is not valid JSON"),
        ("a.jsonl", '{"a": 1}\n{"a"\n', "is not valid JSON in line 2"),
        ("a.json", "{}", "holds no text"),
        ("q.jsonl", '{"question": "Who?", "answers": ["Anna"]}\n', "is a file of questions with answers"),
    ],
)
def test_records_that_are_left_out(folder: Folder, name: str, content: str, reason: str) -> None:
    assert folder.reason(name, content.encode()).startswith(reason)


def test_headings_of_restructured_text_are_found_line_by_line() -> None:
    """Also where lines end as on Windows; and however many spaces stand in a row."""
    text = "====\nBook\n====\n\nOne\n---\nText.\n\n+---+\n| a |\n+---+\n\nTwo\r\n---\r\nText.\n\nToo long\n--\n"
    found = [(level, title, text[offset:].splitlines()[0]) for offset, level, title in restructured.headings_of(text)]
    assert found == [(1, "Book", "===="), (2, "One", "One"), (2, "Two", "Two")]
    assert restructured.headings_of("a" + " " * 3_000_000 + "b\n") == []


def test_restructured_text(folder: Folder) -> None:
    found = folder.document("handbook.rst")
    assert [part[0] for part in parts(found)] == [("The handbook",), ("The handbook", "Fees")]
    assert found.metadata["title"] == "The handbook"


def test_web_page_without_its_menus(folder: Folder) -> None:
    found = folder.document("lighthouse.html")
    assert "lit for the first time in 1872" in found.text
    assert "Maria Holm" in found.text
    assert not any(word in found.text for word in ("Home", "newsletter", "track", "color"))
    assert ("The old lighthouse", "The keepers") in [part[0] for part in parts(found)]
    assert about(found) == ("The old lighthouse", "2021-06-07", "Anna Reed")
    assert found.metadata["url"] == "https://example.org/lighthouse"


def test_a_page_of_few_words_is_read_too(folder: Folder) -> None:
    found = folder.document("a.html", b"<title>Fees</title><h2>Boats</h2><ul><li>Swan: 9 <b>m</b><li>Heron</ul>")
    assert parts(found) == [(("Boats",), None, None, "Boats\n\n- Swan: 9 m\n\n- Heron")]


LONG_PAGE = (
    "<html><head><title>Fees</title></head><body><h1>Fees</h1>{0}<p>"
    + "The ferry goes at nine, and it comes back. " * 9
    + "</p></body></html>"
)
SAID = """<p>A berth costs <b>forty crowns</b> in <i>winter</i>, 5 * 8, says <code>berth_fee</code> of boat_list.</p>
<pre>quay = 1
berth = 2</pre><table><tr><td><p>Swan</p></td><td><p>9 m</p></td></tr></table>"""


def test_a_page_is_quoted_as_it_is_shown(folder: Folder) -> None:
    """Without marks of our own, by which a browser would not find the words again."""
    found = folder.document("a.html", LONG_PAGE.format(SAID).encode()).text.split("\n\n")
    assert found[-4:-1] == [
        "A berth costs forty crowns in winter, 5 * 8, says berth_fee of boat_list.",
        "quay = 1\nberth = 2",
        "Swan | 9 m",
    ]


def test_a_row_of_a_short_page_stands_in_a_line_and_a_table_that_sets_out_a_page_does_not(folder: Folder) -> None:
    row = "<table><tr><td><p>Swan<br>of the north</p></td><td><ul><li>9 m</ul></td></tr></table>"
    page = f"<table><tr><td><h2>Boats</h2>{row}<p>All of them.</p></td></tr></table>"
    assert folder.document("a.html", page.encode()).text == "Boats\n\nSwan of the north | 9 m\n\nAll of them."
    page = (
        "<table><tr><td><p>Swan</p><p>Heron</p></td></tr><tr><td><h2>Fees</h2><p>Ten.</p></td><td>Now</td></tr></table>"
    )
    assert folder.document("a.html", page.encode()).text == "Swan\n\nHeron\n\nFees\n\nTen.\n\nNow"


def test_a_short_page_is_read_without_menus_that_it_does_not_call_so_and_without_banners(folder: Folder) -> None:
    links = "".join(f'<li><a href="/{number}">Entry {number}</a></li>' for number in range(9))
    banner = '<div id="cookie-consent"><p>We and our 842 partners use cookies.</p><button>Accept</button></div>'
    told = f"<h1>Boats</h1><p>All nine of them:</p><ul>{links}</ul>"
    page = f"<body><div><ul>{links}</ul></div>{banner}{told}<div class='left-menu'>{links}</div></body>"
    found = folder.document("a.html", page.encode()).text.split("\n\n")
    assert found == ["Boats", "All nine of them:", *(f"- Entry {number}" for number in range(9))]


def test_a_page_that_names_no_body_has_text_all_the_same(folder: Folder) -> None:
    found = folder.document(
        "a.html", b"<!doctype html><title>Fees</title><main><p>A berth costs forty crowns.</p></main>"
    )
    assert (found.metadata["title"], found.text) == ("Fees", "A berth costs forty crowns.")


@pytest.mark.parametrize("said", ["<p>© 2019 The harbour</p>", "<p>The quay was built in 2003.</p>"])
def test_a_year_that_a_page_speaks_of_is_not_its_date(folder: Folder, said: str) -> None:
    assert not folder.document("a.html", LONG_PAGE.format(said).encode()).metadata["dated"]


def test_a_page_that_names_no_encoding_is_read_like_a_text_file(folder: Folder) -> None:
    page = "<title>Дачи</title><p>Дачи сдают с июня по август.</p>"
    assert "сдают с июня" in folder.document("a.html", page.encode()).text
    assert "Müller" in folder.document("b.html", "<p>Müller grüßt den Hafen.</p>".encode("latin-1")).text
    assert "сдают с июня" in folder.document("d.html", page.encode("cp1251")).text
    for named in ("iso-8859-1", "utf-8"):
        assert "сдают с июня" in folder.document("e.html", f'<meta charset="{named}">{page}'.encode()).text
    japanese = '<meta charset="iso-2022-jp"><p>港の料金</p>'
    assert "港の料金" in folder.document("f.html", japanese.encode("iso-2022-jp")).text
    assert "сдают" in folder.document("c.html", f'<meta charset="cp1251">{page}'.encode("cp1251")).text


def test_a_page_that_a_script_fills(folder: Folder) -> None:
    reason = folder.reason("a.html", b"<html><body><div id='app'></div><script>start()</script></body></html>")
    assert reason.startswith("shows no text; a page that a script fills")


def test_a_book_by_its_chapters(folder: Folder) -> None:
    found = folder.document("keeper.epub")
    assert parts(found) == [
        (("The storm",), None, None, "The storm\n\nThe storm came in the night of the third of May."),
        (("Chapter 2",), None, None, "In the morning the sea was calm."),
    ]
    assert about(found) == ("The keeper", "1902-03-04", "Maria Holm")


NCX = """<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel><text>Part {0}</text></navLabel>
<content src="text/chapter%20one.xhtml#a"/><navPoint><navLabel><text>II. The calm</text></navLabel>
<content src="text/two.xhtml"/></navPoint></navPoint></navMap></ncx>"""
NAV = """<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><body>
<nav epub:type="toc"><ol><li><a href="text/chapter%20one.xhtml">Part {0}</a></li>
<li><a href="text/two.xhtml#b">II. <b>The calm</b></a></li></ol></nav></body></html>"""


@pytest.mark.parametrize(
    ("item", "contents"),
    [('id="ncx" href="toc" media-type="application/x-dtbncx+xml"', NCX), ('id="nav" href="toc" properties="nav"', NAV)],
    ids=["ncx", "nav"],
)
def test_a_chapter_that_names_itself_nowhere_is_called_as_the_contents_have_it(
    folder: Folder, item: str, contents: str
) -> None:
    listed = re.compile(b"</manifest>")
    content = rewritten(an_epub(), "OEBPS/book.opf", listed, f"<item {item}/></manifest>".encode())
    made = io.BytesIO(content)
    with zipfile.ZipFile(made, "a") as book:
        book.writestr("OEBPS/toc", contents.format("one"))
    headings = [part[0] for part in parts(folder.document("a.epub", made.getvalue()))]
    assert headings == [("The storm",), ("II. The calm",)]


def test_a_heading_of_two_lines_is_one(folder: Folder) -> None:
    found = folder.document("a.html", b"<h2>Chapter 1<br>The <i>storm</i></h2><p>It came<br>at night.</p>")
    assert parts(found) == [(("Chapter 1 The storm",), None, None, "Chapter 1 The storm\n\nIt came\n\nat night.")]


def test_a_book_whose_text_is_locked(folder: Folder) -> None:
    assert "without copy protection" in folder.reason("a.epub", an_epub(locked=True))


@pytest.mark.parametrize("html", [False, True])
def test_mail(folder: Folder, html: bool) -> None:
    found = folder.document("a.eml", a_mail(html=html))
    head, *body = found.text.split("\n\n")
    assert head.splitlines() == [
        "From: Anna Reed <anna@example.org>",
        "To: all@example.org",
        "Date: Fri, 17 May 2024 10:00:00 +0200",
        "Subject: The ferry",
        "Attached: timetable.pdf",
    ]
    assert body[0] == "The ferry will not run on Sunday."
    assert body[1:] == (["Yours, Anna"] if html else [])
    assert about(found) == ("The ferry", "2024-05-17", "Anna Reed <anna@example.org>")


def test_mails_that_are_forwarded_in_it(folder: Folder) -> None:
    first, second, third = EmailMessage(), EmailMessage(), EmailMessage()
    for mail, subject in ((first, "The fare"), (second, "Fwd: The fare"), (third, "Fwd: Fwd: The fare")):
        mail["From"], mail["Subject"] = "Tom Holm <tom@example.org>", subject
    first.set_content("A bicycle pays three crowns.")
    first.add_attachment(b"...", maintype="application", subtype="pdf", filename="fares.pdf")
    second.set_content("See below.")
    second.add_attachment(first)
    third.set_content("And again.")
    third.add_attachment(second)
    found = folder.document("a.eml", bytes(third)).text
    assert [line for line in found.splitlines() if line and not line.startswith("From: ")] == [
        "Subject: Fwd: Fwd: The fare",
        "And again.",
        "Subject: Fwd: The fare",
        "See below.",
        "Subject: The fare",
        "Attached: fares.pdf",
        "A bicycle pays three crowns.",
    ]


def test_a_mail_in_an_encoding_that_nobody_knows(folder: Folder) -> None:
    head = "From: a@example.org\nContent-Type: text/plain; charset=x-nobody\nContent-Transfer-Encoding: 8bit\n\n"
    assert folder.document("a.eml", (head + "The café opens at nine.").encode()).text.endswith(
        "The café opens at nine."
    )


def test_a_box_of_mail(folder: Folder) -> None:
    found = folder.document("box.mbox")
    assert [part[0] for part in parts(found)] == [("The ferry",), ("The bus",)]
    assert [(part["author"], part["dated"]) for part in found.metadata["parts"]] == [
        ("Anna Reed <anna@example.org>", date(2024, 5, 17)),
        ("Tom Holm <tom@example.org>", date(2024, 5, 20)),
    ]
    assert found.text.endswith("The bus leaves at nine.\nFrom there it goes on.")


def test_a_line_of_a_mail_that_begins_like_a_box_is_a_line(folder: Folder) -> None:
    said = "The fare is eight euros.\n\nFrom next year on it is twelve euros.\nFrom 10:00 to 12:00 we are closed.\n"
    box = b"From anna@example.org Fri May 17 10:00:00 2024\n" + a_mail("The fare", said) + b"\n"
    found = folder.document("fare.mbox", box + box)
    assert len(parts(found)) == 2
    assert found.text.count("From next year on it is twelve euros.") == 2
    assert found.text.count("From 10:00 to 12:00 we are closed.") == 2


# What Word holds in other ways than a paragraph's own runs

INSERTED = (
    '<w:p {0}><w:r><w:t xml:space="preserve">The fee is </w:t></w:r><w:ins><w:r><w:t>forty euros</w:t></w:r></w:ins>'
    "<w:del><w:r><w:delText>thirty euros</w:delText></w:r></w:del><w:r><w:t>.</w:t></w:r></w:p>"
)
IN_A_FIELD = "<w:sdt {0}><w:sdtContent><w:p><w:r><w:t>The quay closes at ten.</w:t></w:r></w:p></w:sdtContent></w:sdt>"
LINKED = '<w:p {0}><w:hyperlink w:anchor="a"><w:r><w:t>The mooring rules</w:t></w:r></w:hyperlink></w:p>'


def test_what_was_inserted_and_what_stands_in_a_field_is_text_and_what_was_deleted_is_none(folder: Folder) -> None:
    document = docx.Document(io.BytesIO(a_docx()))
    cell = document.tables[0].rows[1].cells[1]._tc
    for xml in (INSERTED, IN_A_FIELD, LINKED):
        document.element.body.insert(0, parse_xml(xml.format(nsdecls("w"))))
    cell.append(parse_xml(INSERTED.format(nsdecls("w"))))
    found = folder.document("fees.docx", saved(document))
    assert "The fee is forty euros." in found.text.split("\n\n")
    assert "The quay closes at ten." in found.text.split("\n\n")
    assert "The mooring rules" in found.text.split("\n\n")
    assert "Length: 9 m The fee is forty euros." in found.text
    assert "thirty" not in found.text


BOXES = "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"
COPIES = "http://schemas.openxmlformats.org/markup-compatibility/2006"
BOX = "<w:txbxContent><w:p><w:r><w:t>{0}</w:t></w:r></w:p></w:txbxContent>"
BOXED = f"""<w:r {{0}} xmlns:mc="{COPIES}" xmlns:b="{BOXES}"><mc:AlternateContent>
<mc:Choice Requires="b"><w:drawing><b:txbx>{BOX.format("The deposit is three rents.")}</b:txbx></w:drawing></mc:Choice>
<mc:Fallback><w:pict>{BOX.format("The deposit is three rents!")}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"""
OLD_BOX = f"<w:r {{0}}><w:pict>{BOX.format('The key is kept.')}</w:pict></w:r>"
NOTED = '<w:r {0}><w:footnoteReference w:id="2"/></w:r>'
NOTES = """<w:footnotes {0}><w:footnote w:id="-1"><w:p/></w:footnote><w:footnote w:id="2"><w:p><w:r>
<w:footnoteRef/></w:r><w:r><w:t xml:space="preserve"> Heating is not included.</w:t></w:r>
</w:p></w:footnote></w:footnotes>"""


def test_text_boxes_and_notes_stand_below_what_they_belong_to(folder: Folder) -> None:
    document = docx.Document()
    rent = document.add_paragraph("The rent is due on Monday.")
    document.add_paragraph("The end.")
    cell = document.add_table(rows=1, cols=1).cell(0, 0)
    for paragraph, xml in ((rent, BOXED), (rent, OLD_BOX), (rent, NOTED), (cell.paragraphs[0], OLD_BOX)):
        paragraph._p.append(parse_xml(xml.format(nsdecls("w"))))
    name, content = PackURI("/word/footnotes.xml"), NOTES.format(nsdecls("w")).encode()
    notes = PackagePart(name, CONTENT_TYPE.WML_FOOTNOTES, content, document.part.package)
    document.part.relate_to(notes, RELATIONSHIP_TYPE.FOOTNOTES)
    assert folder.document("rent.docx", saved(document)).text.split("\n\n") == [
        "The rent is due on Monday.",
        "The deposit is three rents.",
        "The key is kept.",
        "Heating is not included.",
        "The end.",
        "The key is kept.",
    ]


# Front matter


def test_front_matter_says_title_date_url_and_author(folder: Folder) -> None:
    text = (
        "---\ntitle: 'A: B'\ndate: 2020-02-03 10:00:00\nurl: https://example.org/a\nauthor: [Anna, Tom]\n---\n# Other\n"
    )
    found = folder.document("a.md", text.encode())
    assert about(found) == ("A: B", "2020-02-03", "Anna, Tom")
    assert found.metadata["url"] == "https://example.org/a"


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        ("title: The mill: a history\nDate: 2020-01-02", {"title": "The mill: a history", "date": "2020-01-02"}),
        ("- a\n- b", {}),
        ("", {}),
        ("a: &a [x]\nb: {c: *a}", {"a": "x", "b": None}),
        ("a: &a [*a, x]\ndate: 2020-1-2", {"a": "x", "date": "2020-1-2"}),
        ("title: !!bool maybe\ndate: !!timestamp x\nyear: !!int ''", {"title": "maybe", "date": "x", "year": ""}),
        ("title: !!python/object/apply:os.getcwd []\nurl: null", {"title": "", "url": None}),
        ("title: \"The mill\nDate:  '2020-01-02' ", {"title": "The mill", "date": "2020-01-02"}),
        (f"title: x\nabout: {'word ' * (MOST_FRONT_MATTER // 5)}", {}),
    ],
)
def test_odd_front_matter(front: str, expected: dict[str, object]) -> None:
    assert front_matter_of(f"---\n{front}\n---\n# Head\n") == expected


def test_front_matter_that_multiplies_is_not_built(folder: Folder) -> None:
    """Each level holds the one before nine times: built, the last would hold more than a machine does."""
    layers = "".join(f"a{n}: &a{n}\n  <<: [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
    found = folder.document("a.md", f"---\na0: &a0 {{k: v}}\n{layers}title: Fares\n---\nIt sails.\n".encode())
    assert found.metadata["title"] == "Fares"


def test_an_address_that_is_no_web_address_is_no_link(folder: Folder) -> None:
    text = b"---\nurl: javascript:alert(1)\n---\n# Head\n\nText.\n"
    assert folder.document("a.md", text).metadata["url"] is None


# What is hostile or broken


def a_bomb() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(6):
            archive.writestr(f"word/{number}.xml", b"0" * 100_000_000)
    return made.getvalue()


@pytest.mark.parametrize("name", ["a.docx", "a.pptx", "a.xlsx", "a.epub"])
def test_a_decompression_bomb_is_not_opened(folder: Folder, name: str) -> None:
    assert folder.reason(name, BOMB) == "would unpack to more than 500 MB"


BOMB = a_bomb()


@pytest.mark.parametrize("name", ["a.docx", "a.pptx", "a.xlsx", "a.epub"])
@pytest.mark.parametrize("content", [b"PK\x03\x04 no more", b"text", b"\0" * 100])
def test_what_is_no_archive(folder: Folder, name: str, content: bytes) -> None:
    assert " that can be read (" in folder.reason(name, content)


@pytest.mark.parametrize("name", ["a.docx", "a.pptx", "a.xlsx"])
def test_an_office_file_with_a_password_is_told_as_such(folder: Folder, name: str) -> None:
    locked = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)
    assert folder.reason(name, locked).startswith("has a password or is of the format of before 2007")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (KeyError("maybe"), "cannot be read ('maybe')"),
        (AttributeError(), "cannot be read (AttributeError)"),
        (MemoryError(), "takes too much memory to read; split it"),
        (RecursionError(), "is nested too deeply to be read"),
        (UnreadableError("is empty"), "is empty"),
    ],
)
def test_whatever_a_reader_raises_is_a_reason(error: Exception, reason: str) -> None:
    with pytest.raises(UnreadableError) as caught, readable():
        raise error
    assert str(caught.value) == reason


def test_entities_that_multiply_are_not_expanded(folder: Folder) -> None:
    layers = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 9))
    head = f'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY e0 "lol">{layers}]>'
    page = f"{head}<html><body><p>&e8; here</p></body></html>"
    found = folder.read("a.xhtml", page.encode())
    assert isinstance(found, LeftOut) or len(found.text) < 10_000


def test_more_text_than_a_book_holds(folder: Folder) -> None:
    line = "word " * 200 + "\n"
    content = ("Name\n" + line * (MOST_CHARACTERS // len(line) + 2)).encode()
    assert folder.reason("a.csv", content).startswith("holds more than 20,000,000 characters")


def test_a_file_that_takes_too_long(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(HTML)
    with Extraction(seconds=0.01) as hasty:
        found = read_document(File("a.html", tmp_path / "a.html"), extraction=hasty)
    assert isinstance(found, LeftOut)
    assert found.reason.startswith("took more than 0.01 seconds to read")


def test_a_file_that_takes_too_much_memory(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<p>word</p>" * 3_000_000)
    with Extraction(megabytes=900) as narrow:
        found = read_document(File("a.html", tmp_path / "a.html"), extraction=narrow)
        assert isinstance(found, LeftOut), f"{len(found.text)} characters were read within 900 MB"
        (tmp_path / "b.html").write_text(HTML)
        assert isinstance(read_document(File("b.html", tmp_path / "b.html"), extraction=narrow), Document)


def test_dates_are_those_of_the_document_before_those_of_the_file(folder: Folder) -> None:
    found = folder.document("report.docx")
    assert (found.metadata["dated"], date.fromisoformat(found.metadata["modified"])) == (True, date(2023, 4, 5))
    assert not folder.document("boats.csv").metadata["dated"]
