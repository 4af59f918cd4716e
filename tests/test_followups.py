"""What a follow-up is understood as, and what is left as it was asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.followups import MOST_TOPIC, Turn, is_complete, standalone
from bot.leaning import Lean, lean
from index.types import Answer
from tests.benchmarks.followups import read_conversations
from tests.scripted import FIRST_LIT, ScriptedAnswers

GENEVA = "How many people lived in Geneva in 2020?"
LAMP = "When was the lamp lit?"
MUSEUM = "When was the Harbour Museum founded?"
MEETING = "Where did Lavrov and Blinken meet?"
RUSSIAN = "Сколько людей жило в Женеве в 2020 году?"
TELESCOPE = "Когда установили телескоп?"
HYMN = "What hymn did Luther write?"

COMPLETED = [
    (GENEVA, "and in 2021?", "How many people lived in Geneva in 2021?"),
    (GENEVA, "In 2021?", "How many people lived in Geneva in 2021?"),
    (GENEVA, "And 2021", "How many people lived in Geneva in 2021?"),
    (GENEVA, "And in Brussels?", "How many people lived in Brussels in 2020?"),
    (GENEVA, "What about Brussels?", "How many people lived in Brussels in 2020?"),
    (GENEVA, "and in May 2021?", "How many people lived in Geneva in 2020, in May 2021?"),
    (GENEVA, "Why?", "Why? (how many people lived in Geneva in 2020?)"),
    (MUSEUM, "How about the Town Hall?", "When was the Town Hall founded?"),
    (MUSEUM, "and in 2021?", "When was the Harbour Museum founded, in 2021?"),
    (MEETING, "What about Brussels?", "Where did Lavrov and Blinken meet, Brussels?"),
    (MEETING, "When?", "When did Lavrov and Blinken meet?"),
    (MEETING, "And why was that?", "Why did Lavrov and Blinken meet?"),
    (LAMP, "Where?", "Where was the lamp lit?"),
    (LAMP, "by whom?", "By whom? (when was the lamp lit?)"),
    (LAMP, "Who said that?", "Who said that? (when was the lamp lit?)"),
    (LAMP, "since when?", "Since when? (when was the lamp lit?)"),
    ("How many steps are there?", "Why is that so?", "Why is that so? (how many steps are there?)"),
    (RUSSIAN, "а в 2021?", "Сколько людей жило в Женеве в 2021 году?"),
    (RUSSIAN, "А в Брюсселе?", "Сколько людей жило в Брюсселе в 2020 году?"),
    (RUSSIAN, "а Брюссель?", "Сколько людей жило в Женеве в 2020 году, Брюссель?"),
    (RUSSIAN, "почему?", "Почему? (сколько людей жило в Женеве в 2020 году?)"),
    (TELESCOPE, "а где?", "Где установили телескоп?"),
    (TELESCOPE, "Кто это сказал?", "Кто это сказал? (когда установили телескоп?)"),
    (TELESCOPE, "как насчёт 1931 года?", "Когда установили телескоп, 1931 года?"),
    (LAMP, "What about the lantern?", "When was the lantern lit?"),
    ("When was the first wave?", "And the second?", "When was the second wave?"),
    (GENEVA, "What about children?", "How many people lived in Geneva in 2020, children?"),
    (MUSEUM, "How large is it?", "How large is the Harbour Museum?"),
    (MUSEUM, "And who was its first director?", "Who was the Harbour Museum's first director?"),
    ("When did Ida Brandt open the museum?", "When did she die?", "When did Ida Brandt die?"),
    ("When was Ida Brandt born?", "What was her trade?", "What was Ida Brandt's trade?"),
    ("When was Ida Brandt born?", "What happened to her?", "What happened to Ida Brandt?"),
    (MEETING, "When did they meet?", "When did they meet? (where did Lavrov and Blinken meet?)"),
    (MEETING, "How many were there in 2020?", "How many were there in 2020? (where did Lavrov and Blinken meet?)"),
    (HYMN, "Who translated it?", "Who translated it? (what hymn did Luther write?)"),
    (HYMN, "Which one is older?", "Which one is older? (what hymn did Luther write?)"),
    (HYMN, "In which English book was it?", "In which English book was it? (what hymn did Luther write?)"),
    ("Which part of the Amazon rainforest is it in?", "How large is it?", "How large is it?"),
    ("How old is the Amazon rainforest?", "How large is it?", "How large is it? (how old is the Amazon rainforest?)"),
    (TELESCOPE, "Кто его построил?", "Кто его построил? (когда установили телескоп?)"),
    (TELESCOPE, "А где он стоит?", "Где он стоит? (когда установили телескоп?)"),
    (TELESCOPE, "Когда сломался?", "Когда сломался? (когда установили телескоп?)"),
    (
        RUSSIAN,
        "Сколько процентов были католиками?",
        "Сколько процентов были католиками? (сколько людей жило в Женеве в 2020 году?)",
    ),
]

LEFT = [
    "How many steps are there?",
    "What about the old lantern of the north?",
    "What about the lantern?",
    "What about a lantern?",
    "And the lantern?",
    "How old was Chopin when he moved to Warsaw?",
    "Where did Luther die, and who buried him?",
    "Why was the dodo easy prey when they came to the island?",
    "Which member explained how the museum keeps its collection?",
    "What did Luther tell the monks about their vows?",
    "What did the king ask the duke to give him?",
    "Which company lost its licence?",
    "How long does it take to learn the outcome?",
    "Why is it hard to count stars?",
    "What was it called when the state gave up?",
    "When does it get dark in December?",
    "How far is it from Dover to Calais?",
    "How many games have the Eagles lost this season?",
    "When do they throw fish at the market?",
    "And who designed the Scottish Parliament?",
    "How many died in the Battle of Hastings?",
    "Which one is older, the abbey or the mill?",
    "Can you help me with it?",
    "It is broken.",
    "But thanks!",
    "Who was the model?",
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
    "Когда Обама посетил страну, и что он сказал?",
    "Что Лютер говорил монахам и монахиням об их обетах?",
    "Правда ли, что мост закрыт?",
    "А что насчёт фонаря?",
    "Как дела?",
    "А вы?",
    "Брюссель?",
    "Спасибо!",
]


@pytest.mark.parametrize(("before", "question", "understood"), COMPLETED)
def test_what_leans_on_the_question_before_is_completed(before: str, question: str, understood: str) -> None:
    assert standalone(question, [Turn(before)]) == understood


@pytest.mark.parametrize("before", [GENEVA, MUSEUM, RUSSIAN])
@pytest.mark.parametrize("question", LEFT)
def test_what_stands_by_itself_or_may_is_left_as_it_is(question: str, before: str) -> None:
    assert standalone(question, [Turn(before)]) == question


@pytest.mark.parametrize("question", [*LEFT, *(question for _, question, _ in COMPLETED)])
def test_without_an_earlier_question_all_are_left_as_they_are(question: str) -> None:
    assert standalone(question, []) == question


@pytest.mark.parametrize("before", ["And in 2020?", "Why?", "How long is it?", "", "?"])
def test_what_leans_itself_completes_nothing(before: str) -> None:
    assert standalone("And in 2021?", [Turn(before)]) == "And in 2021?"
    assert standalone("And in 2021?", [Turn(GENEVA), Turn(before)]) == "How many people lived in Geneva in 2021?"


# What was answered


def test_who_was_found_is_who_is_meant() -> None:
    assert standalone("Where did he flee to?", [Turn("Who did Emma marry?", "King Ethelred")]) == (
        "Where did King Ethelred flee to?"
    )
    assert standalone("Where did he flee to?", [Turn("Who did Emma marry?", "a king")]) == (
        "Where did he flee to? (who did Emma marry?)"
    )


@pytest.mark.parametrize(
    ("short", "topic"),
    [
        ("Edict of Nantes", "what treaty ended the war? Edict of Nantes"),
        ("the peace treaty", "what treaty ended the war?"),
        ("30 April 1598", "what treaty ended the war?"),
        ("Nantes (Brittany)", "what treaty ended the war? Nantes Brittany"),
        ("Nantes " * 60, "what treaty ended the war?"),
    ],
)
def test_a_name_that_was_answered_belongs_to_the_topic(short: str, topic: str) -> None:
    assert standalone("What did it grant?", [Turn("What treaty ended the war?", short)]) == (
        f"What did it grant? ({topic})"
    )


def test_a_topic_is_carried_on_and_does_not_grow_for_ever() -> None:
    turns = [Turn("What treaty ended the war?", "Edict of Nantes")]
    for at in range(20):
        understood = standalone("Who signed it?", turns)
        assert understood.startswith("Who signed it? (what treaty ended the war? Edict of Nantes")
        assert len(understood) < MOST_TOPIC + 50
        turns.append(Turn(understood, f"King Number{at}"))


def test_a_question_that_names_nothing_is_about_what_the_one_before_names() -> None:
    turns = [Turn("When was Valkyria released?"), Turn("Who sang the opening song?")]
    assert standalone("Why was it changed?", turns) == (
        "Why was it changed? (when was Valkyria released? who sang the opening song?)"
    )


def test_only_the_adverb_of_a_question_with_a_topic_is_exchanged() -> None:
    turns = [Turn("When was it signed? (what treaty ended the war?)")]
    assert standalone("Where?", turns) == "Where was it signed? (what treaty ended the war?)"
    assert standalone("By whom?", turns) == "By whom? (what treaty ended the war? when was it signed?)"


def test_a_thing_of_the_last_quote_is_that_of_what_was_asked_for() -> None:
    turn = Turn("Who designed the Spirit of Ecstasy?", "Sykes", ("Sykes designed it after the model, Eleanor.",))
    assert standalone("Who was the model?", [turn]) == "Who was the model? (the Spirit of Ecstasy)"
    assert standalone("Who was the sculptor?", [turn]) == "Who was the sculptor?"
    assert standalone("Who was the model of Rodin?", [turn]) == "Who was the model of Rodin?"


def test_the_turn_of_an_answer_has_its_question_and_its_quotes() -> None:
    answer: Answer = ScriptedAnswers().answer(LAMP)
    turn = Turn.of(answer)
    assert (turn.question, turn.short, turn.quotes[0]) == (LAMP, "", FIRST_LIT)


# The conversations of the benchmark


def standing_turns() -> list[tuple[str, list[Turn]]]:
    return [
        (turn["question"], [Turn(each["full"], "", (each.get("evidence", ""),)) for each in conversation["turns"][:at]])
        for conversation in read_conversations()
        for at, turn in enumerate(conversation["turns"])
        if at and turn["full"] == turn["question"]
    ]


@pytest.mark.parametrize(("question", "turns"), standing_turns())
def test_a_new_subject_is_not_polluted(question: str, turns: list[Turn]) -> None:
    assert standalone(question, turns) == question


# Laws

WORDS = st.lists(
    st.sampled_from(["And", "in", "2021", "Brussels", "why", "lamp", "the", "Is", "it", "her", "а", "его", "?", "Why?"])
)


@given(WORDS.map(" ".join), st.sampled_from([GENEVA, LAMP, MUSEUM, RUSSIAN]))
def test_a_completed_question_stands_by_itself(question: str, before: str) -> None:
    understood = standalone(question, [Turn(before)])
    assert understood == question or is_complete(understood)


@given(st.text(), st.lists(st.builds(Turn, st.text(), st.text(), st.tuples(st.text()))))
def test_any_texts_are_borne(question: str, turns: list[Turn]) -> None:
    assert isinstance(standalone(question, turns), str)
    assert lean(question) in Lean
