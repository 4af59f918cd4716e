"""The models in the repository are what their cards say, licensed, and small enough for it."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from index.embedding import BUILT_IN

FOLDERS = sorted(path for path in BUILT_IN.parent.iterdir() if path.is_dir())
MEGABYTE = 1_000_000
CARDS_AND_LICENCE = {"model.json", "README.md", "LICENSE"}

pytestmark = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


def card(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    return found


def test_the_card_names_every_file_by_its_hash(folder: Path) -> None:
    files = {path.name: path for path in folder.iterdir() if path.name not in CARDS_AND_LICENCE}
    assert {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()} == card(folder)[
        "sha256"
    ]


def test_the_card_says_where_the_model_comes_from(folder: Path) -> None:
    found = card(folder)
    assert found["name"].endswith(folder.name)
    assert found["source"]
    assert len(found["source_sha256"]) == 64
    assert (BUILT_IN.parents[2] / found["script"]).is_file()


def test_the_licence_lies_beside_it(folder: Path) -> None:
    licence = (folder / "LICENSE").read_text(encoding="utf-8")
    assert card(folder)["licence"] == "Apache-2.0"
    assert "Apache License" in licence
    assert "Version 2.0" in licence


def test_no_file_is_too_large_for_the_repository(folder: Path) -> None:
    assert max(path.stat().st_size for path in folder.iterdir()) < 50 * MEGABYTE
