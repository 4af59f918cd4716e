"""The Dockerfile, docker-compose.yml and docs/deploying.md held against the project; no Docker is needed or run."""

import configparser
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.specifiers import SpecifierSet
from pathspec import GitIgnoreSpec

from bot.options import build_parser
from config import Settings
from tests.builders import plant
from tests.command_line import ROOT, environment

GUIDE = (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Instruction:
    name: str
    rest: str

    @property
    def words(self) -> list[str]:
        """Of an exec form its list, else what a shell would make of it."""
        return json.loads(self.rest) if self.rest.startswith("[") else shlex.split(self.rest)


def stages() -> list[list[Instruction]]:
    """The instructions of the Dockerfile by stage, in order."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    found: list[list[Instruction]] = []
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip():
            name, rest = line.split(maxsplit=1)
            if name == "FROM":
                found.append([])
            found[-1].append(Instruction(name, rest))
    return found


def all_of(name: str, instructions: list[Instruction]) -> list[Instruction]:
    return [each for each in instructions if each.name == name]


def last(name: str) -> Instruction:
    return all_of(name, stages()[-1])[-1]


def copied() -> list[tuple[str, str]]:
    """What is copied from the project: (source, target)."""
    pairs = []
    for instruction in all_of("COPY", [each for stage in stages() for each in stage]):
        *sources, target = instruction.words
        if not sources[0].startswith("--from="):
            pairs += [(source, target) for source in sources]
    return pairs


def compose() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return content


def ours() -> dict[str, Any]:
    """The services of this project's own image."""
    return {name: service for name, service in compose()["services"].items() if service["image"] == "citegram"}


def is_a_command(words: list[str]) -> bool:
    """Whether the command line takes it, its placeholders included."""
    build_parser().parse_args(words)
    return True


def test_what_is_copied_is_there_and_reaches_the_engine_and_nothing_private_does() -> None:
    ignored = GitIgnoreSpec.from_lines((ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines())
    for source, _ in copied():
        assert (ROOT / source).exists(), source
        files = list((ROOT / source).rglob("*.py")) if (ROOT / source).is_dir() else [ROOT / source]
        assert not [path for path in files if ignored.match_file(path.relative_to(ROOT).as_posix())]
    for private in (".env", "data/bot.sqlite", "seeds/a.txt", ".git/config", "bot/.env", "bot/__pycache__/a.pyc"):
        assert ignored.match_file(private), private


def test_the_python_is_pinned_one_and_fits_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    bases = {stage[0].words[0] for stage in stages()}
    (base,) = bases
    found = re.fullmatch(r"python:(\d+\.\d+)-slim-\w+", base)
    assert found
    assert found[1] in SpecifierSet(project["requires-python"])


def test_packages_come_with_hashes_and_the_project_without_any() -> None:
    installs = [each.rest for stage in stages() for each in stage if "pip install" in each.rest]
    assert len(installs) == 2
    assert all("--require-hashes" in line or "--no-deps" in line for line in installs)
    assert stages()[0][0].rest.endswith(" AS installed")
    assert not [each for each in stages()[-1] if "pip" in each.rest]


def test_it_runs_as_a_user_without_rights_and_holds_no_secret() -> None:
    final = stages()[-1]
    names = [each.name for each in final]
    user = last("USER").rest
    assert user not in ("root", "0")
    assert f" {user} " in f" {' '.join(each.rest for each in all_of('RUN', final))} "
    assert names.index("USER") < names.index("CMD")
    assert "RUN" not in names[names.index("USER") :]
    settings = [word.partition("=")[0] for each in all_of("ENV", final) for word in each.rest.split()]
    assert {name.lower() for name in settings} & set(Settings.model_fields) == {"data_dir", "seeds_dir"}
    assert not all_of("ARG", [each for stage in stages() for each in stage])


def test_what_it_runs_are_commands_of_citegram() -> None:
    assert last("ENTRYPOINT").words == ["citegram"]
    assert is_a_command(last("CMD").words)
    program, *arguments = json.loads(last("HEALTHCHECK").rest.partition("CMD ")[2])
    assert program == "citegram"
    assert is_a_command(arguments)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "citegram" in project["scripts"]


@pytest.mark.timeout(180)
def test_what_is_copied_is_all_that_it_needs(tmp_path: Path) -> None:
    """The commands as processes, from the copied files alone: without an index, the container is not healthy."""
    for source, target in copied():
        to = tmp_path / target.lstrip("/")
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, to, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            to.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / source, to)
    plant(tmp_path / "seeds")
    own = {"SEEDS_DIR": str(tmp_path / "seeds"), "DATA_DIR": str(tmp_path / "data")}
    surroundings = environment(own) | {"PYTHONPATH": str(tmp_path / "source")}
    check = json.loads(last("HEALTHCHECK").rest.partition("CMD ")[2])[1:]

    def run(*arguments: str) -> int:
        command = [sys.executable, "-m", "bot", *arguments]
        return subprocess.run(command, env=surroundings, cwd=tmp_path, capture_output=True).returncode

    assert run(*check) == 1
    assert run(*compose()["services"]["index"]["command"]) == 0
    assert run(*check) == 0
    assert run(*last("CMD").words) == 2  # without a token


def test_the_services_are_commands_with_their_volumes_and_no_more_rights_than_they_need() -> None:
    volumes = set(json.loads(last("VOLUME").rest))
    for name, service in ours().items():
        assert is_a_command(service["command"]), name
        assert {volume.rpartition(":")[2] for volume in service["volumes"]} == volumes
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert {variable.lower() for variable in service["environment"]} <= set(Settings.model_fields)
    content = compose()["services"]
    assert {name for name, service in content.items() if "profiles" not in service} == {"index", "bot"}


@pytest.mark.parametrize("wrong", [None, "restrat: always", "ports: 8080"])
def test_the_compose_file_keeps_to_the_specification(tmp_path: Path, wrong: str | None) -> None:
    """And what would not is seen."""
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    file = tmp_path / "docker-compose.yml"
    file.write_text(text.replace("  bot:\n", f"  bot:\n    {wrong}\n", 1) if wrong else text, encoding="utf-8")
    linter = Path(sys.executable).parent / "check-jsonschema"
    ended = subprocess.run([linter, "--builtin-schema", "vendor.compose-spec", file], capture_output=True, text=True)
    assert (ended.returncode == 0) is (wrong is None), ended.stdout


def test_no_service_is_reached_from_beyond_this_machine_or_may_gain_rights() -> None:
    """Chroma and Postgres are reached by the workers alone."""
    content = compose()
    for name, service in content["services"].items():
        assert "privileged" not in service, name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
        named = [volume.partition(":")[0] for volume in service["volumes"]]
        assert {each for each in named if not each.startswith("./")} <= set(content["volumes"]), name
        assert all((ROOT / each).exists() for each in named if each.startswith("./") and each != "./seeds"), name
    assert {name for name, service in content["services"].items() if "ports" in service} == {"webhook", "proxy"}


def test_other_images_are_pinned_and_chroma_is_of_the_version_that_asks_it() -> None:
    images = {service["image"] for service in compose()["services"].values()} - {"citegram"}
    assert len(images) == 3
    assert all(re.fullmatch(r"[\w/]+:\d[\w.-]*", image) for image in images), images
    version = re.search(r"^chromadb==([\d.]+)", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert version
    assert f"chromadb/chroma:{version[1]}" in images


def test_the_proxy_passes_calls_on_to_both_workers() -> None:
    text, content = (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8"), compose()["services"]
    workers = {name: service for name, service in ours().items() if "many" in service.get("profiles", ())}
    workers = {name: service for name, service in workers.items() if service["command"] == ["bot", "--webhook"]}
    assert len(workers) == 2
    addresses = [f"{name}:{service['environment']['PORT']}" for name, service in workers.items()]
    (passed_on,) = re.findall(r"reverse_proxy (.*) \{", text)
    assert passed_on.split() == addresses
    (listened,) = re.findall(r"^:(\d+) \{", text, re.MULTILINE)
    assert [port.rpartition(":")[2] for port in content["proxy"]["ports"]] == [listened]
    assert set(content["proxy"]["depends_on"]) == set(workers)
    assert all(service["environment"]["LISTEN_ON"] == "0.0.0.0" for service in workers.values())
    first, second = workers.values()
    assert first == second
    assert text.count("{") == text.count("}")


def test_the_port_that_is_published_is_listened_on_whatever_the_file_of_settings_says() -> None:
    """LISTEN_ON=127.0.0.1 is for a bot without a container; within one nobody would reach it."""
    webhook = compose()["services"]["webhook"]
    assert webhook["environment"]["LISTEN_ON"] == "0.0.0.0"
    assert [port.rpartition(":")[2] for port in webhook["ports"]] == [webhook["environment"]["PORT"]]


def test_the_bot_that_asks_is_removed_before_the_one_that_is_called_starts() -> None:
    lines = GUIDE.splitlines()
    assert lines.index("docker compose rm --stop --force bot") + 1 == lines.index("docker compose up --detach webhook")


def test_the_image_has_the_driver_of_every_database_that_the_guide_names() -> None:
    (install,) = (each.rest for each in all_of("RUN", stages()[0]) if "--require-hashes" in each.rest)
    assert {"/source/requirements.txt", "/source/requirements-postgres.txt"} <= set(install.split())
    for requirements in re.findall(r"-r (requirements[\w-]*\.txt)", GUIDE):
        assert (ROOT / requirements).exists(), requirements


COMMANDS = ("index", "ask", "bot", "migrate", "status", "backup", "restore", "console", "eval")


def test_every_command_of_the_guide_is_one() -> None:
    blocks = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
    lines = [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]
    inline = re.findall(r"`((?:docker compose|citegram|python -m bot) [^`]*)`", GUIDE)
    commands = [part.strip() for line in (*lines, *inline) for part in line.split("&&")]
    ours = [found[1] for each in commands if (found := re.search(r"(?:\bcitegram|-m bot) ((?:[a-z-]).*)", each))]
    assert len(ours) > 6
    for command in ours:
        if command.partition(" ")[0] in (
            "index",
            "ask",
            "bot",
            "migrate",
            "status",
            "backup",
            "restore",
            "console",
            "eval",
        ):
            assert is_a_command(shlex.split(command)), command
    for command in commands:
        if found := re.match(r"docker compose (?:up|run|exec|logs|rm)\b(.*)", command):
            named = [word for word in found[1].split() if not word.startswith("-")][:1]
            assert set(named) <= set(compose()["services"]), command


def test_the_unit_starts_what_there_is() -> None:
    unit = configparser.ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string(re.findall(r"```ini\n(.*?)```", GUIDE, re.DOTALL)[0])
    service = unit["Service"]
    for key in ("ExecStartPre", "ExecStart"):
        program, *arguments = shlex.split(service[key])
        assert program.endswith(".venv/bin/citegram")
        assert is_a_command(arguments)
    assert {word.partition("=")[0].lower() for word in service["Environment"].split()} <= set(Settings.model_fields)
    assert service["User"] != "root"
    assert service["RestartPreventExitStatus"] == "2"
