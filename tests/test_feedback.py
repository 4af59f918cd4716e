"""Votes on answers: what is kept, and what becomes a question file."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from bot.database import open_database
from bot.evaluation.questions import Question, read_questions
from bot.feedback import EXPECTED, Feedback, Vote, lines, summary
from tests.scripted import FIRST_LIT, LANTERN, abstained, answered, quote

ALICE, BORIS = 1, 2
LAMP = answered("When was the lamp lit?", quote("keeping-the-light.txt", FIRST_LIT))
SILENT = abstained("Who painted it?", quote("rules/harbour.md", LANTERN))


@pytest.fixture
async def feedback(database_url: URL) -> AsyncIterator[Feedback]:
    async with open_database(database_url) as database:
        found = Feedback(database)
        await found.note("lamp", LAMP)
        await found.note("silent", SILENT)
        yield found


async def test_a_vote_holds_the_question_and_what_was_cited(feedback: Feedback) -> None:
    assert await feedback.vote("lamp", ALICE, good=True, question=LAMP.question)
    quotes = ({"quote": FIRST_LIT, "document": "keeping-the-light.txt", "answer": None},)
    assert await feedback.votes() == (Vote("lamp", True, None, LAMP.question, True, quotes),)


async def test_each_person_has_one_vote_and_may_change_it(feedback: Feedback) -> None:
    await feedback.vote("lamp", ALICE, good=True, question=LAMP.question)
    await feedback.vote("lamp", BORIS, good=True, question=LAMP.question)
    await feedback.vote("lamp", ALICE, good=False, question=LAMP.question)
    assert [vote.good for vote in await feedback.votes()] == [True, False]


async def test_a_reason_is_that_of_a_bad_vote(feedback: Feedback) -> None:
    await feedback.vote("lamp", ALICE, good=False, question=LAMP.question)
    await feedback.vote("lamp", BORIS, good=True, question=LAMP.question)
    for voter in (ALICE, BORIS, 3):
        await feedback.reason("lamp", voter, "wrong")
    assert [(vote.good, vote.reason) for vote in await feedback.votes()] == [(False, "wrong"), (True, None)]
    assert summary(await feedback.votes()) == "2 votes: 1 good, 1 bad (1 wrong)"


async def test_a_vote_that_stays_bad_keeps_its_reason(feedback: Feedback) -> None:
    async def voted(*, good: bool) -> str | None:
        await feedback.vote("lamp", ALICE, good=good, question=LAMP.question)
        return (await feedback.votes())[0].reason

    assert await voted(good=False) is None
    await feedback.reason("lamp", ALICE, "wrong")
    assert await voted(good=False) == "wrong"
    assert await voted(good=True) is None
    assert await voted(good=False) is None


async def test_an_answer_that_is_not_known_has_no_votes(feedback: Feedback) -> None:
    assert not await feedback.vote("other", ALICE, good=True, question="?")
    assert await feedback.votes() == ()


async def test_an_answer_given_anew_is_what_is_voted_on(feedback: Feedback) -> None:
    await feedback.note("lamp", SILENT)
    await feedback.vote("lamp", ALICE, good=True, question="When?")
    (vote,) = await feedback.votes()
    assert (vote.answered, vote.quotes) == (False, ())


def test_the_lines_are_a_question_file(tmp_path: Path) -> None:
    quotes = ({"quote": FIRST_LIT, "document": "lamp.txt", "answer": "1871"},)
    votes = (
        Vote("a", True, None, "When was it lit?", True, quotes),
        Vote("b", True, None, "Who painted it?", False, ()),
        Vote("c", False, "wrong", "How high is it?", True, quotes),
        Vote("d", True, None, "", True, quotes),
    )
    file = tmp_path / "votes.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines(votes)), encoding="utf-8")
    assert read_questions(file) == (
        Question("a-1", "When was it lit?", answers=("1871",), evidence=(FIRST_LIT,), doc_ids=("lamp.txt",)),
        Question("b-2", "Who painted it?", answerable=False, long_answers=True),
        Question("c-3", "How high is it?", answers=(EXPECTED,)),
    )
