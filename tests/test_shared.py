"""An index on a Chroma server: written by one machine, followed by others, each with a data folder of its own."""

import os
import signal
import sqlite3
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing
from functools import partial
from itertools import count
from pathlib import Path
from subprocess import PIPE
from typing import Any, Never

import pytest

from index.answering import Answerer
from index.chroma_server import PAGE, Address, ChromaServer, Metadata
from index.errors import CorruptIndexError, IndexAwayError, IndexBusyError, NoIndexError
from index.generations import Generations
from index.lease import Lease
from index.lexical import Analyzer
from index.library import LEXICAL, TEXTS, open_library
from index.manifest import FILE_NAME as MANIFEST
from index.readers import GENERATION, SEEN
from index.retrieval import retrieve
from tests import builders
from tests.builders import FERRY, SEEDS, HashEmbedder
from tests.chroma_gate import TOKEN, gate
from tests.chroma_server import Chroma
from tests.command_line import CITEGRAM, citegram, environment
from tests.machines import Machine, MakeMachine, until

pytestmark = pytest.mark.timeout(120)

PREFIXES = count(1)
MILL = "# The mill\n\nThe bell of the mill was cast by Jonas Bell in 1803.\n"
QUESTION = "When does the last crossing leave?"
LAST_DIGIT = 2e-6


@pytest.fixture
def address(chroma: Chroma, request: pytest.FixtureRequest) -> Address:
    return Address(chroma.url, prefix=f"test{next(PREFIXES)}-{request.node.name[:20].strip('_[-]')}")


@pytest.fixture
def machine(address: Address, tmp_path: Path) -> MakeMachine:
    numbers = count(1)
    return lambda: Machine(tmp_path / f"machine{next(numbers)}", address=address, embedder=HashEmbedder())


def of_generation(name: str) -> set[str]:
    return {f"{name}-chunks", f"{name}-beside"}


def embedded(machine: Machine) -> list[str]:
    assert isinstance(machine.embedder, HashEmbedder)
    return machine.embedder.embedded


# What is published


def test_answers_are_those_of_an_index_in_a_folder(machine: MakeMachine, tmp_path: Path) -> None:
    embedder = HashEmbedder()
    folder = builders.index(tmp_path / "alone", embedder=embedder).current()
    writer = machine()
    writer.sync(SEEDS)
    alone = open_library(folder, analyzer=Analyzer())
    with machine().library() as follower, follower.borrow() as shared:
        for question in (QUESTION, "Who grinds the rye?", "Телескоп", "bicycle fares for children"):
            vector = embedder.embed_question(question)
            found, expected = shared.store.nearest(vector, 50), alone.store.nearest(vector, 50)
            assert [key for key, _ in found] == [key for key, _ in expected]
            assert [cosine for _, cosine in found] == pytest.approx([cosine for _, cosine in expected], abs=LAST_DIGIT)
            here, there = (retrieve(question, library=each, embedder=embedder) for each in (alone, shared))
            assert [each.chunk for each in there.passages] == [each.chunk for each in here.passages]
        assert shared.manifest.documents.keys() == alone.manifest.documents.keys()
        for name in SEEDS:
            assert shared.texts.read(name) == alone.texts.read(name)
    alone.close()


def test_a_generation_is_two_collections_and_a_pointer(machine: MakeMachine) -> None:
    writer = machine()
    writer.sync(SEEDS)
    name = writer.generations().current().name
    assert writer.collections() == {"current", *of_generation(name)}
    assert not (writer.generations().current() / "chroma").exists()


def test_a_text_larger_than_a_piece_comes_whole(machine: MakeMachine) -> None:
    long = "".join(f"Line {number} says {number * 7919 % 104729}.\n" for number in range(20_000))
    machine().sync({"long.txt": long})
    with machine().library() as follower, follower.borrow() as library:
        assert library.texts.read("long.txt") == long


