"""The bot's database is brought to this version's tables: an empty one, one from before there were revisions, by two
workers at once; and it is left alone where that fails, or where a later version made it."""

import asyncio
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import URL

from bot.database import default_url, is_there, metadata, new_engine, open_database
from bot.errors import MigrationError, NewerDatabaseError
from bot.migrations.revisions import OURS, Revisions, revision_of
from tests.command_line import ROOT, citegram

SAMPLE = ROOT / "tests" / "versions" / "0.1.0" / "data.zip"

UNFORESEEN = """
from alembic import op
from sqlalchemy import Column, Integer, text
revision, down_revision = "0002", "{head}"
def upgrade():
    op.add_column("people", Column("height", Integer))
    op.execute(text("INSERT INTO people (id) VALUES (77)"))
    {then}
"""


async def opened(url: str | URL, revisions: Revisions = OURS) -> None:
    async with open_database(url, revisions=revisions):
        pass


async def seen(url: URL) -> tuple[object, ...]:
    """Every table with its columns and rows, and the revision."""

    def look(connection: Connection) -> tuple[object, ...]:
        tables = sorted(inspect(connection).get_table_names())
        columns = {table: [each["name"] for each in inspect(connection).get_columns(table)] for table in tables}
        people = connection.execute(text("SELECT id FROM people")).scalars().all() if "people" in tables else []
        return tables, columns, people, revision_of(connection)

    engine = new_engine(url)
    async with engine.connect() as connection:
        found = await connection.run_sync(look)
    await engine.dispose()
    return found


async def differences(url: URL) -> list[object]:
    """Between the tables as they are and as the bot's modules have them; comments are for who reads the modules."""

    def compare(connection: Connection) -> list[object]:
        found = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)
        return [each for each in found if not (isinstance(each, list) and each[0][0] == "modify_comment")]

    engine = new_engine(url)
    async with engine.connect() as connection:
        found = await connection.run_sync(compare)
    await engine.dispose()
    return found


def with_another(folder: Path, *, then: str = "pass") -> Revisions:
    """Those of a version of the bot that has one more."""
    shutil.copytree(OURS.folder, folder)
    (folder / "versions" / "r0002_height.py").write_text(UNFORESEEN.format(head=OURS.head, then=then))
    return Revisions(folder)


def test_the_revisions_are_in_one_line_to_the_head() -> None:
    script = ScriptDirectory(str(OURS.folder))
    assert script.get_heads() == [OURS.head]
    assert tuple(each.revision for each in script.walk_revisions())[::-1] == OURS.known


async def test_the_tables_are_those_of_the_modules(database_url: URL) -> None:
    await opened(database_url)
    assert await differences(database_url) == []
    assert (await seen(database_url))[-1] == OURS.head


async def test_the_tables_of_a_database_from_before_revisions_are_those_of_the_modules(tmp_path: Path) -> None:
    zipfile.ZipFile(SAMPLE).extractall(tmp_path)
    url = default_url(tmp_path / "data")
    with closing(sqlite3.connect(str(url.database))) as database:
        database.execute("DROP TABLE openings")
        database.execute("DROP INDEX answers_by_age")
        database.execute("ALTER TABLE answers DROP COLUMN considered")
    await opened(url)
    assert await differences(url) == []
    assert (await seen(url))[-1] == OURS.head


async def test_a_postgres_database_from_before_revisions_keeps_its_rows(postgres_url: URL) -> None:
    engine = new_engine(postgres_url)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
        await connection.execute(text("INSERT INTO people (id) VALUES (5)"))
        await connection.execute(text("ALTER TABLE updates DROP COLUMN claims"))
    await engine.dispose()
    await opened(postgres_url)
    assert await differences(postgres_url) == []
    assert (await seen(postgres_url))[2:] == ([5], OURS.head)


async def test_a_database_of_the_version_before_gets_what_is_between(database_url: URL, tmp_path: Path) -> None:
    await opened(database_url)
    await opened(database_url, with_another(tmp_path / "later"))
    _, columns, people, revision = await seen(database_url)
    assert columns["people"][-1] == "height"  # type: ignore[index]
    assert (people, revision) == ([77], "0002")


async def test_of_workers_that_start_at_once_one_migrates(database_url: URL, tmp_path: Path) -> None:
    """A second one would insert the same row again."""
    await opened(database_url)
    later = with_another(tmp_path / "later")
    await asyncio.gather(*(opened(database_url, later) for _ in range(6)))
    assert (await seen(database_url))[2:] == ([77], "0002")


async def test_of_processes_that_start_at_once_with_an_empty_database_all_come_through(database_url: URL) -> None:
    url = database_url.render_as_string(hide_password=False)
    program = "import asyncio, sys; from tests.test_migrations import opened; asyncio.run(opened(sys.argv[1]))"
    command = (sys.executable, "-c", program, url)
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    started = [
        await asyncio.create_subprocess_exec(*command, env=env, stderr=asyncio.subprocess.PIPE) for _ in range(3)
    ]
    assert [(await each.communicate())[1].decode() for each in started] == [""] * 3
    assert await differences(database_url) == []


async def test_what_fails_leaves_the_database_as_it_was(database_url: URL, tmp_path: Path) -> None:
    await opened(database_url)
    before = await seen(database_url)
    later = with_another(tmp_path / "later", then='op.execute(text("SELECT secret FROM nowhere"))')
    with pytest.raises(MigrationError, match=r"cannot be brought to this version: .*nowhere.* Everything is as it was"):
        await opened(database_url, later)
    assert await seen(database_url) == before


async def test_what_fails_in_the_baseline_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    url = default_url(tmp_path)
    with closing(sqlite3.connect(str(url.database))) as database:
        database.execute("CREATE VIEW spent AS SELECT 1")
    with pytest.raises(MigrationError) as caught:
        await opened(url)
    assert "\n" not in str(caught.value)
    assert (await seen(url))[0] == []


async def test_a_database_of_a_later_version_is_left_alone(database_url: URL) -> None:
    await opened(database_url)
    engine = new_engine(database_url)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        await connection.execute(text("ALTER TABLE people ADD COLUMN height INTEGER"))
    await engine.dispose()
    before = await seen(database_url)
    for attempt in (opened(database_url), is_there(database_url)):
        with pytest.raises(NewerDatabaseError, match=rf"later version.*9999.*none after {OURS.head}") as caught:
            await attempt
        assert caught.value.exit_status == 2
    assert await seen(database_url) == before


def test_the_owner_is_told_of_a_later_version_in_one_sentence(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "bot.sqlite")) as database, database:
        database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)")
        database.execute("INSERT INTO alembic_version VALUES ('9999')")
    ran = citegram("feedback", settings={"DATA_DIR": str(tmp_path)})
    assert ran.status == 2
    assert ran.errors.startswith("citegram: The bot's database was made by a later version")
    assert ran.errors.count("\n") == 1


def test_alembic_is_loaded_only_where_something_is_to_change(tmp_path: Path) -> None:
    program = """
import asyncio, json, logging, sys
from pathlib import Path
from bot.database import default_url, open_database
logging.basicConfig(level="INFO", format="%(name)s %(message)s")
async def main():
    async with open_database(default_url(Path(sys.argv[1]))):
        print(json.dumps(["alembic" in sys.modules, len(logging.root.handlers)]))
asyncio.run(main())
"""
    for loaded in (True, False):
        command = [sys.executable, "-c", program, str(tmp_path)]
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        assert json.loads(ran.stdout) == [loaded, 1]
        assert ran.stderr == ""
