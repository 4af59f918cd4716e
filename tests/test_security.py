"""What SECURITY.md promises and no other file tests; and that what it cites is there."""

import ast
import os
import pickle
import re
import shutil
import signal
import sys
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path

import psutil
import pytest

from index.extraction import Extraction
from index.formats.extract import Extract, Part
from index.formats.pipes import LENGTH, MOST_BYTES, receive, send
from tests.botapi import PrivateChat
from tests.builders import FERRY, plant
from tests.command_line import ROOT, citegram
from tests.files import a_pdf
from tests.scripted import TEXTS
from tests.test_bot_process import QUESTION, Processes, chat, indexed, processes

__all__ = ["chat", "indexed", "processes"]

SECURITY = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
SOURCES = [path for top in ("bot", "config", "index") for path in (ROOT / top).rglob("*.py")]
NAMES_ONLY = {"index/texts.py"}
"""Put names of tables and columns of ours, and question marks, into statements; nothing else."""


def test_every_module_and_test_that_is_cited_is_there() -> None:
    cited = re.findall(r"`((?:bot|config|index|tests)/[\w/.]+\.py)(?:::(\w+))?`", SECURITY)
    assert len(cited) > 30
    for path, test in cited:
        assert (ROOT / path).exists(), path
        assert not test or f"def {test}(" in (ROOT / path).read_text(encoding="utf-8"), f"{path}::{test}"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_neither_token_nor_key_stands_in_a_process_title(
    processes: Processes, indexed: Path, chat: PrivateChat, tmp_path: Path
) -> None:
    """Those of the bot and of every process that it starts, with the one that rebuilds."""
    seeds, data = plant(tmp_path / "seeds", TEXTS), Path(shutil.copytree(indexed, tmp_path / "data"))
    secret = processes.api.token.partition(":")[2]
    settings = {"WATCH_SEEDS": "on", "SEEDS_DIR": str(seeds), "DATA_DIR": str(data)}
    bot = await processes.start(LLM_API_KEY="KEY-OF-THE-MODEL", **settings)
    await chat.reply(to=await chat.say(chat.person, QUESTION), timeout_seconds=40)
    async with processes.switching(data):
        plant(seeds, {"ferry.md": FERRY})
    workers = [psutil.Process(process.pid) for process in bot.processes]
    family = [*workers, *(child for worker in workers for child in worker.children(recursive=True))]
    titles = [title for title in map(title_of, family) if title]
    assert len(titles) > len(workers)
    assert not [title for title in titles if secret in title or "KEY-OF" in title]
    bot.send_signal(signal.SIGTERM)
    assert await processes.ended(bot) == (0, "")


