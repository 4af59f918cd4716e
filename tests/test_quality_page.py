"""docs/quality.md's figures and floors, from answers whose right figures are known."""

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.benchmarks.asking import Run
from tests.benchmarks.baselines import RRF_K, reciprocal
from tests.benchmarks.figures import (
    Judged,
    SetFigures,
    calibration_error,
    claimed,
    correct_within,
    read_set,
    wrong_at,
)
from tests.benchmarks.floors import Floor, floors
from tests.benchmarks.methods import BM25, CITEGRAM, DENSE, METHODS, RRF, UNREAD
from tests.benchmarks.quality_page import SHOWN, page

RIGHT = Judged(answerable=True, right=True, answered=True, sure=0.9)
MISSED = Judged(answerable=True, right=False, answered=True, sure=0.7)
SILENT = Judged(answerable=True, right=True, answered=False, sure=0.2)
INVENTED = Judged(answerable=False, right=False, answered=True, sure=0.8)
DECLINED = Judged(answerable=False, right=False, answered=False, sure=0.1)
ALL = (RIGHT, MISSED, SILENT, INVENTED, DECLINED)


def a_run(**facts: object) -> Run:
    known: dict[str, object] = {
        "day": "2026-11-24", "commit": "abc1234", "machine": "2 cores", "others": 0.05, "documents": 3, "chunks": 9,
        "asked": 5, "of": 5, "build_seconds": {method.key: 2.0 for method in METHODS},
    }  # fmt: skip
    return Run(**(known | facts))  # type: ignore[arg-type]


def a_set(
    name: str = "squad2", *, judged: tuple[Judged, ...] = ALL, run: Run | None = None, **own: float
) -> SetFigures:
    """Every method has .5 of everything and takes 100 ms; `own` are citegram's, `hit` for hit@1."""
    common: dict[str, float | None] = dict.fromkeys([*SHOWN, "verbatim"], 0.5)
    common |= {"seconds_p50": 0.1, "seconds_p95": 0.2}
    methods = {method.key: claimed(method, dict(common)) for method in METHODS}
    methods[CITEGRAM.key] |= {{"hit": "hit@1"}.get(name, name): value for name, value in own.items()}
    return SetFigures(name, run or a_run(), methods, judged)


def row(text: str, heading: str, first: str) -> list[str]:
    """The cells after the first of the first row that begins so, in the part under a heading."""
    (part,) = [part for part in re.split(r"^## ", text, flags=re.MULTILINE) if part.startswith(f"{heading}\n")]
    line = next(line for line in part.splitlines() if line.startswith(f"| {first} |"))
    return [cell.strip() for cell in line.strip("|").split("|")][1:]


def test_a_page_has_every_method_in_every_table() -> None:
    text = page([a_set("squad2"), a_set("clapnq")])
    for heading in ("Overall", "squad2", "clapnq", "Seconds a question", "Building the index"):
        for method in METHODS:
            assert row(text, heading, method.title)


def test_what_a_method_does_not_yield_is_a_dash() -> None:
    cells = dict(zip(SHOWN, row(page([a_set()]), "squad2", RRF.title), strict=True))
    assert (cells["hit@1"], cells["quote@1"], cells["invented"], cells["auroc"]) == (".500", "–", "–", "–")


def test_misses_are_a_multiple_of_citegrams() -> None:
    text = page([a_set("squad2", hit=0.8), a_set("clapnq", hit=0.8)])
    assert row(text, "Overall", BM25.title)[-2:] == ["2.50", "1.00"]


def test_the_page_is_of_one_commit_and_says_loudly_what_is_a_sample() -> None:
    whole, part = a_set("squad2"), a_set("clapnq", run=a_run(asked=2, of=298, others=0.61))
    text = page([whole, part])
    assert "2026-11-24; commit abc1234; 2 cores. Other processes took 5 % to 61 %" in text
    assert "**A sample, no figures to cite:** clapnq 2 of 298." in text
    assert "A sample" not in page([whole])


@pytest.mark.parametrize(("reached", "verdict"), [(0.88, "pass"), (0.8799, "**short**")])
def test_a_floor_is_met_when_it_is_reached(reached: float, verdict: str) -> None:
    assert row(page([a_set(hit=reached)]), "Floors", "squad2")[0] == f".880 of .88: {verdict}"


def test_a_ceiling_is_met_from_below() -> None:
    assert Floor("p50", 250, 249.6, at_most=True, decimals=0).verdict == "pass"
    assert Floor("p50", 250, 251, at_most=True, decimals=0).verdict == "**short**"


