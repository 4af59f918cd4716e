from dataclasses import replace

from bot import texts
from bot.languages import ENGLISH
from bot.offers import Remembered, offers
from bot.pages import split
from index.types import Answer, Citation, Outcome
from tests.scripted import FIRST_LIT, LANTERN, STEPS, abstained, answered, quote

ANSWERED = answered("How  many\nsteps?", quote("keeping-the-light.txt", FIRST_LIT), quote("rules/harbour.md", LANTERN))


def test_the_answer_comes_first_with_its_question_and_sources_then_each_quote_where_it_stands() -> None:
    answer, first, second = offers(ANSWERED, ENGLISH)
    assert [offer.id for offer in (answer, first, second)] == ["answer", "1", "2"]
    assert answer.title == FIRST_LIT
    assert answer.page.text.startswith(f"How many steps?\n\n{FIRST_LIT} [1] {LANTERN} [2]\n\nSources\n1  Keeping")
    assert first.title.startswith("Keeping the light, p. 4")
    assert first.description == f"“{FIRST_LIT}”"
    assert first.page.text.startswith("[1] Keeping the light\nkeeping-the-light.txt › ")
    assert "The lighthouse stands on the northern cape." in first.page.text
    assert second.page.text.startswith("[2] Harbour rules\n")


def test_nothing_that_is_sent_elsewhere_has_buttons() -> None:
    assert not any(offer.page.buttons for offer in offers(ANSWERED, ENGLISH))


def test_where_the_documents_are_silent_that_and_what_comes_closest_is_offered_as_such() -> None:
    silent, closest = offers(abstained("Who?", quote("rules/harbour.md", LANTERN)), ENGLISH)
    assert (silent.id, silent.title) == ("answer", texts.DOCUMENTS_SILENT)
    assert silent.page.text.startswith(f"Who?\n\n{texts.DOCUMENTS_SILENT}")
    assert closest.id == "closest-1"
    assert closest.page.text == f"Who?\n\n{texts.CLOSEST}\n\nHarbour rules\n“{LANTERN}”"
    assert [closest.page.text[style.start : style.end] for style in closest.page.styles if style.kind == "quote"]


def test_a_short_answer_is_the_title() -> None:
    whole = quote("keeping-the-light.txt", STEPS)
    start = whole.span.start + STEPS.index("212")
    short = replace(whole, answer=replace(whole.span, text="212 steps", start=start, end=start + len("212 steps")))
    assert offers(answered("How many?", short), ENGLISH)[0].title == "212 steps"


def test_an_answer_too_long_for_a_message_is_offered_in_its_quotes_alone() -> None:
    citations = (Citation(1, quote("keeping-the-light.txt", FIRST_LIT)),)
    long = Answer("?", "A sentence. " * 500 + "[1]", Outcome.ANSWERED, 0.9, citations)
    found = offers(long, ENGLISH)
    assert [offer.id for offer in found] == ["1"]
    assert all(len(split(offer.page)) == 1 for offer in found)


def test_titles_and_descriptions_are_short() -> None:
    citations = (Citation(1, quote("keeping-the-light.txt", FIRST_LIT)),)
    for offer in offers(Answer("?", "word " * 300 + "[1]", Outcome.ANSWERED, 0.9, citations), ENGLISH):
        assert len(offer.title) <= 80
        assert len(offer.description) <= 162  # with its quotation marks


# What is remembered


def test_a_value_is_remembered_as_long_as_the_index_is_the_same() -> None:
    remembered: Remembered[str] = Remembered()
    assert remembered.get("how?", generation="one") is None
    remembered.put("how?", "so", generation="one")
    assert remembered.get("how?", generation="one") == "so"
    assert remembered.get("how?", generation="two") is None
    assert remembered.get("how?", generation="one") is None


def test_an_answer_that_comes_after_a_new_index_is_not_remembered() -> None:
    remembered: Remembered[str] = Remembered()
    remembered.get("how?", generation="one")
    remembered.get("why?", generation="two")
    remembered.put("how?", "so", generation="one")
    assert remembered.get("how?", generation="two") is None


def test_what_was_not_asked_for_longest_goes_first() -> None:
    remembered: Remembered[int] = Remembered(kept=2)
    remembered.get(0, generation="one")
    for number in (1, 2):
        remembered.put(number, number, generation="one")
    remembered.get(1, generation="one")
    remembered.put(3, 3, generation="one")
    assert [remembered.get(number, generation="one") for number in (1, 2, 3)] == [1, None, 3]
