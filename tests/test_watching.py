"""Syncs by themselves: on changes in the folder, on a schedule, and what they do where one cannot be done."""

import resource
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PosixPath
from queue import Queue

import pytest
from watchfiles import Change

from index.errors import IndexBusyError, IndexingError, SeedsError
from index.indexer import Report
from index.watching import Hear, attempt, keep, matters, reasons
from tests.builders import HashEmbedder, an_indexer, plant

pytestmark = pytest.mark.timeout(60)

SECONDS = 30


class Keeper:
    """Syncs in a thread of its own; what it hears can be waited for."""

    def __init__(self, sync: Callable[[], Report], why: Callable[[threading.Event, Hear], Iterator[None]]) -> None:
        self.stop = threading.Event()
        self.heard: Queue[Report | IndexingError] = Queue()
        self._thread = threading.Thread(
            target=keep, args=(sync, why(self.stop, self.heard.put)), kwargs={"stop": self.stop, "hear": self.heard.put}
        )
        self._thread.start()

    def report(self) -> Report:
        """The next that published something."""
        while True:
            heard = self.heard.get(timeout=SECONDS)
            assert isinstance(heard, Report), heard
            if heard.published:
                return heard

    def end(self) -> None:
        self.stop.set()
        self._thread.join(SECONDS)
        assert not self._thread.is_alive()


@contextmanager
def keeper(folder: Path, *, watching: bool = True, minutes: float | None = None) -> Iterator[Keeper]:
    kept = Keeper(
        an_indexer(folder, embedder=HashEmbedder()).sync,
        lambda stop, hear: reasons(
            folder / "seeds", stop=stop, watching=watching, minutes=minutes, hear=hear, pause=0.05
        ),
    )
    try:
        yield kept
    finally:
        kept.end()


def test_what_changes_is_indexed(tmp_path: Path) -> None:
    seeds = plant(tmp_path / "seeds")
    with keeper(tmp_path) as kept:
        assert len(kept.report().added) == 3
        plant(seeds, {"new.md": "# Tide\n\nIt turns at noon."})
        assert kept.report().added == ("new.md",)
        (seeds / "new.md").rename(seeds / "tide.md")
        assert kept.report().renamed == (("new.md", "tide.md"),)
        (seeds / ".citegramignore").write_text("tide.md\n")
        assert kept.report().removed == ("tide.md",)
        plant(seeds, {"deep/er/lamp.md": "# Lamp\n\nIt burns."})
        assert kept.report().added == ("deep/er/lamp.md",)
        shutil.rmtree(seeds / "deep")
        assert kept.report().removed == ("deep/er/lamp.md",)


def test_a_folder_with_a_dot_in_its_name_is_seen_to_come_and_go(tmp_path: Path) -> None:
    seeds = plant(tmp_path / "seeds")
    away = plant(tmp_path / "v1.2", {"lamp.md": "# Lamp\n\nIt burns."})
    with keeper(tmp_path) as kept:
        kept.report()
        away.rename(seeds / "v1.2")
        assert kept.report().added == ("v1.2/lamp.md",)
        (seeds / "v1.2").rename(away)
        assert kept.report().removed == ("v1.2/lamp.md",)


def test_on_a_schedule_without_a_watch(tmp_path: Path) -> None:
    seeds = plant(tmp_path / "seeds")
    with keeper(tmp_path, watching=False, minutes=0.001) as kept:
        kept.report()
        plant(seeds, {"new.md": "# Tide\n\nIt turns at noon."})
        assert kept.report().added == ("new.md",)


def test_on_a_schedule_and_a_watch(tmp_path: Path) -> None:
    plant(tmp_path / "seeds")
    with keeper(tmp_path, minutes=0.001) as kept:
        kept.report()
        for _ in range(3):
            heard = kept.heard.get(timeout=SECONDS)
            assert isinstance(heard, Report)
            assert not heard.published


