"""Chunks in Chroma, on disk."""

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from index.errors import CorruptIndexError
from index.store import ChunkStore
from index.types import Chunk, Source
from tests.builders import HashEmbedder, a_chunk

BARE = a_chunk("The lamp burns oil.", key="en-bare", source=Source("a.txt", "A"))
FULL = a_chunk(
    " Лампа 🙂\r\n\fгорит.\u2028",
    key="ru-full",
    start=120,
    source=Source("глава/б ☂.md", 'Б "в" кавычках', page=3, url="https://example.org/?a=b", modified=date(2024, 5, 17)),
    heading=("Часть 1", 'С "кавычками", и [скобками]'),
    language="ru",
)
BREAD = a_chunk("Bread is made of rye.", key="en-bread", start=7)
CHUNKS = [BARE, FULL, BREAD]
EMBEDDER = HashEmbedder()
VECTORS = EMBEDDER.embed([chunk.span.text for chunk in CHUNKS])


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ChunkStore]:
    """Written, closed, and opened again."""
    written = ChunkStore.create(tmp_path / "chroma")
    written.add(CHUNKS, VECTORS)
    written.close()
    store = ChunkStore.open(tmp_path / "chroma")
    yield store
    store.close()


def test_a_chunk_comes_back_as_it_was(store: ChunkStore) -> None:
    assert store.get([chunk.id for chunk in CHUNKS]) == {chunk.id: chunk for chunk in CHUNKS}
    assert store.count() == 3


def test_only_ids_that_exist_are_found(store: ChunkStore) -> None:
    assert store.get(["en-nothing", FULL.id]) == {FULL.id: FULL}
    assert store.get(["en-nothing"]) == {}
    assert store.get([]) == {}


@pytest.mark.parametrize("row", range(len(CHUNKS)))
def test_the_nearest_come_first_with_their_cosines(store: ChunkStore, row: int) -> None:
    found = store.nearest(VECTORS[row], 10)
    assert found[0][0] == CHUNKS[row].id
    cosines = {chunk.id: float(vector @ VECTORS[row]) for chunk, vector in zip(CHUNKS, VECTORS, strict=True)}
    assert dict(found) == pytest.approx(cosines, abs=1e-5)
    assert found == sorted(found, key=lambda hit: -hit[1])


def test_no_more_than_the_limit_are_found(store: ChunkStore) -> None:
    assert len(store.nearest(VECTORS[0], 2)) == 2


def test_more_chunks_than_a_batch_holds_are_all_found_again(tmp_path: Path) -> None:
    chunks = [Chunk(f"en-{number}", BARE.span, BARE.source) for number in range(2050)]
    vectors = np.random.default_rng(7).normal(size=(len(chunks), 4)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    store = ChunkStore.create(tmp_path / "chroma")
    try:
        store.add(chunks, vectors)
        assert store.count() == len(chunks)
        for row in (0, 1999, 2000, 2049):
            key, cosine = store.nearest(vectors[row], 1)[0]
            assert key == f"en-{row}"
            assert cosine == pytest.approx(1.0, abs=1e-4)
    finally:
        store.close()


@pytest.mark.parametrize("content", [None, b"", b"no database " * 500], ids=["missing", "empty", "garbage"])
def test_a_folder_without_a_readable_store(tmp_path: Path, content: bytes | None) -> None:
    folder = tmp_path / "chroma"
    if content is not None:
        folder.mkdir()
        (folder / "chroma.sqlite3").write_bytes(content)
    with pytest.raises(CorruptIndexError, match="chroma cannot be read"):
        ChunkStore.open(folder)


def test_a_folder_can_be_opened_while_another_thread_closes_it(tmp_path: Path) -> None:
    ChunkStore.create(tmp_path / "chroma").close()
    failures: list[Exception] = []

    def open_and_close() -> None:
        try:
            for _ in range(15):
                store = ChunkStore.open(tmp_path / "chroma")
                store.count()
                store.close()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=open_and_close) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
