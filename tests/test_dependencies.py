"""The locked dependencies: complete, pinned, hashed, and without an address of where they were taken from."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.command_line import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
RUNNING = ROOT / "requirements.txt"
POSTGRES = ROOT / "requirements-postgres.txt"
DEVELOPING = ROOT / "requirements-dev.txt"
BOTH = pytest.mark.parametrize("path", [RUNNING, DEVELOPING], ids=lambda path: path.name)


def entries(path: Path) -> list[str]:
    """Each requirement with its hashes as one line, comments left out."""
    text = re.sub(r"^\s*#.*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [line for line in text.replace("\\\n", " ").splitlines() if line.strip()]


def pinned(path: Path) -> dict[str, Requirement]:
    found = [Requirement(entry.partition("--hash")[0].strip()) for entry in entries(path)]
    return {canonicalize_name(each.name): each for each in found}


@BOTH
def test_every_requirement_is_pinned_and_hashed(path: Path) -> None:
    assert len(entries(path)) > 50
    for entry in entries(path):
        assert re.match(r"[A-Za-z0-9._-]+(\[[\w,-]+\])?==[\w.+!-]+(?=\s)", entry), entry
        assert re.fullmatch(r"(\s+--hash=sha256:[0-9a-f]{64})+\s*", entry[entry.index(" --hash") :]), entry


@BOTH
def test_nothing_tells_where_it_was_compiled(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.findall(r"^.*(?:index-url|find-links|trusted-host|://|file:).*$", text, re.MULTILINE)
    assert not re.findall(r"(?<![\w.=:@-])(?:/[\w.-]+){2,}|[A-Z]:\\", text)


@pytest.mark.parametrize(
    ("path", "dependencies"),
    [
        (RUNNING, PROJECT["dependencies"]),
        (DEVELOPING, PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]),
    ],
    ids=["running", "developing"],
)
def test_every_dependency_of_the_project_is_there_in_a_version_it_allows(path: Path, dependencies: list[str]) -> None:
    locked = pinned(path)
    for wanted in map(Requirement, dependencies):
        version = next(iter(locked[canonicalize_name(wanted.name)].specifier)).version
        assert version in wanted.specifier, f"{wanted} is locked at {version}"


def test_what_runs_is_tested_in_the_same_versions() -> None:
    running, developing = pinned(RUNNING) | pinned(POSTGRES), pinned(DEVELOPING)
    assert {name: developing.get(name) for name in running} == running


def test_the_driver_of_postgres_is_the_extra_and_comes_with_the_hashes_it_is_tested_with() -> None:
    assert pinned(POSTGRES).keys() == {Requirement(each).name for each in PROJECT["optional-dependencies"]["postgres"]}
    for entry in entries(POSTGRES):
        assert entry.count("--hash=sha256:") > 1
        assert " ".join(entry.split()) in {" ".join(each.split()) for each in entries(DEVELOPING)}
