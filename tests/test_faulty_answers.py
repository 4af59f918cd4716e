"""What is shown of three hundred answers with known faults, over a real index. docs/decisions/0016 has the figures."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from config.settings import load_settings
from index.building import build_indexer
from index.embedding import OnnxEmbedder
from index.lexical import Analyzer
from index.library import Library, open_library
from index.manifest import recipe_of
from index.wiring import generations_of
from tests.faulty_answers import Answered, answered, cases, measure
from tests.faulty_answers.measuring import DOCUMENTS

HALVES = [pytest.param(False, id="the half that was looked at"), pytest.param(True, id="the half kept apart")]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Answered]]:
    settings = load_settings(seeds_dir=DOCUMENTS, data_dir=tmp_path_factory.mktemp("data"))
    report = build_indexer(settings).sync()
    assert len(report.added) == 24
    analyzer = Analyzer()
    open_generation = partial(open_library, analyzer=analyzer, recipe=recipe_of(OnnxEmbedder()))
    library: Library = open_generation(generations_of(settings).current())
    yield answered(cases(), library, analyzer)
    library.close()


@pytest.mark.parametrize("apart", HALVES)
def test_nothing_altered_and_nothing_unsupported_is_shown(told: list[Answered], apart: bool) -> None:
    shown = measure(each for each in told if each.case.is_apart is apart)
    assert shown.sentences["altered_number"] == 44
    assert shown.shown["altered_number"] == 0
    assert shown.shown["altered_name"] == 0
    assert shown.shown["unsupported"] == 0


@pytest.mark.parametrize("apart", HALVES)
def test_hardly_a_good_sentence_is_lost(told: list[Answered], apart: bool) -> None:
    """It is shown as written, or the passage's own words are in its place."""
    shown = measure(each for each in told if each.case.is_apart is apart)
    good = shown.sentences["good"]
    assert good > 200
    assert shown.shown["good"] + shown.quoted["good"] >= 0.97 * good
    assert shown.share("good") >= 0.1


def test_an_invented_id_never_shows_and_no_sentence_is_cited_from_where_it_does_not_stand(told: list[Answered]) -> None:
    assert measure(told).wrongly_cited == 0
    for answer in told:
        invented = {cited for each in answer.case.sentences for cited in each.cites} - set(answer.case.documents)
        assert not any(f"[{each}]" in answer.prose.text for each in invented)
        assert {each.quote.source.document for each in answer.prose.citations} <= set(answer.case.documents)


def test_quotes_stand_where_they_say(told: list[Answered]) -> None:
    quotes = [each.quote for answer in told for each in answer.prose.citations]
    assert len(quotes) > 500
    for quote in quotes:
        text = Path(DOCUMENTS / quote.source.document).read_text(encoding="utf-8")
        assert text[quote.span.start : quote.span.end] == quote.text
