"""`citegram eval` as its users meet it: real processes on a small index."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bot.evaluation.scoring import FIGURES
from tests.builders import plant
from tests.command_line import Ended, citegram

BICYCLE = {
    "id": "bicycle",
    "question": "What does a bicycle pay on the ferry?",
    "answers": ["free of charge"],
    "evidence": ["A bicycle travels free of charge."],
    "doc_ids": ["ferry.md"],
}
TELESCOPE = {
    "id": "telescope",
    "question": "В каком году установили телескоп?",
    "answers": ["1931"],
    "evidence": ["Телескоп установили в 1931 году."],
    "doc_ids": ["обсерватория.txt"],
}
BARBER = {"id": "barber", "question": "Who composed the opera about the barber of Seville?", "answerable": False}
BEFORE_DAWN = {
    "id": "<b>dawn</b>",
    "question": "When do loaves come out of the oven?",
    "answers": ["after <script>alert(1)</script> sunset"],
    "evidence": ["Loaves come out of the oven before dawn."],
}
"""Answered rightly and expected wrongly."""

HARBOUR = """The Harbour Museum was founded in 1902. Velden Bridge has three arches of stone. The harbour is deep.

A sextant is an instrument for measuring angles.
"""

QUESTIONS = (BICYCLE, TELESCOPE, BARBER, BEFORE_DAWN)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    plant(folder / "seeds")
    assert run(folder, "index").status == 0
    return folder


@pytest.fixture(scope="module")
def asked(made: Path) -> Path:
    return written(made / "questions.jsonl", *QUESTIONS)


@pytest.fixture(scope="module")
def recorded(made: Path, asked: Path) -> dict[str, Any]:
    ended = run(made, "eval", asked, "--json")
    assert (ended.status, ended.errors, ended.output.count("\n")) == (0, "", 1)
    record: dict[str, Any] = json.loads(ended.output)
    return record


def run(folder: Path, *arguments: str | Path) -> Ended:
    return citegram(*arguments, settings={"SEEDS_DIR": folder / "seeds", "DATA_DIR": folder / "data"})


def written(path: Path, *lines: dict[str, Any]) -> Path:
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    return path


def test_the_record_says_what_came_of_each_question(recorded: dict[str, Any]) -> None:
    fates = {each["id"]: (each["fate"], each["kind"], each["language"]) for each in recorded["questions"]}
    assert fates == {
        "bicycle": ("right", "other", "en"),
        "telescope": ("right", "other", "ru"),
        "barber": ("declined", "who", fates["barber"][2]),
        "<b>dawn</b>": ("wrong", "when", "en"),
    }
    assert [each["passage_rank"] for each in recorded["questions"]] == [1, 1, None, 1]
    (worst,) = recorded["worst"]
    assert worst["answered"][0] == {"quote": "Loaves come out of the oven before dawn.", "document": "town/bakery.txt"}
    assert worst["expected"]["answers"] == BEFORE_DAWN["answers"]


def test_the_record_holds_every_figure_over_all_and_for_each_group(recorded: dict[str, Any]) -> None:
    figures = recorded["figures"]
    assert list(figures) == list(FIGURES)
    assert (recorded["answerable"], recorded["unanswerable"]) == (3, 1)
    assert (figures["hit@1"], figures["correct"], figures["invented"], figures["verbatim"]) == (1, 0.6667, 0, 1)
    assert list(recorded["by_kind"]) == ["who", "when", "other"]
    assert recorded["by_kind"]["other"]["figures"]["correct"] == 1
    assert recorded["by_language"]["ru"]["questions"] >= 1
    assert sum(each["questions"] for each in recorded["reliability"]) == 4


def test_what_a_person_reads(made: Path, asked: Path) -> None:
    ended = run(made, "eval", asked)
    assert (ended.status, ended.errors) == (0, "")
    assert ended.output.startswith("4 questions, of which the documents answer 3.\n")
    assert "\ncorrect                0.667  answerable, answered, " in ended.output
    assert re.search(r"^ ?1\. wrong, confidence [01]\.\d\d", ended.output, re.MULTILINE)
    assert "answered: Loaves come out of the oven before dawn." in ended.output


def test_report_comparison_and_floors_in_one_go(
    made: Path, asked: Path, recorded: dict[str, Any], tmp_path: Path
) -> None:
    """A missed floor is told last, after the figures and the page, and ends with status 1."""
    report, earlier, floors = tmp_path / "report.html", tmp_path / "earlier.json", tmp_path / "floors.json"
    was_right = [each | {"fate": "right"} if each["fate"] == "wrong" else each for each in recorded["questions"]]
    earlier.write_text(json.dumps(recorded | {"questions": was_right}))
    floors.write_text(json.dumps({"correct": 0.9, "invented": 0.1, "verbatim": 1}))
    ended = run(made, "eval", asked, "--json", "--report", report, "--against", earlier, "--floors", floors)
    assert (ended.status, ended.sentence) == (1, "correct is 0.6667, and at least 0.9 was asked.")
    compared = json.loads(ended.output)["against"]
    assert compared["figures"]["correct"]["difference"] == 0
    assert [each["id"] for each in compared["worse"]] == ["<b>dawn</b>"]
    page = report.read_text(encoding="utf-8")
    assert "<script>" not in page
    assert "after &lt;script&gt;alert(1)&lt;/script&gt; sunset" in page
    assert "<summary>Got worse: 1</summary>" in page


def test_an_earlier_runs_json_serves_as_floors(made: Path, asked: Path, recorded: dict[str, Any]) -> None:
    (made / "floors.json").write_text(json.dumps(recorded))
    ended = run(made, "eval", asked, "--floors", made / "floors.json")
    assert (ended.status, ended.errors) == (0, "")


def test_drafts_are_a_question_file_of_their_own(made: Path, tmp_path: Path) -> None:
    plant(tmp_path / "seeds", {"harbour.txt": HARBOUR})
    assert run(tmp_path, "index").status == 0
    drafted = run(tmp_path, "eval", "--make", "4")
    assert (drafted.status, drafted.sentence) == (0, "The documents gave 3 of the 4 questions.")
    (tmp_path / "drafts.jsonl").write_text(drafted.output, encoding="utf-8")
    ended = run(tmp_path, "eval", tmp_path / "drafts.jsonl", "--json")
    assert (ended.status, ended.errors) == (0, "")
    figures = json.loads(ended.output)["figures"]
    assert (figures["hit@1"], figures["quote@3"]) == (1, 1)


def test_documents_that_give_no_draft_are_told(made: Path) -> None:
    ended = run(made, "eval", "--make", "3")
    assert (ended.status, ended.output) == (1, "")
    assert ended.sentence == "No sentence of the documents is of a kind that a question can be drafted from."


# What goes wrong


@pytest.mark.parametrize(
    "arguments",
    [
        ["eval"],
        ["eval", "a.jsonl", "b.jsonl"],
        ["eval", "a.jsonl", "--make", "3"],
        ["eval", "--make", "0"],
        ["eval", "--make", "x"],
    ],
    ids=" ".join,
)
def test_wrong_arguments(arguments: list[str]) -> None:
    ended = citegram(*arguments, settings={})
    assert (ended.status, ended.output) == (2, "")
    assert ended.errors.startswith("usage: citegram")


def test_a_bad_line_is_told_before_anything_is_asked(made: Path, tmp_path: Path) -> None:
    path = written(tmp_path / "questions.jsonl", BICYCLE, {"question": "What is expected?"})
    ended = run(made, "eval", path)
    assert (ended.status, ended.output) == (2, "")
    assert ended.sentence.startswith(f"{path}, line 2: neither answers nor evidence is given.")


def test_no_question_file(made: Path, tmp_path: Path) -> None:
    ended = run(made, "eval", tmp_path / "none.jsonl")
    assert (ended.status, ended.output) == (2, "")
    assert ended.sentence.endswith("cannot be read (No such file or directory).")


def test_no_index_to_draft_from(tmp_path: Path) -> None:
    ended = run(tmp_path, "eval", "--make", "3")
    assert (ended.status, ended.output, ended.sentence) == (1, "", "There is no index yet. Run: citegram index")


def test_no_index_yet_though_no_question_could_be_searched_for(tmp_path: Path) -> None:
    path = written(tmp_path / "questions.jsonl", {"question": "🌊", "answerable": False})
    ended = run(tmp_path, "eval", path)
    assert (ended.status, ended.output) == (1, "")
    assert ended.sentence == "There is no index yet. Run: citegram index"


@pytest.mark.parametrize("option", ["--against", "--floors"])
@pytest.mark.parametrize(("content", "complaint"), [(None, "cannot be read"), ("[]", "holds no JSON object")])
def test_a_file_that_cannot_be_used_is_told_before_anything_is_asked(
    tmp_path: Path, option: str, content: str | None, complaint: str
) -> None:
    """There is no index here: whoever looked for one first would say so."""
    path = tmp_path / "file.json"
    if content:
        path.write_text(content)
    ended = run(tmp_path, "eval", written(tmp_path / "questions.jsonl", BICYCLE), option, path)
    assert (ended.status, ended.output) == (2, "")
    assert ended.sentence.startswith(f"{path} {complaint}")


def test_a_report_that_cannot_be_written_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "report.html"
    ended = run(tmp_path, "eval", written(tmp_path / "questions.jsonl", BICYCLE), "--report", path)
    assert (ended.status, ended.output) == (1, "")
    assert ended.sentence == f"{path} cannot be written. Name a file in a folder that is there."
