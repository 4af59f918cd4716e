"""What came of a run of load.py: as Markdown for docs/performance.md, and as a plot. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

PARTS = 10
"""Of a run, each with its figures."""

BEGIN, END = "<!-- load.py -->", "<!-- /load.py -->"
"""Between these marks of a page stands what a run told."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Step:
    """Questions at one offered load, a second; `latencies` are in seconds, `took` is till the last answer."""

    offered: float
    latencies: Sequence[float]
    took: float


@dataclass(frozen=True, slots=True)
class Sample:
    """How the bot fared at a moment: `at` seconds after the run's begin, memory and database in MiB; 0 for a database
    that is on a server.

    Where there are several workers, all of them together.
    """

    at: float
    memory: float
    handles: int
    threads: int
    tasks: int
    database: float


@dataclass(frozen=True, slots=True)
class Run:
    """`answered` has for each question when its answer came, in seconds after the run's begin, and its latency.

    `cores` is how much of a core each kind of thread took while it ran, and the benchmark itself. `complaints` are by
    kind: lost questions, answers given twice, failures that people were told of, messages that came sooner than
    Telegram's pace allows, other violations of its rules, warnings and errors in the log.
    """

    conditions: str
    chats: int
    steps: Sequence[Step]
    answered: Sequence[Point]
    samples: Sequence[Sample]
    cores: Mapping[str, float]
    complaints: Mapping[str, int]

    @property
    def took(self) -> float:
        return max((at for at, _ in self.answered), default=0.0)

    @property
    def rate(self) -> float:
        return len(self.answered) / self.took if self.answered else 0.0


def percentile(values: Sequence[float], percent: int) -> float:
    """0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] if ordered else 0.0


# As Markdown


def markdown(run: Run) -> str:
    parts = [heading(run), by_load(run.steps), by_part(run), by_thread(run.cores)]
    return "\n\n".join(part for part in parts if part) + "\n"


def put_into(page: str, told: str) -> str:
    """The page with this between its two marks, in place of what an earlier run left there."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page has no {BEGIN} with {END} after it")
    return f"{before}{begin}\n{told}{end}{after}"


def heading(run: Run) -> str:
    told = ", ".join(f"{name} {count}" for name, count in run.complaints.items())
    grown = growth(run.samples)
    return (
        f"{run.conditions}: {len(run.answered):,} questions from {run.chats:,} chats in {run.took / 60:.1f} minutes, "
        f"{run.rate:.1f} a second. Memory from the end of the first tenth to the end {grown:+.0f} MiB. {told}."
    )


def growth(samples: Sequence[Sample]) -> float:
    """Of memory, in MiB, from the end of the first tenth on: by then everything has been used once."""
    if not samples:
        return 0.0
    warm = samples[len(samples) // PARTS]
    return samples[-1].memory - warm.memory


def by_load(steps: Sequence[Step]) -> str:
    head = ("questions a second", "answered a second", "p50", "p95", "p99")
    rows = [
        (
            f"{step.offered:g}",
            f"{len(step.latencies) / step.took:.1f}" if step.took else "0",
            *percentiles(step.latencies),
        )
        for step in steps
    ]
    return table(head, rows) if rows else ""


def by_part(run: Run) -> str:
    """The figures of each tenth: latencies of its questions, and how the bot fared at its end."""
    size = math.ceil(len(run.answered) / PARTS)
    if not size:
        return ""
    head = ("questions", "a second", "p50", "p95", "p99", "memory", "handles", "threads", "tasks", "database")
    ordered, rows, before = sorted(run.answered), [], 0.0
    for begin in range(0, len(ordered), size):
        part = ordered[begin : begin + size]
        end = part[-1][0]
        rate = f"{len(part) / (end - before):.1f}" if end > before else ""
        told = fared(run.samples, end)
        rows.append((f"{begin + len(part):,}", rate, *percentiles([seconds for _, seconds in part]), *told))
        before = end
    return table(head, rows)


def fared(samples: Sequence[Sample], at: float) -> tuple[str, ...]:
    """By the last sample till then."""
    told = [each for each in samples if each.at <= at] or list(samples[:1])
    if not told:
        return ("",) * 5
    last = told[-1]
    database = f"{last.database:.1f} MiB" if last.database else "on a server"
    return f"{last.memory:.0f} MiB", str(last.handles), str(last.threads), str(last.tasks), database


def by_thread(cores: Mapping[str, float]) -> str:
    ordered = sorted(cores.items(), key=lambda each: -each[1])
    return table(("what took the processor", "of a core"), [(name, f"{share:.2f}") for name, share in ordered])


def percentiles(latencies: Sequence[float]) -> tuple[str, ...]:
    return tuple(told_seconds(percentile(latencies, percent)) for percent in (50, 95, 99))


def told_seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 10 else f"{seconds:.2f} s" if seconds >= 1 else f"{1000 * seconds:.0f} ms"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


# As a plot

WIDTH, HEIGHT = 420, 260
LEFT, RIGHT, TOP, BOTTOM = 58, 18, 40, 46
TICKS = 4

STYLE = """
text { font: 12px system-ui, Helvetica, Arial, sans-serif; fill: #4a535d; } .title { font-weight: 600; fill: #1d2126; }
.back { fill: #ffffff; } .grid { stroke: #dcdfe3; } .axis { stroke: #5d6670; }
polyline { fill: none; stroke-width: 2; stroke-linejoin: round; }
.one { stroke: #2563b0; } .other { stroke: #c2362b; } text.one { fill: #2563b0; stroke: none; }
text.other { fill: #c2362b; stroke: none; }
"""


@dataclass(frozen=True, slots=True)
class Panel:
    """Lines over the same axis, each with its name; both axes begin at 0."""

    title: str
    across: str
    lines: Sequence[tuple[str, Sequence[Point]]]


def plot(run: Run) -> str:
    """An SVG that loads nothing."""
    drawn = [drawing(panel, WIDTH * place) for place, panel in enumerate(panels(run))]
    whole = WIDTH * len(drawn)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {HEIGHT}" role="img">\n'
        f"<title>{escape(run.conditions)}</title>\n<style>{STYLE}</style>\n"
        f'<rect class="back" width="{whole}" height="{HEIGHT}"/>\n' + "".join(drawn) + "</svg>\n"
    )


