"""`citegram doctor`: what it finds on good days and bad ones, against real folders, servers and databases."""

import asyncio
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from bot.doctor import sentences
from bot.doctor.examination import checks, findings
from bot.doctor.storage import BESIDES, of_room
from bot.findings import Finding
from config import Settings, load_settings
from tests import botapi, llm
from tests.bilingual import MODEL as OTHER_MODEL
from tests.botapi import BotApi
from tests.builders import plant
from tests.command_line import Ended, citegram
from tests.embeddings_server import KEY, MODEL, EmbeddingsServer
from tests.llm import LlmServer, Reply, Request
from tests.scripted import TEXTS
from tests.test_full_disk import Disk, disk

__all__ = ["disk"]

PASSWORD = "hunter2hunter2"
NAMES = [
    "settings", "documents", "index", "embedder", "reader", "data folder", "database", "Telegram", "language model",
]  # fmt: skip


def doctor(folders: dict[str, Path], *arguments: str, **settings: str) -> Ended:
    """The command, with no language model and no bot but those that are given. Nothing secret is ever said."""
    own = {"SEEDS_DIR": str(folders["seeds_dir"]), "DATA_DIR": str(folders["data_dir"])}
    ended = citegram("doctor", *arguments, settings=own | settings)
    secrets = [settings[name] for name in ("LLM_API_KEY", "EMBED_API_KEY", "TELEGRAM_BOT_TOKEN") if name in settings]
    for secret in (*secrets, PASSWORD):
        assert secret not in ended.output + ended.errors
    return ended


def told(ended: Ended) -> dict[str, str]:
    """By what was looked at, the lines: `ok` or `wrong`, and what is said."""
    lines: dict[str, str] = {}
    for line in ended.output.splitlines():
        mark, name, said = line[:5].strip(), line[7:21].strip(), line[23:]
        lines[name] = "\n".join(filter(None, (lines.get(name), f"{mark}: {said}")))
    return lines


def found(name: str, settings: Settings) -> list[Finding]:
    """What one check finds, within this process."""
    return list(findings(name, checks(settings)[name]))


def kind(parameter: object) -> str:
    return type(parameter).__name__


def cited(request: Request) -> Reply:
    (id,) = re.findall(r'<passage id="(\w+)"', request.text)
    return Reply(f"QUOTES\n[{id}] The old bridge was opened\nANSWER\nThe old bridge was opened on 4 May 1902. [{id}]")


@pytest.fixture
def folders(model_folders: dict[str, Path], tmp_path: Path) -> dict[str, Path]:
    """A copy that may be harmed."""
    return {name: Path(shutil.copytree(folder, tmp_path / name)) for name, folder in model_folders.items()}


def generation(folders: dict[str, Path]) -> Path:
    index = folders["data_dir"] / "index"
    return index / (index / "CURRENT").read_text().strip()


# All is well


async def test_all_is_well_and_nothing_of_the_documents_is_sent_anywhere(
    model: LlmServer, model_folders: dict[str, Path]
) -> None:
    model.answer_by(cited)
    async with BotApi() as api:
        ended = await asyncio.to_thread(
            doctor,
            model_folders,
            LLM_BASE_URL=model.url,
            LLM_MODEL=model.model,
            LLM_API_KEY=str(model.key),
            TELEGRAM_BOT_TOKEN=api.token,
            TELEGRAM_API_URL=api.url,
        )
        assert {call.method for call in api.calls} == {"getMe", "getWebhookInfo"}
        assert not api.violations
    assert (ended.status, ended.errors) == (0, "")
    lines = told(ended)
    assert list(lines) == NAMES
    assert "wrong" not in "\n".join(lines.values())
    assert lines["documents"] == f"ok: 3 documents in {model_folders['seeds_dir']}."
    assert re.fullmatch(r"ok: 3 documents, \d passages, made .* with all-MiniLM-L6-v2\.", lines["index"])
    assert "vectors of 384 numbers" in lines["embedder"]
    assert "ok: The bot is @citegram_test_bot." in lines["Telegram"]
    writes = rf"ok: {model.model} wrote a cited answer in \d+\.\d s \(\d{{2,}} tokens read, \d{{2,}} written\)\."
    assert re.fullmatch(writes, lines["language model"])
    (request,) = model.requests
    assert not any(line in request.text for text in TEXTS.values() for line in text.splitlines() if line)


