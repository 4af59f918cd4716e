"""What is news to someone who was answered before, and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.changes import Change, Kind, Known, Told, change, known_from
from index.types import Answer, Quote
from tests.scripted import FIRST_LIT, LANTERN, STEPS, abstained, answered, quote

LIGHT, HARBOUR = "keeping-the-light.txt", "rules/harbour.md"
QUOTES = (
    quote(LIGHT, FIRST_LIT),
    quote(LIGHT, STEPS),
    quote(LIGHT, "The bell weighs half a ton."),
    quote(HARBOUR, LANTERN),
    quote(HARBOUR, "Nets are mended on the east quay only."),
)
BEFORE = {LIGHT: "light-1", HARBOUR: "harbour-1"}
NEW_LIGHT = BEFORE | {LIGHT: "light-2"}


def answer(*quotes: Quote) -> Answer:
    return answered("?", *quotes) if quotes else abstained("?")


def since(before: Answer, now: Answer, documents: dict[str, str]) -> Change:
    """What changed from an answer of BEFORE to one of these documents."""
    return change(known_from(before, BEFORE), now, documents=documents, earlier=set(BEFORE.values()))


def test_a_new_quote_of_a_changed_document_is_news() -> None:
    found = since(answer(QUOTES[3]), answer(QUOTES[0], QUOTES[3], QUOTES[1]), NEW_LIGHT)
    assert (found.kind, found.numbers) == (Kind.NEW, (1, 3))


def test_a_new_quote_of_a_document_that_stayed_is_none() -> None:
    assert since(answer(QUOTES[0]), answer(QUOTES[0], QUOTES[3]), NEW_LIGHT).kind is Kind.NOTHING
    assert since(answer(QUOTES[0]), answer(QUOTES[0], QUOTES[3]), {**BEFORE, "c.txt": "c-1"}).kind is Kind.NOTHING


def test_a_renamed_document_says_nothing_new() -> None:
    renamed = {LIGHT: "light-1", HARBOUR: "harbour-2", "moved.md": "harbour-1"}
    assert since(answer(QUOTES[0]), answer(QUOTES[1], QUOTES[0]), renamed).kind is Kind.NOTHING


def test_other_line_breaks_are_no_other_words() -> None:
    told = Known(True, frozenset({Told("A keeper climbs the 212 steps every evening.", "light-1")}))
    found = change(told, answer(QUOTES[1]), documents=NEW_LIGHT, earlier=set(BEFORE.values()))
    assert found.kind is Kind.NOTHING


def test_a_first_answer_is_news_whatever_document_it_is_from() -> None:
    found = since(answer(), answer(QUOTES[0], QUOTES[3]), NEW_LIGHT)
    assert (found.kind, found.numbers) == (Kind.NEW, (1, 2))


def test_an_answer_is_lost_only_with_a_document_that_was_quoted() -> None:
    without = {HARBOUR: "harbour-1"}
    assert since(answer(QUOTES[0]), answer(), without) == Change(Kind.LOST, (), Known(False))
    assert since(answer(QUOTES[0]), answer(), NEW_LIGHT).kind is Kind.LOST
    still = since(answer(QUOTES[3]), answer(), without)
    assert (still.kind, still.known) == (Kind.NOTHING, known_from(answer(QUOTES[3]), BEFORE))


def test_what_is_said_again_after_it_was_taken_back_is_news() -> None:
    """Once at nine, then at ten, then at nine again."""
    second = since(answer(QUOTES[0]), answer(QUOTES[1]), NEW_LIGHT)
    third = change(second.known, answer(QUOTES[0]), documents=BEFORE, earlier=set(NEW_LIGHT.values()))
    assert (second.kind, third.kind) == (Kind.NEW, Kind.NEW)


def test_a_quote_that_only_steps_back_is_not_told_again() -> None:
    away = since(answer(QUOTES[0], QUOTES[3]), answer(QUOTES[0]), NEW_LIGHT)
    harbour = NEW_LIGHT | {HARBOUR: "harbour-2"}
    back = change(away.known, answer(QUOTES[3]), documents=NEW_LIGHT | {"c": "c-1"}, earlier=set(NEW_LIGHT.values()))
    assert (away.kind, back.kind) == (Kind.NOTHING, Kind.NOTHING)
    rewritten = change(away.known, answer(QUOTES[4]), documents=harbour, earlier=set(NEW_LIGHT.values()))
    assert (rewritten.kind, rewritten.numbers) == (Kind.NEW, (1,))


ANSWERS = st.lists(st.sampled_from(QUOTES), unique_by=lambda each: each.text).map(lambda quotes: answer(*quotes))
FOLDERS = st.dictionaries(st.sampled_from([LIGHT, HARBOUR, "other.txt"]), st.sampled_from(["h1", "h2", "h3"]))
HASHES = st.frozensets(st.sampled_from(["h1", "h2", "h3"]))


@given(ANSWERS, FOLDERS, FOLDERS, HASHES)
def test_the_same_answer_is_no_news(
    same: Answer, before: dict[str, str], now: dict[str, str], earlier: frozenset[str]
) -> None:
    found = change(known_from(same, before), same, documents=now, earlier=earlier)
    assert (found.kind, found.numbers) == (Kind.NOTHING, ())


@given(ANSWERS, ANSWERS, FOLDERS)
def test_the_same_documents_are_no_news(one: Answer, other: Answer, folder: dict[str, str]) -> None:
    known = known_from(one, folder)
    found = change(known, other, documents=folder, earlier=set(folder.values()))
    assert found == Change(Kind.NOTHING, (), known)


@given(ANSWERS, ANSWERS, FOLDERS, FOLDERS, HASHES)
def test_what_was_told_is_not_told_again(
    one: Answer, other: Answer, before: dict[str, str], now: dict[str, str], earlier: frozenset[str]
) -> None:
    first = change(known_from(one, before), other, documents=now, earlier=earlier)
    again = change(first.known, other, documents=now, earlier=earlier)
    assert again.kind is Kind.NOTHING
    assert change(again.known, other, documents=now, earlier=set(now.values())).kind is Kind.NOTHING


@given(st.permutations(QUOTES), st.permutations(QUOTES), FOLDERS)
def test_another_order_is_no_news(one: list[Quote], other: list[Quote], now: dict[str, str]) -> None:
    assert since(answer(*one), answer(*other), now).kind is Kind.NOTHING


@given(ANSWERS.filter(lambda each: each.answered), FOLDERS)
def test_to_one_who_had_no_answer_all_of_it_is_new_and_all_can_be_lost(given_one: Answer, now: dict[str, str]) -> None:
    found = since(answer(), given_one, now)
    assert found.numbers == tuple(each.number for each in given_one.citations)
    assert since(given_one, answer(), now).kind is Kind.LOST


@pytest.mark.parametrize("known", [Known(False), Known(True, frozenset({Told("a", "h1")}))])
def test_still_no_answer_is_no_news(known: Known) -> None:
    assert change(known, answer(), documents={"a": "h1", "b": "h2"}, earlier={"h1"}).kind is Kind.NOTHING
