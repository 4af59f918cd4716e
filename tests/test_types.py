"""The law of Span, Quote and Answer: what cannot be proved cannot be made."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from index.types import (
    Answer,
    Citation,
    Disagreement,
    NewerCited,
    NewerUncited,
    Note,
    Outcome,
    Quote,
    Said,
    Source,
    Span,
    language_of_id,
)
from tests.builders import FERRY, a_chunk, a_passage, a_quote, a_span

QUOTE = a_quote("A bicycle travels free of charge.")


def answer(text: str, numbers: list[int], outcome: Outcome = Outcome.ANSWERED, confidence: float = 0.5) -> Answer:
    citations = tuple(Citation(number, QUOTE) for number in numbers)
    return Answer("Is it free?", text, outcome, confidence, citations=citations)


# Span


@pytest.mark.parametrize(("text", "start", "end"), [("abc", 0, 2), ("abc", 0, 4), ("abc", -1, 2), ("", 5, 5)])
def test_a_span_is_as_long_as_its_text(text: str, start: int, end: int) -> None:
    with pytest.raises(ValueError, match="span"):
        Span(text, start, end)


@given(text=st.text(min_size=1), before=st.text(), data=st.data())
def test_a_span_is_cut_by_offsets_of_its_document(text: str, before: str, data: st.DataObject) -> None:
    document, span = before + text + "after", Span(text, len(before), len(before) + len(text))
    start = data.draw(st.integers(span.start, span.end))
    end = data.draw(st.integers(start, span.end))
    assert span.cut(start, end) == document[start:end]


@pytest.mark.parametrize(("start", "end"), [(9, 12), (10, 14), (12, 11), (0, 1)])
def test_nothing_beyond_a_span_is_cut(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="not within"):
        Span("abc", 10, 13).cut(start, end)


# Quote


@given(start=st.integers(0, len(FERRY) - 1), data=st.data())
def test_a_quote_stands_letter_for_letter_in_its_passage(start: int, data: st.DataObject) -> None:
    end = data.draw(st.integers(start + 1, len(FERRY)))
    claimed = data.draw(st.sampled_from([FERRY[start:end], FERRY[start:end].swapcase(), FERRY[start:end][::-1]]))
    if claimed == FERRY[start:end]:
        assert Quote(Span(claimed, start, end), a_passage(), a_passage().span).text == claimed
    else:
        with pytest.raises(ValueError, match="not what stands there"):
            Quote(Span(claimed, start, end), a_passage(), a_passage().span)


def test_a_quote_stands_in_its_context_too() -> None:
    quoted = QUOTE.span
    elsewhere = Span("x" * len(FERRY), 0, len(FERRY))
    with pytest.raises(ValueError, match="not what stands there"):
        Quote(quoted, a_passage(), elsewhere)
    with pytest.raises(ValueError, match="not within"):
        Quote(quoted, a_passage(), a_span("The ferry crosses", FERRY))


def test_a_quote_outside_its_passage_is_refused() -> None:
    passage = a_passage(FERRY[20:], start=20)
    with pytest.raises(ValueError, match="not within"):
        Quote(a_span("The ferry", FERRY), passage, Span(FERRY, 0, len(FERRY)))


def test_a_quote_knows_where_it_comes_from() -> None:
    assert QUOTE.source.document == "ferry.md"
    assert QUOTE.passage.source is QUOTE.passage.chunk.source
    assert QUOTE.heading == QUOTE.passage.chunk.heading


# Answer

markers = st.lists(st.integers(0, 4), max_size=6)
numbers = st.lists(st.integers(0, 4), max_size=4)


@given(marked=markers, cited=numbers, outcome=st.sampled_from(Outcome))
def test_markers_and_citations_agree_or_there_is_no_answer(
    marked: list[int], cited: list[int], outcome: Outcome
) -> None:
    text = " ".join(f"So it is [{number}]." for number in marked)
    in_order = list(dict.fromkeys(marked))
    lawful = in_order == cited == list(range(1, len(cited) + 1)) and bool(cited) == (outcome is Outcome.ANSWERED)
    if lawful:
        assert answer(text, cited, outcome).answered == bool(cited)
    else:
        with pytest.raises(ValueError, match="cit"):
            answer(text, cited, outcome)


@given(text=st.text(), count=st.integers(1, 3))
def test_a_text_without_a_marker_answers_nothing(text: str, count: int) -> None:
    assume("[" not in text)
    with pytest.raises(ValueError, match="the text cites"):
        answer(text, list(range(1, count + 1)))


@pytest.mark.parametrize("confidence", [-0.01, 1.01, float("nan"), float("inf")])
def test_a_confidence_is_a_probability(confidence: float) -> None:
    with pytest.raises(ValueError, match="probability"):
        answer("Free [1].", [1], confidence=confidence)


@pytest.mark.parametrize("confidence", [0.0, 1.0])
def test_the_ends_are_probabilities_too(confidence: float) -> None:
    assert answer("Free [1], as said [1].", [1], confidence=confidence).confidence == confidence


def test_only_an_answer_that_is_given_can_be_uncertain() -> None:
    assert replace(answer("Free [1].", [1]), uncertain=True).uncertain
    with pytest.raises(ValueError, match="uncertain"):
        replace(answer("They don't say.", [], Outcome.ABSTAINED), uncertain=True)


# Notes

FOUR, FREE = a_quote("The ferry crosses the strait four times a day."), QUOTE
CITED = Answer(
    "How often?", "Four [1]. Free [2].", Outcome.ANSWERED, 0.5, citations=(Citation(1, FOUR), Citation(2, FREE))
)
ELSEWHERE = Source("Ferry 2025.md", "The ferry")


@pytest.mark.parametrize(
    "note",
    [
        Disagreement((Said(1, "four times"), Said(2, "free"))),
        Disagreement((Said(1, "four"), Said(2, "free")), newest=2),
        NewerCited(2, (1,)),
        NewerCited(2, (1,), (Said(1, "four"), Said(2, "free"))),
        NewerUncited((1, 2), ELSEWHERE),
    ],
)
def test_a_note_speaks_of_what_is_cited(note: Note) -> None:
    assert replace(CITED, notes=(note,)).notes == (note,)
    alone = replace(CITED, text="Free [1].", citations=(Citation(1, FREE),))
    with pytest.raises(ValueError, match=r"a note speaks of|does not state"):
        replace(alone, notes=(note,))


@pytest.mark.parametrize(
    "note",
    [Disagreement((Said(1, "six"), Said(2, "free"))), NewerCited(2, (1,), (Said(1, "four"), Said(2, "four")))],
)
def test_what_a_side_states_stands_in_its_quote(note: Note) -> None:
    with pytest.raises(ValueError, match="does not state"):
        replace(CITED, notes=(note,))


def test_what_is_not_cited_is_not_among_the_cited() -> None:
    with pytest.raises(ValueError, match="is cited"):
        replace(CITED, notes=(NewerUncited((1,), FREE.source),))


def test_there_is_nothing_to_tell_about_no_citations() -> None:
    silent = answer("They don't say.", [], Outcome.ABSTAINED)
    with pytest.raises(ValueError, match="a note speaks of"):
        replace(silent, notes=(NewerUncited((1,), ELSEWHERE),))


def test_a_disagreement_has_two_sides_and_what_is_newer_is_newer_than_another() -> None:
    for sides in ((), (Said(1, "a"),), (Said(1, "a"), Said(1, "b"))):
        with pytest.raises(ValueError, match="cannot disagree"):
            Disagreement(sides)
    with pytest.raises(ValueError, match="no side"):
        Disagreement((Said(1, "a"), Said(2, "b")), newest=3)
    for older in ((), (2,), (1, 2)):
        with pytest.raises(ValueError, match="newer than"):
            NewerCited(2, older)
    with pytest.raises(ValueError, match="can be sides"):
        NewerCited(2, (1,), (Said(3, "a"),))
    with pytest.raises(ValueError, match="newer than nothing"):
        NewerUncited((), ELSEWHERE)


def test_values_are_frozen() -> None:
    with pytest.raises(AttributeError):
        QUOTE.span.start = 3  # type: ignore[misc]


def test_a_language_is_read_from_a_chunks_id() -> None:
    assert language_of_id("ru-0123") == "ru"
    assert language_of_id(a_chunk(key="en-a-b").id) == "en"
