"""Two runs side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.evaluation.records import Outcome, Recorded
from bot.evaluation.scoring import FIGURES, Better
from bot.evaluation.verdicts import Fate

STANDING = {Fate.RIGHT: 2, Fate.SILENT: 1, Fate.WRONG: 0, Fate.DECLINED: 1, Fate.INVENTED: 0}
"""A needless silence is better than a wrong answer."""


@dataclass(frozen=True, slots=True)
class Change:
    """A figure then and now."""

    name: str
    earlier: float | None
    now: float | None

    @property
    def difference(self) -> float | None:
        return None if self.earlier is None or self.now is None else round(self.now - self.earlier, 4)

    @property
    def verdict(self) -> str:
        """Either `better` or `worse`; nothing where there is no telling."""
        better = FIGURES[self.name].better
        if not self.difference or better is Better.NEITHER:
            return ""
        return "better" if (self.difference > 0) == (better is Better.HIGHER) else "worse"


@dataclass(frozen=True, slots=True)
class Turn:
    """A question that ended otherwise than before."""

    id: str
    question: str
    earlier: Fate
    now: Fate


@dataclass(frozen=True, slots=True)
class Comparison:
    """`only_now` and `only_earlier` count questions that the other run lacks, or that read otherwise there; the figures
    are each over all of its own."""

    earlier: datetime
    changes: tuple[Change, ...]
    better: tuple[Turn, ...]
    worse: tuple[Turn, ...]
    only_now: int
    only_earlier: int


def compare(earlier: Recorded, now: Recorded) -> Comparison:
    turns = [
        Turn(key, then.question, then.fate, now.outcomes[key].fate)
        for key, then in shared(earlier.outcomes, now.outcomes).items()
    ]
    return Comparison(
        earlier=earlier.made,
        changes=tuple(Change(name, earlier.figures[name], now.figures[name]) for name in FIGURES),
        better=tuple(each for each in turns if STANDING[each.now] > STANDING[each.earlier]),
        worse=tuple(each for each in turns if STANDING[each.now] < STANDING[each.earlier]),
        only_now=len(now.outcomes) - len(turns),
        only_earlier=len(earlier.outcomes) - len(turns),
    )


def shared(earlier: Mapping[str, Outcome], now: Mapping[str, Outcome]) -> dict[str, Outcome]:
    """What was asked both times with the same expectation, as it ended then."""
    return {key: then for key, then in earlier.items() if key in now and same(then, now[key])}


def same(then: Outcome, now: Outcome) -> bool:
    return (then.question, then.answerable) == (now.question, now.answerable)


def comparison_record(comparison: Comparison) -> dict[str, Any]:
    """As `citegram eval --json --against` prints it."""
    return {
        "earlier": comparison.earlier.isoformat(timespec="seconds"),
        "figures": {
            each.name: {"earlier": each.earlier, "now": each.now, "difference": each.difference}
            for each in comparison.changes
        },
        "better": [turn_record(each) for each in comparison.better],
        "worse": [turn_record(each) for each in comparison.worse],
        "only_now": comparison.only_now,
        "only_earlier": comparison.only_earlier,
    }


def turn_record(turn: Turn) -> dict[str, str]:
    return {"id": turn.id, "question": turn.question, "earlier": str(turn.earlier), "now": str(turn.now)}
