"""What is told of each passage, by what was done with it."""

from dataclasses import replace

import pytest

from index.citations import WORTH
from index.fates import fates
from index.reading import Candidate
from index.reranking import READ_PASSAGES
from index.types import Answer, Fate, Outcome, Passage, Quote, Use
from tests.builders import a_candidate, a_chunk, a_quote

DAILY = "The ferry crosses the strait four times a day."
LAST = "The last crossing leaves at nine in the evening."
FREE = "A bicycle travels free of charge."


def passage(number: int, document: str = "ferry.md") -> Passage:
    chunk = a_chunk(key=f"en-{number}")
    return Passage(replace(chunk, source=replace(chunk.source, document=document)), 1.0)


def candidate(part: str, within: Passage, *, share: float = 0.3) -> Candidate:
    return replace(a_candidate(part, share=share), passage=within)


def quote(part: str, within: Passage) -> Quote:
    return replace(a_quote(part), passage=within)


FIRST, SECOND = passage(1), passage(2, "other.md")


def fate_of_second(*candidates: Candidate) -> Fate:
    """Where the daily crossing is quoted from the first."""
    return fates([FIRST, SECOND], [candidate(DAILY, FIRST), *candidates], [quote(DAILY, FIRST)])[1]


def test_a_quoted_one_has_the_numbers_of_its_quotes() -> None:
    quotes = [quote(DAILY, FIRST), quote(FREE, SECOND), quote(LAST, FIRST)]
    assert fates([FIRST, SECOND], [], quotes) == (Fate(Use.QUOTED, (1, 3)), Fate(Use.QUOTED, (2,)))


def test_what_is_not_quoted_of_those_that_were_read() -> None:
    assert fate_of_second() == Fate(Use.NO_SENTENCE)
    assert fate_of_second(candidate(LAST, SECOND)) == Fate(Use.BEHIND)
    assert fate_of_second(candidate(LAST, SECOND, share=0.9 * WORTH * 0.3)) == Fate(Use.UNLIKELY)
    assert fate_of_second(candidate(DAILY, SECOND)) == Fate(Use.SAME, (1,))


def test_a_part_of_the_same_place_says_the_same_without_the_same_words() -> None:
    beside = passage(2)
    within = candidate("four times a day.", beside)
    assert fates([FIRST, beside], [candidate(DAILY, FIRST), within], [quote(DAILY, FIRST)])[1] == Fate(Use.SAME, (1,))


def test_only_the_first_ones_are_read() -> None:
    passages = [passage(number) for number in range(READ_PASSAGES + 2)]
    told = fates(passages, [candidate(DAILY, each) for each in passages], [])
    assert [fate.use is Use.NOT_READ for fate in told] == [False] * READ_PASSAGES + [True] * 2


def test_an_answer_has_a_fate_for_each_passage_or_none() -> None:
    with pytest.raises(ValueError, match="2 passages cannot have 1 fates"):
        Answer("?", "", Outcome.ABSTAINED, 0.1, passages=(FIRST, SECOND), fates=(Fate(Use.BEHIND),))
