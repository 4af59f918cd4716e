"""How likely it is that the documents answer at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.confidence import (
    DEFAULT_BOUNDS,
    WRONG_SHARES,
    Features,
    bounds_for,
    confidence,
    count,
    missing_names,
)
from index.embedding import OnnxEmbedder
from index.lexical import Analyzer
from index.library import Library
from index.reader import OnnxReader
from index.reading import read
from index.reranking import Reread, rerank
from index.retrieval import retrieve
from tests.builders import a_candidate

PART = "A bicycle travels free of charge."
shares = st.floats(0, 1)


def retrieved(best_cosine: float = 0.5) -> Reread:
    return Reread((), None, best_cosine)


def sure(question: str = "is it free?", *, best_cosine: float = 0.5, chunks: int = 100, **features: float) -> float:
    return confidence(
        question, [a_candidate(PART, share=1.0, score=1.0, **features)], retrieved(best_cosine), chunks=chunks
    )


@given(cosine=st.floats(-1, 1), coverage=shares, gain=shares, best=st.floats(-1, 1), chunks=st.integers(1, 10**7))
def test_it_is_a_probability(cosine: float, coverage: float, gain: float, best: float, chunks: int) -> None:
    found = sure(best_cosine=best, chunks=chunks, cosine=cosine, coverage=coverage, coverage_gain=gain)
    assert 0.0 < found < 1.0


def test_nothing_found_is_nothing_known() -> None:
    assert confidence("is it free?", [], retrieved(1.0), chunks=10) == 0.0


@given(low=shares, high=shares)
def test_more_coverage_is_never_less_sure(low: float, high: float) -> None:
    low, high = sorted((low, high))
    assert sure(coverage=low, cosine=0.5) <= sure(coverage=high, cosine=0.5)
    assert sure(coverage=low) <= sure(coverage=high)


def test_each_sign_counts_in_its_direction() -> None:
    base = sure(cosine=0.4, coverage=0.5)
    assert base < sure(cosine=0.6, coverage=0.5)
    assert base < sure(cosine=0.4, coverage=0.5, coverage_gain=0.3)
    assert base < sure(cosine=0.4, coverage=0.5, best_cosine=0.7)
    assert base > sure(cosine=0.4, coverage=0.5, chunks=10_000)
    assert base > sure("is Zanzibar free?", cosine=0.4, coverage=0.5)


def test_without_cosines_words_alone_can_make_it_sure() -> None:
    assert sure(coverage=1.0, best_cosine=0.0) > DEFAULT_BOUNDS.given > sure(coverage=0.1, best_cosine=0.0)


def test_which_weights_count_is_decided_by_the_best_sentence_not_by_one_in_another_language() -> None:
    best, other = a_candidate(PART, coverage=1.0), a_candidate("The ferry", cosine=0.03)
    alone = confidence("is it free?", [best], retrieved(0.0), chunks=100)
    assert confidence("is it free?", [best, other], retrieved(0.05), chunks=100) == alone


def test_what_is_counted() -> None:
    best, nearest = a_candidate(PART, coverage=0.5, coverage_gain=0.25, odds=0.3), a_candidate("The ferry", cosine=0.7)
    found = count("did Bicycle or Zebra pay 9?", [best, nearest], retrieved(0.6), chunks=1)
    assert found == pytest.approx(Features(0.75, 0.6, 0.7, 2 / 3, 0.0, 0.0, 0.3))


@pytest.mark.parametrize(
    ("question", "share"),
    [
        ("Who is here?", 0.0),
        ("Was Ash there?", 0.0),
        ("Was Oak there?", 1.0),
        ("Was Ash or Oak there in 1871?", 1 / 3),
        ("Zebra first", 0.0),
        ("paid 3.50, then 4?", 0.5),
        ("the «Oak» inn", 1.0),
        ("был ли Иван?", 1.0),
        ("", 0.0),
    ],
)
def test_names_and_numbers_that_the_text_lacks(question: str, share: float) -> None:
    assert missing_names(question, "ASH paid 3.50 in 1871.") == pytest.approx(share)


@pytest.mark.parametrize(
    ("question", "answered"),
    [
        ("How many times a day does the ferry cross the strait?", True),
        ("What does the baker grind rye on?", True),
        ("В каком году установили телескоп?", True),
        ("Who won the football world cup in Brazil?", False),
        ("What is the boiling point of mercury?", False),
        ("Кто написал роман о Петербурге?", False),
    ],
)
def test_the_threshold_parts_what_the_documents_hold_from_what_they_do_not(
    library: Library, embedder: OnnxEmbedder, reader: OnnxReader, question: str, answered: bool
) -> None:
    analyzer = Analyzer()
    found = rerank(question, retrieve(question, library=library, embedder=embedder), reader=reader)
    candidates = read(question, found, lexical=library.lexical, embedder=embedder, analyzer=analyzer)
    assert (confidence(question, candidates, found, chunks=library.manifest.chunks) >= DEFAULT_BOUNDS.given) == answered


# How many of the answers may be wrong


@given(low=st.floats(0.02, 0.5), high=st.floats(0.02, 0.5))
def test_who_allows_fewer_wrong_answers_gets_higher_bounds(low: float, high: float) -> None:
    low, high = sorted((low, high))
    assert bounds_for(low).given >= bounds_for(high).given
    assert bounds_for(low).certain >= bounds_for(high).certain


@given(max_wrong=st.floats(0.02, 0.5))
def test_an_answer_is_certain_only_where_it_is_given(max_wrong: float) -> None:
    given_from, certain_from = bounds_for(max_wrong)
    assert 0.0 < given_from <= certain_from <= 1.0


def test_the_bounds_are_those_that_were_measured() -> None:
    for bound, wrong in WRONG_SHARES:
        assert bounds_for(wrong).given == pytest.approx(bound)
    falling = [wrong for _, wrong in WRONG_SHARES]
    assert falling == sorted(falling, reverse=True)
