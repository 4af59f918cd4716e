"""Charts as SVG elements, to stand inside a page whose style sheet gives the colours.

Pure: values in, markup out. The classes `axis`, `grid`, `ideal`, `line`, `dot`, `mark` and `bar` are the page's to
colour; nothing is loaded and nothing moves.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from bot.evaluation.calibration import Bin, Point
from bot.evaluation.markup import Html

WIDTH, HEIGHT = 360, 250
LEFT, RIGHT, TOP, BOTTOM = 60, 22, 14, 42
"""Room for the axes' words, in the units of the drawing."""

TICKS = 4


@dataclass(frozen=True, slots=True)
class Scale:
    """From values to places in the drawing; both axes begin at 0."""

    across: float = 1.0
    up: float = 1.0

    def x(self, value: float) -> float:
        return round(LEFT + value / self.across * (WIDTH - LEFT - RIGHT), 2)

    def y(self, value: float) -> float:
        return round(HEIGHT - BOTTOM - value / self.up * (HEIGHT - TOP - BOTTOM), 2)


def risk_coverage_chart(points: Sequence[Point], taken: Point) -> Html:
    """A curve of risk over coverage, and a mark where the bot stands."""
    scale = Scale(up=fifth_above(max(each.risk for each in (*points, taken))))
    path = "M" + " L".join(f"{scale.x(each.coverage)} {scale.y(each.risk)}" for each in points)
    mark = (
        f'<circle class="mark" cx="{scale.x(taken.coverage)}" cy="{scale.y(taken.risk)}" r="5">'
        f"<title>{percent(taken.coverage)} answered, {percent(taken.risk)} of them wrongly</title></circle>"
    )
    drawn = axes(scale, "questions answered", "answered wrongly") + f'<path class="line" d="{path}"/>' + mark
    return chart(drawn, "Share of wrong answers over the share of questions answered")


def reliability_chart(bins: Sequence[Bin]) -> Html:
    """Bars of what came true over what was promised; on the diagonal both are the same."""
    scale = Scale()
    ideal = f'<path class="ideal" d="M{scale.x(0)} {scale.y(0)} L{scale.x(1)} {scale.y(1)}"/>'
    drawn = axes(scale, "confidence", "answerable") + "".join(bin_bar(each, scale) for each in bins) + ideal
    return chart(drawn, "Share of answerable questions over the confidence")


def bin_bar(each: Bin, scale: Scale) -> str:
    left, right = scale.x(each.start) + 1, scale.x(each.end) - 1
    words = f"{each.questions} questions, confidence {percent(each.confidence)}, answerable {percent(each.answerable)}"
    return (
        bar(left, scale.y(each.answerable), right - left, scale.y(0), words)
        + f'<circle class="dot" cx="{scale.x(each.confidence)}" cy="{scale.y(each.answerable)}" r="3.5"/>'
    )


def histogram(counts: Sequence[int], *, longest: float, unit: str) -> Html:
    """Bars of equal width from 0 to `longest`; the last one also counts what is longer."""
    scale = Scale(across=longest, up=math.ceil(max(counts) / TICKS) * TICKS)
    step = longest / len(counts)
    bars = "".join(
        bar(
            scale.x(place * step) + 0.5,
            scale.y(count),
            scale.x(step) - scale.x(0) - 1,
            scale.y(0),
            f"{place * step:.2f} {unit} and more: {count}",
        )
        for place, count in enumerate(counts)
    )
    return chart(axes(scale, unit, "questions", shares=False) + bars, f"Number of questions by {unit}")


def share_bar(share: float) -> Html:
    """A small bar for a cell of a table."""
    return Html(
        '<svg class="share" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="grid" width="100" height="8" rx="2"/>'
        f'<rect class="bar" width="{round(100 * share, 1)}" height="8" rx="2"/></svg>'
    )


def bar(left: float, top: float, width: float, bottom: float, words: str) -> str:
    return (
        f'<rect class="bar" x="{left:.2f}" y="{top:.2f}" width="{width:.2f}" height="{bottom - top:.2f}">'
        f"<title>{escape(words)}</title></rect>"
    )


def axes(scale: Scale, across: str, up: str, *, shares: bool = True) -> str:
    """Lines at the quarters, their values, and what each axis counts."""
    drawn = []
    for tick in range(TICKS + 1):
        x, y = scale.across * tick / TICKS, scale.up * tick / TICKS
        drawn.append(f'<path class="grid" d="M{scale.x(0)} {scale.y(y)} H{scale.x(scale.across)}"/>')
        drawn.append(words_at(LEFT - 6, scale.y(y) + 4, label(y, shares), anchor="end"))
        drawn.append(words_at(scale.x(x), HEIGHT - BOTTOM + 16, label(x, shares)))
    drawn.append(f'<path class="axis" d="M{scale.x(0)} {scale.y(0)} H{scale.x(scale.across)}"/>')
    drawn.append(words_at((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, across))
    drawn.append(f'<g transform="translate(11 {(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)">{words_at(0, 0, up)}</g>')
    return "".join(drawn)


def words_at(x: float, y: float, words: str, *, anchor: str = "middle") -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escape(words)}</text>'


def chart(drawn: str, name: str) -> Html:
    shell = f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(name)}">'
    return Html(f"{shell}{drawn}</svg>")


def label(value: float, shares: bool) -> str:
    return percent(value) if shares else f"{value:.3g}"


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def fifth_above(value: float) -> float:
    """The least number of fifths that is not below the value: its quarters are round."""
    return next(each for each in (0.2, 0.4, 0.6, 0.8, 1.0) if value <= each)
