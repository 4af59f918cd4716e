"""Files as documents: what is found, how it is decoded, what it is called, and what is left out and why."""

import hashlib
import os
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llama_index.core.schema import Document

from index.documents import MOST_BYTES, File, find_documents, language_of, read_documents, source_of
from index.errors import SeedsError
from index.formats.encodings import decode
from index.formats.extract import MOST_CHARACTERS, TOO_LONG
from index.formats.markdown import headings_of
from index.types import LeftOut
from tests.builders import OBSERVATORY, a_document, plant

FRENCH = "Le café est fermé l'été. Où êtes-vous allés après le dîner, chère élève ? Là-bas, près de la forêt."
POLISH = "Latarnia stoi na północnym przylądku. Strażnik wspina się co wieczór, żeby zapalić światło."
ENGLISH = "The bell weighs half a ton. It rings whenever fog hides the lamp."


def read(folder: Path, name: str, content: bytes) -> Document | LeftOut:
    (folder / name).write_bytes(content)
    return read_one(folder / name, folder)


def read_one(path: Path, seeds: Path) -> Document | LeftOut:
    (found,) = read_documents([File(path.relative_to(seeds).as_posix(), path)])
    return found


def document(folder: Path, name: str, content: bytes) -> Document:
    found = read(folder, name, content)
    assert isinstance(found, Document), found
    return found


# What is found


def test_documents_are_found_below_the_folder_in_a_stable_order(tmp_path: Path) -> None:
    names = ["b.txt", "a.md", "deep/er/c.TXT", "deep/d.Md"]
    others = [".hidden.txt", ".git/e.txt", "deep/.cache/f.md", "photo.jpg", "g.txt.bak", "md", "program.py"]
    plant(tmp_path, dict.fromkeys([*names, *others], ENGLISH))
    assert [path.relative_to(tmp_path).as_posix() for path in find_documents(tmp_path)] == sorted(names)


@pytest.mark.parametrize(
    ("patterns", "kept"),
    [
        ("", ["a.md", "deep/b.md", "deep/er/c.txt", "drafts/d.md"]),
        ("# a comment\n\ndrafts/\n*.txt\n", ["a.md", "deep/b.md"]),
        ("/a.md\n*.md\n!deep/b.md\n", ["deep/b.md", "deep/er/c.txt"]),
        ("deep/**\n", ["a.md", "drafts/d.md"]),
    ],
)
def test_what_citegramignore_names_is_passed_over(tmp_path: Path, patterns: str, kept: list[str]) -> None:
    plant(tmp_path, dict.fromkeys(("a.md", "deep/b.md", "deep/er/c.txt", "drafts/d.md"), ENGLISH))
    (tmp_path / ".citegramignore").write_text(patterns)
    assert [path.relative_to(tmp_path).as_posix() for path in find_documents(tmp_path)] == kept


def test_patterns_saved_with_a_byte_order_mark_are_read_from_the_first(tmp_path: Path) -> None:
    plant(tmp_path, dict.fromkeys(("a.md", "secret.md"), ENGLISH))
    (tmp_path / ".citegramignore").write_text("secret.md\n", encoding="utf-8-sig")
    assert find_documents(tmp_path) == [tmp_path / "a.md"]


def test_patterns_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / ".citegramignore").write_bytes(b"\xff\xfe\0")
    with pytest.raises(SeedsError, match=r"\.citegramignore cannot be read"):
        find_documents(tmp_path)


def test_a_cycle_of_links_ends_and_is_told(tmp_path: Path) -> None:
    plant(tmp_path, {"deep/a.md": ENGLISH})
    (tmp_path / "deep" / "up").symlink_to(tmp_path, target_is_directory=True)
    assert find_documents(tmp_path) == [tmp_path / "deep" / "a.md", tmp_path / "deep" / "up"]
    assert read_one(tmp_path / "deep" / "up", tmp_path) == LeftOut(
        "deep/up", "is a link to a folder, which is not followed; put the folder itself here"
    )


def test_a_linked_folder_that_is_hidden_or_named_in_citegramignore_is_passed_over(tmp_path: Path) -> None:
    plant(tmp_path, {"seeds/a.md": ENGLISH, "seeds/.citegramignore": "drafts/\n", "other/b.md": ENGLISH})
    for name in ("drafts", ".cache"):
        (tmp_path / "seeds" / name).symlink_to(tmp_path / "other", target_is_directory=True)
    assert find_documents(tmp_path / "seeds") == [tmp_path / "seeds" / "a.md"]


def test_a_folder_is_no_document_whatever_its_name(tmp_path: Path) -> None:
    plant(tmp_path, {"x.txt/inside.md": ENGLISH})
    assert find_documents(tmp_path) == [tmp_path / "x.txt" / "inside.md"]


@pytest.mark.parametrize(("name", "what"), [("missing", "does not exist"), ("file", "is not a folder")])
def test_a_folder_that_is_none(tmp_path: Path, name: str, what: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SeedsError, match=f"{name} {what}.*SEEDS_DIR"):
        find_documents(tmp_path / name)