def test_no_set_may_fall_below_the_better_of_both_searches() -> None:
    figures = a_set(hit=0.6)
    figures.methods[BM25.key]["hit@1"] = 0.55
    figures.methods[DENSE.key]["hit@1"] = 0.61
    (floor,) = [each for each in floors([figures]) if "hit@1" in each.what]
    assert (floor.limit, floor.met) == (0.61, False)


def test_latency_is_judged_in_milliseconds_for_either_setting() -> None:
    found = {each.what: each for each in floors([a_set()]) if each.what.endswith("ms")}
    assert found["squad2, citegram: p50, ms"].met
    assert not found[f"squad2, {UNREAD.title}: p50, ms"].met


def test_silence_is_judged_over_both_sets_together() -> None:
    squad, clapnq = a_set("squad2", judged=(RIGHT,) * 3 + (INVENTED,)), a_set("clapnq", judged=(SILENT, DECLINED))
    found = {each.what: each for each in floors([squad, clapnq])}
    assert found["squad2 and clapnq: answerable ones answered correctly"].reached == 0.75
    assert found["squad2 and clapnq: unanswerable ones invented"].reached == 0.5
    text = page([squad, clapnq])
    assert row(text, "Silence", "squad2")[:2] == ["1.000", "1.000"]
    assert "| squad2 and clapnq | .750 | .500 |" in text
    assert not [each for each in floors([squad]) if "invented" in each.what]


def test_risk_counts_misses_and_inventions_among_the_surest() -> None:
    assert wrong_at(ALL, 0.2) == 0.0
    assert wrong_at(ALL, 0.4) == 0.5
    assert wrong_at(ALL, 1.0) == 0.6


def test_the_bound_that_lets_some_be_invented() -> None:
    assert correct_within(ALL, 0.0) == pytest.approx(1 / 3)  # over .8 only RIGHT
    assert correct_within(ALL, 0.5) == pytest.approx(2 / 3)  # over .1 SILENT too
    assert correct_within((MISSED, RIGHT, Judged(answerable=False, right=False, answered=True, sure=0.9)), 0.0) == 0.0
    assert correct_within((RIGHT,), 0.3) is None


def test_the_calibration_error_of_known_bins() -> None:
    sure_and_right = Judged(answerable=True, right=True, answered=True, sure=1.0)
    assert calibration_error([sure_and_right]) == 0.0
    halves = [Judged(answerable=number < 2, right=False, answered=True, sure=0.75) for number in range(4)]
    assert calibration_error(halves) == pytest.approx(0.25)


def test_equal_ranks_fuse_equally() -> None:
    fused = reciprocal([("a", 9.0), ("b", 1.0)], [("b", 0.9), ("c", 0.8)])
    assert [key for key, _ in fused] == ["b", "a", "c"]
    assert fused[0][1] == pytest.approx(1 / (RRF_K + 2) + 1 / (RRF_K + 1))
    assert fused[2][1] == pytest.approx(1 / (RRF_K + 2))


def test_kept_answers_are_judged_by_the_scorer(tmp_path: Path) -> None:
    """A quote that is too long, and one shown only as the closest, count as score.py counts them."""
    line = {"id": "1", "outcome": "abstained", "confidence": 0.2, "citations": [], "closest": [{"quote": "It is red."}]}
    long_quote = {"quote": "red " * 71}
    lines = [line, line | {"id": "2", "outcome": "answered", "citations": [long_quote], "closest": []}]
    folder, kept = tmp_path / "made", tmp_path / "kept"
    folder.mkdir()
    kept.mkdir()
    questions = [{"id": each, "answerable": True, "answers": ["red"]} for each in ("1", "2", "not asked")]
    (folder / "questions.jsonl").write_text("\n".join(map(json.dumps, questions)), encoding="utf-8")
    for method in METHODS:
        (kept / f"{method.key}.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    (kept / "run.json").write_text(json.dumps({name: getattr(a_run(), name) for name in Run.__slots__}))
    scorer = SimpleNamespace(
        holds_answer=lambda question, quote: question["answers"][0] in quote,
        score=lambda asked, answers, docs: {"hit@1": len(asked), "quote@1": len(answers)},
    )
    figures = read_set(folder, kept, scorer)
    assert [each.right for each in figures.judged] == [True, False]
    assert figures.methods[CITEGRAM.key] == {"hit@1": 2, "quote@1": 2}
    assert figures.methods[BM25.key] == {"hit@1": 2, "quote@1": None}