def test_what_is_not_set_up_is_not_wrong_and_nothing_is_made(model_folders: dict[str, Path]) -> None:
    before = sorted(model_folders["data_dir"].iterdir())
    ended = doctor(model_folders, READER="off")
    assert (ended.status, ended.errors) == (0, "")
    lines = told(ended)
    assert lines["Telegram"] == f"ok: {sentences.NO_TOKEN}"
    assert lines["language model"] == f"ok: {sentences.NO_WRITER}"
    assert lines["reader"] == f"ok: {sentences.READER_OFF}"
    assert lines["database"] == f"ok: {sentences.DATABASE_TO_COME}"
    assert sorted(model_folders["data_dir"].iterdir()) == before


# One thing is wrong, and hides no other


def test_an_empty_machine_as_json(tmp_path: Path) -> None:
    ended = doctor({"seeds_dir": tmp_path / "none", "data_dir": tmp_path / "data"}, "--json")
    assert (ended.status, ended.errors) == (1, "")
    said = json.loads(ended.output)
    assert said["ok"] is False
    assert [each["name"] for each in said["findings"]] == NAMES
    assert all(each.keys() == {"name", "ok", "sentence", "advice"} for each in said["findings"])
    wrong = {each["name"]: each["sentence"] for each in said["findings"] if not each["ok"]}
    assert wrong == {
        "documents": f"The documents folder {tmp_path / 'none'} does not exist. "
        "Create it, or point SEEDS_DIR or --seeds at yours.",
        "index": "There is no index yet. Run: citegram index",
    }
    assert not list(tmp_path.iterdir())


def test_a_wrong_setting_comes_first(tmp_path: Path) -> None:
    ended = doctor({"seeds_dir": tmp_path, "data_dir": tmp_path}, KEEP_DAYS="soon")
    assert (ended.status, ended.output) == (2, "")
    assert ended.sentence.startswith("KEEP_DAYS='soon' is not allowed.")


def test_a_misspelt_setting_in_env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(f"LLM_APIKEY={PASSWORD}\nEDITOR=vi\nseeds_dir=here\nMAX_QUOTE=2\n")
    first, second = found("settings", load_settings())
    assert (first.ok, first.told) == (False, "LLM_APIKEY in .env is no setting. Did you mean LLM_API_KEY?")
    assert second.told == "MAX_QUOTE in .env is no setting. Did you mean MAX_QUOTES?"


def test_a_check_that_breaks_hides_no_other(monkeypatch: pytest.MonkeyPatch, model_folders: dict[str, Path]) -> None:
    def breaks() -> Iterator[Finding]:
        yield Finding("index", True, "So far.")
        raise RuntimeError(PASSWORD)

    assert list(findings("index", breaks)) == [
        Finding("index", True, "So far."),
        Finding("index", False, "This could not be looked into (RuntimeError).", sentences.BROKEN_ADVICE),
    ]


# The documents and their index


def test_an_empty_documents_folder(tmp_path: Path) -> None:
    (finding,) = found("documents", load_settings(seeds_dir=tmp_path, data_dir=tmp_path / "data"))
    assert (finding.ok, finding.sentence) == (False, f"The documents folder {tmp_path} holds no document.")


