"""What every released version keeps is read by this one: tests/versions has a small one of each, and of the next
(tools/make_version_sample.py)."""

import asyncio
import sqlite3
import tomllib
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

import bot.telegram.app  # noqa: F401 (every table of the bot's)
from bot.backup.contents import places_of
from bot.backup.restoring import restore
from bot.database import default_url, metadata, open_database
from bot.version import VERSION
from config import Settings, load_settings
from index.building import build_indexer
from index.errors import OutdatedIndexError
from index.wiring import build_answerer
from tests.command_line import ROOT

SAMPLES = sorted((ROOT / "tests" / "versions").iterdir())
QUESTION, ANSWER = "When was the lamp lit?", "The lamp of the harbour was lit in 1871."
MOST_BYTES = 300_000

every_version = pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)


def settings_at(folder: Path) -> Settings:
    return load_settings(seeds_dir=folder / "seeds", data_dir=folder / "data", reader=False)


def answer(settings: Settings) -> str:
    with closing(build_answerer(settings)) as answerer:
        text: str = answerer.answer(QUESTION).citations[0].quote.text
        return text


def reads(settings: Settings) -> None:
    """It answers; or it says that the index is outdated, and a rebuild mends it without embedding anything twice."""
    try:
        assert answer(settings).startswith(ANSWER)
    except OutdatedIndexError:
        assert build_indexer(settings).sync().published
        assert answer(settings).startswith(ANSWER)
    assert build_indexer(settings).sync().unchanged == 3


def rows(file: Path) -> dict[str, list[dict[str, object]]]:
    with closing(sqlite3.connect(file)) as database:
        database.row_factory = sqlite3.Row
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table: [dict(row) for row in database.execute(f"SELECT * FROM {table}")] for table in tables}


async def opened(data: Path) -> None:
    async with open_database(default_url(data)):
        pass


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == VERSION
    assert VERSION in {sample.name for sample in SAMPLES}


@every_version
def test_a_sample_is_small(sample: Path) -> None:
    assert sum(path.stat().st_size for path in sample.iterdir()) < MOST_BYTES


@every_version
def test_its_folder_is_read_where_it_lies(sample: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(sample / "data.zip").extractall(tmp_path)
    reads(settings_at(tmp_path))


@every_version
def test_its_vectors_are_not_paid_for_again(sample: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(sample / "data.zip").extractall(tmp_path)
    indexer = build_indexer(settings_at(tmp_path))
    for _ in range(2):
        assert indexer.sync(full=True).embedded == 0


@every_version
def test_its_backup_is_restored(sample: Path, tmp_path: Path) -> None:
    restored = restore(places_of(settings_at(tmp_path)), sample / "backup.zip")
    assert restored.documents == 3
    reads(settings_at(tmp_path))


@every_version
@pytest.mark.parametrize("lost", [None, "answers"], ids=["as it is", "without the columns of later ones"])
def test_its_database_keeps_its_rows_and_gets_what_it_lacks(sample: Path, tmp_path: Path, lost: str | None) -> None:
    zipfile.ZipFile(sample / "data.zip").extractall(tmp_path)
    file = tmp_path / "data" / "bot.sqlite"
    if lost:
        with closing(sqlite3.connect(file)) as database:
            database.execute(f"ALTER TABLE {lost} DROP COLUMN considered")
    before = rows(file)
    assert {"members", "people", "answers", "votes", "watches"} <= {table for table, held in before.items() if held}
    asyncio.run(opened(tmp_path / "data"))
    after = rows(file)
    for table, held in before.items():
        assert len(after[table]) == len(held)
        assert all(old.items() <= new.items() for old, new in zip(held, after[table], strict=True))
    for known in metadata.sorted_tables:
        for row in after[known.name]:
            assert set(row) == {column.name for column in known.columns}
