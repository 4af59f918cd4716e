"""The indexer killed with SIGKILL at any moment: what is published answers, and the next run completes."""

import os
import pty
import random
import signal
import sqlite3
import subprocess
import time
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

import pytest

from index.answering import Answerer
from index.embedding import OnnxEmbedder
from index.generations import CURRENT, LOCK, Generations
from index.lexical import Analyzer
from index.library import CurrentLibrary, open_library
from tests.builders import FERRY, HashEmbedder, plant
from tests.command_line import CITEGRAM, citegram, environment
from tests.killed_child import logged, started
from tests.office import Office

KILLS = 20
FORKED_KILLS = 80
SEED = 20220110
QUESTION, ANSWER = "What does a bicycle pay on the ferry?", "A bicycle travels free of charge."
"""As the built-in embedder's quote has it: two sentences that are both to the point."""

NOTE = "Bulletin {number} says that the harbour master counted {number} seals on the pier."
NEW_CHUNKS = 8
TIMEOUT_SECONDS = 60
LOOK_SECONDS = 0.002

pytestmark = pytest.mark.timeout(180)


class Folder:
    """Documents and their index."""

    def __init__(self, path: Path) -> None:
        self.seeds, self.data = path / "seeds", path / "data"
        self.settings = {"SEEDS_DIR": self.seeds, "DATA_DIR": self.data}
        self.generations = Generations(self.data / "index")
        plant(self.seeds, {"ferry.md": FERRY})

    def change(self, number: int) -> None:
        """New sections to embed, beside all the old ones."""
        change(self.seeds, number)

    def answer(self, embedder: OnnxEmbedder) -> str:
        """The first quote for the question, by a reader who has just come."""
        library = CurrentLibrary(self.generations, open_folder=partial(open_library, analyzer=Analyzer()))
        answerer = Answerer(library=library, embedder=embedder, analyzer=Analyzer())
        try:
            return answerer.answer(QUESTION).citations[0].quote.text
        finally:
            answerer.close()

    def folders(self) -> set[Path]:
        return {path for path in self.generations.root.iterdir() if path.is_dir()}


def assert_tidy(seeds: Path, data: Path) -> None:
    """Two generations at most, nothing half-made, and the published one holds every document as it is now."""
    generations = Generations(data / "index")
    folders = {path for path in generations.root.iterdir() if path.is_dir()}
    assert {path.name for path in generations.root.iterdir()} == {CURRENT, LOCK} | {path.name for path in folders}
    assert len(folders) <= 2
    assert all((folder / "manifest.json").exists() for folder in folders)
    assert {path.name.partition("-")[0] for path in data.iterdir()} <= {"index", "vectors.sqlite"}
    library = open_library(generations.current(), analyzer=Analyzer())
    for path in seeds.iterdir():
        assert library.texts.read(path.name) == path.read_text(encoding="utf-8")
    library.close()


class Run:
    """`citegram index` on a folder, with a terminal on which it shows its progress; from a copy of the index before, or
    with --full."""

    def __init__(self, folder: Folder, *, full: bool = True) -> None:
        self.folder = folder
        self._known = folder.folders()
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

    def writing(self) -> Path | None:
        """Returns the new generation when there is one, or nothing when the process has ended."""
        while self.process.poll() is None:
            if new := self.folder.folders() - self._known:
                return new.pop()
            self.wait(LOOK_SECONDS)
        return None

    def wait(self, seconds: float) -> None:
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)

    def kill(self) -> str:
        """Ends it, and says what it had come to."""
        self.process.kill()
        status = self.process.wait()
        os.close(self._terminal)
        new = self.folder.folders() - self._known
        parts = sorted(part.name for folder in new for part in folder.iterdir())
        return f"status {status}, new: {', '.join(parts) or ('an empty folder' if new else 'nothing')}"


def a_folder(path: Path) -> Folder:
    """With a published index."""
    folder = Folder(path)
    folder.change(0)
    assert citegram("index", settings=folder.settings).status == 0
    return folder