def test_files_that_are_left_out_and_files_that_have_changed_since(tmp_path: Path) -> None:
    folders = {"seeds_dir": tmp_path / "seeds", "data_dir": tmp_path / "data"}
    plant(folders["seeds_dir"], {"a.md": "A bell.", "b.md": "A boat.", "empty.txt": "", "page.pdf": "no PDF"})
    (folders["seeds_dir"] / "up").symlink_to(tmp_path, target_is_directory=True)
    settings = {"SEEDS_DIR": folders["seeds_dir"], "DATA_DIR": folders["data_dir"]}
    assert citegram("index", settings=settings).status == 0
    plant(folders["seeds_dir"], {"a.md": "A bell of bronze.", "c.md": "A cat."})
    (folders["seeds_dir"] / "b.md").unlink()
    ended = doctor(folders, READER="off")
    assert ended.status == 1
    holds, left_out, changed = told(ended)["documents"].splitlines()
    assert holds.startswith("ok: 4 documents in ")
    assert left_out.startswith("wrong: 3 files are left out: empty.txt is empty; page.pdf is ")
    assert "; up is a link to a folder" in left_out
    assert left_out.endswith(". Mend or remove them, or name them in .citegramignore.")
    expected = "3 files are not as when the index was made: a.md; b.md; c.md."
    assert changed == f"wrong: {expected} Run: citegram index"


def test_a_damaged_index(folders: dict[str, Path]) -> None:
    (generation(folders) / "texts.sqlite").write_bytes(b"")
    ended = doctor(folders, READER="off")
    lines = told(ended)
    assert ended.status == 1
    assert lines["index"].startswith("wrong: The index is damaged: ")
    assert lines["index"].endswith("Rebuild it with: citegram index --full")
    assert [name for name, said in lines.items() if "wrong" in said] == ["index"]


def test_an_index_of_another_model(model_folders: dict[str, Path]) -> None:
    settings = load_settings(**model_folders, embed_model=str(OTHER_MODEL))
    (finding,) = found("index", settings)
    assert (finding.ok, finding.sentence.endswith("Bring it up to date with: citegram index")) == (False, True)
    assert all(each.ok for each in found("embedder", settings))


# The embedder


def test_an_embedder_that_is_not_there_leaves_the_index_to_be_looked_at(model_folders: dict[str, Path]) -> None:
    settings = load_settings(**model_folders, embed_model="models/none-here")
    (finding,) = found("embedder", settings)
    assert (finding.ok, "fastembed" in finding.sentence or "no folder" in finding.sentence) == (False, True)
    assert all(each.ok for each in found("index", settings))


def test_a_server_of_embeddings_that_refuses_the_key(model_folders: dict[str, Path]) -> None:
    with EmbeddingsServer() as server:
        settings = load_settings(
            **model_folders, embed_base_url=server.address, embed_model=MODEL, embed_api_key=PASSWORD
        )
        (finding,) = found("embedder", settings)
        assert (finding.ok, "answered HTTP 401" in finding.sentence) == (False, True)
        assert finding.sentence.endswith("Check EMBED_API_KEY.")
        assert all(each.ok for each in found("documents", settings))
        assert not server.batches


def test_a_server_of_embeddings_that_changes_its_mind(model_folders: dict[str, Path]) -> None:
    settings = load_settings(**model_folders, embed_model=MODEL, embed_api_key=KEY)
    with EmbeddingsServer() as server:
        settings = settings.model_copy(update={"embed_base_url": server.address})
        parts = checks(settings)
        assert [each.ok for each in findings("index", parts["index"])] == [False]  # it was made with another model
        server.alter(lambda answer: answer["data"][0]["embedding"].append(1.0))
        (finding,) = findings("embedder", parts["embedder"])
    assert (finding.ok, "vectors of" in finding.sentence) == (False, True)


# What is kept


def test_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    (finding,) = found("data folder", load_settings(data_dir=tmp_path / "data"))
    said = f"The data folder {tmp_path / 'data'} cannot be written (Not a directory). {sentences.UNWRITABLE_ADVICE}"
    assert (finding.ok, finding.told) == (False, said)


def test_a_disk_that_is_read_only_or_nearly_full(disk: Disk) -> None:
    settings = load_settings(seeds_dir=disk.folder, data_dir=disk.folder / "data")
    (full,) = found("data folder", settings)
    assert (full.ok, full.told.endswith(sentences.NO_ROOM_ADVICE)) == (False, True)
    subprocess.run(["mount", "-o", "remount,ro", disk.folder], check=True)
    (read_only,) = found("data folder", settings)
    assert (read_only.ok, "(Read-only file system)" in read_only.sentence) == (False, True)


