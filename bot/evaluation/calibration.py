"""How far the confidence can be trusted: against what came true, and as a bound to answer above."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from bot.evaluation.verdicts import Verdict

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """The questions whose confidence lies from `start` up to `end`: their mean confidence, and the share of them that
    the documents do answer."""

    start: float
    end: float
    questions: int
    confidence: float
    answerable: float


@dataclass(frozen=True, slots=True)
class Point:
    """If only the surest questions were answered: `coverage` is their share, `risk` the share of them that would be
    answered wrongly."""

    coverage: float
    risk: float


def reliability(verdicts: Sequence[Verdict]) -> tuple[Bin, ...]:
    """The bins that hold any question, ten of equal width over 0 to 1."""
    bins = []
    for number in range(BINS):
        inside = [each for each in verdicts if min(int(each.confidence * BINS), BINS - 1) == number]
        if inside:
            mean = sum(each.confidence for each in inside) / len(inside)
            answerable = sum(each.question.answerable for each in inside) / len(inside)
            bins.append(Bin(number / BINS, (number + 1) / BINS, len(inside), mean, answerable))
    return tuple(bins)


def calibration_error(verdicts: Sequence[Verdict]) -> float:
    """The expected calibration error: how far the confidence is from the truth, on average over the questions."""
    return sum(each.questions * abs(each.confidence - each.answerable) for each in reliability(verdicts)) / len(
        verdicts
    )


def risk_coverage(verdicts: Sequence[Verdict]) -> tuple[Point, ...]:
    """A point for each confidence that occurs, surest first. Right would be whatever has the answer among its first
    quotes, or where it abstained among the closest."""
    surest_first = sorted(verdicts, key=lambda each: -each.confidence)
    points, taken, wrong = [], 0, 0
    for _, equally_sure in groupby(surest_first, key=lambda each: each.confidence):
        for each in equally_sure:
            taken += 1
            wrong += not each.near
        points.append(Point(taken / len(verdicts), wrong / taken))
    return tuple(points)


def point_taken(verdicts: Sequence[Verdict]) -> Point:
    """Where the bot stands on that curve, by what it did answer."""
    answered = [each for each in verdicts if each.answered]
    wrong = sum(not each.near for each in answered)
    return Point(len(answered) / len(verdicts), wrong / max(1, len(answered)))


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """The chance that one of the positive is greater than one of the negative; equal ones count half."""
    lower = sorted(negative)
    wins = sum((bisect_left(lower, each) + bisect_right(lower, each)) / 2 for each in positive)
    return wins / (len(positive) * len(negative))


def rejected(positive: Sequence[float], negative: Sequence[float], *, kept: float = 0.9) -> float:
    """The share of the negative under the bound that keeps that share of the positive."""
    bound = sorted(positive)[int(round(1 - kept, 9) * len(positive))]
    return sum(low < bound for low in negative) / len(negative)
