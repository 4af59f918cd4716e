"""The indexer on a disk that is full: one sentence, and the index from before goes on answering."""

import os
import re
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from index.answering import Answerer
from index.errors import DataFolderError
from index.generations import Generations
from index.indexer import Indexer
from index.lexical import Analyzer
from index.library import CurrentLibrary, open_library
from tests.builders import FERRY, HashEmbedder, fill_with_unused, plant
from tests.command_line import citegram
from tests.office import Office

DISK_MEGABYTES = 16
QUESTION, ANSWER = "Does a bicycle travel free of charge?", "A bicycle travels free of charge."
NEWS = "# Part {part}\n\nIn bulletin {number} the harbour master counted {part} seals on the pier of the old town.\n\n"

STEP_KIBIBYTES = 24
OPENED_IN_KIBIBYTES = 16
"""What Chroma writes when it opens."""


class Disk:
    """A small one of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def leave(self, kibibytes: int) -> None:
        """Fills it up to so much."""
        self.make_room()
        at = os.statvfs(self.folder)
        with self._filler.open("wb") as file:
            file.write(bytes(at.f_bavail * at.f_frsize - kibibytes * 1024))

    def make_room(self) -> None:
        self._filler.unlink(missing_ok=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m", "none", folder], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
    yield Disk(folder)
    subprocess.run(["umount", "--lazy", folder], check=True)


def news(number: int) -> str:
    return "".join(NEWS.format(part=part, number=number) for part in range(40))


def test_wherever_the_writer_is_when_the_disk_is_full(disk: Disk, tmp_path: Path) -> None:
    embedder, generations = HashEmbedder(), Generations(disk.folder / "index")
    seeds = plant(tmp_path / "seeds", {"ferry.md": FERRY})
    indexer = Indexer(
        seeds=seeds,
        generations=generations,
        vectors=disk.folder / "vectors.sqlite",
        embedder=embedder,
        analyzer=Analyzer(),
    )
    indexer.sync()
    sentences = set()
    for number in count():
        plant(seeds, {"bulletin.md": news(number)})
        disk.leave(OPENED_IN_KIBIBYTES + number * STEP_KIBIBYTES)
        before = set(generations.root.iterdir())
        try:
            indexer.sync()
            break
        except DataFolderError as error:
            sentences.add(str(error))
        assert set(generations.root.iterdir()) == before
        assert answer(generations, embedder) == ANSWER
    assert len(sentences) > 3
    assert all(re.search(r"disk is full.*\. Make |Make room", sentence) for sentence in sentences)
    assert answer(generations, embedder) == ANSWER


def test_pruning_wherever_it_is_when_the_disk_is_full(disk: Disk) -> None:
    office = Office(disk.folder, HashEmbedder())
    plant(office.seeds, {"ferry.md": FERRY})
    office.sync()
    cache = disk.folder / "data" / "vectors.sqlite"
    fill_with_unused(cache, 1500)
    before, steps = cache.stat().st_size, count()
    while cache.stat().st_size > before / 10:
        with closing(sqlite3.connect(cache)) as database, database:
            database.execute("DELETE FROM looked")
        step = next(steps)
        disk.leave(10 * step * STEP_KIBIBYTES)
        assert not office.sync().published
        if step:
            assert answer(office.generations, office.embedder) == ANSWER
            assert not list(cache.parent.glob("*-wal"))
        disk.make_room()
    assert step > 10
    assert office.sync(full=True).embedded == 0


def answer(generations: Generations, embedder: HashEmbedder) -> str:
    """The first quote, by a reader who has just come."""
    library = CurrentLibrary(generations, open_folder=partial(open_library, analyzer=Analyzer()))
    answerer = Answerer(library=library, embedder=embedder, analyzer=Analyzer())
    try:
        return answerer.answer(QUESTION).citations[0].quote.text
    finally:
        answerer.close()


def test_commands_on_a_full_disk(disk: Disk, tmp_path: Path) -> None:
    seeds = plant(tmp_path / "seeds", {"ferry.md": FERRY})
    settings = {"SEEDS_DIR": seeds, "DATA_DIR": disk.folder / "data"}
    assert citegram("index", settings=settings).status == 0
    plant(seeds, {"bulletin.md": news(0)})
    disk.leave(0)
    for command in (["index"], ["ask", QUESTION]):
        ended = citegram(*command, settings=settings)
        assert (ended.status, ended.output) == (1, "")
        assert ended.sentence.startswith("The disk is full")
    disk.leave(OPENED_IN_KIBIBYTES)
    assert ANSWER in citegram("ask", QUESTION, settings=settings).output
    disk.make_room()
    assert citegram("index", settings=settings).output.startswith("1 added")