# What is left out


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b" \n\t\r\n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        ("\ufeff \n".encode("utf-16-le"), "is empty"),
        ("\u2003\u00a0".encode(), "is empty"),
        (b"PK\x03\x04\x00\x00\x00\x08", "is not text (it looks binary)"),
        (b"Nearly text, but\x00for one byte.", "is not text (it looks binary)"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xfe", "is not text (it looks binary)"),
        (b"\xff\xfea", "is not text (it looks binary)"),
        (b"\xef\xbb\xbf\xff\xff", "is not text (it looks binary)"),
        (ENGLISH.encode("utf-32"), "is not text (it looks binary)"),
        (b"%PDF-1.7\n", "is a PDF; give it a name that ends in .pdf"),
    ],
)
def test_a_file_without_text_is_left_out(tmp_path: Path, content: bytes, reason: str) -> None:
    assert read(tmp_path, "odd.txt", content) == LeftOut("odd.txt", reason)


def test_a_link_that_leads_nowhere_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nothing")
    assert find_documents(tmp_path) == [tmp_path / "gone.txt"]
    assert read_one(tmp_path / "gone.txt", tmp_path) == LeftOut(
        "gone.txt", "cannot be read (No such file or directory)"
    )


@pytest.mark.timeout(10)
def test_front_matter_alone_is_no_text(tmp_path: Path) -> None:
    left_out = read(tmp_path, "empty.md", b"---\ntitle: Empty\n---\n\n")
    assert isinstance(left_out, LeftOut)
    assert left_out.reason == "holds no text"


@pytest.mark.parametrize("name", ["long.txt", "long.md", "long.rst", "long.json", "long.csv"])
@pytest.mark.parametrize("size", [MOST_CHARACTERS + 1, 4 * MOST_CHARACTERS + 1], ids=["characters", "bytes"])
def test_a_text_that_is_too_long_is_left_out_whatever_its_format(tmp_path: Path, name: str, size: int) -> None:
    left_out = read(tmp_path, name, b"x" * size)
    assert isinstance(left_out, LeftOut)
    assert left_out.reason == TOO_LONG


def test_a_file_that_is_too_large_is_left_out_unread(tmp_path: Path) -> None:
    """It has no content on the disk, so whoever reads it all the same gets nothing but zeros."""
    with (tmp_path / "film.txt").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    left_out = read_one(tmp_path / "film.txt", tmp_path)
    assert isinstance(left_out, LeftOut)
    assert left_out.reason == "is larger than 200 MB; split it"


def test_a_pipe_is_left_out_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert read_one(tmp_path / "pipe.txt", tmp_path) == LeftOut("pipe.txt", "is no file that can be read")


