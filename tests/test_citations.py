"""From candidates to quotes, and from quotes to an answer that obeys its law whatever they say."""

from dataclasses import replace
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.citations import (
    CONTEXT,
    ENOUGH,
    WORTH,
    as_quote,
    as_statement,
    choose,
    compose,
    context,
    counterpart,
    fold,
    joined,
    with_lead,
    with_leads,
)
from index.kinds import Kind
from index.reading import Candidate
from index.types import Answer, Outcome, Quote, Span
from tests.builders import FERRY, a_candidate, a_passage, a_quote, a_span

SENTENCES = [
    "The ferry crosses the strait four times a day.",
    "The last crossing leaves at nine in the evening.",
    "A bicycle travels free of charge.",
    "Grown-ups pay seven crowns, and children under six pay nothing.",
]

# Choosing


class Drawn(NamedTuple):
    sentence: int
    share: float
    cosine: float


drawn = st.builds(Drawn, st.integers(0, 3), st.floats(0.01, 1), st.sampled_from([0.0, 0.2, 0.5, 0.9]))


def as_candidates(draws: list[Drawn]) -> list[Candidate]:
    """Best first, their shares coming to one."""
    total = sum(each.share for each in draws)
    draws = sorted(draws, key=lambda each: -each.share)
    return [a_candidate(SENTENCES[each.sentence], share=each.share / total, cosine=each.cosine) for each in draws]


candidates = st.lists(drawn, min_size=1, max_size=8).map(as_candidates)


@given(candidates=candidates, limit=st.integers(1, 5))
def test_the_best_comes_first_none_twice_and_the_limit_holds(candidates: list[Candidate], limit: int) -> None:
    chosen = choose(candidates, limit=limit)
    assert chosen[0] is candidates[0]
    assert 1 <= len(chosen) <= limit
    assert len({fold(each.span.text) for each in chosen}) == len(chosen)
    assert all(each in candidates for each in chosen)


@given(candidates=candidates, limit=st.integers(1, 5))
def test_as_few_as_are_enough_and_as_many_as_it_takes(candidates: list[Candidate], limit: int) -> None:
    chosen = choose(candidates, limit=limit)
    assert sum(each.share for each in chosen[:-1]) < ENOUGH
    worth = {fold(each.span.text) for each in candidates if each.share >= WORTH * candidates[0].share}
    enough = sum(each.share for each in chosen) >= ENOUGH
    assert enough or len(chosen) == min(limit, len(worth))
    assert {fold(each.span.text) for each in chosen} <= worth


def test_what_is_hardly_worth_it_is_left_out() -> None:
    best, second, hardly = (
        a_candidate(sentence, share=share) for sentence, share in zip(SENTENCES, (0.6, 0.02, 0.015), strict=False)
    )
    assert choose([best, second, hardly], limit=3) == [best, second]


def test_the_second_is_the_one_nearest_in_meaning() -> None:
    first, second, third = (
        a_candidate(SENTENCES[0], share=0.5, cosine=0.3),
        a_candidate(SENTENCES[1], share=0.3, cosine=0.2),
        a_candidate(SENTENCES[2], share=0.2, cosine=0.9),
    )
    assert choose([first, second, third], limit=3) == [first, third, second]
    assert choose([first, second, third], limit=2) == [first, third]


def test_where_things_are_compared_the_second_tells_of_what_the_first_does_not() -> None:
    first, alike, other = (
        a_candidate(SENTENCES[0], share=0.9, cosine=0.3, own={"ferri", "old"}),
        a_candidate(SENTENCES[1], share=0.09, cosine=0.9, own={"ferri"}),
        a_candidate(SENTENCES[2], share=0.001, cosine=0.2, own={"mill"}),
    )
    assert choose([first, alike, other], limit=2, kind=Kind.COMPARISON) == [first, other]
    assert choose([first, alike, other], limit=2) == [first, alike]
    assert choose([replace(first, share=0.99), alike, other], limit=3, kind=Kind.COMPARISON)[1] is other


def test_the_counterpart_is_put_as_the_first_is_and_what_stands_above_both_counts_for_neither() -> None:
    text = "The dam is ten metres high. It rains a lot. The weir is two metres high."
    best, rain, weir = (
        replace(a_candidate("The ferry"), span=a_span(part, text), passage=a_passage(text), own=frozenset(own))
        for part, own in (
            ("The dam is ten metres high.", {"dam", "high"}),
            ("It rains a lot.", ()),
            ("The weir is two metres high.", {"weir", "high"}),
        )
    )
    both = frozenset({"dam", "weir"})
    assert counterpart([replace(each, above=both) for each in (best, rain, weir)]) == replace(weir, above=both)
    elsewhere = replace(rain, above=frozenset({"weir"}))
    assert counterpart([best, elsewhere]) == elsewhere
    assert counterpart([best, elsewhere, weir]) == weir
    assert counterpart([best, rain]) is None


