"""`citegram backup` and `citegram restore`: what comes back, beside whom, and what is turned away."""

import asyncio
import hashlib
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from bot.backup import sentences
from bot.backup.archive import STATEMENT
from bot.backup.contents import Places, places_of
from bot.backup.making import Made, back_up
from bot.backup.restoring import STAGE, Restored, restore
from bot.database import default_url, open_database
from bot.errors import BackupError
from bot.mailbox import Letter, Mailbox
from bot.members import Members, Role
from bot.version import VERSION
from config import Settings, load_settings
from index.building import build_indexer
from index.errors import CitegramError, IndexBusyError, NoIndexError, OutdatedIndexError
from index.generations import Generations
from index.holding import holding
from index.indexer import Report
from index.wiring import build_answerer
from tests.botapi import PrivateChat
from tests.builders import FERRY, SEEDS, HashEmbedder, plant
from tests.chroma_server import Chroma
from tests.command_line import CITEGRAM, Ended, citegram, environment
from tests.office import Office
from tests.scripted import TEXTS
from tests.terminal import Terminal
from tests.test_bot_process import QUESTION as LAMP
from tests.test_bot_process import Processes, chat, indexed, processes
from tests.test_full_disk import Disk, disk

__all__ = ["chat", "disk", "indexed", "processes"]

pytestmark = pytest.mark.timeout(120)

QUESTION, ANSWER = "What does a bicycle pay on the ferry?", "A bicycle travels free of charge."
DEAR, DEAR_ANSWER = FERRY.replace("free of charge", "for three crowns"), "A bicycle travels for three crowns."
SECRETS = {"TELEGRAM_BOT_TOKEN": "123456:SECRET-OF-THE-BOT", "LLM_API_KEY": "SECRET-OF-THE-MODEL"}
PERSON = 5_000_000_001
CHROMA = "chroma/chroma.sqlite3"
DAMAGES, KILLS, SEED = 40, 6, 20220110


