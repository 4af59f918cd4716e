"""The vector cache forgets what the index has no more use for: not at once, and then for good."""

import random
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from index.embedding import Vectors
from index.errors import CorruptIndexError
from index.vectors import BATCH, FORGOTTEN, KEPT_DAYS, VectorCache, key_of
from tests.builders import SEEDS, HashEmbedder, fill_with_unused, plant
from tests.killed_child import started_pruning
from tests.office import Office

ONE, OTHER, GONE = "The lamp burns.", "Bread", "A private sentence."
TODAY = 740_000

KILLS = 8
LOOK_SECONDS = 0.01


class Cache:
    """The file, opened anew by each who comes, as by one sync after the other."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def embed(self, *texts: str, model: str = "hashes") -> Vectors:
        with closing(VectorCache(self.path)) as cache:
            return cache.embed(texts, embedder=HashEmbedder(model))[0]

    def prune(self, *used: str, day: int, model: str = "hashes") -> None:
        with closing(VectorCache(self.path)) as cache:
            cache.prune(used, model=model, today=TODAY + day)

    def holds(self, text: str, *, model: str = "hashes") -> bool:
        with closing(sqlite3.connect(self.path)) as database:
            rows = database.execute("SELECT model, text_sha256 FROM vectors").fetchall()
        return (model, key_of(text)) in rows

    def count(self, table: str = "vectors") -> int:
        with closing(sqlite3.connect(self.path)) as database:
            (found,) = database.execute(f"SELECT count(*) FROM {table}").fetchone()
        return int(found)

    def pass_by(self, *, days: int) -> None:
        with closing(sqlite3.connect(self.path)) as database, database:
            database.execute("UPDATE unused SET day = day - ?", (days,))
            database.execute("UPDATE looked SET day = day - ?", (days,))

    def files(self) -> bytes:
        """All that there is, a journal among it."""
        return b"".join(path.read_bytes() for path in self.path.parent.glob(f"{self.path.name}*"))


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "vectors.sqlite")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    office = Office(tmp_path, HashEmbedder())
    plant(office.seeds)
    office.sync()
    return office


def cache_of(office: Office) -> Cache:
    return Cache(office.folder / "data" / "vectors.sqlite")


# When


def test_what_no_text_has_any_more_stays_for_some_days(cache: Cache) -> None:
    cache.embed(ONE, GONE)
    for day in range(KEPT_DAYS + 1):
        cache.prune(ONE, day=day)
        assert cache.holds(GONE)
    cache.prune(ONE, day=KEPT_DAYS + 1)
    assert (cache.holds(ONE), cache.holds(GONE)) == (True, False)


def test_what_comes_back_has_its_days_again(cache: Cache) -> None:
    cache.embed(ONE, GONE)
    cache.prune(ONE, day=0)
    cache.prune(ONE, GONE, day=KEPT_DAYS)
    cache.prune(ONE, day=KEPT_DAYS + 1)
    cache.prune(ONE, day=2 * KEPT_DAYS + 1)
    assert cache.holds(GONE)
    cache.prune(ONE, day=2 * KEPT_DAYS + 2)
    assert not cache.holds(GONE)


def test_another_model_s_vectors_stay_as_long(cache: Cache) -> None:
    for model in ("one", "other"):
        cache.embed(ONE, OTHER, model=model)
    for day, (present, before) in {0: ("one", "other"), 7: ("other", "one"), 14: ("other", "one")}.items():
        cache.prune(ONE, OTHER, day=day, model=present)
        assert cache.holds(ONE, model=before)
    cache.prune(ONE, OTHER, day=15, model="other")
    assert [cache.holds(OTHER, model=model) for model in ("one", "other")] == [False, True]


def test_it_looks_once_a_day(cache: Cache) -> None:
    read = []

    def texts() -> Iterator[str]:
        read.append(ONE)
        yield ONE

    cache.embed(ONE)
    for day in (0, 0, 1, 1, 1):
        with closing(VectorCache(cache.path)) as opened:
            opened.prune(texts(), model="hashes", today=TODAY + day)
    assert len(read) == 2


def test_a_clock_that_was_wrong_keeps_nothing_for_ever(cache: Cache) -> None:
    cache.embed(ONE, GONE)
    cache.prune(ONE, day=40_000)
    cache.prune(ONE, day=0)
    assert (cache.holds(ONE), cache.holds(GONE)) == (True, False)


# How


def test_what_is_deleted_is_in_no_file(cache: Cache) -> None:
    vectors = cache.embed(*(f"{ONE} {number}" for number in range(2000)), GONE)
    cache.prune(*(f"{ONE} {number}" for number in range(2000)), day=0)
    of_it = [key_of(GONE), vectors[-1].tobytes()]
    assert all(each in cache.files() for each in of_it)
    before = cache.path.stat().st_size
    cache.prune(*(f"{ONE} {number}" for number in range(2000)), day=8)
    assert not any(each in cache.files() for each in of_it)
    assert cache.path.stat().st_size == before


def test_the_file_gives_back_its_room(cache: Cache) -> None:
    many = [f"text {number}" for number in range(2 * FORGOTTEN + 10)]
    known = cache.embed(ONE)
    before = cache.path.stat().st_size
    cache.embed(*many)
    assert cache.path.stat().st_size > 10 * before
    for day in (0, 8):
        cache.prune(ONE, day=day)
    assert cache.path.stat().st_size <= before
    assert np.array_equal(cache.embed(ONE), known)


def test_who_reads_meanwhile_is_not_held_up(cache: Cache) -> None:
    many = [f"text {number}" for number in range(2 * FORGOTTEN)]
    cache.embed(ONE, *many)
    cache.prune(ONE, day=0)
    with closing(sqlite3.connect(cache.path, timeout=0)) as reader:
        rows = reader.execute("SELECT * FROM vectors")
        first = rows.fetchmany(10)
        cache.prune(ONE, day=8)
        assert len(first) + len(rows.fetchall()) == 1 + len(many)
        assert reader.execute("SELECT count(*) FROM vectors").fetchone() == (1,)


def test_where_the_texts_cannot_all_be_read_nothing_is_noted(cache: Cache) -> None:
    def broken() -> Iterator[str]:
        yield ONE
        raise CorruptIndexError("broken")

    cache.embed(ONE, OTHER)
    with closing(VectorCache(cache.path)) as opened, pytest.raises(CorruptIndexError):
        opened.prune(broken(), model="hashes", today=TODAY)
    cache.prune(ONE, OTHER, day=1)
    cache.prune(ONE, day=8)
    assert cache.holds(OTHER)


def test_a_file_of_an_earlier_version(cache: Cache) -> None:
    known = cache.embed(ONE, GONE)
    with closing(sqlite3.connect(cache.path)) as database, database:
        database.execute("DROP TABLE unused")
        database.execute("DROP TABLE looked")
    with closing(VectorCache(cache.path)) as opened:
        vectors, computed = opened.embed([ONE, GONE], embedder=HashEmbedder())
    assert computed == 0
    assert np.array_equal(vectors, known)
    for day in (0, 8):
        cache.prune(ONE, day=day)
    assert (cache.holds(ONE), cache.holds(GONE)) == (True, False)


def test_killed_at_any_moment_it_loses_nothing(cache: Cache, tmp_path: Path) -> None:
    """When so many are left to delete, the last time while the file gives back its room."""
    used = [f"used {number}" for number in range(300)]
    known = cache.embed(*used)
    fill_with_unused(cache.path, KILLS * FORGOTTEN)
    shutil.copy(cache.path, tmp_path / "whole")
    killed = 0
    for left in range(KILLS * FORGOTTEN, -1, -FORGOTTEN):
        shutil.copy(tmp_path / "whole", cache.path)
        child = started_pruning(cache.path, used, day=TODAY)
        while child.is_alive() and cache.count("unused") > left:
            child.join(LOOK_SECONDS)
        child.join(random.Random(left).uniform(0, LOOK_SECONDS))
        child.kill()
        child.join()
        killed += child.exitcode == -signal.SIGKILL
        with closing(sqlite3.connect(cache.path)) as database:
            assert database.execute("PRAGMA quick_check").fetchone() == ("ok",)
        assert cache.count() == cache.count("unused") + len(used)
        assert np.array_equal(cache.embed(*used), known)
        cache.prune(*used, day=1)
        assert (cache.count(), cache.count("unused")) == (len(used), 0)
    assert killed > KILLS / 2


# With the index


def test_a_removed_text_leaves_the_cache(office: Office) -> None:
    cache = cache_of(office)
    (removed,) = (text for text in office.embedder.embedded if "grinds rye" in text)
    (office.seeds / "town" / "bakery.txt").unlink()
    assert office.sync().published
    for days in (1, KEPT_DAYS):
        cache.pass_by(days=days)
        assert not office.sync().published
        assert cache.holds(removed)
    cache.pass_by(days=1)
    assert not office.sync().published
    assert not cache.holds(removed)


def test_an_edit_undone_within_days_costs_nothing(office: Office) -> None:
    cache = cache_of(office)
    for text in ("Another text.", SEEDS["ferry.md"]):
        plant(office.seeds, {"ferry.md": text})
        cache.pass_by(days=KEPT_DAYS - 2)
        last = office.sync()
    assert (last.published, last.embedded) == (True, 0)


def test_what_the_index_has_is_never_forgotten(office: Office) -> None:
    for number in range(4):
        plant(office.seeds, {"note.md": f"Note number {number}."})
        cache_of(office).pass_by(days=KEPT_DAYS + 1)
        office.sync()
    assert cache_of(office).count() == len(office.embedder.embedded) - 2
    report = office.sync(full=True)
    assert (report.published, report.embedded) == (True, 0)


@pytest.mark.parametrize("meanwhile", [False, True], ids=["at rest", "while others sync"])
def test_what_an_interrupted_rebuild_has_paid_for_stays(office: Office, meanwhile: bool) -> None:
    """However long that was ago, and some days where another rebuild came between."""
    plant(office.seeds, {f"{n}.md": f"# Note {n}\n\nNote number {n} says {n * n}." for n in range(BATCH + 10)})
    with pytest.raises(KeyboardInterrupt):
        office.sync(embedder=HashEmbedder("dear", limit=BATCH))
    if meanwhile:
        for days in (1, KEPT_DAYS):
            cache_of(office).pass_by(days=days)
            office.sync()
    else:
        cache_of(office).pass_by(days=400)
    report = office.sync(embedder=HashEmbedder("dear"))
    assert (report.published, report.embedded) == (True, report.chunks - BATCH)


@pytest.mark.parametrize("harm", ["folder", "garbage"])
def test_a_cache_that_cannot_be_pruned_fails_no_sync(
    office: Office, harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    cache = cache_of(office)
    cache.path.unlink()
    if harm == "folder":
        cache.path.mkdir()
    else:
        cache.path.write_bytes(b"not a database" * 1000)
    assert not office.sync().published
    assert "were not deleted: The vector cache" in caplog.text
