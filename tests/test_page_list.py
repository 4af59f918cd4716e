"""urls.txt as it is changed through the chat."""

from pathlib import Path

import pytest

from bot.inbox import RefusedError
from bot.page_list import PageList
from index.documents import PAGES

OWN = b"# the owner's\nhttps://example.org/a  # news\n\nnonsense"


def test_an_address_becomes_a_line_of_its_own_and_goes_again(tmp_path: Path) -> None:
    pages, path = PageList(tmp_path), tmp_path / PAGES
    path.write_bytes(OWN)
    assert pages.add("HTTPS://Example.org/b#part") == "https://example.org/b"
    assert path.read_bytes() == OWN + b"\nhttps://example.org/b\n"
    assert pages.addresses() == ("https://example.org/a", "https://example.org/b")
    pages.remove("https://example.org/b")
    assert path.read_bytes() == OWN + b"\n"
    assert [each.name for each in tmp_path.iterdir()] == [PAGES]


def test_the_first_address_makes_the_list(tmp_path: Path) -> None:
    PageList(tmp_path).add("https://example.org")
    assert (tmp_path / PAGES).read_text() == "https://example.org\n"


@pytest.mark.parametrize(
    ("link", "sentence"),
    [
        ("https://example.org/a", "I have that one already: https://example.org/a"),
        ("https://alice:secret@example.org", "That is no web address that I can read."),
        ("https://", "That is no web address that I can read."),
        ("ftp://example.org", "That is no web address that I can read."),
        ("https://a:b:c", "That is no web address that I can read."),
    ],
)
def test_what_is_refused_changes_nothing(tmp_path: Path, link: str, sentence: str) -> None:
    (tmp_path / PAGES).write_bytes(OWN)
    with pytest.raises(RefusedError) as caught:
        PageList(tmp_path).add(link)
    assert caught.value.sentence.format(**caught.value.values) == sentence
    assert (tmp_path / PAGES).read_bytes() == OWN


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_a_list_in_another_encoding_keeps_its_text(tmp_path: Path, encoding: str) -> None:
    pages, path = PageList(tmp_path), tmp_path / PAGES
    text = "# das Café am Leuchtturm, später\nhttps://example.org/café\n"
    path.write_bytes(text.encode(encoding))
    assert pages.add("https://example.org/b") == "https://example.org/b"
    assert path.read_text(encoding="utf-8") == f"{text}https://example.org/b\n"
    path.write_bytes(text.encode(encoding))
    pages.remove("https://example.org/caf%C3%A9")
    assert path.read_text(encoding="utf-8") == "# das Café am Leuchtturm, später\n"


def test_a_list_that_cannot_be_read_is_not_changed(tmp_path: Path) -> None:
    pages, path = PageList(tmp_path), tmp_path / PAGES
    path.write_bytes(b"\0" * 9)
    assert pages.addresses() == ()
    with pytest.raises(RefusedError, match="could not write") as caught:
        pages.add("https://example.org")
    assert str(caught.value.values["reason"]).startswith("urls.txt is not text (it looks binary); ")
    assert path.read_bytes() == b"\0" * 9
