"""How likely it is that the documents answer at all."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.confidence import (
    READ,
    UNREAD,
    WORDS_ONLY,
    Features,
    Judgement,
    Model,
    count,
    judge,
    missing_names,
    unknown_name,
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
    candidates = [a_candidate(PART, share=1.0, own=(), **features)]
    return judge(question, candidates, retrieved(best_cosine), chunks=chunks).confidence


@given(cosine=st.floats(-1, 1), coverage=shares, gain=shares, best=st.floats(-1, 1), chunks=st.integers(1, 10**7))
def test_it_is_a_probability(cosine: float, coverage: float, gain: float, best: float, chunks: int) -> None:
    found = sure(best_cosine=best, chunks=chunks, cosine=cosine, coverage=coverage, coverage_gain=gain)
    assert 0.0 < found < 1.0


def test_nothing_found_is_nothing_known() -> None:
    assert judge("is it free?", [], retrieved(1.0), chunks=10) == Judgement(0.0, 1.0)


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
    assert sure(coverage=1.0, best_cosine=0.0) > 0.9
    assert sure(coverage=0.1, best_cosine=0.0) < 0.4


def test_which_weights_count_is_decided_by_the_best_sentence_not_by_one_in_another_language() -> None:
    best, other = a_candidate(PART, coverage=1.0), a_candidate("The ferry", cosine=0.03)
    alone = judge("is it free?", [best], retrieved(0.0), chunks=100)
    assert judge("is it free?", [best, other], retrieved(0.05), chunks=100) == alone


def test_what_is_counted() -> None:
    best, nearest = a_candidate(PART, coverage=0.5, coverage_gain=0.25, odds=0.3), a_candidate("The ferry", cosine=0.7)
    found = count("did Bicycle or Zebra pay 9?", [best, nearest], retrieved(0.6), chunks=1)
    assert found == pytest.approx(Features(0.75, 0.6, 0.7, 2.0, 0.0, 0.3))


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("Who is here?", []),
        ("Was Ash there?", []),
        ("Was Oak there?", ["oak"]),
        ("Was Ash or Oak there in 1871?", ["oak"]),
        ("Zebra first", []),
        ("paid 3.50, then 4?", ["4"]),
        ("the «Oak» inn", ["oak"]),
        ("был ли Иван?", ["иван"]),
        ("", []),
    ],
)
def test_names_and_numbers_that_the_text_lacks(question: str, missing: list[str]) -> None:
    assert missing_names(question, "ASH paid 3.50 in 1871.") == missing


@pytest.mark.parametrize(
    ("question", "expected"),
    [("Who met Ash?", 0.0), ("Who met Oak and Elm?", 1.0), ("Did Ash meet Oak?", 2.0), ("Does it rain?", 0.0)],
)
def test_an_unknown_name_says_more_of_a_question_for_yes_or_no(question: str, expected: float) -> None:
    assert unknown_name(question, "Ash came.") == expected


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
    assert judge(question, candidates, found, chunks=library.manifest.chunks).answers(0.15) == answered


# How many of the answers may be wrong

SHARES = st.floats(0.02, 0.5)


@given(wrong_share=st.floats(0, 1), low=SHARES, high=SHARES)
def test_who_allows_more_wrong_answers_is_given_at_least_as_many(wrong_share: float, low: float, high: float) -> None:
    low, high = sorted((low, high))
    judgement = Judgement(0.5, wrong_share)
    assert judgement.answers(high) or not judgement.answers(low)


@pytest.mark.parametrize(
    ("wrong_share", "answers", "uncertain"),
    [(0.05, True, False), (0.09, True, False), (0.11, True, True), (0.15, True, True), (0.16, False, False)],
)
def test_an_answer_near_the_bound_is_uncertain(wrong_share: float, answers: bool, uncertain: bool) -> None:
    judgement = Judgement(0.5, wrong_share)
    assert (judgement.answers(0.15), judgement.is_uncertain(0.15)) == (answers, uncertain)


@pytest.mark.parametrize("model", [READ, UNREAD, WORDS_ONLY])
def test_surer_answers_are_wrong_less_often(model: Model) -> None:
    sure, wrong = zip(*model.wrong_shares, strict=True)
    assert list(sure) == sorted(set(sure))
    assert (sure[0], sure[-1]) == (0.0, 1.0)
    assert list(wrong) == sorted(wrong, reverse=True)


def test_the_share_is_read_off_between_what_was_measured() -> None:
    found = judge("is it free?", [a_candidate(PART, cosine=0.4, coverage=0.5)], retrieved(0.5), chunks=100)
    (below, more), (above, fewer) = next(
        (low, high) for low, high in pairwise(UNREAD.wrong_shares) if low[0] <= found.confidence < high[0]
    )
    assert fewer <= found.wrong_share <= more
    assert below <= found.confidence <= above