def test_nothing_is_there_before_the_first_sync(machine: MakeMachine) -> None:
    with machine().library() as follower, pytest.raises(NoIndexError, match="citegram index"), follower.borrow():
        pass


def test_a_sync_computes_only_what_is_new(machine: MakeMachine) -> None:
    writer = machine()
    writer.sync(SEEDS)
    before = len(embedded(writer))
    report = writer.sync({"mill.md": MILL})
    assert (report.added, report.embedded) == (("mill.md",), len(embedded(writer)) - before)
    assert all("mill" in text for text in embedded(writer)[before:])


def test_another_machine_goes_on_where_the_first_stopped_and_computes_no_vector_again(machine: MakeMachine) -> None:
    first, second = machine(), machine()
    first.sync(SEEDS)
    report = second.sync(SEEDS | {"mill.md": MILL})
    assert report.added == ("mill.md",)
    assert report.unchanged == len(SEEDS)
    with first.library() as library, library.borrow() as borrowed:
        assert borrowed.manifest.documents.keys() == {*SEEDS, "mill.md"}
        assert borrowed.store.count() == borrowed.manifest.chunks
        vector = first.embedder.embed_question("The bell of the mill")
        assert borrowed.store.nearest(vector, 1)
    copied = [text for text in embedded(second) if "mill" not in text]
    assert len(copied) <= report.chunks, "the few that are checked"


def test_what_was_removed_is_gone(machine: MakeMachine) -> None:
    writer = machine()
    writer.sync(SEEDS)
    (writer.folder / "seeds" / "ferry.md").unlink()
    writer.sync()
    with machine().library() as follower, follower.borrow() as library:
        assert library.store.count() == library.manifest.chunks
        vector = writer.embedder.embed_question(QUESTION)
        found = library.store.get([key for key, _ in library.store.nearest(vector, 50)])
        assert all(chunk.source.document != "ferry.md" for chunk in found.values())


