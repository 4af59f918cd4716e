"""docs/quality.md: the figures as one Markdown page. Pure."""

import statistics
import textwrap
from collections.abc import Callable, Iterable, Sequence

from tests.benchmarks.figures import (
    Figures,
    Judged,
    SetFigures,
    answered_correctly,
    calibration_error,
    correct_within,
    invented,
    wrong_at,
)
from tests.benchmarks.floors import TOGETHER, floors, grid
from tests.benchmarks.methods import CITEGRAM, METHODS, Method

SHOWN = ("hit@1", "hit@5", "hit@10", "mrr@10", "quote@1", "quote@3", "correct", "silent", "invented", "auroc",
         "reject@90", "verbatim")  # fmt: skip
COVERAGES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)

HEAD = """# Quality

Written by `tests/benchmarks/quality.py`; do not edit. Every method was asked the same questions in one process, one
question after the other and in an order drawn anew for each, over the same documents.
"""

FIGURES = """\
`hit@k`: a right passage among the first k. `mrr@10`: the mean of 1 / its rank. `quote@1`, `quote@3`: the first quote,
or one of the first three, holds the answer. `correct`: of the answerable, those answered with a quote that holds the
answer; `silent`: those not answered. `invented`: of the unanswerable, those answered. `auroc`: how well the
confidence tells the answerable from the rest. `reject@90`: the unanswerable under the bound that keeps 90 % of the
answerable. `verbatim`: quotes that stand letter for letter where they say. A dash: the method yields nothing of the
kind, or the set holds no such questions. Differences under 3 points are noise.
"""

SILENCE = """## Silence

citegram as it comes; questions counting alike. Of the answerable, the share answered correctly; of the unanswerable,
the share invented; the former again with the bound moved to where at most 30 % are invented. The confidence was fitted
on questions of these sets; `tools/fit_reading.py` tells its error on a set left out.
"""

RISK = """\
Risk by coverage: were only the surest so many of all questions answered, the share of wrong answers among them. An
answer is wrong where the question is unanswerable, and where no quote holds the answer.
"""

RUNNING = """## Run it again

```sh
.venv/bin/python -m tests.benchmarks.quality EVAL_FOLDER --keep answers --write docs/quality.md
.venv/bin/python -m tests.benchmarks.quality EVAL_FOLDER --kept answers --write docs/quality.md   # only score again
```

EVAL_FOLDER holds `score.py` and, for each set, `docs/` and `questions.jsonl`. `--sets squad2 clapnq` takes some of the
sets, `--sample 40` some questions of each.
"""


def page(sets: Sequence[SetFigures]) -> str:
    """The whole page, from the sets in the order in which they are shown."""
    parts = [HEAD, origin(sets), methods(), FIGURES, overall(sets)]
    parts += [one_set(each) for each in sets]
    parts += [floors_part(sets), silence(sets), latency(sets), building(sets), RUNNING]
    return "\n".join(part for part in parts if part)


def origin(sets: Sequence[SetFigures]) -> str:
    """When, of what and where; and loudly, where it is only a sample."""
    runs = [each.run for each in sets]
    facts = [distinct(run.day for run in runs), f"commit {distinct(run.commit for run in runs)}"]
    facts.append(distinct(run.machine for run in runs))
    busy = [run.others for run in runs]
    others = f"Other processes took {percent(min(busy))} to {percent(max(busy))} of the machine meanwhile."
    sampled = [each for each in sets if not each.whole]
    warning = (
        f"\n**A sample, no figures to cite:** {', '.join(f'{e.name} {e.run.asked} of {e.run.of}' for e in sampled)}.\n"
    )
    return f"{'; '.join(facts)}. {others}\n{warning if sampled else ''}"


def methods() -> str:
    items = (f"- **{each.title}**: {each.what}" for each in METHODS)
    wrapped = (textwrap.fill(item, 120, subsequent_indent="  ", break_on_hyphens=False) for item in items)
    return "\n".join(["## What is compared", "", *wrapped, ""])


def overall(sets: Sequence[SetFigures]) -> str:
    """The mean of each figure over the sets that have it, each set counting alike."""
    rows = []
    for method in METHODS:
        means = [mean(each.methods[method.key].get(name) for each in sets) for name in SHOWN]
        ratios = (misses_ratio(sets, method), seconds_ratio(sets, method))
        rows.append([method.title, *map(as_share, means), *map(as_ratio, ratios)])
    told = (
        f"The mean of {len(sets)} sets, each counting alike. Misses: questions whose first passage is no right one,\n"
        "as a multiple of citegram's; time: the median answer's, likewise.\n"
    )
    return f"## Overall\n\n{told}\n{table(['method', *SHOWN, 'misses', 'time'], rows)}"