def test_what_cannot_be_done_is_told_and_the_next_is_waited_for(
    tmp_path: Path,
) -> None:
    seeds = plant(tmp_path / "seeds")
    with keeper(tmp_path) as kept:
        kept.report()
        shutil.rmtree(seeds)
        while not isinstance(heard := kept.heard.get(timeout=SECONDS), SeedsError):
            pass
        assert "does not exist" in str(heard) or "holds no document" in str(heard)
        plant(seeds, {"again.md": "# Again\n\nIt is here again."})
        assert await_report(kept).added == ("again.md",)


@contextmanager
def no_more_files() -> Iterator[None]:
    """The system lets this process open none, whichever it closes, so that it watches nothing either."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize(("minutes", "unwatched"), [(None, 0.01), (0.0001, 60.0)])
def test_where_the_system_does_not_watch_that_is_told_once_and_the_folder_looked_at_all_the_same(
    tmp_path: Path, minutes: float | None, unwatched: float
) -> None:
    seeds = plant(tmp_path / "seeds")
    told: list[IndexingError] = []
    stop = threading.Event()
    why = reasons(seeds, stop=stop, watching=True, minutes=minutes, hear=told.append, unwatched=unwatched)
    with no_more_files():
        for _ in range(3):
            next(why)
    assert [str(each).startswith(f"The system does not watch all of {seeds} (") for each in told] == [True]
    next(why)
    (seeds / "new.md").write_text("# Tide\n\nIt turns at noon.")
    next(why)
    seeds.rename(tmp_path / "away")
    plant(seeds)
    with no_more_files():
        while len(told) < 2:
            next(why)
    stop.set()
    assert list(why) == []


class Fleeting(PosixPath):
    """A folder that is gone by the time that it is to be watched."""

    def is_dir(self) -> bool:
        return True


def test_a_folder_that_goes_just_before_it_is_watched_ends_nothing(tmp_path: Path) -> None:
    told: list[IndexingError] = []
    why = reasons(
        Fleeting(tmp_path / "seeds"),
        stop=threading.Event(),
        watching=True,
        minutes=None,
        hear=told.append,
        unwatched=0.01,
    )
    next(why)
    next(why)
    assert len(told) == 1


def await_report(kept: Keeper) -> Report:
    """The next that published something, whatever went wrong before it."""
    while True:
        heard = kept.heard.get(timeout=SECONDS)
        if isinstance(heard, Report) and heard.published:
            return heard


def test_it_ends_when_it_is_told_to(tmp_path: Path) -> None:
    plant(tmp_path / "seeds")
    with keeper(tmp_path) as kept:
        kept.report()
    plant(tmp_path / "seeds", {"late.md": "# Late\n\nToo late."})
    while not kept.heard.empty():
        heard = kept.heard.get_nowait()
        assert isinstance(heard, Report)
        assert not heard.added


def test_while_another_process_rebuilds_it_waits(tmp_path: Path) -> None:
    plant(tmp_path / "seeds")
    indexer = an_indexer(tmp_path, embedder=HashEmbedder())
    tries = 0
    heard: list[Report | IndexingError] = []

    def sync() -> Report:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise IndexBusyError("busy")
        return indexer.sync()

    attempt(sync, stop=threading.Event(), hear=heard.append, pause=0.01)
    assert tries == 3
    assert len(heard) == 1
    assert isinstance(heard[0], Report)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.md", True),
        ("deep/b.PDF", True),
        ("deep", True),
        (".citegramignore", True),
        (".hidden.md", False),
        ("a.md~", False),
        ("a.py", False),
        ("4913.swp", False),
    ],
)
def test_only_what_a_sync_could_see_is_a_reason(path: str, expected: bool) -> None:
    assert matters(Change.modified, path) == expected


def test_what_is_gone_may_have_been_a_folder_and_what_is_there_is_looked_at(tmp_path: Path) -> None:
    plant(tmp_path, {"v1.2/a.md": "A.", "a.py": "A."})
    assert matters(Change.added, str(tmp_path / "v1.2"))
    assert not matters(Change.added, str(tmp_path / "a.py"))
    assert matters(Change.deleted, str(tmp_path / "v1.1"))
    assert not matters(Change.deleted, str(tmp_path / ".git"))