@pytest.mark.parametrize(("free", "ok"), [(BESIDES + 5_000_000, True), (BESIDES + 4_999_999, False)])
def test_a_rebuild_needs_room_for_a_second_index(free: int, ok: bool) -> None:
    assert of_room(Path("data"), free=free, held=5_000_000).ok is ok


def test_a_database_that_is_none(folders: dict[str, Path]) -> None:
    (folders["data_dir"] / "bot.sqlite").write_bytes(b"no database at all " * 100)
    (finding,) = found("database", load_settings(**folders))
    assert (finding.ok, "bot.sqlite cannot be used" in finding.sentence) == (False, True)


def test_an_address_of_a_database_that_cannot_be_used_is_not_shown() -> None:
    (finding,) = found("database", load_settings(database_url=f"postgresql+asyncpg://bot:{PASSWORD}@127.0.0.1:1/bot"))
    assert not finding.ok
    assert "DATABASE_URL" in finding.sentence  # its driver may be installed, and then nobody answers
    assert PASSWORD not in finding.told


# Telegram


async def on_telegram(api: BotApi, **settings: object) -> list[Finding]:
    own = {"telegram_bot_token": api.token, "telegram_api_url": api.url} | settings
    result = await asyncio.to_thread(found, "Telegram", load_settings(**own))
    assert not any(str(own["telegram_bot_token"]) in each.told for each in result)
    return result


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (botapi.LoginPage(), "cannot be reached, or does not answer as Telegram does"),
        (botapi.BadGateway(html=True), "cannot be reached, or does not answer as Telegram does"),
        (botapi.DropBefore(), "cannot be reached, or does not answer as Telegram does"),
        (botapi.RetryAfter(40), "asks to wait 40 s."),
    ],
    ids=kind,
)
async def test_a_bad_day_at_telegrams(fault: botapi.Fault, sentence: str) -> None:
    async with BotApi() as api:
        api.fail("getMe", fault)
        (finding,) = await on_telegram(api)
    assert (finding.ok, sentence in finding.sentence, finding.advice != "") == (False, True, True)


async def test_a_token_that_telegram_does_not_know_is_not_shown_even_at_debug(model_folders: dict[str, Path]) -> None:
    async with BotApi() as api:
        ended = await asyncio.to_thread(
            doctor,
            model_folders,
            TELEGRAM_BOT_TOKEN="123456:ANOTHER-TOKEN",
            TELEGRAM_API_URL=api.url,
            LOG_LEVEL="DEBUG",
            READER="off",
        )
    assert ended.status == 1
    assert told(ended)["Telegram"].endswith(f"does not know TELEGRAM_BOT_TOKEN. {sentences.REFUSED_TOKEN_ADVICE}")


async def test_no_telegram_at_all() -> None:
    (finding,) = await on_telegram(BotApi(), telegram_api_url="http://127.0.0.1:1")
    assert (finding.ok, finding.sentence.startswith("127.0.0.1:1 cannot be reached")) == (False, True)


async def test_what_can_be_no_token() -> None:
    (finding,) = await on_telegram(BotApi(), telegram_bot_token="nonsense", telegram_api_url="http://127.0.0.1:1")
    assert (finding.ok, "is no token such as" in finding.sentence) == (False, True)


@pytest.mark.parametrize(("privacy", "sentence"), [(True, sentences.SEES_SOME), (False, sentences.SEES_ALL)])
async def test_what_the_bot_sees_in_groups(privacy: bool, sentence: str) -> None:
    async with BotApi(privacy=privacy) as api:
        (_, sight, webhook) = await on_telegram(api)
    assert (sight.ok, sight.sentence) == (True, sentence)
    assert webhook == Finding("Telegram", True, sentences.POLLS)


