"""Two runs side by side, and what a run must reach."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.evaluation.comparison import Change, compare, comparison_record
from bot.evaluation.files import FileError
from bot.evaluation.floors import missed, read_floors
from bot.evaluation.records import read_recorded, record, recorded
from bot.evaluation.summary import summary
from bot.evaluation.verdicts import Verdict
from tests.verdicts import a_run, a_verdict

RIGHT = a_verdict("a")
WRONG = a_verdict("a", holds=(False,))
SILENT = a_verdict("a", answered=False)
DECLINED = a_verdict("a", answerable=False, answered=False)
INVENTED = a_verdict("a", answerable=False)


def turned(earlier: Verdict, now: Verdict) -> tuple[int, int]:
    found = compare(recorded(record(a_run(earlier))), recorded(record(a_run(now))))
    return len(found.better), len(found.worse)


@pytest.mark.parametrize(("worse", "better"), [(WRONG, SILENT), (SILENT, RIGHT), (WRONG, RIGHT), (INVENTED, DECLINED)])
def test_which_end_is_better(worse: Verdict, better: Verdict) -> None:
    assert turned(worse, better) == (1, 0)
    assert turned(better, worse) == (0, 1)
    assert turned(better, better) == (0, 0)


def test_what_is_not_the_same_question_is_not_compared() -> None:
    other_words = a_verdict("a", holds=(False,), text="When did the lamp go out?")
    for now in (other_words, INVENTED, a_verdict("b")):
        found = compare(recorded(record(a_run(RIGHT))), recorded(record(a_run(now))))
        assert (found.better, found.worse, found.only_now, found.only_earlier) == ((), (), 1, 1)


@pytest.mark.parametrize(
    ("name", "earlier", "now", "difference", "verdict"),
    [
        ("correct", 0.5, 0.75, 0.25, "better"),
        ("correct", 0.75, 0.5, -0.25, "worse"),
        ("invented", 0.5, 0.75, 0.25, "worse"),
        ("ece", 0.2, 0.1, -0.1, "better"),
        ("quote_words_median", 10, 12, 2, ""),
        ("correct", 0.5, 0.5, 0, ""),
        ("auroc", None, 0.5, None, ""),
    ],
)
def test_a_figure_then_and_now(
    name: str, earlier: float | None, now: float | None, difference: float | None, verdict: str
) -> None:
    change = Change(name, earlier, now)
    assert (change.difference, change.verdict) == (difference, verdict)


def test_a_run_that_was_written_and_read_again_differs_from_itself_in_nothing(tmp_path: Path) -> None:
    run = a_run(RIGHT, a_verdict("b", answerable=False), a_verdict("ü\ud800", answered=False))
    path = saved(tmp_path, json.dumps(record(run)))
    found = compare(read_recorded(path), recorded(record(run)))
    assert all(not each.difference for each in found.changes)
    assert (found.better, found.worse, found.only_now, found.only_earlier) == ((), (), 0, 0)
    assert all(not floor.missed_by(run.figures[floor.figure.name]) for floor in read_floors(path))


def test_the_comparison_in_json_and_in_words() -> None:
    now = a_run(WRONG, a_verdict("new"))
    found = compare(recorded(record(a_run(RIGHT))), recorded(record(now)))
    written = comparison_record(found)
    assert written["figures"]["correct"] == {"earlier": 1.0, "now": 0.5, "difference": -0.5}
    assert written["worse"] == [{"id": "a", "question": RIGHT.question.text, "earlier": "right", "now": "wrong"}]
    text = summary(now, found)
    assert "\ncorrect                  1.000     0.500      -0.500  worse\n" in text
    assert "\n1 went worse\n  right → wrong  [a] When was the lamp lit?" in text
    assert "Only in this run: 1 question; only in the earlier one: 0." in text


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("{", "is not JSON."),
        ("\udcff", "is not JSON."),
        ("[]", "holds no JSON object."),
        ("{}", "is not what citegram eval --json prints."),
        ('{"format": 0}', "is not what citegram eval --json prints."),
        (
            '{"format": 1, "made": "2026-11-24", "figures": {"correct": "x"}, "questions": []}',
            "is not what citegram eval",
        ),
        ('{"format": 1, "made": "2026-11-24", "figures": {}, "questions": [{"id": 1, "question": ""}]}', "is not what"),
        ('{"format": 1, "made": "yesterday", "figures": {}, "questions": []}', "is not what"),
        ('{"format": 1, "made": "2026-11-24", "figures": {}, "questions": 7}', "is not what"),
    ],
)
def test_what_is_no_record(tmp_path: Path, content: str, complaint: str) -> None:
    path = saved(tmp_path, content)
    with pytest.raises(FileError) as caught:
        read_recorded(path)
    assert str(caught.value).startswith(f"{path} {complaint}")


# Floors


def test_a_sentence_for_each_floor_that_is_missed(tmp_path: Path) -> None:
    figures = a_run(RIGHT, a_verdict("b", holds=(False,)), a_verdict("c", holds=(False,))).figures
    asked = {"correct": 0.5, "silent": 0.0, "quote@1": 0.3333, "hit@1": 1, "seconds_p95": 0.05, "invented": 0.3}
    assert missed(read_floors(saved(tmp_path, json.dumps(asked))), figures) == [
        "correct is 0.3333, and at least 0.5 was asked.",
        "seconds_p95 is 0.1, and at most 0.05 was asked.",
        "invented cannot be told from these questions, and at most 0.3 was asked.",
    ]


def test_of_an_earlier_run_the_seconds_are_no_floor(tmp_path: Path) -> None:
    path = saved(tmp_path, json.dumps(record(a_run(RIGHT))))
    names = [floor.figure.name for floor in read_floors(path)]
    assert names == [
        "hit@1",
        "hit@3",
        "hit@5",
        "hit@10",
        "mrr@10",
        "quote@1",
        "quote@3",
        "correct",
        "silent",
        "verbatim",
    ]
    (worse,) = missed(read_floors(path), a_run(SILENT, *[a_verdict(str(n)) for n in range(9)]).figures)[:1]
    assert worse == "correct is 0.9, and at least 1 was asked."


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ({}, "asks for no figure"),
        ({"corect": 0.5}, "there is no figure 'corect'"),
        ({"quotes_per_answer": 2}, "neither better higher nor lower"),
        ({"correct": "0.5"}, "correct must be a number"),
        ({"correct": True}, "correct must be a number"),
        ({"correct": float("nan")}, "correct must be a number"),
        ({"figures": [1]}, "asks for no figure"),
    ],
)
def test_floors_that_cannot_be_meant(tmp_path: Path, content: dict[str, Any], complaint: str) -> None:
    with pytest.raises(FileError) as caught:
        read_floors(saved(tmp_path, json.dumps(content)))
    assert complaint in str(caught.value)


def saved(folder: Path, content: str) -> Path:
    path = folder / "file.json"
    path.write_bytes(content.encode(errors="surrogateescape"))
    return path
