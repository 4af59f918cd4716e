"""Small files of every format, made here, so that what they hold is known."""

import io
import json
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import EmailMessage

import docx
import openpyxl
import pptx
from docx.document import Document as WordDocument


def a_pdf(
    pages: Sequence[str],
    *,
    labels: str | None = None,
    bookmarks: Sequence[tuple[str, int]] = (),
    info: str = "",
    encrypted: bool = False,
) -> bytes:
    """Each page's lines are set below each other. `labels` is a /Nums array; bookmarks are (title, page from 0)."""
    objects: dict[int, str] = {}
    first_page, first_content = 10, 10 + len(pages)
    first_mark = first_content + len(pages)
    kids = " ".join(f"{first_page + n} 0 R" for n in range(len(pages)))
    outlines = "/Outlines 5 0 R" if bookmarks else ""
    numbered = f"/PageLabels << /Nums [{labels}] >>" if labels else ""
    objects[1] = f"<< /Type /Catalog /Pages 2 0 R {outlines} {numbered} >>"
    objects[2] = f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>"
    objects[3] = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    objects[4] = f"<< {info} >>"
    for number, text in enumerate(pages):
        resources = "/Resources << /Font << /F1 3 0 R >> >>"
        objects[first_page + number] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] {resources} "
            f"/Contents {first_content + number} 0 R >>"
        )
        lines = " ".join(
            "(" + line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") + ") Tj T*"
            for line in text.split("\n")
        )
        stream = f"BT /F1 12 Tf 14 TL 72 760 Td {lines} ET" if text else ""
        objects[first_content + number] = f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream"
    if bookmarks:
        last = first_mark + len(bookmarks) - 1
        objects[5] = f"<< /Type /Outlines /First {first_mark} 0 R /Last {last} 0 R /Count {len(bookmarks)} >>"
        for number, (title, page) in enumerate(bookmarks):
            following = f"/Next {first_mark + number + 1} 0 R" if number + 1 < len(bookmarks) else ""
            before = f"/Prev {first_mark + number - 1} 0 R" if number else ""
            objects[first_mark + number] = (
                f"<< /Title ({title}) /Parent 5 0 R {before} {following} /Dest [{first_page + page} 0 R /Fit] >>"
            )
    if encrypted:
        key = "A" * 32
        objects[6] = f"<< /Filter /Standard /V 1 /R 2 /O ({key}) /U ({key}) /P -4 >>"
    return assembled(objects, "/Encrypt 6 0 R /ID [(0123456789abcdef) (0123456789abcdef)]" if encrypted else "")


def a_form(question: str, answer: str) -> bytes:
    """A PDF of one page with a field that was filled in."""
    where = "/Rect [72 720 272 740] /F 4"
    font, box = "/Resources << /Font << /F1 3 0 R >> >>", "/Subtype /Form /BBox [0 0 200 20]"
    asked, told = f"BT /F1 12 Tf 72 760 Td ({question}) Tj ET", f"BT /F1 12 Tf 2 4 Td ({answer}) Tj ET"
    objects = {
        1: "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [7 0 R] >> >>",
        2: "<< /Type /Pages /Kids [5 0 R] /Count 1 >>",
        3: "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        4: "<< >>",
        5: f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] {font} /Contents 6 0 R /Annots [7 0 R] >>",
        6: f"<< /Length {len(asked)} >>\nstream\n{asked}\nendstream",
        7: f"<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /V ({answer}) {where} /AP << /N 8 0 R >> >>",
        8: f"<< /Type /XObject {box} {font} /Length {len(told)} >>\nstream\n{told}\nendstream",
    }
    return assembled(objects, "")


def assembled(objects: dict[int, str], trailer: str) -> bytes:
    made, offsets = io.BytesIO(), {}
    made.write(b"%PDF-1.7\n")
    for number, content in sorted(objects.items()):
        offsets[number] = made.tell()
        made.write(f"{number} 0 obj\n{content}\nendobj\n".encode("cp1252"))
    at, size = made.tell(), max(objects) + 1
    rows = (f"{offsets[n]:010} 00000 n \n" if n in offsets else "0000000000 65535 f \n" for n in range(size))
    made.write(f"xref\n0 {size}\n{''.join(rows)}".encode())
    made.write(f"trailer << /Size {size} /Root 1 0 R /Info 4 0 R {trailer} >>\nstartxref\n{at}\n%%EOF\n".encode())
    return made.getvalue()


def a_docx() -> bytes:
    document: WordDocument = docx.Document()
    document.core_properties.title = "The harbour report"
    document.core_properties.author = "Anna Reed"
    document.core_properties.modified = datetime(2023, 4, 5, tzinfo=UTC)
    document.add_paragraph("The harbour was built in 1921.")
    document.add_heading("Fees", level=1)
    document.add_paragraph("A berth costs forty crowns a night.")
    document.add_heading("In winter", level=2)
    document.add_paragraph("Berths are free from December to March.")
    document.add_paragraph("a lamp", style="List Bullet")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip((c for row in table.rows for c in row.cells), ("Boat", "Length", "Swan", "9 m"), strict=True):
        cell.text = text
    return saved(document)


def a_pptx() -> bytes:
    presentation = pptx.Presentation()
    presentation.core_properties.author = "Tom Hale"
    presentation.core_properties.modified = datetime(2022, 1, 2, tzinfo=UTC)
    for title, body, notes in (
        ("The mill", "The mill burned in 1854.", ""),
        ("Plans", "It will be rebuilt in stone.", "Ask the mayor about the money."),
    ):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        assert slide.shapes.title is not None
        slide.shapes.title.text = title
        slide.placeholders[1].text = body
        if notes:
            frame = slide.notes_slide.notes_text_frame
            assert frame is not None
            frame.text = notes
    return saved(presentation)


