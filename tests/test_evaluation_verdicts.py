"""One question held against what was expected: the cases in which it is easy to be too kind or too strict."""

import pytest

from bot.evaluation.questions import Question
from bot.evaluation.verdicts import Fate, Verdict, judge
from index.types import Answer
from tests.verdicts import an_answer

LAMP = "The lamp was lit in 1871. It burns oil.\nThe U.S. keeper climbs 212 steps."
LIT = "The lamp was lit in 1871."


def judged(question: Question, answer: Answer, *, text: str = LAMP) -> Verdict:
    return judge(question, answer, text_of=lambda document: text, languages={"lamp.txt": "en", "лампа.txt": "ru"})


def asking(*answers: str, evidence: tuple[str, ...] = (), **more: object) -> Question:
    return Question("1", "?", answers, evidence, **more)  # type: ignore[arg-type]


# Whether a quote holds the answer


@pytest.mark.parametrize(
    ("quote", "answer", "holds"),
    [
        (LIT, "1871", True),
        (LIT, "187", False),
        (LIT, "in 1871.", True),
        (LIT, "LAMP was", True),
        (LIT, "was lamp", False),
        (LIT, "…", False),
        ("The U.S. keeper climbs 212 steps.", "the U S", True),
        ("The U.S. keeper climbs 212 steps.", "US", False),
    ],
)
def test_words_count_and_signs_and_case_do_not(quote: str, answer: str, holds: bool) -> None:
    assert judged(asking(answer), an_answer(quote, passage=LAMP)).quotes[0].holds is holds


@pytest.mark.parametrize(("words", "holds"), [(70, True), (71, False)])
def test_a_quote_of_more_than_seventy_words_is_a_passage(words: int, holds: bool) -> None:
    text = " ".join(["1871"] + ["word"] * (words - 1))
    short, long = asking("1871"), asking("1871", evidence=("1871",), long_answers=True)
    for question in (short, long):
        verdict = judged(question, an_answer(text, passage=text))
        assert (verdict.quotes[0].holds, verdict.fate) == (holds, Fate.RIGHT if holds else Fate.WRONG)


@pytest.mark.parametrize(
    ("quote", "evidence", "holds"),
    [
        ("one two three four", "zero one two three four five", True),
        ("zero one two three", "one two", True),
        ("one two other words", "one two and more", True),
        ("one two other words again", "one two and more", False),
        ("one one one other", "one", True),
        ("Other words", "nothing of it", False),
    ],
    ids=["within", "around", "half", "less than half", "half by repetition", "none"],
)
def test_long_answers_need_half_of_the_quotes_words(quote: str, evidence: str, holds: bool) -> None:
    question = asking("not looked at", evidence=("never", evidence), long_answers=True)
    assert judged(question, an_answer(quote, passage=quote)).quotes[0].holds is holds


# Which quotes are looked at


def test_where_it_abstained_the_closest_quotes_are_looked_at() -> None:
    verdict = judged(asking("1871"), an_answer("It burns oil.", LIT, passage=LAMP, answered=False))
    assert (verdict.fate, verdict.quote_rank, verdict.near) == (Fate.SILENT, 2, True)


def test_a_fourth_quote_makes_an_answer_right_but_is_not_near() -> None:
    text = "a. b. c. 1871."
    verdict = judged(asking("1871"), an_answer("a.", "b.", "c.", "1871.", passage=text))
    assert (verdict.fate, verdict.quote_rank, verdict.near) == (Fate.RIGHT, 4, False)


@pytest.mark.parametrize(
    ("answerable", "answered", "quote", "fate"),
    [
        (True, True, LIT, Fate.RIGHT),
        (True, True, "It burns oil.", Fate.WRONG),
        (True, False, LIT, Fate.SILENT),
        (False, False, LIT, Fate.DECLINED),
        (False, True, LIT, Fate.INVENTED),
    ],
)
def test_fates(answerable: bool, answered: bool, quote: str, fate: Fate) -> None:
    question = asking("1871", answerable=answerable)
    assert judged(question, an_answer(quote, passage=LAMP, answered=answered)).fate is fate


def test_a_quote_is_verbatim_only_where_the_index_has_those_letters_at_that_place() -> None:
    answer = an_answer("It burns oil.", passage=LAMP)
    assert judged(asking("oil"), answer).quotes[0].verbatim
    assert not judged(asking("oil"), answer, text=" " + LAMP).quotes[0].verbatim
    assert not judged(asking("oil"), answer, text=LAMP.replace("oil", "gas")).quotes[0].verbatim


# The place of the evidence


@pytest.mark.parametrize(
    ("evidence", "rank"),
    [
        ("It burns oil. The U.S.", 2),
        ("It burns oil.   \nThe U.S.", 2),
        ("was lit in 1871. 12345678901234", 2),
        ("12345678901234 was lit in 1871.", 2),
        ("1234567890 was lit in 1871. 1234567890", None),
        ("IT BURNS OIL.", None),
    ],
    ids=["over a line's end", "other white space", "first half", "last half", "the middle only", "other case"],
)
def test_evidence_counts_in_whole_or_by_half(evidence: str, rank: int | None) -> None:
    answer = an_answer(LIT, passage=LAMP, before=("Another passage.",))
    assert judged(asking("x", evidence=("never", evidence)), answer).rank == rank


def test_the_right_words_in_a_wrong_document_do_not_count() -> None:
    answer = an_answer(LIT, passage=LAMP, document="lamps/lamp.txt", before=(LAMP,))
    assert judged(asking("x", evidence=(LIT,), doc_ids=("elsewhere/lamp.txt",)), answer).rank == 2
    assert judged(asking("x", evidence=(LIT,), doc_ids=("other.txt",)), answer).rank == 1
    assert judged(asking("x", evidence=(LIT,), doc_ids=("third.txt",)), answer).rank is None
    assert judged(asking("x", evidence=(LIT,)), answer).rank == 1


def test_only_ten_passages_count() -> None:
    assert judged(asking("x", evidence=(LIT,)), an_answer(LIT, passage=LAMP, before=("no.",) * 9)).rank == 10
    assert judged(asking("x", evidence=(LIT,)), an_answer(LIT, passage=LAMP, before=("no.",) * 10)).rank is None


# Kind and language


def test_language_is_the_lines_own_else_the_documents_else_that_of_the_nearest_passage() -> None:
    answer = an_answer(LIT, passage=LAMP)
    assert judged(asking("x", language="fr", doc_ids=("лампа.txt",)), answer).language == "fr"
    assert judged(asking("x", doc_ids=("папка/лампа.txt",)), answer).language == "ru"
    assert judged(asking("x", doc_ids=("unknown.txt",)), answer).language == "en"


def test_kind_is_the_lines_own_else_by_english_words() -> None:
    answer = an_answer(LIT, passage=LAMP)
    assert judged(Question("1", "When?", ("x",), kind="riddle"), answer).kind == "riddle"
    assert judged(Question("1", "When?", ("x",)), answer).kind == "when"
    assert judged(Question("1", "When?", ("x",), language="ru"), answer).kind == "other"


def test_confidence_and_seconds_are_as_they_are_printed() -> None:
    verdict = judged(asking("x"), an_answer(LIT, passage=LAMP, confidence=0.123449, seconds=1.00006))
    assert (verdict.confidence, verdict.seconds) == (0.1234, 1.0001)
