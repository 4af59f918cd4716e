"""Which module may import which, read from the sources; and what a process that only asks must not load."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from types import ModuleType

import pytest

import bot.backup
import bot.doctor
import bot.evaluation
import bot.outside
import index
import index.formats
from tests.command_line import ROOT

OURS = ("config", "index", "bot", "tests", "tools")
PROJECT = ("config", "index", "bot")
KNOW_SETTINGS = {"index.wiring", "index.building"}
LIGHT = ("index.types", "index.errors")
MAY_IMPORT_LATE = {"bot.cli", "bot.serving", "bot.database", "index.documents", "index.chunking"}
"""What a command does not need takes seconds to load: the engine, llama-index where no document is read, and Alembic
where there is nothing to migrate."""

DRAWN = (index, index.formats, bot.backup, bot.doctor, bot.evaluation, bot.outside)
"""Packages whose docstring draws their layers; a package within one is a name in it."""

Imports = tuple[tuple[str, bool], ...]


@cache
def modules() -> dict[str, Path]:
    """Every module of the project by name; a package by its own."""
    paths = (path for top in PROJECT for path in (ROOT / top).rglob("*.py"))
    return {name_of(path.relative_to(ROOT)): path for path in paths}


def name_of(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


@cache
def imports(module: str) -> Imports:
    """What a module imports, as (name, whether inside a function); a name is a module where there is one."""
    tree = ast.parse(modules()[module].read_text(encoding="utf-8"))
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    late = {id(inner) for function in functions for inner in ast.walk(function)}
    return tuple(
        (name, id(node) in late)
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in names_in(node, module)
    )


def names_in(node: ast.Import | ast.ImportFrom, module: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    assert not node.level, f"{module} imports relatively"
    for alias in node.names:
        whole = f"{node.module}.{alias.name}"
        yield whole if whole in modules() else str(node.module)


def ours(module: str) -> set[str]:
    return {name for name, _ in imports(module) if name.partition(".")[0] in OURS}


def top_level(names: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


@cache
def drawing(package: ModuleType = index) -> list[list[str]]:
    """The lines of the drawing in a package's docstring, lowest first; what stands apart to the right explains."""
    lines = re.findall(r"^ {4}(\w.*?)(?:  .*)?$", package.__doc__ or "", re.MULTILINE)
    return [re.findall(r"\w+", line) for line in lines]


def within(package: ModuleType, names: Iterable[str]) -> set[str]:
    """What the names are called in the package's drawing; those that lie elsewhere are left out."""
    prefix = f"{package.__name__}."
    return {name.removeprefix(prefix).partition(".")[0] for name in names if name.startswith(prefix)}


def test_config_imports_nothing_of_ours_but_itself() -> None:
    assert all(top_level(ours(name)) <= {"config"} for name in modules() if name.startswith("config"))


@pytest.mark.parametrize("module", [name for name in modules() if name.partition(".")[0] == "index"])
def test_index_imports_config_only_where_it_is_put_together(module: str) -> None:
    assert top_level(ours(module)) <= {"index"} | ({"config"} if module in KNOW_SETTINGS else set())


def test_bot_imports_neither_tests_nor_tools() -> None:
    assert all(top_level(ours(name)) <= {"config", "index", "bot"} for name in modules())


@pytest.mark.parametrize("package", DRAWN, ids=lambda package: str(package.__name__))
def test_every_module_is_in_the_drawing_once(package: ModuleType) -> None:
    drawn = [name for line in drawing(package) for name in line]
    assert sorted(drawn) == sorted(set(within(package, modules())))


def test_the_models_folder_holds_no_module() -> None:
    assert not list((ROOT / "index" / "models").rglob("*.py"))


@pytest.mark.parametrize("package", DRAWN, ids=lambda package: str(package.__name__))
def test_each_line_of_the_drawing_imports_only_from_the_lines_above_it(package: ModuleType) -> None:
    above: set[str] = set()
    for line in drawing(package):
        for name in line:
            whole = f"{package.__name__}.{name}"
            imported = {each for module in modules() if f"{module}.".startswith(f"{whole}.") for each in ours(module)}
            assert within(package, imported) <= {*above, name}, f"{whole} imports what is not above it"
        above.update(line)


def test_there_is_no_cycle_of_imports() -> None:
    order = TopologicalSorter({name: ours(name) - {name} for name in modules()}).static_order()
    assert set(order) >= modules().keys()


@pytest.mark.parametrize("module", sorted(modules()))
def test_nothing_is_imported_inside_a_function(module: str) -> None:
    late = [name for name, inside_function in imports(module) if inside_function]
    assert not late or module in MAY_IMPORT_LATE


@pytest.mark.parametrize("module", LIGHT)
def test_types_and_errors_need_no_engine(module: str) -> None:
    assert {name.partition(".")[0] for name, _ in imports(module)} <= sys.stdlib_module_names | {"index"}


@pytest.mark.parametrize(
    ("module", "too_slow"),
    [
        ("index.types, index.errors", {"llama_index", "chromadb", "onnxruntime", "tantivy", "numpy"}),
        ("bot.cli", {"llama_index", "chromadb", "onnxruntime", "tantivy", "telegram", "sqlalchemy", "prompt_toolkit"}),
        ("bot.rebuilding, bot.following", {"llama_index", "telegram"}),
        ("index.wiring", {"llama_index", "charset_normalizer", "py3langid", "telegram"}),
    ],
)
def test_what_importing_does_not_load(module: str, too_slow: set[str]) -> None:
    program = f"import sys, {module}; print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not too_slow & set(ended.stdout.split())