def test_a_machine_whose_files_have_other_times_reads_them_once(machine: MakeMachine) -> None:
    """As where each has a checkout of its own."""
    machine().sync(SEEDS)
    other = machine()
    path = builders.plant(other.folder / "seeds", SEEDS) / "ferry.md"
    at = path.stat()
    os.utime(path, ns=(at.st_atime_ns, at.st_mtime_ns // 10**9 * 10**9 + 1))
    assert not other.sync().published
    path.write_text(SEEDS["ferry.md"].replace("four", "five"), encoding="utf-8")
    os.utime(path, ns=(at.st_atime_ns, at.st_mtime_ns // 10**9 * 10**9 + 1))
    assert not other.sync().published
    assert other.sync({"ferry.md": SEEDS["ferry.md"].replace("four", "five")}).updated == ("ferry.md",)


# The switch


def test_a_sync_ends_when_all_workers_have_followed_and_the_old_collections_are_gone(machine: MakeMachine) -> None:
    writer = machine()
    writer.sync(SEEDS)
    old = writer.generations().current().name
    with machine().answerer() as one, machine().answerer() as other:
        assert one.status().generation == other.status().generation == old
        until(lambda: len(readers(writer)) == 2)
        writer.sync({"mill.md": MILL})
        new = writer.generations().current().name
        assert are_at(new, one, other)
        assert not of_generation(old) & writer.collections()
        assert of_generation(new) <= writer.collections()
        for each in (one, other):
            assert each.answer("Who cast the bell of the mill?").passages[0].source.document == "mill.md"
    until(lambda: not readers(writer))


def are_at(generation: str, *answerers: Answerer) -> bool:
    return all(each.status().generation == generation for each in answerers)


def goes_on(asked: list[int], before: list[int]) -> bool:
    return all(now > then + 3 for now, then in zip(asked, before, strict=True))


def readers(machine: Machine) -> set[str]:
    return {name for name in machine.collections() if name.startswith("reader-")}


def test_a_generation_that_a_worker_reads_stays(machine: MakeMachine) -> None:
    writer, reader = machine(), machine()
    writer.sync(SEEDS)
    old = writer.generations().current().name
    generations = reader.generations()
    generations.follow()
    generations.appear()
    writer.sync({"mill.md": MILL}, followed_seconds=0)
    assert of_generation(old) <= writer.collections()
    generations.follow()
    generations.appear()
    assert not of_generation(old) & writer.collections()


def test_a_worker_that_fetches_for_long_keeps_the_generation_that_it_answers_from(machine: MakeMachine) -> None:
    writer, reader = machine(), machine()
    writer.gone_seconds = reader.gone_seconds = 1.5
    writer.sync(SEEDS)
    old = writer.generations().current().name
    with reader.answerer() as answerer:
        assert answerer.status().generation == old
        until(lambda: len(readers(writer)) == 1)
        with in_the_way(reader):
            writer.sync({"mill.md": MILL}, followed_seconds=0)
            gives_signs(writer)
            writer.sync({"hill.md": "# The hill\n\nThe hill is 300 metres high.\n"}, followed_seconds=0)
            assert answerer.answer(QUESTION).passages[0].source.document == "ferry.md"
            assert answerer.status().generation == old
            assert of_generation(old) <= writer.collections()
        until(lambda: answerer.status().generation == writer.generations().current().name)


def test_a_worker_that_cannot_fetch_goes_on_giving_signs_of_life(machine: MakeMachine) -> None:
    writer, reader = machine(), machine()
    writer.gone_seconds = reader.gone_seconds = 1.5
    writer.sync(SEEDS)
    with reader.answerer() as answerer:
        old = answerer.status().generation
        until(lambda: len(readers(writer)) == 1)
        with in_the_way(reader):
            writer.sync({"mill.md": MILL}, followed_seconds=0)
            writer.server.remove(f"{writer.server.address.prefix}-{pointer(writer)}-beside")
        gives_signs(writer)
        assert answerer.status().generation == old
        assert answerer.answer(QUESTION).passages[0].source.document == "ferry.md"


def gives_signs(machine: Machine) -> None:
    """The one worker, for longer than it takes to count as gone."""
    signs: set[float] = set()

    def are_enough() -> bool:
        signs.add(sign_of(machine))
        return max(signs) - min(signs) > machine.gone_seconds

    until(are_enough)


def sign_of(machine: Machine) -> float:
    """When it was there."""
    (name,) = readers(machine)
    metadata = machine.server.metadata(f"{machine.server.address.prefix}-{name}")
    return float((metadata or {}).get(SEEN, 0))


class Forgetful(ChromaServer):
    """One whose list lacks the pointer, as where a neighbour removed something while it was read."""

    def named(self, beginning: str) -> dict[str, Metadata]:
        return {name: each for name, each in super().named(beginning).items() if not name.endswith("-current")}


def test_what_a_list_lacks_is_not_taken_for_gone(machine: MakeMachine, address: Address) -> None:
    writer = machine()
    writer.sync(SEEDS)
    published = of_generation(pointer(writer))
    writer.server = Forgetful(address)
    writer.sync({"mill.md": MILL})
    assert of_generation(pointer(writer)) <= writer.collections()
    with writer.generations().writing():
        writer.generations().begin()
    assert of_generation(pointer(writer)) <= writer.collections()
    assert not published & writer.collections()


def test_more_collections_than_a_page(address: Address) -> None:
    server = ChromaServer(address)
    names = {f"{address.prefix}-{number}" for number in range(PAGE + 5)}
    for name in names:
        server.create(name)
    assert server.named(f"{address.prefix}-").keys() == names
    for name in names:
        server.remove(name)


def test_a_question_in_a_generation_that_was_removed_is_answered_from_the_next(machine: MakeMachine) -> None:
    """As by a process that told nobody that it reads: what is published is fetched then and there."""
    writer, reader = machine(), machine()
    writer.sync(SEEDS)
    with reader.answerer() as answerer:
        old = answerer.status().generation
        for kind in ("chunks", "beside"):
            writer.server.remove(f"{writer.server.address.prefix}-{old}-{kind}")
        writer.sync({"mill.md": MILL}, full=True)
        answer = answerer.answer("Who cast the bell of the mill?")
        assert answer.passages[0].source.document == "mill.md"


def test_a_switch_under_load_fails_no_question(machine: MakeMachine) -> None:
    writer = machine()
    writer.sync(SEEDS)
    over, asked = threading.Event(), [0, 0]

    def ask(worker: int, answerer: Answerer) -> None:
        while not over.is_set():
            answer = answerer.answer(QUESTION)
            assert answer.passages[0].source.document == "ferry.md"
            asked[worker] += 1

    with machine().answerer() as one, machine().answerer() as other, ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(ask, number % 2, (one, other)[number % 2]) for number in range(4)]
        generations = []
        try:
            for number in range(3):
                generations.append(writer.generations().current().name)
                writer.sync({f"mill{number}.md": MILL.replace("mill", f"mill {number}")})
                new = writer.generations().current().name
                until(partial(are_at, new, one, other))
                until(partial(goes_on, asked, list(asked)))
        finally:
            over.set()
        for each in asking:
            each.result()
        until(lambda: not any(of_generation(old) & writer.collections() for old in generations))


def test_two_workers_with_one_data_folder_fetch_once(machine: MakeMachine) -> None:
    machine().sync(SEEDS)
    reader = machine()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda generations: generations.current(), [reader.generations() for _ in range(4)]))
    assert len(set(found)) == 1
    assert [path.name for path in sorted((reader.folder / "data" / "shared").iterdir()) if path.is_dir()] == [
        found[0].name
    ]


@pytest.mark.parametrize("part", [TEXTS, LEXICAL, MANIFEST])
def test_what_is_damaged_on_a_machine_is_fetched_again(machine: MakeMachine, part: str) -> None:
    machine().sync(SEEDS)
    reader = machine()
    with reader.answerer() as answerer:
        answerer.status()
    damaged = reader.generations().current() / part
    for path in damaged.rglob("*") if damaged.is_dir() else (damaged,):
        path.write_bytes(b"damaged")
    with reader.answerer() as answerer:
        assert answerer.answer(QUESTION).passages[0].source.document == "ferry.md"


@pytest.mark.parametrize("away", [False, True])
def test_damage_that_a_question_meets_is_mended_by_fetching_again(
    machine: MakeMachine, address: Address, chroma: Chroma, tmp_path: Path, away: bool
) -> None:
    """Opening does not show it: only the text of one document is gone. The server may go away in the middle."""
    machine().sync({"ferry.md": FERRY, "mill.md": MILL})
    with gate(chroma) as guarded:
        there = Address(guarded.url, token=TOKEN, prefix=address.prefix)
        reader = Machine(tmp_path / "reader", address=there, embedder=HashEmbedder())
        with reader.answerer() as answerer:
            answerer.status()
        with closing(sqlite3.connect(reader.generations().current() / TEXTS)) as database, database:
            database.execute("DELETE FROM texts WHERE document = 'mill.md'")
        with reader.answerer() as answerer:
            guarded.odd, guarded.part = ((503, b"") if away else None), "-beside"
            for _ in range(2 if away else 0):
                with pytest.raises(IndexAwayError):
                    answerer.answer("Who cast the bell of the mill?")
            guarded.odd = None
            assert answerer.answer("Who cast the bell of the mill?").answered


def test_what_is_damaged_is_fetched_again_when_another_process_has_done_with_the_folder(machine: MakeMachine) -> None:
    machine().sync(SEEDS)
    reader = machine()
    with reader.answerer() as answerer:
        answerer.status()
    (reader.generations().current() / TEXTS).write_bytes(b"damaged")
    with ThreadPoolExecutor(1) as pool, reader.answerer() as answerer:
        with in_the_way(reader):
            asked = pool.submit(answerer.answer, QUESTION)
            with pytest.raises(TimeoutError):
                asked.result(timeout=1)
        assert asked.result().passages[0].source.document == "ferry.md"


def in_the_way(machine: Machine) -> AbstractContextManager[None]:
    """Another process with the same data folder fetches a generation."""
    return Generations(machine.folder / "data" / "shared").writing()


def test_a_server_that_lost_a_generation_is_told(machine: MakeMachine) -> None:
    writer, reader = machine(), machine()
    writer.sync(SEEDS)
    with reader.answerer() as answerer:
        old = answerer.status().generation
    for name in of_generation(old):
        writer.server.remove(f"{writer.server.address.prefix}-{name}")
    with reader.library() as library, pytest.raises(CorruptIndexError, match="citegram index --full"), library.borrow():
        pass
    writer.sync(full=True)
    with reader.answerer() as answerer:
        assert answerer.answer(QUESTION).passages[0].source.document == "ferry.md"


# Writers


def test_two_writers_do_not_get_into_each_others_way(machine: MakeMachine) -> None:
    first, second = machine(), machine()
    first.sync(SEEDS)
    with first.generations().writing(), pytest.raises(IndexBusyError, match="Another machine"):
        second.sync(SEEDS)
    assert second.sync(SEEDS | {"mill.md": MILL}).published


def test_what_a_killed_writer_left_is_removed_when_its_lease_has_lapsed(machine: MakeMachine) -> None:
    first, second = machine(), machine()
    first.sync(SEEDS)
    generations = first.generations()
    with generations.writing():  # and never ended: what follows is another's view of it
        left = generations.begin()
        generations.writing_stores.create(left)
        assert f"{left.name}-chunks" in second.collections()
        with pytest.raises(IndexBusyError):
            second.sync(SEEDS)
        builders.plant(second.folder / "seeds", SEEDS | {"mill.md": MILL})
        second.indexer(lapse_seconds=0).sync()
        assert f"{left.name}-chunks" not in second.collections()
        for name in ("manifest.json", "texts.sqlite"):
            (left / name).touch()
        published = second.generations().current()
        with pytest.raises(IndexBusyError):
            generations.publish(left)
        assert second.generations().current() == published


def test_what_a_killed_writer_left_is_removed_though_nothing_is_to_be_published(machine: MakeMachine) -> None:
    first, second = machine(), machine()
    first.sync(SEEDS)
    with first.generations().writing():
        left = first.generations().begin()
        first.generations().writing_stores.create(left)
    assert f"{left.name}-chunks" in second.collections()
    assert not first.sync().published
    assert second.collections() == {"current", *of_generation(first.generations().current().name)}
    assert not left.exists()


def test_a_writer_whose_lease_was_taken_publishes_nothing(machine: MakeMachine) -> None:
    suspended, other = machine(), machine()
    suspended.sync(SEEDS)
    lease = Lease(suspended.server)
    with lease.holding():
        with Lease(other.server, lapse_seconds=0).holding(), pytest.raises(IndexBusyError):
            lease.check()
        assert "writer" not in other.collections()
    assert not any(name.startswith("writer") for name in other.collections())


def test_a_sync_that_fails_leaves_nothing_on_the_server(machine: MakeMachine) -> None:
    writer = machine()
    writer.sync(SEEDS)
    before = writer.collections()
    writer.embedder = HashEmbedder(limit=0)
    with pytest.raises(KeyboardInterrupt):
        writer.sync({"mill.md": MILL})
    assert writer.collections() == before


def test_what_is_published_stays_where_its_writer_is_broken_off_just_then(
    machine: MakeMachine, address: Address, tmp_path: Path
) -> None:
    """While it waits for a worker that has not followed yet."""
    seeds = builders.plant(tmp_path / "seeds")
    settings: dict[str, str | Path] = {
        "CHROMA_URL": address.url,
        "CHROMA_PREFIX": address.prefix,
        "DATA_DIR": tmp_path / "data",
    }
    assert citegram("index", "--seeds", seeds, settings=settings).status == 0
    reader = machine()
    generations = reader.generations()
    generations.follow()
    generations.appear()
    old = generations.current()
    builders.plant(seeds, {"mill.md": MILL})
    with subprocess.Popen([*CITEGRAM, "index", "--seeds", seeds], env=environment(settings), stderr=PIPE) as writer:
        until(lambda: pointer(reader) != old.name)
        writer.send_signal(signal.SIGINT)
        _, errors = writer.communicate()
    assert b"Traceback" not in errors
    generations.follow()
    assert generations.current().name == pointer(reader) != old.name
    assert of_generation(pointer(reader)) <= reader.collections()


def test_a_writer_that_is_ended_gives_its_right_back(machine: MakeMachine, address: Address, tmp_path: Path) -> None:
    """So that the next one, as after a restart, need not wait until it has lapsed."""
    seeds = builders.plant(tmp_path / "seeds")
    settings: dict[str, str | Path] = {
        "CHROMA_URL": address.url,
        "CHROMA_PREFIX": address.prefix,
        "DATA_DIR": tmp_path / "data",
    }
    watcher = machine()
    with subprocess.Popen([*CITEGRAM, "index", "--seeds", seeds], env=environment(settings), stderr=PIPE) as writer:
        until(lambda: "writer" in watcher.collections())
        writer.send_signal(signal.SIGTERM)
        _, errors = writer.communicate()
    assert (writer.returncode, errors) == (130, b"")
    assert "writer" not in watcher.collections()
    assert citegram("index", "--seeds", seeds, settings=settings).status == 0


class BrokenOff(ChromaServer):
    """Its caller is interrupted when the server has made a collection and nobody has heard of it."""

    def create(self, name: str, **more: Any) -> Never:
        with self.reached():
            super().create(name, **more)
            raise KeyboardInterrupt


def test_a_lease_that_was_made_unheard_is_given_back(machine: MakeMachine, address: Address) -> None:
    lease = Lease(BrokenOff(address))
    with pytest.raises(KeyboardInterrupt), lease.holding():
        raise AssertionError
    assert "writer" not in machine().collections()


def test_a_lease_of_another_is_not_given_back(machine: MakeMachine, address: Address) -> None:
    with Lease(ChromaServer(address)).holding():
        with pytest.raises(IndexBusyError), Lease(ChromaServer(address)).holding():
            raise AssertionError
        assert "writer" in machine().collections()


def test_what_was_broken_off_is_not_asked_by_the_same_connection(address: Address) -> None:
    """It may be in the midst of an answer."""
    server = ChromaServer(address)
    server.time()
    before = server._api
    with pytest.raises(KeyboardInterrupt), server.reached():
        raise KeyboardInterrupt
    server.time()
    assert server._api is not before
    server.close()


def pointer(machine: Machine) -> str:
    metadata = machine.server.metadata(f"{machine.server.address.prefix}-current")
    assert metadata
    return str(metadata[GENERATION])


def test_others_collections_are_left_alone(machine: MakeMachine, address: Address, tmp_path: Path) -> None:
    neighbour = Machine(
        tmp_path / "neighbour",
        address=Address(address.url, prefix=f"{address.prefix}-2"),
        embedder=HashEmbedder(),
    )
    writer = machine()
    neighbour.sync({"mill.md": MILL})
    writer.server.put(f"{address.prefix}-notes-of-somebody", {"kept": 1})
    writer.sync(SEEDS)
    writer.sync({"mill.md": MILL})
    assert "notes-of-somebody" in writer.collections()
    with neighbour.library() as library, library.borrow() as borrowed:
        assert borrowed.manifest.documents.keys() == {"mill.md"}


def test_a_pointer_to_no_generation_is_told(machine: MakeMachine) -> None:
    writer = machine()
    writer.server.put(f"{writer.server.address.prefix}-current", {GENERATION: "../../elsewhere"})
    with machine().library() as library, pytest.raises(CorruptIndexError, match="no generation"), library.borrow():
        pass
