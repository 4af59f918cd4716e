"""Generations on disk: published by one rename, written by one process, never more than two of them."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from index.errors import CorruptIndexError, DataFolderError, IndexBusyError, NoIndexError
from index.generations import CURRENT, Generations
from index.manifest import FILE_NAME as MANIFEST


@pytest.fixture
def generations(tmp_path: Path) -> Generations:
    return Generations(tmp_path / "data" / "index")


def finished(generations: Generations) -> Path:
    """A generation that is complete and not yet published."""
    folder = generations.begin()
    (folder / "content").write_text("words")
    (folder / MANIFEST).write_text("{}")
    return folder


def published(generations: Generations) -> Path:
    with generations.writing():
        folder = finished(generations)
        generations.publish(folder)
    return folder


def folders(generations: Generations) -> set[Path]:
    return {path for path in generations.root.iterdir() if path.is_dir()}


# Publishing


def test_what_is_published_is_current(generations: Generations) -> None:
    first = published(generations)
    assert generations.current() == first
    assert Generations(generations.root).current() == first
    second = published(generations)
    assert generations.current() == second != first
    assert (second / "content").read_text() == "words"


def test_until_it_is_published_the_one_before_is_current(generations: Generations) -> None:
    first = published(generations)
    with generations.writing():
        finished(generations)
        assert generations.current() == first
    assert generations.current() == first


def test_the_pointer_is_replaced_and_not_rewritten(generations: Generations) -> None:
    """Whoever has it open reads one whole name, the old or the new."""
    first = published(generations)
    with (generations.root / CURRENT).open(encoding="utf-8") as reader:
        second = published(generations)
        assert reader.read().strip() == first.name
    assert (generations.root / CURRENT).read_text(encoding="utf-8").strip() == second.name


def test_at_most_two_are_kept_the_published_and_the_one_before(generations: Generations) -> None:
    made = [published(generations) for _ in range(4)]
    assert folders(generations) == set(made[-2:])


@pytest.mark.parametrize("complete", [True, False])
def test_what_a_killed_writer_left_is_removed_and_not_taken_for_the_one_before(
    generations: Generations, complete: bool
) -> None:
    first = published(generations)
    with generations.writing():
        left = finished(generations)
        if not complete:
            (left / MANIFEST).unlink()
    second = published(generations)
    assert folders(generations) == {first, second}


def test_a_new_writing_keeps_what_may_be_read_and_clears_what_never_was(generations: Generations) -> None:
    before, current, left, unfinished = (generations.root / f"20240517T12000{second}-abcdef" for second in range(4))
    for folder in (before, current, left, unfinished):
        folder.mkdir(parents=True)
        if folder is not unfinished:
            (folder / MANIFEST).touch()
    (generations.root / CURRENT).write_text(current.name)
    with generations.writing():
        assert folders(generations) == {before, current, left, unfinished}
        begun = generations.begin()
    assert folders(generations) == {before, current, begun}


def test_the_first_writing_clears_what_was_left_before_anything_was_published(generations: Generations) -> None:
    with generations.writing():
        left = generations.begin()
    with generations.writing():
        begun = generations.begin()
        assert folders(generations) == {begun} != {left}


def test_what_is_published_stays_where_its_writer_is_broken_off_just_then(generations: Generations) -> None:
    broken_off = pytest.raises(KeyboardInterrupt)
    with broken_off, generations.writing(), generations.drafting() as folder:
        (folder / MANIFEST).write_text("{}")
        generations.publish(folder)
        raise KeyboardInterrupt
    assert generations.current() == folder


def test_a_pointer_left_half_written_does_no_harm(generations: Generations) -> None:
    first = published(generations)
    (generations.root / f"{CURRENT}.new").write_text("20")
    assert generations.current() == first
    assert generations.current() != published(generations)


# CURRENT


@pytest.mark.parametrize("name", ["", "data", "data/index"])
def test_nothing_is_published(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir(parents=True, exist_ok=True)
    with pytest.raises(NoIndexError, match="Run: citegram index"):
        Generations(tmp_path / "data" / "index").current()


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"\n", b"nonsense", b"first\nsecond", b"x" * 5000, b"\xff\xfe", b"\0"),
        *(b"..", b".", b"/", b"/etc", b"../index", b"../../outside", b"LOCK", b"CURRENT"),
    ],
)
def test_a_pointer_that_leads_to_no_generation(generations: Generations, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "outside").mkdir()
    published(generations)
    (generations.root / CURRENT).write_bytes(content)
    with pytest.raises(CorruptIndexError, match="CURRENT"):
        generations.current()


def test_a_pointer_whose_generation_is_gone(generations: Generations) -> None:
    first = published(generations)
    first.rename(first.with_name("elsewhere"))
    with pytest.raises(CorruptIndexError, match=re.escape(repr(first.name))):
        generations.current()


def test_a_pointer_that_is_a_folder(generations: Generations) -> None:
    (generations.root / CURRENT).mkdir(parents=True)
    with pytest.raises(CorruptIndexError, match="CURRENT cannot be read"):
        generations.current()


@pytest.mark.parametrize("content", [b"", b"..", b"nonsense"])
def test_a_damaged_pointer_is_mended_by_the_next_writer(generations: Generations, content: bytes) -> None:
    published(generations)
    (generations.root / CURRENT).write_bytes(content)
    second = published(generations)
    assert generations.current() == second


# The lock


def test_a_second_writer_is_refused_and_harms_nothing(generations: Generations) -> None:
    other = Generations(generations.root)
    with generations.writing():
        begun = generations.begin()
        with pytest.raises(IndexBusyError, match="Another process"), other.writing():
            pytest.fail("two writers at once")
        assert begun.exists()
        generations.publish(begun)
    with other.writing():
        pass


WRITER = """
import sys
from pathlib import Path
from index.generations import Generations
with Generations(Path(sys.argv[1])).writing():
    print("writing", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("end", [subprocess.Popen.terminate, subprocess.Popen.kill])
def test_a_writer_in_another_process_is_waited_for_and_frees_the_lock_when_it_dies(
    generations: Generations, end: Callable[[subprocess.Popen[bytes]], None]
) -> None:
    command = [sys.executable, "-c", WRITER, str(generations.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"writing\n"
        with pytest.raises(IndexBusyError), generations.writing():
            pytest.fail("two writers at once")
        end(process)
        process.wait(20)
    assert published(generations) == generations.current()


def test_the_lock_is_freed_after_an_error(generations: Generations) -> None:
    with pytest.raises(RuntimeError, match="in between"), generations.writing():
        raise RuntimeError("in between")
    published(generations)


@pytest.mark.parametrize("name", ["data", "data/index"])
def test_a_data_folder_that_is_a_file(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).touch()
    generations = Generations(tmp_path / "data" / "index")
    with pytest.raises(DataFolderError, match=r"cannot be written.*DATA_DIR"), generations.writing():
        pytest.fail("written into a file")
    with pytest.raises(NoIndexError):
        generations.current()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that not even root can write")
def test_a_data_folder_that_cannot_be_written() -> None:
    with pytest.raises(DataFolderError, match="DATA_DIR"), Generations(Path(f"/proc/{os.getpid()}/index")).writing():
        pytest.fail("written where nobody can")


def test_a_folder_of_another_name_is_not_ours_to_remove(generations: Generations) -> None:
    published(generations)
    (generations.root / "models").mkdir()
    (generations.root / "models" / "kept.txt").write_text("mine")
    with generations.writing():
        generations.begin()
    published(generations)
    assert (generations.root / "models" / "kept.txt").read_text() == "mine"