@pytest.mark.parametrize(
    ("wanted", "ok", "sentence"),
    [
        (None, False, "A webhook is set, to 127.0.0.1:1, and WEBHOOK_URL is not."),
        ("http://127.0.0.1:1/other", False, "Telegram calls another address, at 127.0.0.1:1, than WEBHOOK_URL."),
        (f"http://127.0.0.1:1/{PASSWORD}", True, "Telegram calls WEBHOOK_URL; 0 updates wait."),
    ],
    ids=str,
)
async def test_a_webhook_that_is_set(wanted: str | None, ok: bool, sentence: str) -> None:
    async with BotApi() as api, aiohttp.ClientSession() as session:
        hook = {"url": f"http://127.0.0.1:1/{PASSWORD}"}
        assert (await session.post(f"{api.url}/bot{api.token}/setWebhook", json=hook)).ok
        finding = (await on_telegram(api, webhook_url=wanted))[-1]
    assert (finding.ok, finding.sentence) == (ok, sentence)
    assert PASSWORD not in finding.told


async def test_a_webhook_that_cannot_be_delivered_to() -> None:
    async with BotApi() as api, aiohttp.ClientSession() as session:
        hook = {"url": "http://127.0.0.1:1/hook"}
        assert (await session.post(f"{api.url}/bot{api.token}/setWebhook", json=hook)).ok
        alice = api.user("Alice")
        await api.private(alice).say(alice, "Hello?")
        while (finding := (await on_telegram(api, webhook_url=hook["url"]))[-1]).ok:
            continue
    assert re.fullmatch(r"Telegram could not deliver to WEBHOOK_URL \(.+\); 1 updates wait\.", finding.sentence)


# The language model


@pytest.mark.parametrize(
    ("fault", "sentence", "advice"),
    [
        (llm.RateLimited(), "{where} takes no more requests just now.", sentences.LIMITED_ADVICE),
        (
            llm.ServerError(),
            "{model} could not be reached at {where}, or its server failed.",
            sentences.UNREACHABLE_ADVICE,
        ),
        (llm.Refused(), "{model} could not be reached at {where}, or its server failed.", sentences.UNREACHABLE_ADVICE),
        (llm.Failure(401, f"Not {PASSWORD}."), "{where} refused the request to {model}.", sentences.REFUSED_ADVICE),
        (llm.WrongShape(), "{model} at {where} said nothing that could be used", sentences.NONSENSE_ADVICE),
        (llm.Stall(), "{model} at {where} did not write within 0.5 s.", sentences.SLOW_ADVICE),
    ],
    ids=kind,
)
def test_a_bad_day_at_the_models(
    model: LlmServer, model_settings: Settings, fault: llm.Fault, sentence: str, advice: str
) -> None:
    model.answer_by(cited)
    model.fail(fault)
    settings = model_settings.model_copy(update={"llm_timeout": 0.5 if isinstance(fault, llm.Stall) else 20})
    (finding,) = found("language model", settings)
    where = model.url.removeprefix("http://").removesuffix("/v1")
    assert not finding.ok
    assert finding.sentence.startswith(sentence.format(model=model.model, where=where))
    assert finding.advice == advice
    assert PASSWORD not in finding.told
    model.heal()
    assert found("language model", settings)[0].ok


@pytest.mark.parametrize("said", ["Bridges have always fascinated people.", "NOTHING FOUND", "QUOTES\nANSWER\n"])
def test_a_model_that_does_not_keep_to_the_form(model: LlmServer, model_settings: Settings, said: str) -> None:
    model.say(said)
    (finding,) = found("language model", model_settings)
    assert not finding.ok
    assert finding.sentence.startswith(f"{model.model} wrote (")
    assert finding.advice == sentences.FORMLESS_ADVICE


def test_a_model_that_says_nothing(model: LlmServer, model_settings: Settings) -> None:
    model.say("")
    (finding,) = found("language model", model_settings)
    assert (finding.ok, finding.advice) == (False, sentences.NONSENSE_ADVICE)


def test_a_wrong_key_is_not_shown_even_at_debug(model_folders: dict[str, Path]) -> None:
    with LlmServer() as model:
        ended = doctor(
            model_folders,
            LLM_BASE_URL=model.url,
            LLM_MODEL=model.model,
            LLM_API_KEY="sk-another-key",
            LOG_LEVEL="DEBUG",
            READER="off",
        )
        assert [request.status for request in model.requests] == [401]
    assert ended.status == 1
    assert "refused the request" in told(ended)["language model"]
