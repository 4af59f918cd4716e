"""The indexer killed with SIGKILL at any moment: what is published answers, and the next sync completes, embeds nothing
whose vector was kept, and leaves nothing of the killed one behind."""

import os
import pty
import random
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from functools import partial
from itertools import count
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from index.answering import Answerer
from index.embedding import Embedder, OnnxEmbedder, Vectors
from index.generations import CURRENT, LOCK, Generations
from index.lexical import Analyzer
from index.library import CurrentLibrary, open_library
from index.store import CHROMA
from index.vectors import BATCH
from tests.builders import FERRY, HashEmbedder, an_indexer, plant
from tests.command_line import CITEGRAM, citegram, environment
from tests.killed_child import DIGEST_BYTES, digests, logged, started, writes
from tests.office import Office

KILLS = 20
FORKED_KILLS = 80
MOST_TRIES, LESS = 3, 0.75
"""A kill, on average: one that comes too late is tried again, and the whole taken to be that much shorter."""

SEED = 20220110
QUESTION, ANSWER = "What does a bicycle pay on the ferry?", "A bicycle travels free of charge."
"""As the built-in embedder's quote has it: two sentences that are both to the point."""

NOTE = "Bulletin {number} says that the harbour master counted {number} seals on the pier."
NEW_CHUNKS = 8
TIMEOUT_SECONDS = 60
LOOK_SECONDS = 0.002

pytestmark = pytest.mark.timeout(600)


class RecordingEmbedder(OnnxEmbedder):
    """Keeps every text that it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.embedded: list[str] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.embedded += texts
        return super().embed(texts)


class Folder:
    """Documents and their index."""

    def __init__(self, path: Path) -> None:
        self.path, self.seeds, self.data = path, path / "seeds", path / "data"
        self.settings = {"SEEDS_DIR": self.seeds, "DATA_DIR": self.data}
        self.generations = Generations(self.data / "index")
        plant(self.seeds, {"ferry.md": FERRY})

    def answer(self, embedder: Embedder) -> str:
        """The first quote for the question, by a reader who has just come."""
        library = CurrentLibrary(self.generations, open_folder=partial(open_library, analyzer=Analyzer()))
        answerer = Answerer(library=library, embedder=embedder, analyzer=Analyzer())
        try:
            return answerer.answer(QUESTION).citations[0].quote.text
        finally:
            answerer.close()

    def complete(self, embedder: RecordingEmbedder | HashEmbedder) -> None:
        """By the next sync."""
        known = cached(self.data)
        embedder.embedded.clear()
        an_indexer(self.path, embedder=embedder).sync()
        assert known.isdisjoint(digests(embedder.embedded))
        self.assert_tidy()

    def assert_tidy(self) -> None:
        """Two generations at most, nothing half-made, and the published one holds every document as it is now."""
        left = folders(self.generations)
        assert {path.name for path in self.generations.root.iterdir()} == {CURRENT, LOCK} | {path.name for path in left}
        assert len(left) <= 2
        assert all((folder / "manifest.json").exists() for folder in left)
        assert {path.name.partition("-")[0] for path in self.data.iterdir()} <= {"index", "vectors.sqlite"}
        library = open_library(self.generations.current(), analyzer=Analyzer())
        for path in self.seeds.iterdir():
            assert library.texts.read(path.name) == path.read_text(encoding="utf-8")
        library.close()


def change(folder: Folder, number: int) -> None:
    """New sections to embed, beside all the old ones."""
    plant(folder.seeds, {f"bulletin-{number % 3}.md": bulletins(range(number * 100, number * 100 + NEW_CHUNKS))})


def bulletins(numbers: Iterable[int]) -> str:
    return "".join(f"# Bulletin\n\n{NOTE.format(number=number)}\n" for number in numbers)


def cached(data: Path) -> set[bytes]:
    """The SHA-256 of every text whose vector is kept."""
    with closing(sqlite3.connect(data / "vectors.sqlite")) as database:
        return {row[0] for row in database.execute("SELECT text_sha256 FROM vectors")}


def folders(generations: Generations) -> set[Path]:
    return {path for path in generations.root.iterdir() if path.is_dir()}


def parts_of(new: set[Path]) -> str:
    """What there is of a generation, told so that it can be read."""
    parts = sorted(part.name for folder in new for part in (*folder.iterdir(), *folder.glob(f"{CHROMA}/*-journal")))
    return ", ".join(parts) or ("an empty folder" if new else "nothing")


# `citegram index`


class Run:
    """`citegram index` on a folder, with a terminal on which it shows its progress; from a copy of the index before, or
    with --full."""

    def __init__(self, folder: Folder, *, full: bool = True) -> None:
        self.folder = folder
        self._known = folders(folder.generations)
        self._terminal, its_end = pty.openpty()
        self.process = subprocess.Popen(
            [*CITEGRAM, "index", *(["--full"] if full else [])],
            env=environment(folder.settings) | {"TERM": "xterm"},
            cwd=folder.data.parent,
            stdout=subprocess.DEVNULL,
            stderr=its_end,
        )
        os.close(its_end)

    def begun(self) -> None:
        """Returns when it is loaded, holds the lock and shows that it reads."""
        assert os.read(self._terminal, 1)

    def writing(self) -> None:
        """Returns when there is a new generation, or when the process has ended."""
        while self.process.poll() is None and not self.new():
            self.wait(LOOK_SECONDS)

    def new(self) -> set[Path]:
        return folders(self.folder.generations) - self._known

    def wait(self, seconds: float) -> None:
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)

    def kill(self) -> int:
        """Ends it, and returns the status with which it ended."""
        self.process.kill()
        status = self.process.wait()
        os.close(self._terminal)
        return status


def a_folder(path: Path) -> Folder:
    """With a published index."""
    folder = Folder(path)
    change(folder, 0)
    assert citegram("index", settings=folder.settings).status == 0
    return folder


def durations(folder: Folder) -> dict[str, float]:
    """Seconds of a whole run from the first progress to the new generation's beginning, and from there to the end."""
    change(folder, 1)
    run = Run(folder)
    run.begun()
    begun = time.monotonic()
    run.writing()
    writing = time.monotonic()
    run.process.wait(TIMEOUT_SECONDS)
    assert run.kill() == 0
    return {"reading": writing - begun, "writing": time.monotonic() - writing}