def test_a_comparison_whose_first_sentence_tells_all_needs_no_other() -> None:
    first = a_candidate(SENTENCES[0], share=0.99, own={"ferri", "mill"})
    assert choose([first, a_candidate(SENTENCES[1], share=0.01)], limit=3, kind=Kind.COMPARISON) == [first]


def test_an_item_and_its_list_are_not_both_chosen() -> None:
    whole = a_candidate(" ".join(SENTENCES[:2]), share=0.6)
    assert choose([whole, a_candidate(SENTENCES[1], share=0.4)], limit=3) == [whole]


def test_where_no_meaning_is_known_the_order_stays() -> None:
    three = [a_candidate(sentence, share=0.33) for sentence in SENTENCES[:3]]
    assert choose(three, limit=3) == three


def test_nothing_to_choose_from() -> None:
    assert choose([], limit=3) == []


def test_case_space_and_marks_make_no_difference() -> None:
    assert fold("The  ferry,\ncrosses!") == fold("the FERRY crosses") != fold("the ferry crossed")


# Quoting


def test_a_candidate_is_read_back_from_its_document() -> None:
    found = as_quote(a_candidate(SENTENCES[2]), FERRY)
    assert found.text == SENTENCES[2] == FERRY[found.span.start : found.span.end]
    assert found.context == Span(FERRY, 0, len(FERRY))


@pytest.mark.parametrize(
    "text", ["", FERRY[1:], FERRY.replace("free", "Free"), FERRY.replace("\n", "\r\n"), FERRY[:140]]
)
def test_a_document_that_does_not_hold_it_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"ferry\.md does not hold the quote"):
        as_quote(a_candidate(SENTENCES[2]), text)


words = st.sampled_from(["word ", "a ", "\n\n", "\n", "\r\n", "x" * 50, "é🙂 ", "\n \n", "end. "])
documents = st.lists(words, min_size=1, max_size=120).map("".join)


