"""Syncs of a running bot: each in a process of its own."""

import logging
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from logging.handlers import QueueHandler
from pathlib import Path
from queue import Queue

import psutil
import pytest
from watchfiles import watch

from bot.process import NICENESS
from bot.rebuilding import CUT_SHORT, Syncs, rebuilding
from config import Settings, load_settings
from index.errors import IndexingError, SeedsError
from index.generations import Generations
from tests.builders import SEEDS, plant

MANY = {f"note-{number}.md": f"# Note {number}\n\nNote {number} says {number * number}.\n" for number in range(2000)}
SECONDS = 60

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(seeds_dir=plant(tmp_path / "seeds"), data_dir=tmp_path / "data")


@contextmanager
def beside(syncs: Syncs) -> Iterator[psutil.Process]:
    """A sync of many documents that is under way; it ends with an error, and the block has to see to that."""
    heard: list[IndexingError] = []

    def sync() -> None:
        try:
            syncs.sync()
        except IndexingError as error:
            heard.append(error)

    thread = threading.Thread(target=sync)
    thread.start()
    yield psutil.Process(syncing(syncs))
    thread.join(SECONDS)
    assert [str(error) for error in heard] == [CUT_SHORT]


def syncing(syncs: Syncs) -> int:
    """The process's number, once it writes."""
    root = Generations(syncs._settings.data_dir / "index").root
    root.mkdir(parents=True)
    for _ in watch(root, yield_on_timeout=True, rust_timeout=100):
        if syncs._process and syncs._process.pid and any(path.is_dir() for path in root.iterdir()):
            return syncs._process.pid
    raise AssertionError


def test_it_reports_what_it_did_and_can_do_so_again(settings: Settings) -> None:
    syncs = Syncs(settings)
    report = syncs.sync()
    assert (report.added, report.published) == (tuple(sorted(SEEDS)), True)
    assert not syncs.sync().published


def test_it_tells_how_far_it_is(settings: Settings) -> None:
    heard: list[tuple[str, int, int]] = []
    Syncs(settings).sync(progress=lambda *step: heard.append(step))
    assert heard[0] == ("reading", 1, 3)


def test_two_that_are_asked_for_at_once_come_one_after_the_other(settings: Settings) -> None:
    syncs = Syncs(settings)
    with ThreadPoolExecutor() as threads:
        reports = [asked.result(SECONDS) for asked in [threads.submit(syncs.sync) for _ in range(2)]]
    assert sorted(report.published for report in reports) == [False, True]


def test_what_cannot_be_done_is_raised(tmp_path: Path) -> None:
    syncs = Syncs(load_settings(seeds_dir=tmp_path / "none", data_dir=tmp_path / "data"))
    with pytest.raises(SeedsError, match="does not exist"):
        syncs.sync()


def test_it_stands_behind_the_bot_and_can_be_ended(settings: Settings) -> None:
    plant(settings.seeds_dir, MANY)
    syncs = Syncs(settings)
    with beside(syncs) as process:
        assert process.nice() == os.getpriority(os.PRIO_PROCESS, 0) + NICENESS
        syncs.end()
    assert not process.is_running()
    with pytest.raises(IndexingError):
        syncs.sync()


def test_one_that_the_system_ends_is_told_and_the_next_completes(settings: Settings) -> None:
    plant(settings.seeds_dir, MANY)
    syncs = Syncs(settings)
    with beside(syncs) as process:
        process.send_signal(signal.SIGKILL)
    for name in MANY:
        (settings.seeds_dir / name).unlink()
    assert syncs.sync().added == tuple(sorted(SEEDS))


def test_what_nobody_foresaw_is_told_as_such_and_not_as_an_end_from_outside(settings: Settings) -> None:
    syncs = Syncs(settings.model_copy(update={"seeds_dir": 5}))
    with pytest.raises(IndexingError, match=r"^The rebuild failed \(\w+Error\); the log says where\.$"):
        syncs.sync()


def test_on_a_schedule_until_the_block_ends(settings: Settings) -> None:
    with logged() as records, rebuilding(settings.model_copy(update={"rebuild_minutes": 1 / 600})):
        assert records.get(timeout=SECONDS).getMessage().startswith("the index was brought in line: 3 added")
        shutil.rmtree(settings.seeds_dir)
        assert records.get(timeout=SECONDS).getMessage().startswith("the index stays as it was: The documents folder")
    assert not any(thread.name == "rebuilding" for thread in threading.enumerate())


@contextmanager
def logged() -> Iterator[Queue[logging.LogRecord]]:
    """What the module logs, as it comes."""
    records: Queue[logging.LogRecord] = Queue()
    handler, logger = QueueHandler(records), logging.getLogger("bot.rebuilding")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield records
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
