"""The texts of a generation, read back letter for letter."""

import sqlite3
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import CorruptIndexError
from index.texts import DocumentTexts

UNTOUCHED = "\ufeffOne.\r\nTwo.\rThree.\f\u2028🙂 e\u0301 é \t\n\n"


@settings(max_examples=20)
@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_a_text_comes_back_untouched(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    texts = DocumentTexts.create(tmp_path_factory.mktemp("texts") / "texts.sqlite", [("a.txt", UNTOUCHED + text)])
    assert texts.read("a.txt") == UNTOUCHED + text


@pytest.mark.parametrize("folder", ["plain", "a b", "100%", "what?", "#1", "a%20b", "ключ", "mode=rw&x"])
def test_it_may_lie_in_any_folder(tmp_path: Path, folder: str) -> None:
    (tmp_path / folder).mkdir()
    path = tmp_path / folder / "texts.sqlite"
    DocumentTexts.create(path, [("a/b.md", "one"), ("б.md", "два")])
    assert DocumentTexts(path).read("б.md") == "два"


def test_it_is_read_from_many_threads(tmp_path: Path) -> None:
    texts = DocumentTexts.create(tmp_path / "texts.sqlite", ((f"{n}.txt", f"text {n}") for n in range(20)))
    read: list[str] = []
    threads = [threading.Thread(target=lambda n=n: read.append(texts.read(f"{n}.txt"))) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(read) == sorted(f"text {n}" for n in range(20))


def test_reading_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "texts.sqlite"
    DocumentTexts.create(path, [("a.txt", "one")])
    before = path.read_bytes()
    DocumentTexts(path).read("a.txt")
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == before


def test_a_document_that_is_not_there(tmp_path: Path) -> None:
    texts = DocumentTexts.create(tmp_path / "texts.sqlite", [("a.txt", "one")])
    with pytest.raises(CorruptIndexError, match=r"b\.txt is missing"):
        texts.read("b.txt")


@pytest.mark.parametrize("content", [None, b"", b"garbage " * 500], ids=["missing", "empty", "garbage"])
def test_a_file_that_cannot_be_read(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "texts.sqlite"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CorruptIndexError, match=r"texts\.sqlite cannot be read"):
        DocumentTexts(path).read("a.txt")
    assert path.exists() == (content is not None)


def test_an_interrupted_writing_leaves_no_half_of_it(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        DocumentTexts.create(tmp_path / "texts.sqlite", [("a.txt", "one"), ("a.txt", "again")])
    with pytest.raises(CorruptIndexError):
        DocumentTexts(tmp_path / "texts.sqlite").read("a.txt")
