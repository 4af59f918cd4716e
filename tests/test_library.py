"""Generations opened for reading: lent, followed, and refused with a sentence where they are damaged."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from index.errors import CorruptIndexError, DataFolderError, NoIndexError, OutdatedIndexError
from index.generations import CURRENT, Generations
from index.lexical import Analyzer
from index.library import CurrentLibrary, Library, open_library
from index.manifest import recipe_of
from tests import builders
from tests.builders import BAKERY, FERRY, SEEDS, HashEmbedder, an_indexer, plant


class Opener:
    """Opens libraries, and records which were opened and which of them are closed."""

    def __init__(self) -> None:
        self.opened: list[Library] = []

    def __call__(self, folder: Path) -> Library:
        library = open_library(folder, analyzer=Analyzer())
        self.opened.append(library)
        return library

    def is_closed(self, number: int) -> bool:
        try:
            self.opened[number].store.count()
        except Exception:  # Chroma's own kinds
            return True
        return False


@pytest.fixture
def opener() -> Opener:
    return Opener()


@pytest.fixture
def generations(tmp_path: Path) -> Generations:
    """One generation of the ferry is published."""
    return builders.index(tmp_path, {"ferry.md": FERRY}, embedder=HashEmbedder())


@pytest.fixture
def current(generations: Generations, opener: Opener) -> Iterator[CurrentLibrary]:
    current = CurrentLibrary(generations, open_folder=opener)
    yield current
    current.close()


def publish_bakery(generations: Generations) -> None:
    plant(generations.root.parents[1] / "seeds", {"bakery.txt": BAKERY})
    an_indexer(generations.root.parents[1], embedder=HashEmbedder()).sync()


def titles(library: Library) -> list[str]:
    """Read through all its parts."""
    ids = [key for key, _ in library.lexical.search("the ferry bakery", 10)]
    chunks = library.store.get(ids).values()
    assert all(chunk.span.text in library.texts.read(chunk.source.document) for chunk in chunks)
    return sorted({chunk.source.title for chunk in chunks})


# Lending


def test_a_library_is_opened_once_and_lent_often(current: CurrentLibrary, opener: Opener) -> None:
    with current.borrow() as first, current.borrow() as second:
        assert first is second
        assert titles(first) == ["The ferry"]
    with current.borrow() as third:
        assert third is first
    assert len(opener.opened) == 1
    assert not opener.is_closed(0)


def test_the_next_borrower_gets_what_was_published_and_the_old_is_kept_till_it_is_returned(
    generations: Generations, current: CurrentLibrary, opener: Opener
) -> None:
    with current.borrow() as old:
        publish_bakery(generations)
        with current.borrow() as new:
            assert titles(new) == ["The bakery on the square", "The ferry"]
            assert titles(old) == ["The ferry"]
        assert not opener.is_closed(0)
        assert titles(old) == ["The ferry"]
    assert opener.is_closed(0)
    assert not opener.is_closed(1)


def test_an_old_one_that_nobody_reads_is_closed_at_once(
    generations: Generations, current: CurrentLibrary, opener: Opener
) -> None:
    with current.borrow():
        pass
    publish_bakery(generations)
    with current.borrow():
        assert opener.is_closed(0)


def test_closing_waits_for_the_reader(current: CurrentLibrary, opener: Opener) -> None:
    with current.borrow() as library:
        current.close()
        assert titles(library) == ["The ferry"]
    assert opener.is_closed(0)
    with current.borrow() as again:
        assert titles(again) == ["The ferry"]


def test_a_reader_that_fails_returns_what_it_borrowed(current: CurrentLibrary, opener: Opener) -> None:
    with pytest.raises(RuntimeError, match="reader"), current.borrow():
        raise RuntimeError("reader")
    current.close()
    assert opener.is_closed(0)


# What cannot be opened


def test_nothing_is_published(tmp_path: Path, opener: Opener) -> None:
    current = CurrentLibrary(Generations(tmp_path / "index"), open_folder=opener)
    with pytest.raises(NoIndexError, match="citegram index"), current.borrow():
        pytest.fail("borrowed nothing")
    builders.index(tmp_path, {"ferry.md": FERRY}, embedder=HashEmbedder())
    shutil.move(tmp_path / "data" / "index", tmp_path / "index")
    with current.borrow() as library:
        assert titles(library) == ["The ferry"]
    current.close()


def test_where_the_disk_is_full_for_a_moment_the_new_one_comes_when_there_is_room(
    generations: Generations,
) -> None:
    class Full(Opener):
        """Finds no room for the first two times that it opens another."""

        def __call__(self, folder: Path) -> Library:
            tries.append(folder)
            if 1 < len(tries) < 4:
                raise DataFolderError("The disk is full.")
            return super().__call__(folder)

    tries: list[Path] = []
    current = CurrentLibrary(generations, open_folder=Full())
    with current.borrow() as library:
        before = titles(library)
    publish_bakery(generations)
    seen = []
    for _ in range(3):
        with current.borrow() as library:
            seen.append(titles(library))
    current.close()
    assert seen[:2] == [before, before]
    assert seen[2] != before


def truncate_manifest(generations: Generations) -> None:
    (generations.current() / "manifest.json").write_bytes(b"{")


def empty_pointer(generations: Generations) -> None:
    (generations.root / CURRENT).write_bytes(b"")


def remove_pointer(generations: Generations) -> None:
    (generations.root / CURRENT).unlink()


def shorten_words(generations: Generations) -> None:
    path = next((generations.current() / "lexical").glob("*.term"))
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize("harm", [truncate_manifest, empty_pointer, remove_pointer, shorten_words])
def test_where_the_new_one_is_damaged_the_old_one_goes_on_until_it_is_mended(
    generations: Generations, current: CurrentLibrary, harm: Callable[[Generations], None]
) -> None:
    with current.borrow():
        pass
    publish_bakery(generations)
    harm(generations)
    with current.borrow() as library:
        assert titles(library) == ["The ferry"]
    an_indexer(generations.root.parents[1], embedder=HashEmbedder()).sync()
    with current.borrow() as library:
        assert titles(library) == ["The bakery on the square", "The ferry"]


def test_where_the_only_one_is_damaged_the_reader_is_told_what_to_do(
    generations: Generations, current: CurrentLibrary
) -> None:
    truncate_manifest(generations)
    with pytest.raises(CorruptIndexError, match="citegram index --full"), current.borrow():
        pytest.fail("borrowed a damaged one")
    an_indexer(generations.root.parents[1], embedder=HashEmbedder()).sync()
    with current.borrow() as library:
        assert titles(library) == ["The ferry"]


# Any file of a generation


PARTS = [
    "manifest.json",
    "texts.sqlite",
    "chroma/chroma.sqlite3",
    *(f"chroma/*/{name}.bin" for name in ("data_level0", "header", "length", "link_lists")),
    "chroma/*/index_metadata.pickle",
    "lexical/meta.json",
    "lexical/.managed.json",
    *(f"lexical/*.{name}" for name in ("fast", "fieldnorm", "idx", "pos", "store", "term")),
]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generation with so many chunks that Chroma writes all its files."""
    sections = "".join(
        f"# Part {number}\n\nThe ferry crosses at {number} past {number % 24}.\n" for number in range(1100)
    )
    return builders.index(tmp_path_factory.mktemp("large"), {"long.md": sections}, embedder=HashEmbedder()).current()


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("kept", [None, 0.0, 0.5, 0.99], ids=["removed", "emptied", "halved", "shortened"])
def test_a_damaged_file_is_noticed_on_opening(large: Path, tmp_path: Path, part: str, kept: float | None) -> None:
    copy = shutil.copytree(large, tmp_path / "copy")
    (file,) = copy.glob(part)
    raw = file.read_bytes()
    file.unlink()
    if kept is not None:
        file.write_bytes(raw[: int(len(raw) * kept)])
    with pytest.raises(CorruptIndexError, match="citegram index --full"):
        open_library(copy, analyzer=Analyzer())


