"""The figures over many questions; every expected number was worked out by hand."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evaluation.calibration import auroc, calibration_error, point_taken, rejected, reliability, risk_coverage
from bot.evaluation.runs import Run
from bot.evaluation.scoring import FIGURES, figures
from bot.evaluation.verdicts import Verdict
from tests.verdicts import a_run, a_verdict

RUN = (
    a_verdict("right", confidence=0.95, rank=1, seconds=0.1),
    a_verdict("second quote", confidence=0.85, holds=(False, True), rank=2, seconds=0.2),
    a_verdict("wrong", confidence=0.65, holds=(False, False, False, False), rank=4, seconds=0.3),
    a_verdict("silent", confidence=0.35, answered=False, holds=(True,), rank=None, seconds=0.4),
    a_verdict("declined", answerable=False, answered=False, confidence=0.05, holds=(False,), seconds=0.5),
    a_verdict("invented", answerable=False, confidence=0.75, holds=(False,), seconds=0.6),
)
EXPECTED = {
    "hit@1": 0.25, "hit@3": 0.5, "hit@5": 0.75, "hit@10": 0.75,
    "mrr@10": 0.4375,            # (1 + 1/2 + 1/4 + 0) / 4
    "quote@1": 0.5,              # right, silent
    "quote@3": 0.75,
    "correct": 0.5, "silent": 0.25, "invented": 0.5,
    "auroc": 0.75,               # of 8 pairs only .65 and .35 lose to .75
    "reject@90": 0.5,            # the bound is the least of four, .35
    "ece": 0.3333,               # (.05 + .15 + .75 + .35 + .65 + .05) / 6
    "quotes_per_answer": 2.0,    # (1 + 2 + 4 + 1) / 4
    "quote_words_median": 2,
    "verbatim": 1.0,
    "seconds_p50": 0.4, "seconds_p95": 0.6,
}  # fmt: skip


def test_every_figure() -> None:
    assert dict(figures(RUN)) == EXPECTED
    assert list(EXPECTED) == list(FIGURES)


def test_what_the_questions_cannot_tell_is_none() -> None:
    only_unanswerable = figures(RUN[4:5])
    told = {"invented": 0.0, "quotes_per_answer": 0.0, "seconds_p50": 0.5, "seconds_p95": 0.5}
    assert dict(only_unanswerable) == dict.fromkeys(FIGURES) | told
    only_answerable = figures(RUN[:4])
    assert [name for name, value in only_answerable.items() if value is None] == [
        "invented", "auroc", "reject@90", "ece"
    ]  # fmt: skip


def test_a_question_without_evidence_counts_for_quotes_and_not_for_passages() -> None:
    without = replace(RUN[0], question=replace(RUN[0].question, evidence=()), rank=None)
    counted = figures((without, RUN[1]))
    assert (counted["hit@1"], counted["hit@3"], counted["quote@1"]) == (0.0, 1.0, 0.5)


@pytest.mark.parametrize(("number", "bound"), [(9, 0), (10, 1), (19, 1), (20, 2), (30, 3)])
def test_the_bound_leaves_a_tenth_of_the_answerable_below(number: int, bound: int) -> None:
    positive = [place / 100 for place in range(number)]
    assert rejected(positive, [bound / 100, bound / 100 - 0.001]) == 0.5


def test_a_confidence_of_one_is_in_the_last_bin() -> None:
    (only,) = reliability([a_verdict(confidence=1.0), a_verdict(confidence=0.9)])
    assert (only.start, only.end, only.questions, only.confidence) == (0.9, 1.0, 2, 0.95)


def test_the_curve_by_hand() -> None:
    points = [(round(each.coverage, 4), round(each.risk, 4)) for each in risk_coverage(RUN)]
    assert points == [(0.1667, 0.0), (0.3333, 0.0), (0.5, 0.3333), (0.6667, 0.5), (0.8333, 0.4), (1.0, 0.5)]
    taken = point_taken(RUN)
    assert (round(taken.coverage, 4), taken.risk) == (0.6667, 0.5)


def test_the_worst_come_first_and_what_went_well_never() -> None:
    found = a_verdict("found", answered=False, confidence=0.1, holds=(False,), rank=3)
    far = a_verdict("far", answered=False, confidence=0.1, holds=(False,), rank=None)
    hardly = a_verdict("hardly", answerable=False, confidence=0.3)
    names = [each.question.id for each in a_run(far, found, hardly, *RUN).worst]
    assert names == ["invented", "wrong", "found", "silent", "hardly", "far"]
    assert len(a_run(*[a_verdict(str(n), holds=(False,)) for n in range(30)]).worst) == 20


def test_groups_follow_the_order_of_kinds_then_the_owners_own() -> None:
    run = a_run(*(a_verdict(kind, kind=kind, language="ru") for kind in ("zeta", "other", "alpha", "who")))
    assert list(run.by_kind) == ["who", "other", "alpha", "zeta"]
    assert list(run.by_language) == ["ru"]


# Laws

CONFIDENCES = st.lists(st.integers(0, 20).map(lambda each: each / 20), min_size=1, max_size=12)
VERDICTS = st.lists(
    st.builds(
        a_verdict,
        answerable=st.booleans(),
        answered=st.booleans(),
        confidence=st.floats(0, 1),
        holds=st.lists(st.booleans(), max_size=5).map(tuple),
        rank=st.none() | st.integers(1, 10),
    ).map(lambda each: each if each.quotes or not each.answered else a_verdict()),
    min_size=1,
    max_size=25,
)


@given(CONFIDENCES, CONFIDENCES)
def test_auroc_is_a_chance_turns_over_and_knows_only_the_order(positive: list[float], negative: list[float]) -> None:
    chance = auroc(positive, negative)
    assert 0 <= chance <= 1
    assert auroc(negative, positive) == pytest.approx(1 - chance)
    assert auroc([each**3 for each in positive], [each**3 for each in negative]) == pytest.approx(chance)
    assert auroc(positive, positive) == 0.5


@given(CONFIDENCES, CONFIDENCES)
def test_the_bound_keeps_nine_in_ten(positive: list[float], negative: list[float]) -> None:
    assert 0 <= rejected(positive, negative) <= 1
    assert rejected(positive, positive) <= 0.1


@given(VERDICTS)
def test_coverage_grows_to_all_and_the_last_risk_is_that_of_answering_everything(verdicts: list[Verdict]) -> None:
    points = risk_coverage(verdicts)
    coverages = [each.coverage for each in points]
    assert coverages == sorted(set(coverages))
    assert coverages[-1] == 1
    assert points[-1].risk == pytest.approx(sum(not each.near for each in verdicts) / len(verdicts))
    assert all(0 <= each.risk <= 1 for each in points)


@given(VERDICTS)
def test_every_question_is_in_one_bin_and_the_error_is_a_share(verdicts: list[Verdict]) -> None:
    bins = reliability(verdicts)
    assert sum(each.questions for each in bins) == len(verdicts)
    assert all(each.start <= each.confidence + 1e-9 and each.confidence <= each.end + 1e-9 for each in bins)
    assert 0 <= calibration_error(verdicts) <= 1


@given(VERDICTS)
def test_groups_share_out_the_questions_and_every_share_lies_between_0_and_1(verdicts: list[Verdict]) -> None:
    run: Run = a_run(*verdicts)
    assert sum(map(len, run.by_kind.values())) == len(verdicts)
    values = run.figures
    assert all(0 <= values[name] <= 1 for name in list(FIGURES)[:13] if values[name] is not None)  # type: ignore[operator]
    hits = [values[f"hit@{depth}"] or 0 for depth in (1, 3, 5, 10)]
    assert hits == sorted(hits)