class Home:
    """A machine's folders."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seeds, self.data, self.database = folder / "seeds", folder / "data", folder / "data" / "bot.sqlite"
        self.backup = folder / "kept.zip"

    def run(self, *arguments: str | Path, **settings: str) -> Ended:
        own: dict[str, str | Path] = {"SEEDS_DIR": self.seeds, "DATA_DIR": self.data}
        return citegram(*arguments, settings=own | settings)

    @property
    def settings(self) -> Settings:
        return load_settings(seeds_dir=self.seeds, data_dir=self.data, reader=False)

    @property
    def places(self) -> Places:
        return places_of(self.settings)

    def back_up(self, file: Path, **options: bool) -> Made:
        return back_up(self.places, file, **options)

    def restore(self, file: Path, *, force: bool = False) -> Restored:
        return restore(self.places, file, force=force)

    def index(self, *, full: bool = False) -> Report:
        return build_indexer(self.settings).sync(full=full)

    def answer(self, question: str = QUESTION) -> str:
        """The first quote."""
        with closing(build_answerer(self.settings)) as answerer:
            return answerer.answer(question).citations[0].quote.text

    def members(self) -> list[int]:
        with closing(sqlite3.connect(self.database)) as database:
            return [row[0] for row in database.execute("SELECT person FROM members")]

    def files(self) -> dict[str, bytes]:
        """Everything there, but the lock and what Chroma writes when it reads."""
        found = (path for path in sorted(self.folder.rglob("*")) if path.is_file() and path.name != "LOCK")
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in found}


async def let_in(home: Home, person: int) -> None:
    async with open_database(default_url(home.data)) as database:
        await Members(database).let_in(person, Role.ADMIN, by=0)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """With documents, an index, a database, a page of the web, secrets beside the documents, and a backup of it all."""
    home = Home(tmp_path_factory.mktemp("filled"))
    plant(home.seeds, SEEDS | {".citegramignore": "drafts/\n"})
    home.index()
    (home.seeds / ".env").write_text("".join(f"{name}={value}\n" for name, value in SECRETS.items()))
    asyncio.run(let_in(home, PERSON))
    plant(home.data / "pages", {f"{'a' * 32}.html": "<p>A page.</p>", f"{'a' * 32}.json": "{}"})
    ended = home.run("backup", home.backup, "--with-seeds", "--with-vectors", **SECRETS)
    assert (ended.status, ended.errors) == (0, "")
    assert "the index, the bot's database, the vector cache, 1 web page, 4 documents; " in ended.output
    return home


@pytest.fixture
def other(tmp_path: Path) -> Home:
    """A machine with nothing on it."""
    return Home(tmp_path / "other")


@pytest.fixture
def used(filled: Home, other: Home) -> Home:
    """A machine where the bicycle pays, and which another person governs."""
    plant(other.seeds, {"ferry.md": DEAR})
    shutil.copytree(filled.data, other.data)
    other.index()
    with closing(sqlite3.connect(other.database)) as database, database:
        database.execute("UPDATE members SET person = 7")
    return other


# What comes back


def test_all_of_it_goes_on_elsewhere(filled: Home, other: Home) -> None:
    ended = other.run("restore", filled.backup)
    assert (ended.status, ended.errors) == (0, "")
    assert ": the index, the bot's database, the vector cache, 1 web page, 4 documents." in ended.output
    assert ANSWER in other.run("ask", QUESTION).output
    assert other.members() == [PERSON]
    assert (other.data / "pages" / f"{'a' * 32}.html").read_text() == "<p>A page.</p>"
    assert {path.name for path in other.seeds.rglob("*") if path.is_file()} == {
        "ferry.md", "bakery.txt", "обсерватория.txt", ".citegramignore",
    }  # fmt: skip
    assert other.index().unchanged == 3
    assert other.index(full=True).embedded == 0
    assert not list(other.folder.rglob(f"*{STAGE}*"))


def test_documents_and_vectors_are_in_it_only_if_asked_for(filled: Home, other: Home, tmp_path: Path) -> None:
    small = tmp_path / "small.zip"
    filled.back_up(small)
    names = zipfile.ZipFile(small).namelist()
    assert not [name for name in names if name.startswith(("seeds/", "vectors"))]
    other.restore(small)
    assert ANSWER in other.answer()
    assert not other.seeds.exists()


def test_it_holds_no_secret_and_only_its_owner_may_read_it(filled: Home) -> None:
    with zipfile.ZipFile(filled.backup) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
        assert ".env" not in {name.rpartition("/")[2] for name in archive.namelist()}
    assert b"SECRET-OF" not in everything
    assert stat.S_IMODE(filled.backup.stat().st_mode) == 0o600
    assert json.loads(zipfile.ZipFile(filled.backup).read(STATEMENT))["version"] == VERSION


def test_what_is_there_is_replaced_only_if_asked_for(filled: Home, used: Home) -> None:
    before = used.files()
    ended = used.run("restore", filled.backup)
    assert (ended.status, ended.output) == (1, "")
    for what in (f"an index in {used.data / 'index'}", f"a database, {used.database}", f"documents in {used.seeds}"):
        assert what in ended.sentence
    assert used.files() == before
    used.restore(filled.backup, force=True)
    assert ANSWER in used.answer()
    assert used.members() == [PERSON]
    assert (used.seeds / "ferry.md").read_text() == FERRY


def test_vectors_that_are_there_stay(filled: Home, used: Home) -> None:
    (used.data / "vectors.sqlite").unlink()
    plant(used.seeds, {"mill.md": "The mill has four sails and grinds rye.\n"})
    assert used.index(full=True).embedded == 3
    used.restore(filled.backup, force=True)
    assert used.index(full=True).embedded == 0


def test_a_damaged_database_is_replaced(filled: Home, used: Home) -> None:
    used.database.write_bytes(b"no database " * 1000)
    assert used.restore(filled.backup, force=True).database
    assert used.members() == [PERSON]


def test_another_engine_backs_itself_up(filled: Home, used: Home, tmp_path: Path) -> None:
    settings = {"DATABASE_URL": "postgresql+asyncpg://user:hidden@host/citegram"}
    ended = filled.run("backup", tmp_path / "kept.zip", **settings)
    assert (ended.status, ended.errors) == (0, "")
    assert sentences.OTHER_ENGINE in ended.output
    assert "bot.sqlite" not in zipfile.ZipFile(tmp_path / "kept.zip").namelist()
    ended = used.run("restore", filled.backup, "--force", **settings)
    assert (ended.status, ended.sentence) == (1, sentences.OTHER_ENGINE)
    assert used.members() == [7]
    assert used.run("restore", tmp_path / "kept.zip", "--force", **settings).status == 0


async def test_updates_that_wait_are_in_no_backup_and_restored_from_none(
    filled: Home, used: Home, tmp_path: Path
) -> None:
    """An old question is not answered again, nor an old command obeyed."""
    async with open_database(default_url(used.data)) as database:
        await Mailbox(database).put([Letter(1, "turn", "AN OLD QUESTION", PERSON), Letter(2, "turn", "ANOTHER")])
    used.back_up(tmp_path / "kept.zip")
    with zipfile.ZipFile(tmp_path / "kept.zip") as archive:
        assert b"OLD QUESTION" not in archive.read("bot.sqlite")
    assert rows(used.database, "updates") == rows(used.database, "came") == 2
    with closing(sqlite3.connect(used.database)) as database_file:
        waiting = database_file.serialize()
    older = altered(filled.backup, tmp_path / "older.zip", lambda members: members.update({"bot.sqlite": waiting}))
    used.restore(older, force=True)
    assert (rows(used.database, "updates"), rows(used.database, "came")) == (0, 2)
    assert b"OLD QUESTION" not in used.database.read_bytes()


def rows(database: Path, table: str) -> int:
    with closing(sqlite3.connect(database)) as opened:
        (count,) = opened.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(count)


def test_an_index_of_another_version_is_restored_and_rebuilt(filled: Home, other: Home, tmp_path: Path) -> None:
    def older(members: dict[str, bytes]) -> None:
        manifest = json.loads(members["generation/manifest.json"])
        manifest["recipe"]["format"] = 1
        members["generation/manifest.json"] = json.dumps(manifest).encode()

    ended = other.run("restore", altered(filled.backup, tmp_path / "old.zip", older))
    assert ended.status == 0
    assert ended.output.endswith(f"{sentences.OUTDATED}\n")
    with pytest.raises(OutdatedIndexError):
        other.answer()
    assert other.index().embedded == 0
    assert ANSWER in other.answer()


# Beside whoever runs


async def test_a_running_bot_and_a_rebuild_beside_a_backup(
    processes: Processes, indexed: Path, chat: PrivateChat, tmp_path: Path
) -> None:
    home = Home(tmp_path)
    shutil.copytree(indexed, home.data)
    plant(home.seeds, TEXTS)
    own = {"DATA_DIR": str(home.data), "DATABASE_URL": f"sqlite+aiosqlite:///{home.database}"}
    async with processes.serving(**own):
        await chat.reply(to=await chat.say(chat.person, LAMP))
        rebuild = asyncio.create_task(asyncio.to_thread(home.run, "index", "--full"))
        backups = [
            asyncio.create_task(asyncio.to_thread(home.run, "backup", tmp_path / f"{number}.zip"))
            for number in range(2)
        ]
        asked = [await chat.reply(to=await chat.say(chat.person, LAMP)) for _ in range(3)]
        assert [backup.status for backup in await asyncio.gather(*backups)] == [0, 0]
        assert (await rebuild).status == 0
        assert all(reply.text.startswith("1871") for reply in asked)
        restored = Home(tmp_path / "restored")
        assert restored.run("restore", tmp_path / "1.zip").status == 0
        assert "1871" in restored.run("ask", LAMP).output
        with closing(sqlite3.connect(restored.database)) as database:
            kept = database.execute("SELECT words FROM answers").fetchall()
        assert (LAMP,) in kept
        ended = home.run("restore", tmp_path / "0.zip", "--force", DATABASE_URL=own["DATABASE_URL"])
        assert (ended.status, ended.sentence) == (1, sentences.IN_USE.format(path=home.database))
        assert (await chat.reply(to=await chat.say(chat.person, LAMP))).text.startswith("1871")
    with closing(sqlite3.connect(home.database)) as database:
        assert len(database.execute("SELECT words FROM answers").fetchall()) == 5
    assert home.run("restore", tmp_path / "0.zip", "--force").status == 0
    with closing(sqlite3.connect(home.database)) as database:
        assert len(database.execute("SELECT words FROM answers").fetchall()) < 5


def test_a_running_console_answers_its_next_question_from_what_was_restored(filled: Home, used: Home) -> None:
    settings = {"DATA_DIR": str(used.data), "XDG_STATE_HOME": str(used.folder), "READER": "off"}
    console = Terminal([sys.executable, "-m", "bot", "console"], environment=settings)
    try:
        console.wait_for_line("›")
        console.send(f"{QUESTION}\r")
        console.wait_for(DEAR_ANSWER)
        console.wait_for_line("›")
        assert used.run("restore", filled.backup, "--force").status == 0
        console.send(f"{QUESTION}\r")
        console.wait_for(ANSWER)
    finally:
        console.close()


def test_a_generation_that_is_held_is_whole_though_it_is_removed(tmp_path: Path) -> None:
    office = Office(tmp_path, HashEmbedder())
    plant(office.seeds)
    office.sync()
    folder = office.generations.current()
    before = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    contents = {name: path.read_bytes() for name, path in before.items()}
    (tmp_path / "scratch").mkdir()
    with holding(office.generations, scratch=tmp_path / "scratch") as held:
        for _ in range(3):
            office.sync(full=True)
        assert not folder.exists()
        read = {name: file.read() for name, file in held.items()}
    assert read.keys() == contents.keys()
    assert chunks_in(read.pop(CHROMA)) == chunks_in(contents.pop(CHROMA))
    assert read == contents


def chunks_in(database: bytes) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(":memory:")) as opened:
        opened.deserialize(database)
        return opened.execute("SELECT * FROM embedding_metadata ORDER BY 1, 2").fetchall()


def test_while_another_process_rebuilds_nothing_is_restored(filled: Home, other: Home) -> None:
    with Generations(other.data / "index").writing(), pytest.raises(IndexBusyError):
        other.restore(filled.backup)


def test_killed_at_any_moment_it_leaves_what_was_there_or_all_that_was_restored(filled: Home, used: Home) -> None:
    chance = random.Random(SEED)
    for _ in range(KILLS):
        process = subprocess.Popen(
            [*CITEGRAM, "restore", filled.backup, "--force"],
            env=environment({"SEEDS_DIR": used.seeds, "DATA_DIR": used.data}),
            stdout=subprocess.DEVNULL,
        )
        while process.poll() is None and not (used.data / STAGE).exists():
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.002)
        with suppress(subprocess.TimeoutExpired):
            process.wait(chance.uniform(0, 0.05))
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert used.members() in ([7], [PERSON])
        assert used.answer().startswith((ANSWER, DEAR_ANSWER))
    used.restore(filled.backup, force=True)
    assert ANSWER in used.answer()
    assert {path.name for path in used.data.iterdir()} == {"index", "pages", "vectors.sqlite", "bot.sqlite"}


# Where it is written


def test_a_file_that_is_there_is_overwritten_only_if_asked_for(filled: Home, tmp_path: Path) -> None:
    file = tmp_path / "kept.zip"
    file.write_text("dear to me")
    assert filled.run("backup", file).sentence == sentences.EXISTS.format(file=file)
    assert file.read_text() == "dear to me"
    filled.back_up(file, force=True)
    assert zipfile.is_zipfile(file)


def test_a_place_that_cannot_be_written(filled: Home, tmp_path: Path) -> None:
    for file in (tmp_path / "missing" / "kept.zip", tmp_path):
        with pytest.raises(BackupError) as caught:
            filled.back_up(file)
        assert str(caught.value) == sentences.NO_FOLDER.format(file=file)
    assert not list(tmp_path.iterdir())


def test_what_killed_backups_left_is_removed_and_nothing_else(filled: Home, tmp_path: Path) -> None:
    """A copy of what people asked, beside a backup that is killed while it writes."""
    file = tmp_path / "kept [1].zip"
    process = subprocess.Popen(
        [*CITEGRAM, "backup", file], env=environment({"SEEDS_DIR": filled.seeds, "DATA_DIR": filled.data})
    )
    while process.poll() is None and not list(tmp_path.glob(".kept*/part")):
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.002)
    process.kill()
    process.wait()
    (left,) = tmp_path.glob(".kept*")
    running, foreign = tmp_path / ".kept [1].zip-running0", tmp_path / ".kept [1].zip-foreign0"
    plant(running, {"part": "written this very moment"})
    plant(foreign, {"letters.txt": "dear to me"})
    (tmp_path / ".kept [1].zip-link0000").symlink_to(foreign, target_is_directory=True)
    others = set(tmp_path.iterdir()) - {left}
    for folder in (left, foreign):
        os.utime(folder, (0, 0))
    filled.back_up(file)
    assert set(tmp_path.iterdir()) == others | {file}
    assert (foreign / "letters.txt").exists()


def test_without_an_index_there_is_nothing_to_back_up(other: Home, tmp_path: Path) -> None:
    with pytest.raises(NoIndexError):
        other.back_up(tmp_path / "kept.zip")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kibibytes", [0, 8, 100, 240])
def test_on_a_full_disk_nothing_is_left_behind(filled: Home, disk: Disk, kibibytes: int) -> None:
    disk.leave(kibibytes)
    before = set(disk.folder.iterdir())
    if kibibytes == 100:
        ended = filled.run("backup", disk.folder / "kept.zip", "--with-vectors")
        assert (ended.status, ended.output) == (1, "")
        told = ended.sentence
    else:
        with pytest.raises(CitegramError) as caught:
            filled.back_up(disk.folder / "kept.zip", vectors=True)
        told = str(caught.value)
    assert "make room" in told.lower()
    assert set(disk.folder.iterdir()) == before


def test_a_full_disk_restores_nothing(filled: Home, disk: Disk) -> None:
    home = Home(disk.folder)
    disk.leave(100)
    ended = home.run("restore", filled.backup)
    assert (ended.status, ended.output) == (1, "")
    assert "Make room" in ended.sentence
    assert not list(home.data.rglob("*.*"))
    disk.make_room()
    home.restore(filled.backup)
    assert ANSWER in home.answer()


# What is turned away


def altered(source: Path, target: Path, change: Callable[[dict[str, bytes]], None], **stated: Any) -> Path:
    """The backup with other members, and a statement that fits them."""
    with zipfile.ZipFile(source) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    statement = json.loads(members.pop(STATEMENT))
    change(members)
    statement["members"] = {name: vars_of(content) for name, content in members.items()}
    write(target, members, statement | stated)
    return target


def vars_of(content: bytes) -> dict[str, Any]:
    return {"size": len(content), "sha256": hashlib.sha256(content).hexdigest(), "mtime_ns": 0}


def write(target: Path, members: Mapping[str, bytes], statement: Any) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        archive.writestr(STATEMENT, statement if isinstance(statement, str) else json.dumps(statement))


@pytest.mark.parametrize(
    "name",
    [
        "/etc/citegram", "../outside.txt", "seeds/../../outside.txt", "pages/../../../outside", "pages//outside",
        "C:outside.txt", "\\outside.txt", "seeds/.env", "seeds/.git/config.txt", "seeds/bot/cli.py", "seeds/..",
        "vectors.sqlite/x", "bot.sqlite/x", "other/x", "other", "pages/folder/x", "generation", "backup.json/x",
    ],
)  # fmt: skip
def test_a_name_that_leads_elsewhere(filled: Home, other: Home, tmp_path: Path, name: str) -> None:
    hostile = altered(filled.backup, tmp_path / "hostile.zip", lambda members: members.update({name: b"outside"}))
    before = set(tmp_path.rglob("*"))
    with pytest.raises(BackupError, match="not made by citegram") as caught:
        other.restore(hostile)
    assert repr(name) in str(caught.value)
    assert {path for path in set(tmp_path.rglob("*")) - before if path.is_file()} <= {other.data / "index" / "LOCK"}


@pytest.mark.parametrize("name", ["bot.sqlite", "vectors.sqlite"])
@pytest.mark.parametrize("kind", ["junk", "cut", "empty", "foreign", "trigger"])
def test_a_database_that_is_none_of_ours(filled: Home, used: Home, tmp_path: Path, name: str, kind: str) -> None:
    """Though the backup states it as it is."""

    def change(members: dict[str, bytes]) -> None:
        members[name] = spoilt(members[name], kind)

    before = used.files()
    with pytest.raises(BackupError) as caught:
        used.restore(altered(filled.backup, tmp_path / "odd.zip", change), force=True)
    assert f"is damaged ({name}). Nothing was restored" in str(caught.value)
    assert used.files() == before


def spoilt(database: bytes, kind: str) -> bytes:
    if kind in ("junk", "cut"):
        return b"no database " * 1000 if kind == "junk" else database[: len(database) // 2]
    if kind == "empty":
        return b""
    with closing(sqlite3.connect(":memory:")) as opened:
        if kind == "trigger":
            opened.deserialize(database)
            tables = {row[0] for row in opened.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
            (table,) = tables & {"members", "vectors"}
            opened.execute(f"CREATE TRIGGER harm AFTER INSERT ON {table} BEGIN DELETE FROM {table}; END")
        if kind == "foreign":
            opened.execute("CREATE TABLE other (id INTEGER)")
        opened.commit()
        return opened.serialize()


def test_a_link_in_it(filled: Home, other: Home, tmp_path: Path) -> None:
    def link(members: dict[str, bytes]) -> None:
        members["pages/link"] = b"/etc"

    hostile = altered(filled.backup, tmp_path / "hostile.zip", link)
    with zipfile.ZipFile(hostile) as archive:
        infos = [(info, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(hostile, "w") as archive:
        for info, content in infos:
            if info.filename == "pages/link":
                info.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(info, content)
    with pytest.raises(BackupError, match="pages/link"):
        other.restore(hostile)


def test_a_bomb(filled: Home, other: Home, tmp_path: Path) -> None:
    """Whether it states its size or not, no more is written than was stated, and no more stated than there is room."""
    told = altered(filled.backup, tmp_path / "told.zip", lambda members: None)
    with zipfile.ZipFile(told) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    statement = json.loads(members.pop(STATEMENT))
    statement["members"]["pages/bomb"] = {"size": 10, "sha256": "", "mtime_ns": 0}
    write(told, members | {"pages/bomb": bytes(50_000_000)}, statement)
    with pytest.raises(BackupError, match=r"damaged \(pages/bomb\)"):
        other.restore(told)
    content = told.read_bytes().replace((50_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    told.write_bytes(content)
    with pytest.raises(BackupError, match="damaged"):
        other.restore(told)
    assert not list(other.data.rglob("bomb"))


def test_what_is_not_what_was_stated(filled: Home, used: Home, tmp_path: Path) -> None:
    """Though the zip is whole."""
    with zipfile.ZipFile(filled.backup) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    statement = json.loads(members.pop(STATEMENT))
    members["seeds/ferry.md"] = members["seeds/ferry.md"].replace(b"seven", b"three")
    write(tmp_path / "other.zip", members, statement)
    before = used.files()
    with pytest.raises(BackupError, match=r"damaged \(seeds/ferry\.md\)"):
        used.restore(tmp_path / "other.zip", force=True)
    assert used.files() == before


def test_what_there_is_no_room_for(filled: Home, other: Home, tmp_path: Path) -> None:
    endless = tmp_path / "endless.zip"
    with zipfile.ZipFile(filled.backup) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    statement = json.loads(members.pop(STATEMENT))
    statement["members"]["pages/endless"] = {"size": 1 << 50, "sha256": "", "mtime_ns": 0}
    write(endless, members, statement)
    with zipfile.ZipFile(endless, "a") as archive:
        info = zipfile.ZipInfo("pages/endless")
        archive.writestr(info, b"")
        info.file_size = 1 << 50
    with pytest.raises(BackupError, match="Make room; nothing was restored"):
        other.restore(endless)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("no JSON", "no backup"),
        ("[]", "no backup"),
        ("[" * 100_000, "no backup"),
        ('{"format": 1}', "no backup"),
        ('{"format": 1, "version": "latest", "made": "2026-11-26T00:00:00+00:00", "members": {}}', "no backup"),
        ('{"format": 1, "version": "0.1.0", "made": "yesterday", "members": {}}', "damaged"),
        ('{"format": 1, "version": "0.1.0", "made": "2026-11-26T00:00:00+00:00", "members": [1]}', "damaged"),
        ('{"format": 1, "version": "0.1.0", "made": "2026-11-26T00:00:00+00:00", "members": {}}', "no backup"),
        ('{"format": 2, "version": "0.1.0", "made": "2026-11-26T00:00:00+00:00", "members": {}}', "Install that"),
        ('{"format": 1, "version": "0.10.0", "made": "", "members": {}}', "made by citegram 0.10.0, and this is"),
        ('{"format": 1, "version": "99", "made": "", "members": {}}', "made by citegram 99, and this is"),
        (
            '{"format": 1, "version": "0.1.0", "made": "2026-11-26T00:00:00+00:00", "members": {"pages/a": '
            '{"size": 1e400, "sha256": "", "mtime_ns": 0}}}',
            "damaged",
        ),
    ],
)
def test_what_does_not_state_what_it_is(other: Home, tmp_path: Path, statement: str, told: str) -> None:
    write(tmp_path / "odd.zip", {}, statement)
    with pytest.raises(BackupError, match=told):
        other.restore(tmp_path / "odd.zip")


@pytest.mark.parametrize("content", [None, b"", b"PK\3\4", b"no zip at all"])
def test_what_is_no_zip(other: Home, tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "odd.zip"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BackupError, match=r"cannot be read|no backup"):
        other.restore(file)


def test_damage_anywhere_is_seen_and_leaves_what_was_there(filled: Home, used: Home, tmp_path: Path) -> None:
    whole, chance, refused = filled.backup.read_bytes(), random.Random(SEED), 0
    before = published(used.files())
    for number in range(DAMAGES):
        content = bytearray(whole)
        at = chance.randrange(len(content))
        if number % 4:
            content[at] ^= 1 << chance.randrange(8)
        else:
            del content[at:]
        damaged = tmp_path / "damaged.zip"
        damaged.write_bytes(content)
        try:
            used.restore(damaged, force=True)
        except BackupError:
            refused += 1
            assert published(used.files()) == before
        else:  # in what says nothing, such as the time of a member
            assert ANSWER in used.answer()
            before = published(used.files())
    assert refused > DAMAGES / 2


def published(files: dict[str, bytes]) -> dict[str, bytes]:
    """Without the generation before the published one, which any writer may tidy away."""
    current = files["data/index/CURRENT"].decode().strip()
    return {
        name: content
        for name, content in files.items()
        if not re.match(r"data/index/\d", name) or name.startswith(f"data/index/{current}/")
    }


def test_what_looks_like_a_program_in_it_is_not_run(filled: Home, other: Home, tmp_path: Path) -> None:
    """Chroma's graph has a file in Python's pickle format, which may hold any call."""
    ran = tmp_path / "ran"

    def harm(members: dict[str, bytes]) -> None:
        for name in members:
            if name.endswith(".pickle"):
                members[name] = f"cos\nsystem\n(S'touch {ran}'\ntR.".encode().ljust(len(members[name]), b"\n")

    other.restore(altered(filled.backup, tmp_path / "hostile.zip", harm))
    other.run("ask", QUESTION)
    other.index(full=True)
    assert not ran.exists()


# With the index on a Chroma server


def test_an_index_on_a_server_is_rebuilt_from_the_vectors_of_the_backup(chroma: Chroma, tmp_path: Path) -> None:
    home, other = Home(tmp_path / "home"), Home(tmp_path / "other")
    plant(home.seeds, SEEDS)
    on_server = {"CHROMA_URL": chroma.url, "CHROMA_PREFIX": "backed-up"}
    assert home.run("index", **on_server).status == 0
    made = home.run("backup", home.backup, "--with-seeds", **on_server)
    assert (made.status, made.errors) == (0, "")
    assert "the index," not in made.output
    assert "the vector cache" in made.output
    assert sentences.ON_SERVER in made.output
    restored = other.run("restore", home.backup)
    assert (restored.status, restored.errors) == (0, "")
    assert sentences.NO_INDEX in restored.output
    assert "0 embedded anew" in other.run("index").output