def an_xlsx() -> bytes:
    book = openpyxl.Workbook()
    first = book.active
    first.title = "Boats"
    for row in (
        ["Name", "Length", "Built"],
        ["Swan", 9.0, datetime(1998, 5, 17)],
        [],
        ["Heron", 7.5, None],
    ):
        first.append(row)
    second = book.create_sheet("Fees")
    second.append(["Season", "Crowns a night"])
    second.append(["summer", 40])
    return saved(book)


def saved(file: object) -> bytes:
    made = io.BytesIO()
    file.save(made)  # type: ignore[attr-defined]
    return made.getvalue()


HTML = """<!doctype html><html lang="en"><head><title>The old lighthouse | Harbour news</title>
<meta name="author" content="Anna Reed"><meta property="article:published_time" content="2021-06-07T08:00:00Z">
<link rel="canonical" href="https://example.org/lighthouse"><style>p { color: red }</style></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/news">All the news</a></li></ul></nav>
<article><h1>The old lighthouse</h1>
<p>The lighthouse on the north cape was lit for the first time in 1872, and it has burned every night since then.</p>
<h2>The keepers</h2>
<p>Its first keeper was Maria Holm, who climbed the ninety-two steps of the tower every evening for thirty years.</p>
<p>The lamp was changed to electric light in 1931, when the road to the cape was finished at last.</p></article>
<footer>Subscribe to our newsletter. All rights reserved.</footer><script>track("visitors")</script></body></html>"""


def an_epub(*, locked: bool = False) -> bytes:
    made = io.BytesIO()
    page = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head><body>{}</body></html>'
    with zipfile.ZipFile(made, "w") as book:
        book.writestr("mimetype", "application/epub+zip")
        book.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>',
        )
        book.writestr(
            "OEBPS/book.opf",
            '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
            "<dc:title>The keeper</dc:title><dc:creator>Maria Holm</dc:creator><dc:date>1902-03-04</dc:date></metadata>"
            '<manifest><item id="two" href="text/two.xhtml"/>'
            '<item id="one" href="text/chapter%20one.xhtml"/></manifest>'
            '<spine><itemref idref="one"/><itemref idref="two"/></spine></package>',
        )
        one = "<h1>The storm</h1><p>The storm came in the night of the <b>third</b> of May.</p>"
        book.writestr("OEBPS/text/chapter one.xhtml", page.format(one))
        book.writestr("OEBPS/text/two.xhtml", page.format("<p>In the morning the sea was calm.</p>"))
        if locked:
            book.writestr(
                "META-INF/encryption.xml",
                '<encryption><EncryptedData><CipherReference URI="OEBPS/text/two.xhtml"/></EncryptedData></encryption>',
            )
    return made.getvalue()


def a_mail(
    subject: str = "The ferry",
    body: str = "The ferry will not run on Sunday.",
    *,
    html: bool = False,
    sender: str = "Anna Reed <anna@example.org>",
    sent: str = "Fri, 17 May 2024 10:00:00 +0200",
) -> bytes:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = "all@example.org"
    message["Date"] = sent
    message["Subject"] = subject
    if html:
        message.set_content(f"<p>{body}</p><p>Yours, <b>Anna</b></p>", subtype="html")
    else:
        message.set_content(body)
    message.add_attachment(b"...", maintype="application", subtype="pdf", filename="timetable.pdf")
    return bytes(message)


def an_mbox() -> bytes:
    """The second mail is another person's, of another day."""
    first, second = (
        a_mail(),
        a_mail(
            "The bus",
            "The bus leaves at nine.\n>From there it goes on.",
            sender="Tom Holm <tom@example.org>",
            sent="Mon, 20 May 2024 08:00:00 +0200",
        ),
    )
    return b"".join(b"From anna@example.org Fri May 17 10:00:00 2024\n" + each + b"\n" for each in (first, second))


CSV = "Name;Length;Home\nSwan;9 m;North quay\nHeron;7 m;\n"
RECORDS = [
    {"title": "Swan", "berth": {"quay": "north", "number": 4}, "crew": ["Anna", "Tom"]},
    {"title": "Heron", "berth": {"quay": "south", "number": 7}, "sold": None},
]
JSON = json.dumps({"boats": RECORDS})
JSONL = "\n".join(json.dumps(each) for each in RECORDS) + "\n"
RST = """============
The handbook
============

Words before.

Fees
----

A berth costs forty crowns.

=====  =====
a      b
=====  =====
"""
MD = """---
title: The ferry
date: 2024-05-17
author: [Anna Reed, Tom Hale]
---
# The ferry

It crosses the strait *four* times a day.

Fares
-----

> A [bicycle](https://example.org/bicycle) travels free of charge.

- Grown-ups: seven crowns

```
# no heading
```
"""
TXT = """Keeping the light

The lighthouse stands on the north cape. Its lamp was lit for the first time in 1872.
"""
MADE: dict[str, bytes] = {
    "report.docx": a_docx(),
    "mill.pptx": a_pptx(),
    "boats.xlsx": an_xlsx(),
    "lighthouse.html": HTML.encode(),
    "keeper.epub": an_epub(),
    "ferry.eml": a_mail(),
    "box.mbox": an_mbox(),
    "boats.csv": CSV.encode(),
    "boats.json": JSON.encode(),
    "boats.jsonl": JSONL.encode(),
    "handbook.rst": RST.encode(),
    "ferry.md": MD.encode(),
    "light.txt": TXT.encode(),
    "minutes.pdf": a_pdf(["The meeting began at nine.", "The mayor spoke about the harbour.\nIt will be rebuilt."]),
}
"""A file of each format."""
