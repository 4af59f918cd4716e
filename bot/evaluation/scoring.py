"""The figures: what each is called, what it means, and how it comes from the verdicts."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.evaluation.calibration import auroc, calibration_error, rejected
from bot.evaluation.verdicts import Fate, Verdict

Figures = Mapping[str, float | None]
"""By name, in the order of FIGURES; None where the questions cannot tell, a share of nothing for instance."""


class Better(StrEnum):
    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Figure:
    """`steady` is false for what differs from run to run on the same index, such as seconds."""

    name: str
    meaning: str
    better: Better = Better.HIGHER
    steady: bool = True


FIGURES = {
    figure.name: figure
    for figure in (
        Figure("hit@1", "the first passage holds the evidence"),
        Figure("hit@3", "one of the first three passages does"),
        Figure("hit@5", "one of the first five"),
        Figure("hit@10", "one of the first ten"),
        Figure("mrr@10", "one over the place of the first such passage, on average"),
        Figure("quote@1", "the first quote holds an expected answer"),
        Figure("quote@3", "one of the first three quotes does"),
        Figure("correct", "answerable, answered, and a quote holds an expected answer"),
        Figure("silent", "answerable, but it abstained", Better.LOWER),
        Figure("invented", "unanswerable, but it answered", Better.LOWER),
        Figure("auroc", "the confidence puts an answerable question above an unanswerable one"),
        Figure("reject@90", "unanswerable ones below the confidence that keeps 90 % of the answerable"),
        Figure("ece", "calibration error: the confidence's distance from the truth, in ten bins", Better.LOWER),
        Figure("quotes_per_answer", "quotes in an answer, on average", Better.NEITHER),
        Figure("quote_words_median", "words in a quote, median", Better.NEITHER),
        Figure("verbatim", "quotes that stand letter for letter at their place in the document"),
        Figure("seconds_p50", "seconds to an answer, median", Better.LOWER, steady=False),
        Figure("seconds_p95", "seconds to an answer that 95 % stay below", Better.LOWER, steady=False),
    )
}


def figures(verdicts: Sequence[Verdict]) -> Figures:
    """Every figure, to four places. There must be at least one verdict."""
    found = retrieval(verdicts) | quotation(verdicts) | confidence(verdicts) | citing(verdicts) | latency(verdicts)
    return {name: found.get(name) for name in FIGURES}


def retrieval(verdicts: Sequence[Verdict]) -> dict[str, float | None]:
    """Over the answerable questions that name their evidence."""
    ranks = [each.rank for each in answerable(verdicts) if each.question.evidence]
    hits = {f"hit@{depth}": share(rank is not None and rank <= depth for rank in ranks) for depth in (1, 3, 5, 10)}
    return hits | {"mrr@10": mean([1 / rank if rank else 0.0 for rank in ranks])}


def quotation(verdicts: Sequence[Verdict]) -> dict[str, float | None]:
    asked, unanswerable = answerable(verdicts), [each for each in verdicts if not each.question.answerable]
    places = [each.quote_rank for each in asked]
    return {
        "quote@1": share(place == 1 for place in places),
        "quote@3": share(place is not None and place <= 3 for place in places),
        "correct": share(each.fate is Fate.RIGHT for each in asked),
        "silent": share(each.fate is Fate.SILENT for each in asked),
        "invented": share(each.fate is Fate.INVENTED for each in unanswerable),
    }


def confidence(verdicts: Sequence[Verdict]) -> dict[str, float | None]:
    """None of them where all questions are answerable, or none is."""
    positive = [each.confidence for each in verdicts if each.question.answerable]
    negative = [each.confidence for each in verdicts if not each.question.answerable]
    if not positive or not negative:
        return {}
    return {
        "auroc": round(auroc(positive, negative), 4),
        "reject@90": round(rejected(positive, negative), 4),
        "ece": round(calibration_error(verdicts), 4),
    }


def citing(verdicts: Sequence[Verdict]) -> dict[str, float | None]:
    """Over the quotes that were cited; the closest ones, shown when it abstains, are left out."""
    answered = [each for each in verdicts if each.answered]
    cited = [quote for each in answered for quote in each.quotes]
    return {
        "quotes_per_answer": round(len(cited) / max(1, len(answered)), 2),
        "quote_words_median": statistics.median(quote.words for quote in cited) if cited else None,
        "verbatim": share(quote.verbatim for quote in cited),
    }


def latency(verdicts: Sequence[Verdict]) -> dict[str, float | None]:
    seconds = sorted(each.seconds for each in verdicts)
    return {f"seconds_p{percent}": percentile(seconds, percent) for percent in (50, 95)}


def percentile(ordered: Sequence[float], percent: int) -> float:
    return ordered[min(len(ordered) * percent // 100, len(ordered) - 1)]


def answerable(verdicts: Iterable[Verdict]) -> list[Verdict]:
    return [each for each in verdicts if each.question.answerable]


def share(flags: Iterable[bool]) -> float | None:
    return mean([float(flag) for flag in flags])


def mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None
