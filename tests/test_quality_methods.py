"""Every method that is compared finds what it should in three small documents, and quotes it where it stands."""

from pathlib import Path

import pytest

from tests import builders
from tests.benchmarks.asking import Question, ask, build
from tests.benchmarks.figures import read_lines
from tests.benchmarks.methods import BM25, CITEGRAM, DENSE, METHODS, RRF, SENTENCES, STARTER, UNREAD, Line

FARE: Question = {"id": "fare", "question": "What do children under six pay for the ferry?"}
RYE: Question = {"id": "rye", "question": "What stone does the baker grind rye on?"}
QUOTING = pytest.mark.parametrize("key", [method.key for method in METHODS if method.quotes])


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Line]]:
    """The answers of each method by its key, by the question's id."""
    folder = tmp_path_factory.mktemp("quality")
    seeds = {Path(name).name: text for name, text in builders.SEEDS.items()}
    builders.plant(folder / "docs", seeds)
    answers = folder / "kept"
    answers.mkdir()
    with build(folder / "docs", folder / "scratch") as built:
        assert (built.documents, set(built.seconds)) == (3, {method.key for method in METHODS})
        ask([FARE, RYE], built.contestants, answers)
    return {
        method.key: {line["id"]: line for line in read_lines(answers / f"{method.key}.jsonl")} for method in METHODS
    }


@pytest.mark.parametrize("key", [method.key for method in METHODS])
def test_the_right_document_comes_first(kept: dict[str, dict[str, Line]], key: str) -> None:
    assert kept[key]["fare"]["passages"][0]["document"] == "ferry.md"
    assert kept[key]["rye"]["passages"][0]["document"] == "bakery.txt"


@QUOTING
def test_quotes_stand_where_they_say(kept: dict[str, dict[str, Line]], key: str) -> None:
    line = kept[key]["fare"]
    quotes = line["citations"] or line["closest"]
    assert "children under six" in quotes[0]["quote"]
    assert all(builders.FERRY[quote["start"] : quote["end"]] == quote["quote"] for quote in quotes[:1])


def test_searches_alone_quote_nothing(kept: dict[str, dict[str, Line]]) -> None:
    assert not any(kept[method.key]["fare"]["citations"] for method in (BM25, DENSE, RRF))
    assert len(kept[SENTENCES.key]["fare"]["citations"]) == 3
    assert len(kept[STARTER.key]["fare"]["citations"]) == 1


def test_a_step_counts_for_every_method_that_needs_it(kept: dict[str, dict[str, Line]]) -> None:
    for question in ("fare", "rye"):
        lines = {key: answers[question] for key, answers in kept.items()}
        assert lines[SENTENCES.key]["seconds"] > lines[BM25.key]["seconds"] > 0


def test_both_settings_of_citegram_are_asked(kept: dict[str, dict[str, Line]]) -> None:
    """The reader tells the short answer; without it there is none."""
    with_reader, without = (kept[method.key]["fare"] for method in (CITEGRAM, UNREAD))
    assert any(quote["answer"] for quote in with_reader["citations"] + with_reader["closest"])
    assert not any(quote["answer"] for quote in without["citations"] + without["closest"])
