"""The kind of a question, by its words."""

import pytest

from index.kinds import Kind, is_yes_or_no, kind_of

KINDS = [
    ("Who asked for the meeting?", Kind.WHO),
    ("The pact was signed by whom?", Kind.WHO),
    ("whose idea was it", Kind.WHO),
    ("When was the lamp lit?", Kind.WHEN),
    ("In what year did the keeper leave?", Kind.WHEN),
    ("Where did Lavrov and Blinken hold their talks?", Kind.WHERE),
    ("In which country is Normandy?", Kind.WHERE),
    ("How many steps does the keeper climb?", Kind.HOW_MANY),
    ("How long did the diplomats talk?", Kind.HOW_MANY),
    ("What percentage of the people voted?", Kind.HOW_MANY),
    ("Did Lavrov meet Zelensky in Geneva?", Kind.YES_NO),
    ("Isn’t the quay closed?", Kind.YES_NO),
    ("What are the two harbours called?", Kind.LIST),
    ("Name three colours.", Kind.LIST),
    ("Which four boats sank?", Kind.LIST),
    ("What is photosynthesis?", Kind.DEFINITION),
    ("What is a prime number?", Kind.DEFINITION),
    ("What does NATO stand for?", Kind.DEFINITION),
    ("What's the meaning of life?", Kind.OTHER),
    ("Why does the keeper ring a bell?", Kind.WHY_HOW),
    ("How is steel made?", Kind.WHY_HOW),
    ("What caused the fire?", Kind.WHY_HOW),
    ("What is the capital of France?", Kind.OTHER),
    ("What does Moscow demand from NATO?", Kind.OTHER),
    ("Which is older, the mill or the ferry?", Kind.COMPARISON),
    ("Is the ferry cheaper than the bus?", Kind.COMPARISON),
    ("Who came first, Ann or Bob?", Kind.COMPARISON),
    ("What is the difference between a dam and a weir?", Kind.COMPARISON),
    ("How do the two maps differ?", Kind.COMPARISON),
    ("What costs more than 20 crowns?", Kind.OTHER),
    ("What was the most important of the towns or villages?", Kind.OTHER),
    ("Somewhere, whatever.", Kind.OTHER),
    ("", Kind.OTHER),
]


@pytest.mark.parametrize(("question", "kind"), KINDS)
def test_the_kind_of_an_english_question(question: str, kind: Kind) -> None:
    assert kind_of(question) is kind


def test_what_is_asked_in_another_language_has_no_kind_that_english_words_could_tell() -> None:
    assert kind_of("Was ist ein Hafen?", "de") is Kind.OTHER


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Is it free?", True),
        ("  “Did it rain?”", True),
        ("What is it?", False),
        ("Isolated towns?", False),
        ("Is it older than the mill?", True),
        ("Isn’t it?", True),
        ("", False),
    ],
)
def test_questions_for_yes_or_no(question: str, expected: bool) -> None:
    assert is_yes_or_no(question) == expected
