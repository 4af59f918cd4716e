"""The retrieved passages in the order that reading them gives."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from index.reader import Reading
from index.reranking import READ_PASSAGES, bent, closed, rerank
from index.retrieval import Retrieved
from index.types import Passage, Span
from tests.builders import a_chunk

ODDS = {"It may be red.": -8.0, "It is blue.": 6.0, "It was green.": 0.0, "Endless.": 900.0}


@dataclass
class ScriptedReader:
    """Says of each passage's first piece what ODDS has for the passage."""

    languages: frozenset[str] = frozenset({"en"})

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        return [
            Reading(np.array([(0, len(text))]), np.array([ODDS[text]], np.float32), np.zeros(1, np.float32))
            for text in passages
        ]


def found(*texts: str, start: int = 0, language: str = "en") -> Retrieved:
    """As retrieved: the first best, the scores close together."""
    passages = tuple(
        Passage(a_chunk(text, start=start, key=f"{language}-{place}", language=language), 1.0 - place / 100)
        for place, text in enumerate(texts)
    )
    return Retrieved(passages, None, 0.4)


def order(retrieved: Retrieved, *, reader: ScriptedReader | None) -> list[str]:
    return [each.span.text for each in rerank("Which?", retrieved, reader=reader).ranked]


def test_the_passage_that_most_likely_answers_comes_first() -> None:
    retrieved = found("It may be red.", "It was green.", "It is blue.")
    assert order(retrieved, reader=ScriptedReader()) == ["It is blue.", "It was green.", "It may be red."]


def test_without_a_reader_and_in_a_language_it_does_not_know_the_order_stays() -> None:
    texts = ["It may be red.", "It was green.", "It is blue."]
    assert order(found(*texts), reader=None) == texts
    unknown = rerank("Which?", found(*texts, language="ru"), reader=ScriptedReader())
    assert [each.found.span.text for each in unknown.passages] == texts
    assert [each.reading for each in unknown.passages] == [None] * 3


def test_what_was_found_late_is_not_read_and_stays_behind() -> None:
    texts = ["It may be red.", *["It was green."] * (READ_PASSAGES - 1), "It is blue."]
    reread = rerank("Which?", found(*texts), reader=ScriptedReader())
    assert [each.found.span.text for each in reread.passages] == [*texts[1:-1], texts[0], texts[-1]]
    assert [each.reading is None for each in reread.passages] == [False] * READ_PASSAGES + [True]
    assert reread.ranked[-1].score == reread.ranked[-2].score


def test_the_scores_shown_fall_with_the_order() -> None:
    retrieved = found("It may be red.", "It was green.", "It is blue.")
    scores = [each.score for each in rerank("Which?", retrieved, reader=ScriptedReader()).ranked]
    assert scores == sorted(scores, reverse=True)


def test_the_odds_are_a_tenth_limited_and_never_exactly_unread() -> None:
    reread = rerank("Which?", found("It is blue.", "It was green.", "Endless."), reader=ScriptedReader())
    odds = {each.found.span.text: each.odds for each in reread.passages}
    assert odds == {"It is blue.": pytest.approx(0.6), "It was green.": pytest.approx(0, abs=1e-6), "Endless.": 2.0}
    assert odds["It was green."] != 0


def test_an_answer_lies_at_its_place_in_the_document() -> None:
    (passage,) = rerank("Which?", found("It is blue.", start=40), reader=ScriptedReader()).passages
    odds, answer = passage.answer_in(Span("It is blue.", 40, 51))
    assert odds == pytest.approx(0.6)
    assert answer == Span("It is blue.", 40, 51)
    odds, answer = passage.answer_in(Span("is", 43, 45))
    assert (odds, answer) == (-2.0, None)


def test_of_two_that_surely_answer_retrieval_decides_and_not_a_little_more_of_sureness() -> None:
    assert bent(0.0) == 0.0
    assert bent(-1.0) == -bent(1.0)
    assert bent(2.0) - bent(1.5) < 0.1 < bent(0.5) - bent(0.0)
    assert all(bent(odds) < bent(odds + 0.1) for odds in (-2.0, -0.5, 0.0, 0.5, 1.9))


def test_nothing_found_is_nothing_read() -> None:
    assert rerank("Which?", Retrieved((), None, 0.0), reader=ScriptedReader()).passages == ()


@pytest.mark.parametrize(
    ("text", "answer", "expected"),
    [
        ("They “are poor” now.", "“are poor", "“are poor”"),
        ('They "are poor" now.', '"are poor', '"are poor"'),
        ("It (the mill) burned.", "(the mill", "(the mill)"),
        ("It is trusted with `SSL_CERT_FILE`.", "with `SSL_CERT_FILE", "with `SSL_CERT_FILE`"),
        ("(It burned)", "It burned", "It burned"),
        ('He said "it burned"', "it burned", "it burned"),
        ("It burned (twice).", "It burned (twice)", "It burned (twice)"),
    ],
)
def test_a_short_answer_keeps_the_mark_that_closes_one_in_it(text: str, answer: str, expected: str) -> None:
    start = text.index(answer)
    assert text[start : closed(text, start, start + len(answer))] == expected
