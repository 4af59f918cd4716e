"""Files that were touched: they are read once more, and neither again nor too little."""

import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from index.manifest import read_manifest
from index.stamps import FILE_NAME
from tests.builders import FERRY, SEEDS, HashEmbedder, plant
from tests.office import Office

FIVE = FERRY.replace("four", "five")
DATED = f"---\ndate: 2024-05-17\n---\n{FERRY}"
BROKEN = "\0 no text \0"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Indexed; one of its files is left out."""
    plant(tmp_path / "seeds", SEEDS | {"photo.md": BROKEN, "dated.md": DATED})
    office = Office(tmp_path, HashEmbedder())
    office.sync()
    return office


def touch(path: Path, nanoseconds: int = 1) -> None:
    """Later by so much, on the same day."""
    at = path.stat().st_mtime_ns
    day = 86_400 * 10**9
    moved = at + nanoseconds if (at + nanoseconds) // day == at // day else at - nanoseconds
    os.utime(path, ns=(moved, moved))


def touch_all(office: Office) -> None:
    for name in (*SEEDS, "photo.md", "dated.md"):
        touch(office.seeds / name)


def rewrite(path: Path, text: str) -> None:
    """Behind the back of who looks at sizes and times alone."""
    before = path.stat()
    path.write_text(text, encoding="utf-8")
    assert path.stat().st_size == before.st_size
    os.utime(path, ns=(before.st_mtime_ns, before.st_mtime_ns))


def is_looked_into(office: Office) -> bool:
    """Whether a sync opens a file whose size and time were seen by the sync before."""
    path = office.seeds / "ferry.md"
    rewrite(path, FIVE)
    published = office.sync().published
    if not published:
        rewrite(path, FERRY)
    return published


def read(office: Office) -> list[str]:
    """What a sync tells of its reading."""
    heard: list[str] = []
    office.indexer(office.embedder).sync(progress=lambda stage, done, total: heard.append(stage))
    return heard


def test_what_was_touched_is_read_once(office: Office) -> None:
    touch_all(office)
    assert read(office) == ["reading"], "the file that is left out"
    for _ in range(2):
        assert read(office) == []
        assert not is_looked_into(office)
    touch_all(office)
    assert is_looked_into(office)


def test_a_change_after_a_touch_is_seen(office: Office) -> None:
    touch_all(office)
    office.sync()
    plant(office.seeds, {"ferry.md": FIVE, "photo.md": "The tide turns at noon."})
    report = office.sync()
    assert (report.added, report.updated, report.left_out) == (("photo.md",), ("ferry.md",), ())


def test_a_touch_of_another_day_is_read_once_where_the_document_states_its_date(office: Office) -> None:
    os.utime(office.seeds / "dated.md", (86_400.0, 86_400.0))
    assert not office.sync().published
    rewrite(office.seeds / "dated.md", DATED.replace("four", "five"))
    assert not office.sync().published


def test_the_next_generation_has_the_times_itself(office: Office) -> None:
    touch_all(office)
    office.sync()
    stamps = office.generations.root / FILE_NAME
    assert stamps.exists()
    plant(office.seeds, {"new.md": "The tide turns at noon."})
    assert office.sync().published
    assert not stamps.exists()
    entry = read_manifest(office.generations.current()).documents["ferry.md"]
    assert entry.mtime_ns == (office.seeds / "ferry.md").stat().st_mtime_ns
    assert read(office) == []
    assert not is_looked_into(office)


def test_times_of_another_content_count_for_nothing(office: Office) -> None:
    """As where a process is killed between publishing and forgetting them."""
    touch_all(office)
    office.sync()
    stamps, path = office.generations.root / FILE_NAME, office.seeds / "ferry.md"
    kept, at = stamps.read_bytes(), path.stat().st_mtime_ns
    path.write_text(FIVE, encoding="utf-8")
    office.sync()
    stamps.write_bytes(kept)
    path.write_text(FERRY, encoding="utf-8")
    os.utime(path, ns=(at, at))
    assert office.sync().updated == ("ferry.md",)


@pytest.mark.parametrize("published", [True, False])
def test_a_file_whose_reading_was_broken_off_is_read_again_when_its_time_has_come(
    office: Office, *, published: bool
) -> None:
    """Whether the generation says so or the times beside it."""
    if published:
        remembered(office, again=0.0)
    else:
        touch(office.seeds / "photo.md")
        office.sync()
        stamps = office.generations.root / FILE_NAME
        told = json.loads(stamps.read_text(encoding="utf-8"))
        told["left_out"]["photo.md"][-1] = 1.0
        stamps.write_text(json.dumps(told), encoding="utf-8")
    assert read(office) == ["reading"]
    assert read(office) == []


def test_until_then_it_is_left_alone(office: Office) -> None:
    remembered(office, again=time.time() + 60)
    assert read(office) == []


def remembered(office: Office, *, again: float) -> None:
    """As if reading what is left out had been broken off."""
    folder = office.generations.current()
    manifest = read_manifest(folder)
    replace(manifest, left_out=tuple(replace(each, again=again) for each in manifest.left_out)).write(folder)


def cut(stamps: Path) -> None:
    os.truncate(stamps, stamps.stat().st_size // 2)


def of_another_form(content: object) -> Callable[[Path], object]:
    return lambda stamps: stamps.write_text(json.dumps(content), encoding="utf-8")


@pytest.mark.parametrize(
    "harm",
    [
        cut,
        Path.unlink,
        lambda stamps: stamps.write_bytes(b"\xff\0"),
        *map(
            of_another_form,
            (
                [],
                {"documents": {}},
                {"documents": [], "left_out": 5},
                {"documents": {"ferry.md": 5}, "left_out": {}},
                {"documents": {"ferry.md": [1]}, "left_out": {"photo.md": [None, "now", "is empty"]}},
            ),
        ),
    ],
)
def test_where_the_times_are_damaged_the_files_are_read_again(office: Office, harm: Callable[[Path], object]) -> None:
    touch_all(office)
    office.sync()
    harm(office.generations.root / FILE_NAME)
    report = office.sync()
    assert (report.published, report.unchanged) == (False, len(SEEDS) + 1)
    assert not is_looked_into(office)
    plant(office.seeds, {"ferry.md": FIVE})
    assert office.sync().updated == ("ferry.md",)