def one_set(each: SetFigures) -> str:
    run = each.run
    unanswerable = sum(not judged.answerable for judged in each.judged)
    told = (
        f"{run.documents} documents in {run.chunks} chunks; {run.asked} questions, {unanswerable} of them unanswerable."
    )
    shown = [name for name in SHOWN if any(figures.get(name) is not None for figures in each.methods.values())]
    rows = [[m.title, *(as_share(each.methods[m.key].get(name)) for name in shown)] for m in METHODS]
    return f"## {each.name}\n\n{told}\n\n{table(['method', *shown], rows)}"


def floors_part(sets: Sequence[SetFigures]) -> str:
    """What was set out to be reached, and what was."""
    names, rows = grid(sets)
    lines = [[each.what, each.bound, each.shown, each.verdict] for each in floors(sets)]
    told = (
        "citegram as it comes. Memory, the cold start, training and the article of the seeds are measured elsewhere\n"
        "(`tests/benchmarks/speed.py`, the tests).\n"
    )
    return f"## Floors\n\n{told}\n{table(['set', *names], rows)}\n{table(['floor', '', 'reached', ''], lines)}"


def silence(sets: Sequence[SetFigures]) -> str:
    """How often citegram is right, wrong and silent, and how that would change with its bound."""
    groups = {each.name: each.judged for each in sets if any(not judged.answerable for judged in each.judged)}
    pooled = [each.judged for each in sets if each.name in TOGETHER]
    if len(pooled) == len(TOGETHER):
        groups[" and ".join(TOGETHER)] = tuple(judged for group in pooled for judged in group)
    if not groups:
        return ""
    columns: list[Callable[[Sequence[Judged]], float | None]] = [
        answered_correctly, invented, lambda judged: correct_within(judged, 0.3), calibration_error,
    ]  # fmt: skip
    titles = ["answered correctly", "invented", "correct where 30 % are invented", "ECE, 10 bins"]
    rows = [[name, *(as_share(column(judged)) for column in columns)] for name, judged in groups.items()]
    curve = [[name, *(as_share(wrong_at(judged, c)) for c in COVERAGES)] for name, judged in groups.items()]
    head = ["questions", *(percent(coverage) for coverage in COVERAGES)]
    return f"{SILENCE}\n{table(['questions', *titles], rows)}\n{RISK}\n{table(head, curve)}"


def latency(sets: Sequence[SetFigures]) -> str:
    rows = [[m.title, *(milliseconds(each.methods[m.key]) for each in sets)] for m in METHODS]
    rows = [[*row, as_ratio(seconds_ratio(sets, m))] for row, m in zip(rows, METHODS, strict=True)]
    head = ["method", *(each.name for each in sets), "× citegram"]
    return f"## Seconds a question\n\nMilliseconds, median / 95th percentile, warm.\n\n{table(head, rows)}"


def building(sets: Sequence[SetFigures]) -> str:
    rows = []
    for method in METHODS:
        seconds = [each.run.build_seconds[method.key] for each in sets]
        ratio = sum(seconds) / sum(each.run.build_seconds[CITEGRAM.key] for each in sets)
        rows.append([method.title, *(f"{value:.1f}" for value in seconds), as_ratio(ratio)])
    head = ["method", *(each.name for each in sets), "× citegram"]
    told = "Seconds from the documents to an index on disk; citegram's includes checking it before it is published."
    return f"## Building the index\n\n{told}\n\n{table(head, rows)}"


def misses_ratio(sets: Sequence[SetFigures], method: Method) -> float | None:
    """Of first places without a right passage, as a multiple of citegram's, in the mean over the sets."""
    own, citegram = (mean(each.methods[m.key]["hit@1"] for each in sets) for m in (method, CITEGRAM))
    return (1 - own) / (1 - citegram) if own is not None and citegram is not None and citegram < 1 else None


def seconds_ratio(sets: Sequence[SetFigures], method: Method) -> float | None:
    """Of the median seconds, in the mean over the sets."""
    own, citegram = (mean(each.methods[m.key]["seconds_p50"] for each in sets) for m in (method, CITEGRAM))
    return own / citegram if own is not None and citegram else None


def mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.mean(known) if known else None


def as_share(value: float | None) -> str:
    """Three decimals without the zero before the point."""
    return "–" if value is None else f"{value:.3f}".removeprefix("0")


def percent(value: float) -> str:
    return f"{100 * value:.0f} %"


def as_ratio(value: float | None) -> str:
    """Two decimals, three of what is small."""
    return "–" if value is None else f"{value:.{2 if value >= 0.1 else 3}f}"


def milliseconds(figures: Figures) -> str:
    return " / ".join(f"{1000 * (figures[name] or 0):.0f}" for name in ("seconds_p50", "seconds_p95"))


def distinct(values: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(values))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