def panels(run: Run) -> list[Panel]:
    by_steps = [
        (f"p{percent}", [(step.offered, percentile(step.latencies, percent)) for step in run.steps])
        for percent in (50, 95)
    ]
    memory = [(sample.at / 60, sample.memory) for sample in run.samples]
    return [
        Panel("Latency by load, in seconds", "questions a second", by_steps),
        Panel("Latency over time, in seconds", "minutes", [(f"p{each}", over_time(run, each)) for each in (50, 95)]),
        Panel("Memory over time, in MiB", "minutes", [("memory", memory)]),
    ]


def over_time(run: Run, percent: int) -> list[Point]:
    """Of each fiftieth of the questions, at its end."""
    ordered = sorted(run.answered)
    size = max(1, math.ceil(len(ordered) / (5 * PARTS)))
    parts = [ordered[begin : begin + size] for begin in range(0, len(ordered), size)]
    return [(part[-1][0] / 60, percentile([seconds for _, seconds in part], percent)) for part in parts]


def drawing(panel: Panel, left: float) -> str:
    points = [point for _, line in panel.lines for point in line]
    across = even_above(max((x for x, _ in points), default=0.0))
    up = even_above(max((y for _, y in points), default=0.0))

    def place(point: Point) -> Point:
        x, y = point
        return (
            round(LEFT + x / across * (WIDTH - LEFT - RIGHT), 1),
            round(HEIGHT - BOTTOM - y / up * (HEIGHT - TOP - BOTTOM), 1),
        )

    drawn = [f'<text class="title" x="{LEFT}" y="20">{escape(panel.title)}</text>']
    for tick in range(TICKS + 1):
        x, y = place((across * tick / TICKS, up * tick / TICKS))
        kind = "grid" if tick else "axis"
        drawn += [
            f'<path class="{kind}" d="M{LEFT} {y} H{WIDTH - RIGHT}"/>',
            f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{up * tick / TICKS:g}</text>',
            f'<text x="{x}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{across * tick / TICKS:g}</text>',
        ]
    drawn.append(f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 10}" text-anchor="end">{escape(panel.across)}</text>')
    for number, (name, line) in enumerate(panel.lines):
        kind = ("one", "other")[number % 2]
        path = " ".join("{},{}".format(*place(point)) for point in line)
        drawn.append(f'<polyline class="{kind}" points="{path}"/>')
        drawn.append(f'<text class="{kind}" x="{LEFT + 4 + 70 * number}" y="{TOP - 5}">{escape(name)}</text>')
    return f'<g transform="translate({left})">' + "\n".join(drawn) + "</g>\n"


def even_above(most: float) -> float:
    """An end of the axis whose quarters are round."""
    if most <= 0:
        return 1.0
    step = 10.0 ** math.floor(math.log10(most))
    return next(step * factor for factor in (1.0, 1.2, 2.0, 4.0, 6.0, 8.0, 10.0) if step * factor >= most)
