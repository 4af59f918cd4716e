"""What tests/benchmarks/load.py tells of a run, from figures made up here; and a small run of it."""

import json
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from tests.benchmarks.load_report import BEGIN, END, Run, Sample, Step, growth, markdown, percentile, plot, put_into
from tests.command_line import environment

TENTH_SECONDS = 0.1


def a_run() -> Run:
    """A question answered every tenth of a second, each in a tenth more than a tenth of the run before."""
    answered = [((number + 1) * TENTH_SECONDS, (1 + number // 20) / 10) for number in range(200)]
    samples = [
        Sample(at=float(second), memory=300.0 + second, handles=40 + second, threads=20, tasks=7, database=second / 2)
        for second in range(21)
    ]
    return Run(
        conditions="made up",
        chats=50,
        steps=[Step(5.0, [0.1] * 95 + [2.0] * 5, took=20.0), Step(40.0, [12.0] * 10, took=1.0)],
        answered=answered,
        samples=samples,
        cores={"MainThread": 0.4, "embedder": 0.9},
        complaints={"Lost": 0, "answered twice": 2},
    )


def rows_of(told: str, first: str) -> list[list[str]]:
    """Of the table whose head begins so."""
    lines = told.splitlines()
    begin = next(at for at, line in enumerate(lines) if line.startswith(f"| {first} |"))
    table = lines[begin + 2 :]
    end = table.index("") if "" in table else len(table)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[:end]]


def test_the_heading_tells_the_rate_the_growth_and_what_went_wrong() -> None:
    heading = markdown(a_run()).splitlines()[0]
    assert heading.startswith("made up: 200 questions from 50 chats in 0.3 minutes, 10.0 a second.")
    assert "+18 MiB" in heading
    assert heading.endswith("Lost 0, answered twice 2.")


def test_latency_is_told_by_load() -> None:
    assert rows_of(markdown(a_run()), "questions a second") == [
        ["5", "5.0", "100 ms", "2.00 s", "2.00 s"],
        ["40", "10.0", "12.0 s", "12.0 s", "12.0 s"],
    ]


def test_each_tenth_of_the_run_has_its_latency_and_how_the_bot_fared_at_its_end() -> None:
    rows = rows_of(markdown(a_run()), "questions")
    assert len(rows) == 10
    assert rows[0] == ["20", "10.0", "100 ms", "100 ms", "100 ms", "302 MiB", "42", "20", "7", "1.0 MiB"]
    assert rows[-1][:3] == ["200", "10.0", "1.00 s"]


def test_what_took_the_processor_is_told_the_most_first() -> None:
    assert rows_of(markdown(a_run()), "what took the processor") == [["embedder", "0.90"], ["MainThread", "0.40"]]


def test_memory_grows_from_when_everything_was_used_once() -> None:
    assert growth([Sample(float(at), memory, 0, 0, 0, 0.0) for at, memory in enumerate([100.0, *[400.0] * 19])]) == 0
    assert growth([]) == 0


@pytest.mark.parametrize(("values", "percent", "expected"), [([3.0, 1.0, 2.0], 50, 2.0), ([1.0], 99, 1.0), ([], 95, 0)])
def test_percentiles(values: list[float], percent: int, expected: float) -> None:
    assert percentile(values, percent) == expected


def test_the_plot_has_a_panel_each_for_load_time_and_memory() -> None:
    picture = ElementTree.fromstring(plot(a_run()))
    space = "{http://www.w3.org/2000/svg}"
    titles = [each.text for each in picture.iter(f"{space}text") if each.get("class") == "title"]
    assert [str(title).split(",")[0] for title in titles] == [
        "Latency by load",
        "Latency over time",
        "Memory over time",
    ]
    lines = [str(each.get("points")).split() for each in picture.iter(f"{space}polyline")]
    assert [len(line) for line in lines] == [2, 2, 50, 50, 21]
    assert all(0 <= float(part) <= 420 for line in lines for point in line for part in point.split(","))


def test_what_an_earlier_run_told_gives_way() -> None:
    page = f"Above\n{BEGIN}\nearlier\n{END}\nbelow\n"
    assert put_into(page, "later\n") == f"Above\n{BEGIN}\nlater\n{END}\nbelow\n"
    with pytest.raises(ValueError, match="the page has no"):
        put_into("no marks", "later")


def test_nothing_measured_is_no_reason_to_fail() -> None:
    nothing = Run("made up", chats=0, steps=[], answered=[], samples=[], cores={}, complaints={})
    assert "0 questions" in markdown(nothing)
    ElementTree.fromstring(plot(nothing))


def test_a_small_run(tmp_path: Path) -> None:
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "light.txt").write_text("The light on the rock was first lit in 1871. It has 199 steps.\n")
    questions = tmp_path / "questions.jsonl"
    asked = ("When was the light first lit?", "How many steps has it?", "Who painted the door?")
    questions.write_text("".join(json.dumps({"question": each}) + "\n" for each in asked))
    chosen = ["--chats", "12", "--questions", "12", "--load", "10", "--load-seconds", "0.5", "--reader", "off"]
    ended = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.load", str(documents), str(questions), *chosen],
        env=environment({}),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert ended.returncode == 0, ended.stderr
    assert "12 questions from 12 chats" in ended.stdout
    assert "Lost 0, answered twice 0, failures told 0," in ended.stdout
    assert "other violations 0, warnings logged 0." in ended.stdout
    _, *figures = rows_of(ended.stdout, "questions")[-1]
    assert all(int(count) > 0 for count in figures[5:8]), figures
