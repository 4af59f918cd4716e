"""What `citegram eval` prints for a person. Pure: a run in, text out."""

from collections.abc import Mapping, Sequence

from bot.console.sentences import counted
from bot.evaluation.comparison import Comparison, Turn
from bot.evaluation.runs import Run, counts
from bot.evaluation.scoring import FIGURES, figures
from bot.evaluation.verdicts import Fate, Verdict

IN_GROUPS = ("hit@1", "quote@1", "correct", "silent", "invented")
"""The figures that are shown for each kind and each language; the JSON has them all."""

LINE = 160
"""Characters of a question or quote."""

TURNS = 10
"""Questions that are named as better or worse."""


def summary(run: Run, comparison: Comparison | None = None) -> str:
    parts = [
        heading(run),
        figure_table(run),
        group_table("kind", run.by_kind),
        group_table("language", run.by_language),
        worst_list(run.worst),
        comparison_table(comparison) if comparison else "",
    ]
    return "\n\n".join(part for part in parts if part)


def heading(run: Run) -> str:
    numbers = counts(run.verdicts)
    return f"{counted(numbers['questions'], 'question')}, of which the documents answer {numbers['answerable']:,}."


def figure_table(run: Run) -> str:
    return "\n".join(f"{name:<20}{shown(value):>8}  {FIGURES[name].meaning}" for name, value in run.figures.items())


def group_table(title: str, groups: Mapping[str, Sequence[Verdict]]) -> str:
    head = f"{'by ' + title:<16}{'questions':>10}" + "".join(f"{name:>10}" for name in IN_GROUPS)
    return "\n".join([head, *(group_line(name, verdicts) for name, verdicts in groups.items())])


def group_line(name: str, verdicts: Sequence[Verdict]) -> str:
    values = figures(verdicts)
    return f"{name:<16}{len(verdicts):>10,}" + "".join(f"{shown(values[each]):>10}" for each in IN_GROUPS)


def worst_list(worst: Sequence[Verdict]) -> str:
    if not worst:
        return "Nothing went wrong."
    lines = (worst_entry(place, verdict) for place, verdict in enumerate(worst, start=1))
    return "\n".join(["What went worst", *lines])


def worst_entry(place: int, verdict: Verdict) -> str:
    return (
        f"{place:>2}. {fate_in_words(verdict)}  [{verdict.question.id}] {cut(verdict.question.text)}\n"
        f"      {'answered' if verdict.answered else 'closest'}: {cut(first_quote(verdict))}\n"
        f"      expected: {cut(expected(verdict))}"
    )


def fate_in_words(verdict: Verdict) -> str:
    return f"{verdict.fate}, confidence {verdict.confidence:.2f}:"


def first_quote(verdict: Verdict) -> str:
    return verdict.quotes[0].text if verdict.quotes else "nothing"


def expected(verdict: Verdict) -> str:
    question = verdict.question
    if verdict.fate in (Fate.INVENTED, Fate.DECLINED):
        return "that the documents don't say"
    return next(iter((question.evidence if question.long_answers else question.answers) or question.evidence))


def comparison_table(comparison: Comparison) -> str:
    head = f"{f'against {comparison.earlier:%Y-%m-%d}':<20}{'earlier':>10}{'now':>10}{'difference':>12}"
    rows = (
        f"{each.name:<20}{shown(each.earlier):>10}{shown(each.now):>10}{signed(each.difference):>12}  {each.verdict}"
        for each in comparison.changes
    )
    turned = [*turn_lines("better", comparison.better), *turn_lines("worse", comparison.worse)]
    return "\n".join([head, *(line.rstrip() for line in rows), *turned, *unshared(comparison)])


def turn_lines(direction: str, turns: Sequence[Turn]) -> list[str]:
    listed = [f"  {each.earlier} → {each.now}  [{each.id}] {cut(each.question)}" for each in turns[:TURNS]]
    more = [f"  and {len(turns) - TURNS:,} more"] if len(turns) > TURNS else []
    return [f"{len(turns):,} went {direction}", *listed, *more]


def unshared(comparison: Comparison) -> list[str]:
    if not comparison.only_now and not comparison.only_earlier:
        return []
    return [
        f"Only in this run: {counted(comparison.only_now, 'question')}; only in the earlier one: "
        f"{comparison.only_earlier:,}. Each figure is over all questions of its own run."
    ]


def signed(difference: float | None) -> str:
    return "–" if difference is None else f"{difference:+.3f}"


def cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LINE else line[: LINE - 1] + "…"


def shown(value: float | None) -> str:
    """Three places; a dash where the questions cannot tell."""
    return "–" if value is None else f"{value:.3f}"