@given(text=documents, data=st.data())
def test_a_context_holds_its_quote_and_little_more(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = min(len(text), start + data.draw(st.integers(1, 200)))
    span = Span(text[start:end], start, end)
    around = context(text, span)
    assert around.text == text[around.start : around.end]
    assert around.cut(start, end) == span.text
    assert start - CONTEXT <= around.start
    assert around.end <= end + CONTEXT
    Quote(span, a_passage(text), around)


def test_a_context_begins_and_ends_at_a_paragraph_or_a_word() -> None:
    quoted = "The bell weighs half a ton."
    paragraphs = "far " * 50 + "\n\n" + "near " * 40 + quoted + " near" * 40 + "\n\n" + "far " * 50
    at = paragraphs.index(quoted)
    around = context(paragraphs, Span(quoted, at, at + len(quoted)))
    assert around.text == "near " * 40 + quoted + " near" * 40
    plain = "before " * 100 + quoted + " after" * 100
    at = plain.index(quoted)
    around = context(plain, Span(quoted, at, at + len(quoted)))
    assert set(around.text.replace(quoted, "").split()) == {"before", "after"}
    assert len(around.text) > len(quoted) + 1.9 * CONTEXT


def test_a_context_does_not_end_with_a_heading_whose_text_is_not_shown() -> None:
    quoted = "The bell weighs half a ton."
    text = quoted + "\n\n" + "near " * 40 + "\n\n## Next part\n\n" + "far " * 100
    assert context(text, Span(quoted, 0, len(quoted))).text.rstrip() == (quoted + "\n\n" + "near " * 40).rstrip()


# Composing

bracketed = st.lists(
    st.sampled_from(["[1]", "[2]", "[", "]", "1", "[٣]", "[[3]]", "[01]", "[note]", " so ", "[¹]", "［1］"]), min_size=1
).map("".join)


@given(st.lists(st.one_of(bracketed, st.text(min_size=1)), min_size=1, max_size=4))
def test_a_composed_answer_obeys_the_law_whatever_the_quotes_say(said: list[str]) -> None:
    text, citations = compose([a_quote(each, "Before. " + each + " After.") for each in said])
    answer = Answer("What?", text, Outcome.ANSWERED, 0.9, citations=citations)
    assert [citation.quote.text for citation in answer.citations] == said


def test_each_quote_is_followed_by_its_marker() -> None:
    text, citations = compose([a_quote(sentence) for sentence in SENTENCES[1:3]])
    assert text == f"{SENTENCES[1]} [1] {SENTENCES[2]} [2]"
    assert [(citation.number, citation.quote.text) for citation in citations] == [(1, SENTENCES[1]), (2, SENTENCES[2])]


def test_a_documents_own_marker_is_shown_in_other_brackets_but_quoted_as_it_stands() -> None:
    text, citations = compose([a_quote("As shown [12], see [note].", "As shown [12], see [note].")])
    assert text == "As shown ［12］, see [note]. [1]"
    assert citations[0].quote.text == "As shown [12], see [note]."


def test_nothing_to_cite() -> None:
    assert compose([]) == ("", ())
    assert as_statement("no marker") == "no marker"


# Pronouns at the head of a quote

MILL = "Anna Reed built the mill. She sold it in 1861. The buyer was Tom Hale.\n\nHe grinds rye. It is old."


def of_mill(part: str, *, language: str = "en", text: str = MILL) -> Candidate:
    passage = a_passage(text, start=7, language=language)
    start = text.index(part) + 7
    return replace(a_candidate("The ferry"), span=Span(part, start, start + len(part)), passage=passage)


def test_a_pronoun_brings_the_sentence_before_it() -> None:
    assert with_lead(of_mill("She sold it in 1861.")).span.text == "Anna Reed built the mill. She sold it in 1861."
    assert with_lead(of_mill("It is old.")).span.text == "He grinds rye. It is old."


@pytest.mark.parametrize("part", ["Anna Reed built the mill.", "The buyer was Tom Hale.", "He grinds rye."])
def test_without_a_pronoun_or_over_a_paragraph_a_quote_stays(part: str) -> None:
    assert with_lead(of_mill(part)).span.text == part


def test_a_quote_does_not_grow_into_a_passage() -> None:
    text = "Anna Reed built " + "a very " * 60 + "old mill. She sold it."
    assert with_lead(of_mill("She sold it.", text=text)).span.text == "She sold it."


def test_pronouns_are_those_of_the_language() -> None:
    text = "Иван построил мельницу. Он продал её."
    whole = of_mill("Он продал её.", language="ru", text=text)
    assert with_lead(whole).span.text == text
    assert with_lead(of_mill("Он продал её.", language="fi", text=text)).span.text == "Он продал её."


def test_no_sentence_is_quoted_twice() -> None:
    first, second, third = (
        of_mill(part) for part in ("She sold it in 1861.", "Anna Reed built the mill.", "It is old.")
    )
    texts = [each.span.text for each in with_leads([first, second, third])]
    assert texts == ["Anna Reed built the mill. She sold it in 1861.", "He grinds rye. It is old."]
    texts = [each.span.text for each in with_leads([second, first])]
    assert texts == ["Anna Reed built the mill.", "She sold it in 1861."]


# Neighbours


def test_sentences_that_follow_each_other_are_one_quote() -> None:
    passage = a_passage(MILL, start=7)
    built, sold, buyer, rye, old = (
        replace(of_mill(part), passage=passage)
        for part in (
            "Anna Reed built the mill.",
            "She sold it in 1861.",
            "The buyer was Tom Hale.",
            "He grinds rye.",
            "It is old.",
        )
    )
    assert [each.span.text for each in joined([buyer, old, sold])] == [
        "She sold it in 1861. The buyer was Tom Hale.",
        "It is old.",
    ]
    assert [each.span.text for each in joined([built, rye, buyer, sold])] == [
        "Anna Reed built the mill. She sold it in 1861. The buyer was Tom Hale.",
        "He grinds rye.",
    ]
    assert joined([buyer, rye]) == [buyer, rye]  # a paragraph ends between them
    assert joined([built, buyer]) == [built, buyer]


def test_of_two_that_are_joined_the_better_gives_the_short_answer_and_the_passage() -> None:
    passage = a_passage(MILL, start=7)
    buyer, sold = (
        replace(of_mill(part), passage=passage, answer=answer)
        for part, answer in (("The buyer was Tom Hale.", Span("Tom Hale", 67, 75)), ("She sold it in 1861.", None))
    )
    (one,) = joined([buyer, sold])
    assert one == replace(buyer, span=Span(MILL[26:70], 33, 77))
    (other,) = joined([sold, buyer])
    assert other.answer is None


def test_a_neighbour_that_hardly_matters_stays_apart() -> None:
    passage = a_passage(MILL, start=7)
    buyer, sold = (
        replace(of_mill(part), passage=passage, share=share)
        for part, share in (("The buyer was Tom Hale.", 0.8), ("She sold it in 1861.", 0.2))
    )
    assert joined([buyer, sold]) == [buyer, sold]


@pytest.mark.parametrize(("odds", "share", "apart"), [(0.4, 0.5, True), (0.4, 0.6, False), (0.0, 0.3, False)])
def test_what_was_read_is_joined_only_where_the_two_are_about_as_likely(odds: float, share: float, apart: bool) -> None:
    passage = a_passage(MILL, start=7)
    buyer, sold = (
        replace(each, passage=passage, share=own, features=each.features._replace(odds=odds))
        for each, own in ((of_mill("The buyer was Tom Hale."), 1.0), (of_mill("She sold it in 1861."), share))
    )
    assert len(joined([buyer, sold])) == (2 if apart else 1)


def test_what_is_too_long_together_stays_apart() -> None:
    text = "Anna " + "really " * 40 + "built it. She " + "really " * 20 + "sold it."
    passage = a_passage(text, start=7)
    cut = text.index("She")
    first, second = (replace(of_mill(part, text=text), passage=passage) for part in (text[: cut - 1], text[cut:]))
    assert joined([first, second]) == [first, second]
