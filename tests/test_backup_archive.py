"""The file of a backup, damaged in every way that one bit or one cut can damage it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.backup.archive import ArchiveWriter, open_archive
from bot.errors import BackupError
from tests.builders import plant

MEMBERS = {"seeds/обсерватория.txt": "Купол открыт.\n" * 3, "seeds/ferry.md": "It costs 9.\n"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("whole")
    plant(folder, MEMBERS)
    with (folder / "kept.zip").open("wb") as file, ArchiveWriter(file) as writer:
        for name in MEMBERS:
            with (folder / name).open("rb") as source:
                writer.put(name, source)
        writer.finish()
    return (folder / "kept.zip").read_bytes()


def turned(whole: bytes) -> Iterator[bytes]:
    """With one bit turned, each in its turn; among them the bits of names, methods, flags and places."""
    for at in range(len(whole)):
        for bit in range(8):
            content = bytearray(whole)
            content[at] ^= 1 << bit
            yield bytes(content)


def cut(whole: bytes) -> Iterator[bytes]:
    return (whole[:at] for at in range(len(whole)))


def unpacked(content: bytes, folder: Path) -> dict[str, str] | None:
    """Nothing where it was refused."""
    file, target = folder / "damaged.zip", folder / "seeds"
    file.write_bytes(content)
    shutil.rmtree(target, ignore_errors=True)
    try:
        with open_archive(file) as archive:
            archive.unpack("seeds", target)
    except BackupError:
        return None
    return {f"seeds/{path.name}": path.read_text() for path in target.iterdir()}


def test_it_comes_back_whole(whole: bytes, tmp_path: Path) -> None:
    assert unpacked(whole, tmp_path) == MEMBERS


def test_a_bit_is_turned(whole: bytes, tmp_path: Path) -> None:
    """A quarter of the bits says nothing that is needed, such as the time in a member's head."""
    found = [unpacked(content, tmp_path) for content in turned(whole)]
    assert all(members in (None, MEMBERS) for members in found)
    assert found.count(None) > len(found) / 2


def test_its_end_is_missing(whole: bytes, tmp_path: Path) -> None:
    assert [unpacked(content, tmp_path) for content in cut(whole)] == [None] * len(whole)