def test_every_file_of_a_generation_is_among_those(large: Path) -> None:
    files = {path for path in large.rglob("*") if path.is_file() and path.stat().st_size}
    assert files == {path for part in PARTS for path in large.glob(part)}


@pytest.mark.parametrize("part", ["chroma/chroma.sqlite3", "lexical/meta.json", "texts.sqlite", "manifest.json"])
def test_a_file_of_garbage_is_noticed_on_opening(generation: Path, tmp_path: Path, part: str) -> None:
    copy = shutil.copytree(generation, tmp_path / "copy")
    size = (copy / part).stat().st_size
    (copy / part).write_bytes(b"\x07garbage" * (size // 8 + 1))
    with pytest.raises(CorruptIndexError, match="citegram index --full"):
        open_library(copy, analyzer=Analyzer())


@pytest.mark.parametrize("difference", [-1, 1])
def test_parts_that_do_not_belong_together(generation: Path, tmp_path: Path, difference: int) -> None:
    copy = shutil.copytree(generation, tmp_path / "copy")
    content = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    content["chunks"] += difference
    (copy / "manifest.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(CorruptIndexError, match=r"incomplete.*citegram index --full"):
        open_library(copy, analyzer=Analyzer())


def test_a_whole_generation_can_be_opened_anywhere(generation: Path, tmp_path: Path) -> None:
    library = open_library(shutil.copytree(generation, tmp_path / "copy"), analyzer=Analyzer())
    assert sorted(library.manifest.documents) == sorted(SEEDS)
    assert titles(library) == ["The bakery on the square", "The ferry"]
    library.close()


def test_a_generation_made_by_another_recipe_is_never_read_as_if_it_matched(generations: Generations) -> None:
    embedder = HashEmbedder()
    recipe = recipe_of(embedder)
    open_library(generations.current(), analyzer=Analyzer(), recipe=recipe).close()
    with pytest.raises(OutdatedIndexError, match="citegram index"):
        open_library(generations.current(), analyzer=Analyzer(), recipe=replace(recipe, model="another"))


def test_a_generation_of_another_version_is_outdated_and_not_damaged(generations: Generations) -> None:
    manifest = generations.current() / "manifest.json"
    content = json.loads(manifest.read_text(encoding="utf-8"))
    content["recipe"]["format"] -= 1
    del content["files"]
    manifest.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(OutdatedIndexError, match="citegram index"):
        open_library(generations.current(), analyzer=Analyzer())
