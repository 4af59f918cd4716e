"""The inbox: safe names, and files that are there whole or not at all."""

import re
import threading
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot import texts
from bot.inbox import MOST_BYTES, NAME_BYTES, NAME_CHARACTERS, Inbox, RefusedError, matching, safe_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("timetable.md", "timetable.md"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Windows\\notes.txt", "notes.txt"),
        (".hidden.md", "hidden.md"),
        ("...", "document"),
        ("a\x00b\u202etxt.md", "a b txt.md"),
        ("what?  is: this*.pdf", "what_ is_ this_.pdf"),
        ("con.txt", "_con.txt"),
        ("COM1", "_COM1"),
        ("Конец года.PDF", "Конец года.PDF"),
        ("e\u0301tude.md", "étude.md"),
        ("x" * 300 + ".epub", "x" * (NAME_CHARACTERS - 5) + ".epub"),
        ("я" * 300 + ".md", "я" * 97 + ".md"),
        ("字" * 300 + ".md", "字" * 65 + ".md"),
    ],
)
def test_a_name_is_made_safe(name: str, expected: str) -> None:
    assert safe_name(name) == expected


@given(st.text(max_size=300))
@example("." * 200)
@example("a." + "字" * 150)
@example("aux" + "x" * 97)
def test_whatever_the_name_it_is_safe(name: str) -> None:
    safe = safe_name(name)
    assert safe == Path(safe).name
    assert not safe.startswith(".")
    assert not any(unicodedata.category(each).startswith("C") for each in safe)
    assert not re.search(r'[<>:"|?*/\\]', safe)
    assert len(safe) <= NAME_CHARACTERS + 1
    assert len(safe.encode()) <= NAME_BYTES + 1
    assert safe_name(safe) == safe


def refusal_of(box: Inbox, name: str, content: bytes) -> str:
    with pytest.raises(RefusedError) as caught:
        box.store(name, content)
    return caught.value.sentence.format(**caught.value.values)


def test_a_file_is_kept_under_its_name_and_removed_by_it(tmp_path: Path) -> None:
    box = Inbox(tmp_path / "seeds")
    assert box.documents() == ()
    assert box.store("a.md", b"one") == "inbox/a.md"
    assert (tmp_path / "seeds" / "inbox" / "a.md").read_bytes() == b"one"
    assert box.documents() == ("inbox/a.md",)
    box.remove("inbox/a.md")
    box.remove("inbox/a.md")
    assert box.documents() == ()


def test_a_name_that_is_taken_gets_a_number_and_the_same_content_is_known(tmp_path: Path) -> None:
    box = Inbox(tmp_path)
    names = [box.store(name, content) for name, content in (("a.md", b"1"), ("A.md", b"2"), ("a.md", b"3"))]
    assert names == ["inbox/a.md", "inbox/A (2).md", "inbox/a (3).md"]
    assert refusal_of(box, "b.md", b"2") == texts.KNOWN_ALREADY.format(name="A (2).md")


def test_what_is_of_another_type_too_large_or_one_too_many_is_refused(tmp_path: Path) -> None:
    box = Inbox(tmp_path, most_files=1)
    assert refusal_of(box, "a.exe", b"x").startswith("I can't read files of this type. I read .csv, .docx")
    with pytest.raises(RefusedError) as caught:
        box.check("a.md", size=MOST_BYTES + 1)
    assert caught.value.values == {"most": 20}
    box.check("A.MD", size=MOST_BYTES)
    box.store("a.md", b"1")
    assert refusal_of(box, "b.md", b"2") == texts.INBOX_FULL.format(most=1)


def test_nobody_ever_sees_half_a_file(tmp_path: Path) -> None:
    box, whole, seen = Inbox(tmp_path), 4_000_000, set()
    storing = threading.Thread(
        target=lambda: [box.store(f"{number}.txt", bytes([number]) * whole) for number in range(20)]
    )
    storing.start()
    while storing.is_alive():
        seen |= {(tmp_path / document).stat().st_size for document in box.documents()}
    storing.join()
    assert seen == {whole}
    assert len(list((tmp_path / "inbox").iterdir())) == 20


def test_nothing_is_seen_of_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "inbox").write_text("in the way")
    assert refusal_of(Inbox(tmp_path), "a.md", b"1").startswith("I could not write it down (")
    assert [path.name for path in tmp_path.iterdir()] == ["inbox"]


NAMES = ("inbox/ferry.md", "inbox/ferry times.md", "inbox/Lamp.pdf", "https://example.org/lamp")


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("ferry.md", ("inbox/ferry.md",)),
        ("inbox/FERRY.md", ("inbox/ferry.md",)),
        ("ferry", ("inbox/ferry.md", "inbox/ferry times.md")),
        ("times", ("inbox/ferry times.md",)),
        ("lamp", ("inbox/Lamp.pdf", "https://example.org/lamp")),
        ("https://example.org/lamp", ("https://example.org/lamp",)),
        ("mill", ()),
        (" ", ()),
    ],
)
def test_a_document_is_told_by_its_name_or_a_part(part: str, expected: tuple[str, ...]) -> None:
    assert matching(part, NAMES) == expected
