"""The question to begin with: short, drafted from the documents, and answered by the bot itself."""

import pytest

from bot.examples import TRIES, Examples, find
from index.errors import NoIndexError
from index.types import Answer
from tests.scripted import FIRST_LIT, ScriptedAnswers, abstained, answered, quote

YEARS = {"first": "1871", "second": "1872", "third": "1873", "fourth": "1874"}
LONG = "very old and quite often painted and repaired and now rather well known northern"


class Town(ScriptedAnswers):
    """Its documents tell when things were built; it answers the questions about some of these things."""

    def __init__(self, *answered: str, language: str = "en", text: str = "") -> None:
        super().__init__()
        self._answered = answered
        self._language = language
        self._text = text or " ".join(f"The {name} Harbour Museum was founded in {YEARS[name]}." for name in YEARS)

    def languages(self) -> dict[str, str]:
        return {"town.txt": self._language}

    def text(self, document: str) -> str:
        return self._text

    def answer(self, question: str, **_: object) -> Answer:
        self.asked.append(question)
        if "broken" in self._answered:
            raise RuntimeError("a bug")
        if any(name in question for name in self._answered):
            return answered(question, quote("keeping-the-light.txt", FIRST_LIT))  # which holds 1871 alone
        return abstained(question)


def test_the_first_draft_that_is_answered_as_drafted() -> None:
    assert find(Town("first")) == "When was the first Harbour Museum founded?"


def test_no_more_than_a_few_are_tried() -> None:
    town = Town()
    assert find(town) is None
    assert len(town.asked) == TRIES


def test_an_answer_without_what_was_drafted_for_does_not_count() -> None:
    assert find(Town("second")) is None


@pytest.mark.parametrize(
    "town",
    [
        Town("first", language="ru"),
        Town("first", text="Hello there."),
        Town("first", text=f"The first {LONG} Harbour Museum was founded in 1871."),
        Town("broken"),
    ],
    ids=["another language", "nothing to draft from", "too long", "a bug"],
)
def test_where_there_is_none_that_is_borne(town: Town) -> None:
    assert find(town) is None


class Unindexed(ScriptedAnswers):
    def languages(self) -> dict[str, str]:
        raise NoIndexError("There is no index yet.")


def test_without_an_index_there_is_none() -> None:
    assert find(Unindexed()) is None


async def test_it_is_looked_for_once_for_each_generation() -> None:
    town = Town("first")
    examples = Examples(town)
    assert await examples.ready() is None
    for generation in ("one", "one", "two"):
        examples.refresh(generation)
        assert await examples.ready() == "When was the first Harbour Museum founded?"
    assert len(town.asked) == 2
