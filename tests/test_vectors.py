"""The vector cache: no text is embedded twice, whatever happens in between."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from index.errors import DataFolderError
from index.vectors import BATCH, VectorCache
from tests.builders import HashEmbedder

TEXTS = ["The lamp burns.", "Bread", "Лампа горит.", "", "🙂"]


@pytest.fixture
def open_cache(tmp_path: Path) -> Iterator[Callable[[], VectorCache]]:
    opened: list[VectorCache] = []

    def open_again() -> VectorCache:
        opened.append(VectorCache(tmp_path / "vectors.sqlite"))
        return opened[-1]

    yield open_again
    for cache in opened:
        cache.close()


Open = Callable[[], VectorCache]


def test_vectors_come_in_the_order_of_the_texts(open_cache: Open) -> None:
    embedder = HashEmbedder()
    vectors, computed = open_cache().embed(TEXTS, embedder=embedder)
    assert np.array_equal(vectors, HashEmbedder().embed(TEXTS))
    assert computed == len(TEXTS)


def test_the_second_time_costs_nothing(open_cache: Open) -> None:
    first, _ = open_cache().embed(TEXTS, embedder=HashEmbedder())
    again = HashEmbedder()
    second, computed = open_cache().embed(TEXTS[::-1], embedder=again)
    assert (computed, again.embedded) == (0, [])
    assert np.array_equal(second, first[::-1])


def test_only_what_is_new_is_embedded(open_cache: Open) -> None:
    open_cache().embed(TEXTS, embedder=HashEmbedder())
    embedder = HashEmbedder()
    vectors, computed = open_cache().embed(["new", *TEXTS, "newer"], embedder=embedder)
    assert (computed, embedder.embedded) == (2, ["new", "newer"])
    assert np.array_equal(vectors, HashEmbedder().embed(["new", *TEXTS, "newer"]))


def test_a_text_that_stands_in_many_places_is_embedded_once(open_cache: Open) -> None:
    embedder = HashEmbedder()
    vectors, computed = open_cache().embed(["same", "other", "same", "same"], embedder=embedder)
    assert (computed, embedder.embedded) == (2, ["same", "other"])
    assert np.array_equal(vectors, HashEmbedder().embed(["same", "other", "same", "same"]))


def test_another_model_has_vectors_of_its_own(open_cache: Open) -> None:
    cache = open_cache()
    one, _ = cache.embed(TEXTS, embedder=HashEmbedder("one"))
    other, computed = cache.embed(TEXTS, embedder=HashEmbedder("other"))
    assert computed == len(TEXTS)
    assert not np.allclose(one, other)
    assert np.array_equal(cache.embed(TEXTS, embedder=HashEmbedder("one"))[0], one)


def test_an_interruption_loses_at_most_a_batch(open_cache: Open) -> None:
    texts = [f"text {number}" for number in range(2 * BATCH + 10)]
    with pytest.raises(KeyboardInterrupt):
        open_cache().embed(texts, embedder=HashEmbedder(limit=2 * BATCH))
    embedder = HashEmbedder()
    vectors, computed = open_cache().embed(texts, embedder=embedder)
    assert computed == 10
    assert np.array_equal(vectors, HashEmbedder().embed(texts))


def test_progress_counts_what_is_in_hand(open_cache: Open) -> None:
    texts = [f"text {number}" for number in range(BATCH + 50)]
    cache, heard = open_cache(), list[tuple[int, int]]()
    cache.embed(texts[:20], embedder=HashEmbedder())
    cache.embed(texts, embedder=HashEmbedder(), progress=lambda done, total: heard.append((done, total)))
    assert heard == [(20 + BATCH, BATCH + 50), (BATCH + 50, BATCH + 50)]


def test_nothing_to_embed(open_cache: Open) -> None:
    vectors, computed = open_cache().embed([], embedder=HashEmbedder())
    assert (vectors.shape, computed) == ((0, 32), 0)


# What is wrong with the file


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite"
    path.write_bytes(b"not a database " * 1000)
    with pytest.raises(DataFolderError, match=r"vectors\.sqlite cannot be used.*can be deleted"):
        VectorCache(path)


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(DataFolderError, match="Make its folder writable"):
        VectorCache(tmp_path / "missing" / "vectors.sqlite")


def test_a_database_damaged_within(tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite"
    texts = [f"text {number}" for number in range(BATCH)]
    with closing(VectorCache(path)) as cache:
        cache.embed(texts, embedder=HashEmbedder())
    raw = path.read_bytes()
    path.write_bytes(raw[:4096] + b"\xee" * (len(raw) - 4096))
    with pytest.raises(DataFolderError, match="can be deleted"), closing(VectorCache(path)) as cache:
        cache.embed(texts, embedder=HashEmbedder())


def test_a_damaged_vector_is_computed_again(tmp_path: Path, open_cache: Open) -> None:
    embedder = HashEmbedder()
    whole, _ = open_cache().embed(["bread"], embedder=embedder)
    with sqlite3.connect(tmp_path / "vectors.sqlite") as database:
        database.execute("UPDATE vectors SET vector = x'0102'")
    again, computed = open_cache().embed(["bread"], embedder=embedder)
    assert computed == 1
    assert np.array_equal(again, whole)
