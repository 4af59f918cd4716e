"""The report as a browser would read it: whole, quiet, and with every foreign text escaped."""

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evaluation.calibration import Point, reliability
from bot.evaluation.charts import histogram, reliability_chart, risk_coverage_chart, share_bar
from bot.evaluation.comparison import compare
from bot.evaluation.records import record, recorded
from bot.evaluation.report import report
from bot.evaluation.verdicts import Verdict
from tests.verdicts import a_run, a_verdict

VOID = {"meta"}
HOSTILE = "<script>alert('x')</script> & \"quoted\" <img src=x onerror=alert(1)>"


class Page(HTMLParser):
    """Fails where an element is not closed; gathers what a reader sees, and every attribute."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(source)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes += attributes
        if tag not in VOID and not (self.get_starttag_text() or "").endswith("/>"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes += attributes

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data


def hostile() -> Verdict:
    return a_verdict(HOSTILE, text=HOSTILE, kind=HOSTILE, language=HOSTILE, holds=(False, False), rank=None)


def whole() -> str:
    run = a_run(hostile(), a_verdict("b", answerable=False), a_verdict("c"), a_verdict("d", answered=False, seconds=9))
    right = a_verdict(HOSTILE, text=HOSTILE)
    return report(run, compare(recorded(record(a_run(right))), recorded(record(run))))


def test_it_is_whole_and_shows_what_was_asked() -> None:
    page = Page(whole())
    for words in (
        "4 questions, of which the documents answer 3.", "Against the earlier run", "Got worse: 1",
        "How far to trust it", "By kind of question", "By language", "What went worst", "How long it takes",
        "Every figure",
    ):  # fmt: skip
        assert words in page.text
    assert "made on 2026-11-24 05:12 UTC." in page.text
    assert page.text.count(HOSTILE) >= 5  # question, id, kind, language, and the question that got worse


def test_no_foreign_text_becomes_markup() -> None:
    page = Page(whole())
    assert not {"script", "img", "link", "iframe"} & page.names
    assert not [name for name, _ in page.attributes if name.startswith("on")]


def test_it_loads_nothing() -> None:
    source = whole()
    assert not {"src", "href", "action", "srcset"} & {name for name, _ in Page(source).attributes}
    assert not re.search(r"url\(|@import|https?:", source)


def test_it_knows_light_and_dark_and_phones() -> None:
    source = whole()
    assert "prefers-color-scheme: dark" in source
    assert 'name="viewport" content="width=device-width, initial-scale=1"' in source


@pytest.mark.parametrize(
    "verdicts",
    [
        (a_verdict(),),
        (a_verdict(answerable=False, answered=False, holds=(), rank=None, seconds=0, confidence=0),),
        (a_verdict(confidence=1.0, holds=(False,)),),
    ],
    ids=["one right", "one that could not be asked", "one wrong"],
)
def test_runs_that_leave_most_figures_open(verdicts: tuple[Verdict, ...]) -> None:
    page = Page(report(a_run(*verdicts)))
    assert "–" in page.text
    assert ("Nothing went wrong." in page.text) == (not a_run(*verdicts).worst)


# Charts

SHARE = st.floats(0, 1)
POINT = st.builds(Point, SHARE, SHARE)


@given(st.lists(POINT, min_size=1, max_size=30), POINT)
def test_the_curve_stays_within_its_axes(points: list[Point], taken: Point) -> None:
    drawn = ElementTree.fromstring(risk_coverage_chart(points, taken))
    (line,) = drawn.findall("path[@class='line']")
    places = [float(each) for each in re.findall(r"[\d.]+", line.get("d") or "")]
    assert len(places) == 2 * len(points)
    assert all(60 <= x <= 338 for x in places[::2])
    assert all(14 <= y <= 208 for y in places[1::2])


def test_a_point_of_the_curve_stands_where_it_should() -> None:
    drawn = ElementTree.fromstring(risk_coverage_chart([Point(0.5, 0.125), Point(1, 0.25)], Point(1, 0.25)))
    (line,) = drawn.findall("path[@class='line']")
    assert line.get("d") == "M199.0 147.38 L338.0 86.75"
    (mark,) = drawn.findall("circle[@class='mark']")
    assert (mark.get("cx"), mark.get("cy")) == ("338.0", "86.75")


def test_a_bar_of_reliability_is_as_high_as_what_came_true() -> None:
    bins = reliability([a_verdict(confidence=0.25), a_verdict(confidence=0.25, answerable=False)])
    (bar,) = ElementTree.fromstring(reliability_chart(bins)).findall("rect")
    assert (bar.get("x"), bar.get("height")) == ("116.60", "97.00")
    assert bar.findtext("title") == "2 questions, confidence 25 %, answerable 50 %"


def test_a_histogram_has_a_bar_for_each_count() -> None:
    bars = ElementTree.fromstring(histogram([4, 0, 2], longest=0.3, unit="seconds")).findall("rect")
    assert [bar.get("height") for bar in bars] == ["194.00", "0.00", "97.00"]
    assert bars[2].findtext("title") == "0.20 seconds and more: 2"


def test_a_share_is_that_long() -> None:
    assert ElementTree.fromstring(share_bar(0.123)).findall("rect")[1].get("width") == "12.3"
