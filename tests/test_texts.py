"""The texts of a generation, read back letter for letter."""

import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import CorruptIndexError
from index.texts import BATCH, DocumentTexts, TextWriter
from index.types import Chunk, Source
from tests.builders import FERRY, a_chunk, a_span

UNTOUCHED = "\ufeffOne.\r\nTwo.\rThree.\f\u2028🙂 e\u0301 é \t\n\n"


def write(path: Path, texts: Iterable[tuple[str, str]]) -> DocumentTexts:
    writer = TextWriter(path)
    for document, text in texts:
        writer.put(document, text, [])
    writer.close()
    return DocumentTexts(path)


@settings(max_examples=20)
@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_a_text_comes_back_untouched(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    texts = write(tmp_path_factory.mktemp("texts") / "texts.sqlite", [("a.txt", UNTOUCHED + text)])
    assert texts.read("a.txt") == UNTOUCHED + text


@pytest.mark.parametrize("folder", ["plain", "a b", "100%", "what?", "#1", "a%20b", "ключ", "mode=rw&x"])
def test_it_may_lie_in_any_folder(tmp_path: Path, folder: str) -> None:
    (tmp_path / folder).mkdir()
    path = tmp_path / folder / "texts.sqlite"
    write(path, [("a/b.md", "one"), ("б.md", "два")])
    assert DocumentTexts(path).read("б.md") == "два"


def test_it_is_read_from_many_threads(tmp_path: Path) -> None:
    texts = write(tmp_path / "texts.sqlite", ((f"{n}.txt", f"text {n}") for n in range(20)))
    read: list[str] = []
    threads = [threading.Thread(target=lambda n=n: read.append(texts.read(f"{n}.txt"))) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(read) == sorted(f"text {n}" for n in range(20))


def test_reading_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "texts.sqlite"
    write(path, [("a.txt", "one")])
    before = path.read_bytes()
    DocumentTexts(path).read("a.txt")
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == before


def test_a_document_that_is_not_there(tmp_path: Path) -> None:
    texts = write(tmp_path / "texts.sqlite", [("a.txt", "one")])
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


# Writing

SOURCE = Source("town/ferry.md", "The ferry", page=3, url="https://example.org/?a=b", modified=date(2024, 5, 17))


def chunks_of(document: str, *parts: str, text: str = FERRY, language: str = "en") -> list[Chunk]:
    source = replace(SOURCE, document=document)
    spans = [a_span(part, text) for part in parts]
    heading = ("Fares", 'of "grown-ups"')
    return [Chunk(f"{language}-{document}-{s.start}", s, source, heading, language) for s in spans]


def everything(writer: TextWriter, *, new: bool = False) -> list[Chunk]:
    return [chunk for batch in writer.chunks(new=new) for chunk in batch]


def test_chunks_come_back_as_they_were_in_the_order_they_were_put(tmp_path: Path) -> None:
    writer = TextWriter(tmp_path / "texts.sqlite")
    ferry = chunks_of("ferry.md", "The ferry crosses", "A bicycle travels free of charge.")
    lamp = chunks_of("лампа.md", "🙂 горит", text="Лампа 🙂 горит", language="ru")
    writer.put("ferry.md", FERRY, ferry)
    writer.put("лампа.md", "Лампа 🙂 горит", lamp)
    assert everything(writer) == everything(writer, new=True) == [*ferry, *lamp]
    assert (writer.count(), writer.count(new=True), writer.languages()) == (3, 3, ("en", "ru"))
    writer.close()


def test_in_a_copy_only_what_is_put_later_is_new(tmp_path: Path) -> None:
    path = tmp_path / "texts.sqlite"
    old, later = chunks_of("ferry.md", "The ferry crosses"), chunks_of("later.md", "A bicycle")
    writer = TextWriter(path)
    writer.put("ferry.md", FERRY, old)
    writer.close()
    writer = TextWriter(path)
    writer.put("later.md", FERRY, later)
    assert (everything(writer), everything(writer, new=True)) == ([*old, *later], later)
    assert (writer.count(), writer.count(new=True)) == (2, 1)
    writer.close()


def test_what_is_removed_is_gone_and_its_ids_are_told(tmp_path: Path) -> None:
    path = tmp_path / "texts.sqlite"
    writer = TextWriter(path)
    ferry = chunks_of("ferry.md", "The ferry crosses", "A bicycle")
    writer.put("ferry.md", FERRY, ferry)
    writer.put("twin.md", FERRY, chunks_of("twin.md", "A bicycle"))
    assert writer.remove("ferry.md") == [chunk.id for chunk in ferry]
    assert writer.remove("ferry.md") == []
    assert {chunk.source.document for chunk in everything(writer)} == {"twin.md"}
    writer.close()
    with pytest.raises(CorruptIndexError, match=r"ferry\.md is missing"):
        DocumentTexts(path).read("ferry.md")


@pytest.mark.parametrize(("count", "expected"), [(1, 1), (3, 4), (10, 10), (50, 10)])
def test_a_sample_is_spread_evenly(tmp_path: Path, count: int, expected: int) -> None:
    writer = TextWriter(tmp_path / "texts.sqlite")
    text = " ".join(f"Line {n}." for n in range(10))
    chunks = chunks_of("lines.md", *(f"Line {n}." for n in range(10)), text=text)
    writer.put("lines.md", text, chunks)
    sample = writer.sample(count)
    assert len(sample) == expected
    assert sample == chunks[:: max(1, 10 // count)]
    writer.close()


def test_more_than_a_batch_comes_in_batches(tmp_path: Path) -> None:
    writer = TextWriter(tmp_path / "texts.sqlite")
    for number in range(BATCH + 7):
        writer.put(f"{number}.md", FERRY, chunks_of(f"{number}.md", "A bicycle"))
    assert [len(batch) for batch in writer.chunks()] == [BATCH, 7]
    assert len({chunk.id for chunk in everything(writer)}) == BATCH + 7
    writer.close()


def test_what_was_not_closed_is_not_there(tmp_path: Path) -> None:
    writer = TextWriter(tmp_path / "texts.sqlite")
    writer.put("a.txt", "one", [a_chunk("one")])
    with pytest.raises(CorruptIndexError):
        DocumentTexts(tmp_path / "texts.sqlite").read("a.txt")
    writer.close()
    assert DocumentTexts(tmp_path / "texts.sqlite").read("a.txt") == "one"