def test_killed_at_twenty_moments(tmp_path: Path) -> None:
    """Half of them while it reads and embeds, half while it writes, checks and publishes; on two folders by turns, so
    that one loads while it is seen to what was killed in the other. A fifth of them is killed once more before that."""
    embedder, chance = RecordingEmbedder(), random.Random(SEED)
    both = [a_folder(tmp_path / name) for name in ("one", "two")]
    seconds = durations(both[0])
    killed, following, story = 0, Run(both[0]), [f"{seconds}"]
    for number in range(MOST_TRIES * KILLS):
        run, folder, other = following, both[number % 2], both[1 - number % 2]
        stage = "reading" if killed % 4 in (0, 3) else "writing"
        moment = seconds[stage] * (killed // 2 + chance.random()) / (KILLS / 2)
        run.begun()
        if stage == "writing":
            run.writing()
        run.wait(moment)
        status = run.kill()
        story.append(f"{stage} + {moment:.3f} s: status {status}, new: {parts_of(run.new())}")
        if status == -signal.SIGKILL:
            killed += 1
        else:
            seconds[stage] *= LESS
        if killed == KILLS:
            break
        change(other, number + 2)
        following = Run(other, full=number // 4 % 2 == 0)
        assert folder.answer(embedder).startswith(ANSWER), "\n".join(story)
        if number // 2 % 5:
            folder.complete(embedder)
    print(*story, sep="\n")
    assert killed == KILLS
    for folder in both:
        assert folder.answer(embedder).startswith(ANSWER)
        ended = citegram("index", settings=folder.settings)
        assert (ended.status, ended.errors) == (0, "")
        assert folder.answer(embedder).startswith(ANSWER)
        folder.assert_tidy()


# Syncs that embed at no cost


class Syncs:
    """Of a folder that changes before each of them, in processes that are killed."""

    def __init__(self, folder: Folder) -> None:
        self.folder, self.story = folder, list[str]()
        self._office, self._log, self._numbers = Office(folder.path, HashEmbedder()), folder.path / "log", count()
        self._office.sync()
        self._start(full=True).join()  # which starts the server of processes, too
        self._whole: dict[tuple[bool, bool], float] = {}
        for full in (False, True):
            begun, sync = time.monotonic(), self._start(full=full)
            self._whole[full, True] = sum(1 for _ in writes(sync, folder.generations.root, self._before))
            self._whole[full, False] = time.monotonic() - begun
            assert logged(self._log)
        self.story.append(f"changes of Chroma's files, and seconds: {[*self._whole.values()]}")

    def kill(self, share: float, *, aimed: bool, full: bool) -> bool:
        """One of them, in this share of its time, or of the changes of Chroma's files where it is aimed at these.
        Whether it was killed, and there."""
        sync = self._start(full=full)
        at = share * self._whole[full, aimed]
        if aimed:
            until(1 + int(at), writes(sync, self.folder.generations.root, self._before))
        else:
            sync.join(at)
        sync.kill()
        sync.join()
        new = folders(self.folder.generations) - self._before
        what = f"at change {1 + int(at)}" if aimed else f"after {at:.3f} s"
        self.story.append(f"{what}: status {sync.exitcode}, new: {parts_of(new)}")
        assert self._known.isdisjoint(logged(self._log)), self.told
        assert self._office.best_quote("Does a bicycle travel free of charge?") == ANSWER, self.told
        in_chroma = any((each / CHROMA).exists() for each in new) and self.folder.generations.current() not in new
        fell = sync.exitcode == -signal.SIGKILL and (in_chroma or not aimed)
        if not fell:
            self._whole[full, aimed] *= LESS
        return fell

    @property
    def told(self) -> str:
        return "\n".join(self.story)

    def _start(self, *, full: bool) -> BaseProcess:
        change(self.folder, next(self._numbers))
        self._known, self._before = cached(self.folder.data), folders(self.folder.generations)
        return started(self.folder.path, self._log, full=full)


def until(number: int, events: Iterable[object]) -> None:
    """Returns when so many have come, or there are no more."""
    for seen, _ in enumerate(events, start=1):
        if seen == number:
            return


def test_killed_at_eighty_moments_and_nothing_is_embedded_twice(tmp_path: Path) -> None:
    """Half of them while Chroma writes: at a change of its files. A quarter is killed once more before the sync that
    completes."""
    folder, chance = Folder(tmp_path), random.Random(SEED)
    syncs, killed = Syncs(folder), 0
    shares = [(part + chance.random()) / (FORKED_KILLS / 2) for part in range(FORKED_KILLS // 2)]
    chance.shuffle(shares)
    for _ in range(MOST_TRIES * FORKED_KILLS):
        killed += syncs.kill(shares[killed // 2], aimed=killed % 2 == 1, full=killed // 2 % 4 == 0)
        if killed % 8 not in (2, 7):
            folder.complete(HashEmbedder())
        if killed == FORKED_KILLS:
            break
    print(syncs.told)
    assert killed == FORKED_KILLS


def test_killed_while_it_embeds_and_all_but_the_last_batch_is_kept(tmp_path: Path) -> None:
    folder, log = Folder(tmp_path), tmp_path / "log"
    folder.data.mkdir()
    plant(folder.seeds, {"bulletins.md": bulletins(range(4 * BATCH))})
    for _ in range(3):
        sync = started(folder.path, log, full=False)
        while sync.is_alive() and (not log.exists() or log.stat().st_size <= BATCH * DIGEST_BYTES):
            sync.join(LOOK_SECONDS)
        sync.kill()
        sync.join()
        begun = logged(log)
        assert len(begun) > BATCH
        assert len(set(begun) - cached(folder.data)) <= BATCH
    folder.complete(HashEmbedder())
