"""What was not answered: the same question in other words is one, and all of them are a question file."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from bot.conversations import Conversations, KeptAnswer
from bot.database import Database, now, open_database
from bot.evaluation.questions import read_questions
from bot.feedback import EXPECTED, Feedback
from bot.gaps import Asked, Gap, Gaps, grouped, question_file
from bot.pages import Page
from index.lexical import Analyzer
from tests.scripted import FIRST_LIT, LANTERN, abstained, answered, quote

ALICE, BORIS = 1, 2


def asked(*questions: str) -> tuple[Asked, ...]:
    """Each by another person."""
    return tuple(Asked(f"answer-{number}", words, number) for number, words in enumerate(questions))


def groups(*questions: str, languages: Sequence[str] = ("en", "ru")) -> list[list[str]]:
    found = grouped(asked(*questions), languages=languages, analyzer=Analyzer())
    return [[each.words for each in gap.asked] for gap in found]


@pytest.mark.parametrize(
    "same",
    [
        ("When does the ferry leave?", "when is the ferry leaving", "The ferry leaves when?"),
        ("Who cast the bell of the mill?", "Please tell me who cast the mill's bell"),
        ("Когда отходит паром?", "Скажите, когда этот паром отходит", "паром отходит когда"),
        ("Who?", "who"),
    ],
)
def test_the_same_question_in_other_words_is_one(same: tuple[str, ...]) -> None:
    assert len(groups(*same)) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What does the ferry cost?", "What does a bicycle cost on the ferry?"),
        ("When does the ferry leave?", "Where does the ferry leave?"),
        ("How old is the mill?", "How old is the bell?"),
        ("Who?", "When?"),
        ("Когда отходит паром?", "Где отходит паром?"),
        ("???", "Who?"),
    ],
)
def test_another_question_is_another(one: str, other: str) -> None:
    assert len(groups(one, other)) == 2


def test_what_was_asked_most_comes_first() -> None:
    found = groups("Who cast it?", "When does it leave?", "when is it leaving", "How high?", "When does it leave?")
    assert [len(group) for group in found] == [3, 1, 1]
    assert [group[0] for group in found] == ["When does it leave?", "Who cast it?", "How high?"]


def test_a_gap_has_the_words_used_most_and_counts_its_people() -> None:
    gap = Gap((Asked("a", "when  is it", ALICE), Asked("b", "When?", BORIS), Asked("c", "When?", BORIS)))
    assert (gap.question, gap.people) == ("When?", 2)


def test_the_gaps_are_a_question_file(tmp_path: Path) -> None:
    found = grouped(asked("Who?", "When\nis it?", "who"), languages=(), analyzer=Analyzer())
    (tmp_path / "gaps.jsonl").write_bytes(question_file(found))
    first, second = read_questions(tmp_path / "gaps.jsonl")
    assert (first.id, first.text, first.answers) == ("answer-0", "Who?", (EXPECTED,))
    assert second.text == "When is it?"


@pytest.fixture
async def database(database_url: URL) -> AsyncIterator[Database]:
    async with open_database(database_url) as database:
        yield database


async def test_gaps_are_what_was_not_answered_or_voted_down(database: Database) -> None:
    conversations, feedback = Conversations(database), Feedback(database)
    lamp, silent = quote("keeping-the-light.txt", FIRST_LIT), quote("rules/harbour.md", LANTERN)
    given = {"good": answered("Lit?", lamp), "bad": answered("High?", lamp), "silent": abstained("Who?", silent)}
    for answer_id, answer in given.items():
        kept = KeptAnswer(answer_id, 7, None, 1, Page(answer.text), asker=ALICE, words=answer.question)
        await conversations.keep(kept)
        await feedback.note(answer_id, answer)
        await feedback.vote(answer_id, BORIS, good=answer_id == "good", question=answer.question)
    await conversations.keep(KeptAnswer("vague", 7, None, 1, Page("Please say it in words."), words="…"))
    found = await Gaps(database).since(now() - timedelta(days=1))
    assert [(each.words, each.person) for each in found] == [("Who?", ALICE), ("High?", ALICE)]
    assert await Gaps(database).since(now() + timedelta(days=1)) == ()
