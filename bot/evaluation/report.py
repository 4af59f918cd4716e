"""A run as one page for a browser: nothing to load, nothing to run, in light and dark, on a phone too. Pure."""

from collections.abc import Mapping, Sequence

from bot.evaluation.calibration import point_taken, reliability, risk_coverage
from bot.evaluation.charts import histogram, percent, reliability_chart, risk_coverage_chart, share_bar
from bot.evaluation.comparison import Change, Comparison, Turn
from bot.evaluation.markup import NOTHING, Html, element, joined, page, section, table
from bot.evaluation.runs import Run
from bot.evaluation.scoring import FIGURES, figures, percentile
from bot.evaluation.style import STYLE
from bot.evaluation.summary import IN_GROUPS, expected, heading, shown, signed, unshared
from bot.evaluation.verdicts import Verdict

TITLE = "How well citegram answers"

HEADLINE = ("correct", "invented", "silent", "quote@1", "hit@1", "ece")

MOST_TURNS = 50
"""Questions that are listed as better or worse; the JSON has them all."""

LATENCY_BARS = 20


def report(run: Run, comparison: Comparison | None = None) -> str:
    return page(
        TITLE,
        STYLE,
        header(run),
        headline(run),
        against(comparison) if comparison else NOTHING,
        trust(run),
        groups("By kind of question", "kind", run.by_kind),
        groups("By language", "language", run.by_language),
        worst(run.worst),
        latency(run.verdicts),
        all_figures(run),
    )


def header(run: Run) -> Html:
    told = f"{heading(run)} Asked on {run.made:%Y-%m-%d %H:%M %Z} of index {run.index}."
    return element("header", element("h1", TITLE), element("p", told))


def headline(run: Run) -> Html:
    cards = (
        element(
            "div",
            element("dt", name),
            element("dd", figure(name, run.figures[name])),
            element("dd", FIGURES[name].meaning, class_="meaning"),
        )
        for name in HEADLINE
    )
    return element("dl", *cards, class_="cards")


def trust(run: Run) -> Html:
    curve = risk_coverage_chart(risk_coverage(run.verdicts), point_taken(run.verdicts))
    return section(
        "How far to trust it",
        element(
            "div",
            captioned(
                curve, "Risk and coverage", "If it answered only what it is surest of. The dot is where it stands."
            ),
            captioned(
                reliability_chart(reliability(run.verdicts)),
                "Reliability",
                "Bars on the dashed line: as often answerable as the confidence says.",
            ),
            class_="charts",
        ),
    )


def captioned(chart: Html, title: str, words: str) -> Html:
    return element("figure", element("h3", title), chart, element("figcaption", words))


def groups(title: str, name: str, grouped: Mapping[str, Sequence[Verdict]]) -> Html:
    rows = []
    for each, verdicts in grouped.items():
        values = figures(verdicts)
        rows.append((each, f"{len(verdicts):,}", *(with_bar(values[figure_name]) for figure_name in IN_GROUPS)))
    return section(title, table((name, "questions", *IN_GROUPS), rows, class_="numbers"))


def with_bar(share: float | None) -> Html:
    return joined((percent(share), share_bar(share))) if share is not None else Html("–")


def worst(verdicts: Sequence[Verdict]) -> Html:
    """The questions that most need their owner's eye."""
    if not verdicts:
        return section("What went worst", element("p", "Nothing went wrong."))
    return section("What went worst", element("ol", *map(worst_entry, verdicts), class_="worst"))


def worst_entry(verdict: Verdict) -> Html:
    first, rest = verdict.quotes[:1], verdict.quotes[1:]
    said = "answered" if verdict.answered else "came closest"
    more = element("details", element("summary", "more quotes"), *(quoted(each.text, each.document) for each in rest))
    return element(
        "li",
        element("p", badge(str(verdict.fate)), f" confidence {verdict.confidence:.2f} · {verdict.question.id}"),
        element("p", verdict.question.text, class_="question"),
        element("p", said if first else "Nothing was found.", class_="label"),
        *(quoted(each.text, each.document) for each in first),
        more if rest else NOTHING,
        element("p", "expected", class_="label"),
        element("p", expected(verdict)),
    )


def quoted(text: str, document: str) -> Html:
    return element("blockquote", text, element("footer", document))


def badge(fate: str) -> Html:
    return element("span", fate, class_=f"badge {fate}")


def latency(verdicts: Sequence[Verdict]) -> Html:
    seconds = sorted(each.seconds for each in verdicts)
    longest = max(percentile(seconds, 99), 0.001)
    counted = [0] * LATENCY_BARS
    for each in seconds:
        counted[min(int(each / longest * LATENCY_BARS), LATENCY_BARS - 1)] += 1
    names = ("median", "90 %", "95 %", "99 %", "slowest")
    values = [f"{percentile(seconds, part):.3f}" for part in (50, 90, 95, 99, 100)]
    chart = captioned(
        histogram(counted, longest=longest, unit="seconds"),
        "Distribution",
        "The last bar also counts what took longer.",
    )
    return section(
        "How long it takes", table(("seconds", *names), [("to an answer", *values)], class_="numbers"), chart
    )


def all_figures(run: Run) -> Html:
    rows = ((name, figure(name, value), FIGURES[name].meaning) for name, value in run.figures.items())
    return section("Every figure", table(("figure", "value", "what it is"), rows, class_="figures"))


def figure(name: str, value: float | None) -> str:
    """Shares in per cent; what is no share as a number."""
    no_share = name.startswith(("seconds", "quotes_", "quote_words", "mrr", "auroc", "ece"))
    return shown(value) if value is None or no_share else f"{100 * value:.1f} %"


def against(comparison: Comparison) -> Html:
    return section(
        "Against the earlier run",
        element("p", f"The earlier run was made on {comparison.earlier:%Y-%m-%d %H:%M %Z}."),
        *(element("p", each) for each in unshared(comparison)),
        table(("figure", "earlier", "now", "difference", ""), map(change_row, comparison.changes), class_="numbers"),
        turns("Got better", comparison.better),
        turns("Got worse", comparison.worse),
    )


def change_row(change: Change) -> tuple[str, ...]:
    verdict = element("span", change.verdict, class_=f"badge {change.verdict}") if change.verdict else ""
    return (change.name, shown(change.earlier), shown(change.now), signed(change.difference), verdict)


def turns(title: str, turned: Sequence[Turn]) -> Html:
    listed = (
        element(
            "li", badge(str(each.earlier)), " → ", badge(str(each.now)), f" {each.question} ", element("small", each.id)
        )
        for each in turned[:MOST_TURNS]
    )
    left_out = f"and {len(turned) - MOST_TURNS:,} more" if len(turned) > MOST_TURNS else ""
    summary = element("summary", f"{title}: {len(turned):,}")
    return element("details", summary, element("ul", *listed, class_="turns"), element("p", left_out))