def title_of(process: psutil.Process) -> str:
    """Nothing of one that has ended, as a sync does."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def test_no_option_takes_a_secret() -> None:
    for command in re.findall(r"^    (\w+) ", citegram("--help", settings={}).output, re.MULTILINE):
        told = citegram(command, "--help", settings={}).output
        assert not re.search(r"--\w*(token|key|secret|password)", told), command


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_process_that_reads_hostile_files_has_no_secret_in_its_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TELEGRAM_BOT_TOKEN", "LLM_API_KEY", "EMBED_API_KEY", "DATABASE_URL", "ANOTHER_PASSWORD"):
        monkeypatch.setenv(name, "123456:VERY-SECRET")
    file = tmp_path / "a.pdf"
    file.write_bytes(a_pdf(["A page."]))
    others = psutil.Process().children()
    with Extraction() as extraction:
        assert "A page." in extraction.read(file).text
        (reader,) = set(psutil.Process().children()) - set(others)
        assert b"SECRET" not in Path(f"/proc/{reader.pid}/environ").read_bytes()


class Harm:
    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, ("harmed",)


def test_what_comes_from_that_process_is_a_text_or_an_extract_and_never_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    extract = Extract("A text.", (Part(0, ("A heading",), 3, "iii", "Anna Reed", date(2026, 1, 1)),), "A title")
    for value, received in ((extract, extract), ("a reason", "a reason"), (Harm(), None), (pickle, None)):
        stream = BytesIO()
        if value is pickle:
            stream.write(b"\0" * 7 + b"\5" + b"trash")
        else:
            send(stream, value)
        stream.seek(0)
        assert receive(stream) == received
    assert not list(tmp_path.iterdir())


def test_what_that_process_sends_ends_nothing_however_odd_it_is() -> None:
    for length in (1 << 63, 1 << 45, MOST_BYTES + 1):
        assert receive(BytesIO(LENGTH.pack(length) + b"trash")) is None
    nested = b"(" * 1_000_000 + b"."
    for content in (nested, b"\x80\x04]" + b"r\xff\xff\xff\x7f.", b"c\n\n.", b"L" + b"9" * 10_000 + b"L\n.", b"g7\n."):
        assert receive(BytesIO(LENGTH.pack(len(content)) + content)) is None


@pytest.mark.parametrize(
    "value",
    [
        Extract(5),  # type: ignore[arg-type]
        Extract("A text.", None),  # type: ignore[arg-type]
        Extract("A text.", [Part(0)]),  # type: ignore[arg-type]
        Extract("A text.", ("part",)),  # type: ignore[arg-type]
        Extract("A text.", (Part(1000),)),
        Extract("A text.", (Part(-1),)),
        Extract("A text.", (Part("0"),)),  # type: ignore[arg-type]
        Extract("A text.", (Part(0, "heading"),)),  # type: ignore[arg-type]
        Extract("A text.", (Part(0, (5,)),)),  # type: ignore[arg-type]
        Extract("A text.", (Part(0, (), 1 << 70),)),
        Extract("A text.", (Part(0, (), 1, 5),)),  # type: ignore[arg-type]
        Extract("A text.", (Part(0, author=5),)),  # type: ignore[arg-type]
        Extract("A text.", (Part(0, dated="2026-01-01"),)),  # type: ignore[arg-type]
        Extract("A text.", title=5),  # type: ignore[arg-type]
        Extract("A text.", dated="2026-01-01"),  # type: ignore[arg-type]
        Extract("Half a character: \ud800"),
        "Half a character: \ud800",
        Part(0),
        5,
        Extract,
    ],
    ids=repr,
)
def test_what_that_process_sends_is_of_its_types_throughout(value: object) -> None:
    stream = BytesIO()
    send(stream, value)
    stream.seek(0)
    assert receive(stream) is None


def test_statements_take_values_by_parameters_alone() -> None:
    """Whatever is executed is a constant or made by SQLAlchemy, but in two modules that put names of ours in."""
    made = {
        path.relative_to(ROOT).as_posix()
        for path in SOURCES
        for call in calls(path, ("execute", "executemany", "executescript", "text"))
        if call.args and isinstance(call.args[0], ast.JoinedStr | ast.BinOp)
    }
    assert made == NAMES_ONLY


def test_secrets_are_compared_in_constant_time() -> None:
    tree = ast.parse((ROOT / "bot/telegram/webhook.py").read_text(encoding="utf-8"))
    for compared in (node for node in ast.walk(tree) if isinstance(node, ast.Compare)):
        assert "secret" not in ast.unparse(compared)
        assert "told" not in ast.unparse(compared)


EVALUATING = {"eval", "exec", "compile", "__import__"}
UNPICKLING = {"pickle", "_pickle", "cPickle", "marshal", "shelve", "dill", "joblib", "cloudpickle"}
SAFE_YAML = {"safe_load", "safe_dump", "YAMLError"}


def test_nothing_evaluates_what_it_reads() -> None:
    """But one module that makes nothing by pickle other than what an Extract holds, and one that looks at the nodes of
    YAML and builds nothing of them."""
    found = {
        (path.relative_to(ROOT).as_posix(), name) for path in SOURCES for name in evaluating(path.read_text("utf-8"))
    }
    nodes = {f"yaml.{name}" for name in ("compose", "SafeLoader", "Node", "ScalarNode", "SequenceNode", "MappingNode")}
    assert found == {
        ("index/formats/pipes.py", "pickle"),
        *(("index/formats/front_matter.py", name) for name in nodes),
    }
    pipes = ast.parse((ROOT / "index/formats/pipes.py").read_text(encoding="utf-8"))
    used = {
        node.attr for node in ast.walk(pipes) if isinstance(node, ast.Attribute) and unparsed(node.value) == "pickle"
    }
    assert used == {"Unpickler", "UnpicklingError", "dumps"}
    assert [unparsed(base) for node in ast.walk(pipes) if isinstance(node, ast.ClassDef) for base in node.bases] == [
        "pickle.Unpickler"
    ]
    assert sum(unparsed(node) == "pickle.Unpickler" for node in ast.walk(pipes)) == 1  # as that base alone


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("eval(read)", "eval"),
        ("builtins.exec(read)", "builtins.exec"),
        ("run = eval", "eval"),
        ("import pickle", "pickle"),
        ("from pickle import loads", "pickle"),
        ("import joblib.numpy_pickle", "joblib"),
        ("os.system(read)", "os.system"),
        ("from os import popen", "popen"),
        ("yaml.load(read)", "yaml.load"),
        ("yaml.unsafe_load(read)", "yaml.unsafe_load"),
        ("from yaml import full_load", "full_load"),
        ("run(read, shell=True)", "shell"),
        ("numpy.load(read, allow_pickle=True)", "allow_pickle"),
    ],
)
def test_whatever_evaluates_is_seen(source: str, name: str) -> None:
    assert name in set(evaluating(source))


def evaluating(source: str) -> Iterator[str]:
    """What in it may run what it reads."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Name(id=name) if name in EVALUATING:
                yield name
            case ast.Attribute(value=ast.Name(id=module), attr=name):
                of_yaml = module == "yaml" and name not in SAFE_YAML
                if (
                    of_yaml
                    or (module == "builtins" and name in EVALUATING)
                    or (module == "os" and name in ("system", "popen"))
                ):
                    yield f"{module}.{name}"
            case ast.Import(names=names):
                yield from (top for each in names if (top := each.name.partition(".")[0]) in UNPICKLING)
            case ast.ImportFrom(module=str(module), names=names):
                if (top := module.partition(".")[0]) in UNPICKLING:
                    yield top
                banned = {"os": lambda name: name in ("system", "popen"), "yaml": lambda name: name not in SAFE_YAML}
                yield from (each.name for each in names if module in banned and banned[module](each.name))
            case ast.keyword(arg=str(name)) if name in ("shell", "allow_pickle"):
                yield name


def unparsed(node: ast.AST) -> str:
    return ast.unparse(node) if isinstance(node, ast.expr) else ""


def test_a_file_s_name_commands_no_terminal(tmp_path: Path) -> None:
    plant(tmp_path / "seeds", {"ferry.md": FERRY})
    (tmp_path / "seeds" / "\x1b]0;owned\x07\x1b[2J.pdf").write_bytes(b"no PDF")
    settings: dict[str, str | Path] = {"SEEDS_DIR": tmp_path / "seeds", "DATA_DIR": tmp_path / "data"}
    for command in ("index", "status"):
        ended = citegram(command, settings=settings)
        assert ended.status == 0
        assert "owned" in ended.output
        assert "\x1b" not in ended.output + ended.errors
    (tmp_path / "seeds" / "ferry.md").unlink()
    ended = citegram("index", "--data", tmp_path / "other", settings=settings)
    assert ended.status == 1
    assert "owned" in ended.errors
    assert "\x1b" not in ended.errors


def calls(path: Path, names: tuple[str, ...]) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in names:
                yield node