def durations(folder: Folder) -> tuple[float, float]:
    """Seconds of a whole run from the first progress to the new generation's beginning, and from there to the end."""
    folder.change(1)
    run = Run(folder)
    run.begun()
    times = [time.monotonic()]
    assert run.writing()
    times.append(time.monotonic())
    run.process.wait(TIMEOUT_SECONDS)
    times.append(time.monotonic())
    run.kill()
    return times[1] - times[0], times[2] - times[1]


def test_killed_at_twenty_moments(tmp_path: Path, embedder: OnnxEmbedder) -> None:
    """Half of them while it reads and embeds, half while it writes, checks and publishes; on two folders by turns, so
    that one run loads while the other is killed."""
    folders = [a_folder(tmp_path / name) for name in ("one", "two")]
    reading, writing = durations(folders[0])
    chance = random.Random(SEED)
    halves = [(number // 2 + chance.random()) / (KILLS / 2) for number in range(KILLS)]
    following = Run(folders[0])
    story = [f"reading took {reading:.3f} s, writing {writing:.3f} s"]
    for number, share in enumerate(halves):
        run, folder = following, folders[number % 2]
        folders[1 - number % 2].change(number)
        following = Run(folders[1 - number % 2], full=number // 4 % 2 == 0)
        run.begun()
        stage, moment = ("writing", share * writing) if number % 4 in (1, 2) else ("reading", share * reading)
        if stage == "writing":
            run.writing()
        run.wait(moment)
        story.append(f"{stage} + {moment:.3f} s: {run.kill()}")
        assert folder.answer(embedder).startswith(ANSWER), "\n".join(story)
    following.kill()
    print(*story, sep="\n")
    assert sum("status -9" in each for each in story) >= KILLS / 2
    for folder in folders:
        ended = citegram("index", settings=folder.settings)
        assert (ended.status, ended.errors) == (0, "")
        assert folder.answer(embedder).startswith(ANSWER)
        assert_tidy(folder.seeds, folder.data)


def test_killed_at_eighty_moments_and_nothing_is_embedded_twice(tmp_path: Path) -> None:
    """With an embedder that costs nothing: half of the kills are aimed at what Chroma writes."""
    office, log, chance = Office(tmp_path, HashEmbedder()), tmp_path / "log", random.Random(SEED)
    plant(office.seeds, {"ferry.md": FERRY})
    whole = seconds_of(office, log)
    assert logged(log)
    killed = 0
    for number in range(FORKED_KILLS):
        change(office.seeds, number)
        known = cached(office)
        before = set(office.generations.root.iterdir())
        child = started(office.folder, log, full=number % 8 == 0)
        if number % 2:
            while child.is_alive() and not (set(office.generations.root.iterdir()) - before):
                child.join(LOOK_SECONDS)
        child.join(chance.uniform(0, whole / 2))
        child.kill()
        child.join()
        killed += child.exitcode == -signal.SIGKILL
        assert not logged(log) & known
        assert office.best_quote("Does a bicycle travel free of charge?") == ANSWER
        if number % 10 == 9:
            office.sync()
            assert_tidy(office.seeds, office.folder / "data")
    assert killed >= FORKED_KILLS / 2


def seconds_of(office: Office, log: Path) -> float:
    """Of the second of two syncs, the first of which starts the server too."""
    started(office.folder, log, full=True).join()
    begun = time.monotonic()
    started(office.folder, log, full=True).join()
    return time.monotonic() - begun


def change(seeds: Path, number: int) -> None:
    text = "".join(f"# Part {part}\n\n{NOTE.format(number=number * 100 + part)}\n" for part in range(NEW_CHUNKS))
    plant(seeds, {f"bulletin-{number % 3}.md": text})


def cached(office: Office) -> set[bytes]:
    """The SHA-256 of every text whose vector is kept."""
    with closing(sqlite3.connect(office.folder / "data" / "vectors.sqlite")) as database:
        return {row[0] for row in database.execute("SELECT text_sha256 FROM vectors")}
