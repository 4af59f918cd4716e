"""What a follow-up is understood as, and what is left as it was asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.followups import leans, standalone

GENEVA = "How many people lived in Geneva in 2020?"
LAMP = "When was the lamp lit?"
MUSEUM = "When was the Harbour Museum founded?"
MEETING = "Where did Lavrov and Blinken meet?"
RUSSIAN = "Сколько людей жило в Женеве в 2020 году?"
TELESCOPE = "Когда установили телескоп?"

COMPLETED = [
    (GENEVA, "and in 2021?", "How many people lived in Geneva in 2021?"),
    (GENEVA, "In 2021?", "How many people lived in Geneva in 2021?"),
    (GENEVA, "And 2021", "How many people lived in Geneva in 2021?"),
    (GENEVA, "And in Brussels?", "How many people lived in Brussels in 2020?"),
    (GENEVA, "What about Brussels?", "How many people lived in Brussels in 2020?"),
    (GENEVA, "and in May 2021?", "How many people lived in Geneva in 2020, in May 2021?"),
    (GENEVA, "Why?", "Why: How many people lived in Geneva in 2020?"),
    (MUSEUM, "How about the Town Hall?", "When was the Town Hall founded?"),
    (MUSEUM, "and in 2021?", "When was the Harbour Museum founded, in 2021?"),
    (MEETING, "What about Brussels?", "Where did Lavrov and Blinken meet, Brussels?"),
    (MEETING, "When?", "When did Lavrov and Blinken meet?"),
    (MEETING, "And why was that?", "Why did Lavrov and Blinken meet?"),
    (LAMP, "Where?", "Where was the lamp lit?"),
    (LAMP, "by whom?", "By whom: When was the lamp lit?"),
    (LAMP, "Who said that?", "Who said that: When was the lamp lit?"),
    (LAMP, "since when?", "Since when: When was the lamp lit?"),
    ("How many steps are there?", "Why is that so?", "Why is that so: How many steps are there?"),
    (RUSSIAN, "а в 2021?", "Сколько людей жило в Женеве в 2021 году?"),
    (RUSSIAN, "А в Брюсселе?", "Сколько людей жило в Брюсселе в 2020 году?"),
    (RUSSIAN, "а Брюссель?", "Сколько людей жило в Женеве в 2020 году, Брюссель?"),
    (RUSSIAN, "почему?", "Почему: Сколько людей жило в Женеве в 2020 году?"),
    (TELESCOPE, "а где?", "Где установили телескоп?"),
    (TELESCOPE, "Кто это сказал?", "Кто это сказал: Когда установили телескоп?"),
    (TELESCOPE, "как насчёт 1931 года?", "Когда установили телескоп, 1931 года?"),
]

LEFT = [
    "How many steps are there?",
    "What about the lantern?",
    "And the lantern?",
    "Who designed it?",
    "Who is Blinken?",
    "And who is Blinken?",
    "When was that in Geneva?",
    "Brussels?",
    "Is it?",
    "Is that Geneva?",
    "And is that Geneva?",
    "What is that?",
    "How are you?",
    "And you?",
    "And I?",
    "And?",
    "So?",
    "2021?",
    "Really?",
    "Thanks!",
    "In short?",
    "",
    "?",
    "Кто такой Блинкен?",
    "А что насчёт фонаря?",
    "Как дела?",
    "А вы?",
    "Брюссель?",
    "Спасибо!",
]


@pytest.mark.parametrize(("before", "question", "understood"), COMPLETED)
def test_what_leans_on_the_question_before_is_completed(before: str, question: str, understood: str) -> None:
    assert standalone(question, before) == understood


@pytest.mark.parametrize("before", [GENEVA, LAMP, RUSSIAN])
@pytest.mark.parametrize("question", LEFT)
def test_what_stands_by_itself_or_may_is_left_as_it_is(question: str, before: str) -> None:
    assert standalone(question, before) == question


@pytest.mark.parametrize("before", ["And in 2020?", "Why?", "", "?"])
def test_what_leans_itself_completes_nothing(before: str) -> None:
    assert standalone("And in 2021?", before) == "And in 2021?"


WORDS = st.lists(st.sampled_from(["And", "in", "2021", "Brussels", "why", "lamp", "the", "Is", "а", "в", "?", "Why?"]))


@given(WORDS.map(" ".join), st.sampled_from([GENEVA, LAMP, MUSEUM, RUSSIAN]))
def test_a_completed_question_stands_by_itself(question: str, before: str) -> None:
    understood = standalone(question, before)
    assert understood == question or not leans(understood)
    assert standalone(understood, before) == understood


@given(st.text(), st.text())
def test_any_texts_are_borne(question: str, before: str) -> None:
    assert isinstance(standalone(question, before), str)
