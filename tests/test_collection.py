"""The documents as admins change them: who waits for which sync, and what is left of one that fails."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from queue import Queue

import pytest

from bot import owner_texts, texts
from bot.collection import Collection
from bot.inbox import RefusedError
from index.errors import IndexAwayError, IndexBusyError, IndexingError
from index.indexer import Progress, Report
from tests.builders import plant

pytestmark = pytest.mark.timeout(60)

NOTHING = Report((), (), (), (), 0, (), 0, 0, published=False, seconds=0.0)


class HeldSyncs:
    """Each sync waits until the test lets it go, with a report or an error."""

    def __init__(self) -> None:
        self.begun: Queue[Callable[[Report | IndexingError], None]] = Queue()
        self.ended = False

    def sync(self, *, progress: Progress) -> Report:
        outcome: Queue[Report | IndexingError] = Queue()
        progress("reading", 1, 2)
        self.begun.put(outcome.put)
        heard = outcome.get(timeout=30)
        if isinstance(heard, IndexingError):
            raise heard
        return heard

    def end(self) -> None:
        self.ended = True

    async def next(self) -> Callable[[Report | IndexingError], None]:
        return await asyncio.to_thread(self.begun.get, timeout=30)


@pytest.fixture
def syncs() -> HeldSyncs:
    return HeldSyncs()


@pytest.fixture
def collection(tmp_path: Path, syncs: HeldSyncs) -> Collection:
    return Collection(tmp_path, syncs)


def silent(stage: str, done: int, total: int) -> None:
    """Nobody listens."""


async def test_who_asks_while_a_sync_runs_gets_the_next_with_all_others(
    collection: Collection, syncs: HeldSyncs
) -> None:
    heard: list[tuple[str, int, int]] = []
    first = asyncio.create_task(collection.sync(silent))
    release_first = await syncs.next()
    others = [asyncio.create_task(collection.sync(lambda *step: heard.append(step))) for _ in range(3)]
    await asyncio.sleep(0)
    assert syncs.begun.empty()
    release_first(NOTHING)
    assert await first is NOTHING
    (await syncs.next())(NOTHING)
    assert await asyncio.gather(*others) == [NOTHING] * 3
    assert heard == [("reading", 1, 2)] * 3
    assert syncs.begun.empty()


async def test_what_cannot_be_done_is_raised_and_the_next_sync_is_not_harmed(
    collection: Collection, syncs: HeldSyncs
) -> None:
    first = asyncio.create_task(collection.sync(silent))
    (await syncs.next())(IndexingError("The disk is full."))
    with pytest.raises(IndexingError, match=r"The disk is full\."):
        await first
    second = asyncio.create_task(collection.sync(silent))
    (await syncs.next())(NOTHING)
    assert await second is NOTHING


async def test_another_process_that_rebuilds_is_waited_for(collection: Collection, syncs: HeldSyncs) -> None:
    syncing = asyncio.create_task(collection.sync(silent))
    (await syncs.next())(IndexBusyError("Another process is rebuilding the index."))
    (await syncs.next())(NOTHING)
    assert await syncing is NOTHING


async def test_a_server_that_is_away_is_waited_for_and_what_comes_of_it_in_the_end_counts(
    tmp_path: Path, syncs: HeldSyncs
) -> None:
    collection = Collection(tmp_path, syncs, away=0.01)
    syncing = asyncio.create_task(collection.sync(silent))
    (await syncs.next())(IndexAwayError("The server does not answer."))
    (await syncs.next())(NOTHING)
    assert await syncing is NOTHING
    syncing = asyncio.create_task(collection.sync(silent))
    (await syncs.next())(IndexAwayError("The server does not answer."))
    (await syncs.next())(IndexingError("The disk is full."))
    with pytest.raises(IndexingError, match=r"The disk is full\."):
        await syncing


async def test_at_the_end_nothing_is_begun_any_more(collection: Collection, syncs: HeldSyncs) -> None:
    running = asyncio.create_task(collection.sync(silent))
    release = await syncs.next()
    collection.end()
    assert syncs.ended
    release(IndexingError("cut short"))
    for each in (running, collection.sync(silent)):
        with pytest.raises(IndexingError, match=owner_texts.STOPPED):
            await each
    assert syncs.begun.empty()


def test_what_is_kept_can_be_removed(collection: Collection, tmp_path: Path) -> None:
    names = collection.store("a.md", b"one"), collection.add_page("https://example.org")
    assert collection.documents() == names == ("inbox/a.md", "https://example.org")
    plant(tmp_path, {"own.md": "The owner's."})
    collection.remove(names)
    assert collection.documents() == ()
    assert (tmp_path / "own.md").exists()


def test_what_the_owners_patterns_leave_out_is_refused(collection: Collection, tmp_path: Path) -> None:
    plant(tmp_path, {".citegramignore": "*.csv\n"})
    collection.check("a.md", size=1)
    with pytest.raises(RefusedError) as caught:
        collection.check("a.csv", size=1)
    assert caught.value.sentence == texts.PASSED_OVER


def test_threads_store_files_of_one_name_beside_each_other(collection: Collection) -> None:
    threads = [threading.Thread(target=collection.store, args=("a.md", bytes([65 + n]))) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(collection.documents()) == 8
