"""What citegram set out to reach, and whether a run reached it. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.benchmarks.figures import SetFigures, answered_correctly, calibration_error, invented
from tests.benchmarks.methods import BM25, CITEGRAM, DENSE, UNREAD

FIGURES = ("hit@1", "mrr@10", "quote@1", "quote@3", "auroc", "reject@90")
AT_LEAST: dict[str, dict[str, float]] = {
    "squad2": {"hit@1": 0.88, "mrr@10": 0.92, "quote@1": 0.80, "quote@3": 0.92, "auroc": 0.72, "reject@90": 0.32},
    "xquad_en": {"hit@1": 0.93, "mrr@10": 0.96, "quote@1": 0.82, "quote@3": 0.94},
    "xquad_ru": {"hit@1": 0.86, "mrr@10": 0.90, "quote@1": 0.55, "quote@3": 0.75},
    "covidqa": {"hit@1": 0.60, "quote@1": 0.50, "quote@3": 0.65},
    "chunkeval": {"hit@1": 0.75, "mrr@10": 0.85},
    "clapnq": {"hit@1": 0.95, "mrr@10": 0.96, "auroc": 0.88, "reject@90": 0.60},
}
TOGETHER = ("squad2", "clapnq")
"""The sets over which silence is judged."""

TIMED = "squad2"
"""The set whose documents the floors of latency speak of."""


@dataclass(frozen=True, slots=True)
class Floor:
    """A bound that `reached` must not fall below, or rise above where `at_most`; shown with so many decimals."""

    what: str
    limit: float
    reached: float
    at_most: bool = False
    decimals: int = 3

    @property
    def met(self) -> bool:
        return self.reached <= self.limit if self.at_most else self.reached >= self.limit

    @property
    def verdict(self) -> str:
        return "pass" if self.met else "**short**"

    @property
    def bound(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {plain(self.limit, self.decimals)}"

    @property
    def shown(self) -> str:
        return plain(self.reached, self.decimals)


def grid(sets: Sequence[SetFigures]) -> tuple[tuple[str, ...], list[list[str]]]:
    """The names of the figures, and for each set a row of what was reached of what was to be."""
    rows = []
    for each in sets:
        if each.name in AT_LEAST:
            rows.append([each.name, *(cell(each, name) for name in FIGURES)])
    return FIGURES, rows


def cell(each: SetFigures, name: str) -> str:
    limit, reached = AT_LEAST[each.name].get(name), each.methods[CITEGRAM.key].get(name)
    if limit is None or reached is None:
        return ""
    floor = Floor(name, limit, reached)
    return f"{floor.shown} of {plain(limit, 2)}: {floor.verdict}"


def floors(sets: Sequence[SetFigures]) -> list[Floor]:
    """All floors but those of the grid, as far as the sets that were run tell."""
    by_name = {each.name: each for each in sets}
    found = [*verbatim(sets), *no_worse(sets)]
    if all(name in by_name for name in TOGETHER):
        found += silence([by_name[name] for name in TOGETHER])
    if TIMED in by_name:
        found += latency(by_name[TIMED])
    return found


def verbatim(sets: Sequence[SetFigures]) -> Iterable[Floor]:
    reached = [each.methods[CITEGRAM.key].get("verbatim") for each in sets]
    known = [value for value in reached if value is not None]
    return [Floor("verbatim, the lowest of the sets", 1.0, min(known))] if known else []


def no_worse(sets: Sequence[SetFigures]) -> Iterable[Floor]:
    """For every set and both figures: not below the better of BM25 and dense search."""
    for each in sets:
        for name in ("hit@1", "mrr@10"):
            own, *others = (each.methods[method.key].get(name) for method in (CITEGRAM, BM25, DENSE))
            if own is not None:
                better = max(value for value in others if value is not None)
                yield Floor(f"{each.name}, {name}: the better of BM25 and dense", better, own)


def silence(sets: Sequence[SetFigures]) -> Iterable[Floor]:
    judged = [each for group in sets for each in group.judged]
    name = " and ".join(TOGETHER)
    correct, made_up = answered_correctly(judged), invented(judged)
    if correct is not None:
        yield Floor(f"{name}: answerable ones answered correctly", 0.70, correct)
    if made_up is not None:
        yield Floor(f"{name}: unanswerable ones invented", 0.30, made_up, at_most=True)
    yield Floor(f"{name}: ECE, on sets of the fit", 0.06, calibration_error(judged), at_most=True)


def latency(each: SetFigures) -> Iterable[Floor]:
    for method, name, limit in (
        (CITEGRAM, "seconds_p50", 0.25), (CITEGRAM, "seconds_p95", 0.5), (UNREAD, "seconds_p50", 0.06),
    ):  # fmt: skip
        seconds = each.methods[method.key][name]
        if seconds is not None:
            what = f"{each.name}, {method.title}: {name.removeprefix('seconds_')}, ms"
            yield Floor(what, 1000 * limit, 1000 * seconds, at_most=True, decimals=0)


def plain(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}".removeprefix("0") if decimals else f"{value:.0f}"
