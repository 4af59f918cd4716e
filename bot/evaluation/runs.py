"""Everything that one run over a question file showed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.evaluation.scoring import Figures, figures
from bot.evaluation.verdicts import Fate, Verdict
from index.kinds import Kind

WORST = 20

NEAR, FOUND, FAR = 0.5, 0.4, 0.3
"""What a silence weighs at most: with the answer among the closest quotes, in one of the passages, in neither. Each is
less than being told something wrong with a confidence of a half."""


@dataclass(frozen=True, slots=True)
class Run:
    """At least one verdict, in the order of the file. `index` names the generation that was asked."""

    made: datetime
    index: str
    verdicts: tuple[Verdict, ...]

    @property
    def figures(self) -> Figures:
        return figures(self.verdicts)

    @property
    def by_kind(self) -> dict[str, tuple[Verdict, ...]]:
        """In the order of Kind; then the owner's own, by name."""
        known = {str(kind): place for place, kind in enumerate(Kind)}
        return grouped(self.verdicts, by=lambda each: each.kind, order=lambda kind: (known.get(kind, len(known)), kind))

    @property
    def by_language(self) -> dict[str, tuple[Verdict, ...]]:
        return grouped(self.verdicts, by=lambda each: each.language, order=lambda language: (0, language))

    @property
    def worst(self) -> tuple[Verdict, ...]:
        """Up to twenty questions that went wrong, worst first."""
        wrong = [each for each in self.verdicts if badness(each) > 0]
        return tuple(sorted(wrong, key=lambda each: -badness(each))[:WORST])


def badness(verdict: Verdict) -> float:
    """How badly a question went, from 0 to 1: an answer that misleads as much as it was sure of itself; a silence at
    most half, the more the nearer the answer lay and the surer it was that there is none."""
    if verdict.fate in (Fate.WRONG, Fate.INVENTED):
        return verdict.confidence
    if verdict.fate is Fate.SILENT:
        weight = NEAR if verdict.near else FOUND if verdict.rank else FAR
        return weight * (1 - verdict.confidence)
    return 0.0


def grouped(
    verdicts: Iterable[Verdict], *, by: Callable[[Verdict], str], order: Callable[[str], tuple[int, str]]
) -> dict[str, tuple[Verdict, ...]]:
    groups: dict[str, list[Verdict]] = {}
    for each in verdicts:
        groups.setdefault(by(each), []).append(each)
    return {name: tuple(groups[name]) for name in sorted(groups, key=order)}


def counts(verdicts: Sequence[Verdict]) -> dict[str, int]:
    """How many questions there are, and how many of them the documents answer and don't."""
    yes = sum(each.question.answerable for each in verdicts)
    return {"questions": len(verdicts), "answerable": yes, "unanswerable": len(verdicts) - yes}