def test_a_name_that_is_not_utf8_is_left_out_and_can_be_shown(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")).write_text(ENGLISH)
    left_out = read_one(find_documents(tmp_path)[0], tmp_path)
    assert left_out == LeftOut("caf?.txt", "has a name that is not valid UTF-8; rename it")


# Decoding


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (OBSERVATORY, "utf-8"),
        (OBSERVATORY, "utf-8-sig"),
        (OBSERVATORY, "utf-16"),
        (OBSERVATORY, "cp1251"),
        ("Привет, как дела? " * 20, "cp1251"),
        ("La città è più bella perché c'è il sole.", "cp1252"),
        ("Où est le café déjà fermé à Noël ?", "cp1252"),
        ("\ufeff" + OBSERVATORY, "utf-16-le"),
        ("\ufeff" + OBSERVATORY, "utf-16-be"),
        (FRENCH, "latin-1"),
        (FRENCH, "cp1252"),
        ("“Curly quotes” – and a dash… the café’s naïve façade", "cp1252"),
        (POLISH, "cp1250"),
        ("🙂 𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "utf-8"),
    ],
)
def test_an_encoding_is_recognised_and_its_mark_is_no_part_of_the_text(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text.removeprefix("\ufeff")


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("broken", [b"\xff", b"\xd0 ", b"\x92\n", b"\xf0\x9f"])
def test_a_broken_letter_costs_no_more_than_itself(broken: bytes, mark: str) -> None:
    """As where a file was cut off, or a line of another one was put behind it."""
    told = decode((mark + OBSERVATORY).encode() + broken)
    assert told == OBSERVATORY + broken.decode(errors="replace")


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_utf8_is_left_untouched(text: str) -> None:
    text = "A line\r\n\rwith\x0c any\u2028 ends. " + text
    assert decode(text.encode()) == text


def test_offsets_count_characters_of_the_file_as_it_is(tmp_path: Path) -> None:
    content = "\ufeffOne.\r\nTwo.\n\rThree.\r\n"
    assert document(tmp_path, "a.txt", content.encode()).text == "One.\r\nTwo.\n\rThree.\r\n"


# What a document knows


def test_a_document_knows_its_path_date_language_and_title(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "обсерватория.txt"
    plant(tmp_path, {"deep/обсерватория.txt": OBSERVATORY})
    os.utime(path, (0, datetime(2023, 2, 3, 12, tzinfo=UTC).timestamp()))
    found = read_one(path, tmp_path)
    assert isinstance(found, Document)
    source = source_of(found)
    assert (source.document, source.title) == ("deep/обсерватория.txt", "обсерватория")
    assert source.modified == date(2023, 2, 3)
    assert found.metadata["language"] == "ru"
    assert found.id_ == "deep/обсерватория.txt"


def test_the_hash_is_of_the_file(tmp_path: Path) -> None:
    raw = ENGLISH.encode("utf-8-sig")
    assert document(tmp_path, "a.txt", raw).metadata["sha256"] == hashlib.sha256(raw).hexdigest()


@pytest.mark.parametrize(
    ("text", "language"),
    [(ENGLISH, "en"), (OBSERVATORY, "ru"), (POLISH, "pl"), (FRENCH, "fr"), ("Der Wächter läutet die Glocke.", "de")],
)
def test_the_language_is_told(text: str, language: str) -> None:
    assert language_of(text) == language


@given(st.text(min_size=1))
def test_any_text_has_a_language(text: str) -> None:
    assert re.fullmatch("[a-z]{2}", language_of(text))


@pytest.mark.parametrize(
    ("name", "text", "title"),
    [
        ("a.md", "Before.\n\n## The *old* [mill](https://example.org) `x`\n# Later\n", "The old mill x"),
        ("a.md", "```\n# a comment\n```\n\n# Real\n", "Real"),
        ("a.md", "No headings here.\n\nNone.\n", "a"),
        ("a.md", "A paragraph over\ntwo lines, underlined\n----\n", "a"),
        ("a.md", f"# {'data ' * 100}\n\n# Real\n", "Real"),
        ("a.md", "---\nauthor: x\ndate: 2020-01-01\n---\n# Real\n", "Real"),
        ("a.md", '---\ntitle: "The minutes"\ndate: 2020-01-01\n---\n# Other\n', "The minutes"),
        ("old_town-map.md", "", "old town-map"),
        ("a.txt", "Keeping the light\n\nThe lighthouse stands.\n", "Keeping the light"),
        ("a.txt", "\r\nKeeping the light\r\n\r\nThe lighthouse stands.\r\n", "Keeping the light"),
        ("a.txt", "The lighthouse stands.\n\nIt burns.\n", "a"),
        ("a.txt", "The lighthouse stands.\r\n\r\nIt burns.\r\n", "a"),
        ("a.txt", "Keeping the light\nThe lighthouse stands.\n", "a"),
        ("a.txt", "Keeping the light", "a"),
        ("a.txt", "W" + "o" * 130 + "rd\n\nThe lighthouse stands.\n", "a"),
        ("a.txt", "# Not Markdown here\nThe lighthouse stands.\n", "a"),
        ("deep/my_notes  2.txt", "One.", "my notes 2"),
        ("___.txt", "One.", "___.txt"),
    ],
)
def test_titles(name: str, text: str, title: str) -> None:
    assert a_document(text, name).metadata["title"] == title


# Headings

MARKDOWN = """Intro

# First
    # indented: code
```python
# a comment
```
Underlined
----------

~~~
Not so
======
~~~
> ## Quoted
### Last ###
"""


def found(text: str) -> list[tuple[str, int, str]]:
    """The line at each heading's offset, the level and the text."""
    return [(text[offset:].splitlines()[0], level, heading) for offset, level, heading in headings_of(text)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_headings_are_found_where_they_stand_and_code_is_passed_over(end: str) -> None:
    assert found(MARKDOWN.replace("\n", end)) == [
        ("# First", 1, "First"),
        ("Underlined", 2, "Underlined"),
        ("> ## Quoted", 2, "Quoted"),
        ("### Last ###", 3, "Last"),
    ]


@pytest.mark.parametrize("odd", ["\f", "\v", "\x1c", "\x85", "\u2028", "\u2029"])
def test_line_ends_that_only_python_knows_shift_no_heading(odd: str) -> None:
    text = f"One{odd}two{odd}three\n\n# Head\n{odd}\n## Next\n"
    assert found(text) == [("# Head", 1, "Head"), ("## Next", 2, "Next")]


@given(st.lists(st.sampled_from(["# Head\n", "Text.\r\n", "\f", "\u2028", "Under\n---\n", "```\n", "\r", "- item\n"])))
def test_headings_come_in_order_and_begin_their_line(parts: list[str]) -> None:
    text = "".join(parts)
    headings = headings_of(text)
    assert headings == sorted(set(headings))
    for offset, _, heading in headings:
        assert heading in " ".join(text[offset:].split())
        assert offset == 0 or text[offset - 1] in "\n\r\f\u2028"
