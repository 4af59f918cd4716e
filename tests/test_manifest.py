"""What a generation states about itself, and what is said where it is not so."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from index.errors import CorruptIndexError
from index.manifest import FILE_NAME, FORMAT, Entry, Manifest, Recipe, read_manifest
from index.types import LeftOut, Source

MANIFEST = Manifest(
    recipe=Recipe(format=FORMAT, model="hashes", dimension=32, languages="en", chunker=1),
    published=datetime(2024, 11, 23, 11, 42, 7, 123456, tzinfo=UTC),
    model_name="all-MiniLM-L6-v2",
    languages=("en", "ru"),
    chunks=5,
    documents={
        "глава/б ☂.md": Entry('Б "в"', "2024-05-17", "ru", size=120, mtime_ns=10**18 + 1, sha256="ab" * 32, chunks=2),
        "a.txt": Entry("A", "2023-01-02", "en", size=7, mtime_ns=5, sha256="cd" * 32, chunks=3),
    },
    left_out=(LeftOut("photo.txt", "is not text (it looks binary)"),),
)


def test_a_manifest_comes_back_as_it_was(tmp_path: Path) -> None:
    MANIFEST.write(tmp_path)
    assert read_manifest(tmp_path) == MANIFEST
    assert list(read_manifest(tmp_path).documents) == list(MANIFEST.documents)


def test_it_knows_the_sources() -> None:
    assert MANIFEST.sources() == (
        Source("глава/б ☂.md", 'Б "в"', modified=date(2024, 5, 17)),
        Source("a.txt", "A", modified=date(2023, 1, 2)),
    )


def write_altered(folder: Path, changes: dict[str, Any]) -> None:
    """MANIFEST with some entries replaced; None leaves one out."""
    MANIFEST.write(folder)
    content = json.loads((folder / FILE_NAME).read_text(encoding="utf-8")) | changes
    kept = {name: value for name, value in content.items() if value is not None}
    (folder / FILE_NAME).write_text(json.dumps(kept), encoding="utf-8")


@pytest.mark.parametrize("content", [None, b"", b"{}", b"[]", b"null", b"{", b"\xff\xfe", b"\0" * 100, b'"text"'])
def test_a_file_that_is_no_manifest(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(CorruptIndexError, match=r"manifest\.json cannot be read"):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    "changes",
    [
        *(
            {name: None}
            for name in ("recipe", "published", "model_name", "languages", "chunks", "documents", "left_out")
        ),
        {"files": None},
        {"files": []},
        {"published": "yesterday"},
        {"published": 5},
        {"documents": []},
        {"documents": {"a.txt": {"title": "A"}}},
        {"documents": {"a.txt": None}},
        {"recipe": {"format": FORMAT, "model": "m", "dimension": 3, "languages": "en", "chunker": 1, "later": 2}},
        {"left_out": [{"document": "a.txt"}]},
        {"languages": 3},
    ],
    ids=str,
)
def test_an_entry_that_another_version_wrote(tmp_path: Path, changes: dict[str, Any]) -> None:
    write_altered(tmp_path, changes)
    with pytest.raises(CorruptIndexError, match=r"manifest\.json cannot be read"):
        read_manifest(tmp_path)


def test_files_beside_it_are_as_long_as_they_were_written(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    file, empty = tmp_path / "deep" / "words.bin", tmp_path / "lock"
    file.write_bytes(b"12345")
    empty.touch()
    MANIFEST.write(tmp_path)
    empty.unlink()
    file.write_bytes(b"123456")
    assert read_manifest(tmp_path) == MANIFEST
    file.write_bytes(b"1234")
    with pytest.raises(CorruptIndexError, match=r"words\.bin has 4 bytes instead of 5"):
        read_manifest(tmp_path)
    file.unlink()
    with pytest.raises(CorruptIndexError, match=r"words\.bin has 0 bytes instead of 5"):
        read_manifest(tmp_path)
