"""What is told about the citations of an answer, through a real index: what disagrees, and what is newer."""

import os
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from functools import partial

import pytest

from index.answering import Answerer
from index.editions import Edition, Editions
from index.embedding import OnnxEmbedder
from index.generations import Generations
from index.lexical import Analyzer
from index.library import CurrentLibrary, open_library
from index.notes import cited_too, notes
from index.reader import OnnxReader
from index.reading import Candidate, Features
from index.types import Answer, Citation, Disagreement, NewerCited, NewerUncited, Quote, Said, Source
from tests.builders import an_indexer, plant
from tests.test_disagreement import a_statement, stem

DOCUMENTS = {
    "timetable.md": (
        "---\ndate: 2021-03-01\n---\n# Timetable\n\nThe ferry crosses the strait four times a day. "
        "A bicycle travels free of charge.\n"
    ),
    "guide.md": (
        "---\ndate: 2023-06-05\n---\n# Visitor guide\n\nThe ferry crosses the strait six times a day. "
        "The bakery opens before dawn.\n"
    ),
    "Rules 2021.md": "# Harbour rules\n\nEvery boat shows a lantern after sunset. Mooring costs five crowns a night.\n",
    "Rules 2023.md": "# Harbour rules\n\nNets are mended on the east quay. Mooring costs seven crowns a night.\n",
    "Minutes 2023-04.md": "# April\n\nThe committee chose Edith Brandt as its chair. The roof of the boathouse leaks.",
    "Minutes 2023-05.md": "# May\n\nThe committee talked about the summer feast and bought forty lamps.\n",
    "Minutes 2023-06.md": "# June\n\nEverybody sang until the moon rose above the old mill.\n",
    "museum.md": "# The clock museum\n\nThe clock museum was founded in 1902 by Ida Brandt. It keeps 340 clocks.\n",
    "leaflet.md": "# What to see\n\nThe clock museum was founded in 1902. The tower has 212 steps.\n",
    "anna.md": "# Barge Anna\n\nThe barge carries eighty tons of slate.\n",
    "berta.md": "# Barge Berta\n\nThe barge carries ninety tons of slate.\n",
    "расписание.md": "# Расписание\n\nПароход ходит на остров четыре раза в день. Собак не перевозят.\n",
    "остров.md": "# Остров\n\nПароход ходит на остров шесть раз в день. Летом здесь цветёт вереск.\n",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, embedder: OnnxEmbedder) -> Iterator[CurrentLibrary]:
    folder = tmp_path_factory.mktemp("notes")
    plant(folder / "seeds", DOCUMENTS)
    for name, year in (("Rules 2021.md", 2026), ("Rules 2023.md", 2020)):  # the older rules are in the newer file
        seconds = datetime(year, 1, 1).timestamp()
        os.utime(folder / "seeds" / name, (seconds, seconds))
    assert an_indexer(folder, embedder=embedder).sync().published
    generations = Generations(folder / "data" / "index")
    with closing(CurrentLibrary(generations, open_folder=partial(open_library, analyzer=Analyzer()))) as library:
        yield library


def an_answerer(library: CurrentLibrary, embedder: OnnxEmbedder, *, max_quotes: int = 3) -> Answerer:
    return Answerer(library=library, embedder=embedder, analyzer=Analyzer(), reader=OnnxReader(), max_quotes=max_quotes)


@pytest.fixture(scope="module")
def answerer(library: CurrentLibrary, embedder: OnnxEmbedder) -> Answerer:
    return an_answerer(library, embedder)


def cited(answer: Answer) -> dict[str, int]:
    """The number of each document that is cited."""
    return {each.quote.source.document: each.number for each in answer.citations}


# Disagreement


def test_where_documents_disagree_both_are_cited_and_the_newer_is_told(answerer: Answerer) -> None:
    answer = answerer.answer("How often does the ferry cross the strait?")
    numbers = cited(answer)
    sides = {Said(numbers["timetable.md"], "four times"), Said(numbers["guide.md"], "six times")}
    (note,) = answer.notes
    assert isinstance(note, Disagreement)
    assert set(note.sides) == sides
    assert note.newest == numbers["guide.md"]


def test_the_other_side_is_cited_even_where_one_quote_is_all_that_may_be_given(
    library: CurrentLibrary, embedder: OnnxEmbedder
) -> None:
    strict = an_answerer(library, embedder, max_quotes=1)
    answer = strict.answer("How often does the ferry cross the strait?")
    assert cited(answer).keys() == {"timetable.md", "guide.md"}
    assert isinstance(answer.notes[0], Disagreement)
    assert len(strict.answer("What travels free of charge?").citations) == 1


def test_documents_disagree_in_russian_without_dates_none_is_newer(answerer: Answerer) -> None:
    answer = answerer.answer("Сколько раз в день пароход ходит на остров?")
    numbers = cited(answer)
    (note,) = answer.notes
    assert isinstance(note, Disagreement)
    assert {(side.number, side.value) for side in note.sides} == {
        (numbers["расписание.md"], "четыре раза"),
        (numbers["остров.md"], "шесть раз"),
    }
    assert note.newest is None


@pytest.mark.parametrize(
    "question",
    [
        "When was the clock museum founded?",
        "How many tons of slate does the barge carry?",
        "How many steps does the tower have?",
        "Does the ferry cross more often than the barge?",
    ],
)
def test_what_agrees_or_is_about_two_things_is_no_disagreement(answerer: Answerer, question: str) -> None:
    assert not any(isinstance(note, Disagreement) for note in answerer.answer(question).notes)


# Newer documents of a series


def test_what_a_newer_document_says_instead_is_cited_and_told(answerer: Answerer) -> None:
    answer = answerer.answer("How much does mooring cost a night?")
    numbers = cited(answer)
    older, newer = numbers["Rules 2021.md"], numbers["Rules 2023.md"]
    assert answer.notes == (NewerCited(newer, (older,), (Said(older, "five crowns"), Said(newer, "seven crowns"))),)


def test_a_newer_document_that_says_nothing_on_it_is_named(answerer: Answerer) -> None:
    answer = answerer.answer("What does every boat show after sunset?")
    assert answer.citations[0].quote.source.document == "Rules 2021.md"
    (note,) = answer.notes
    assert isinstance(note, NewerUncited)
    assert (note.older, note.source.document, note.stated) == ((1,), "Rules 2023.md", None)


def test_of_several_newer_documents_the_newest_is_named(answerer: Answerer) -> None:
    (note,) = answerer.answer("Who is the chair of the committee?").notes
    assert isinstance(note, NewerUncited)
    assert note.source.document == "Minutes 2023-06.md"


def test_nothing_is_told_of_the_newest(answerer: Answerer) -> None:
    assert answerer.answer("Who sang until the moon rose above the old mill?").notes == ()


def test_a_question_about_one_edition_is_not_about_another(answerer: Answerer) -> None:
    answer = answerer.answer("How much did mooring cost a night in 2021?")
    assert answer.answered
    assert answer.notes == ()


def test_what_the_documents_do_not_say_has_no_notes(answerer: Answerer) -> None:
    answer = answerer.answer("Which chemical element has the atomic number 79?")
    assert (answer.answered, answer.notes) == (False, ())


# What is cited too

FOUR, SIX = "The ferry crosses the strait four times a day.", "The ferry crosses the strait six times a day."
OFTEN = "How often does the ferry cross?"
NONE = Features(*[0.0] * len(Features._fields))


def a_candidate(text: str, document: str, *, own: str = "ferri cross") -> Candidate:
    statement = a_statement(text, document=document, title=document.rpartition(".")[0])
    return Candidate(statement.span, statement.passage, NONE, None, frozenset(own.split()), frozenset(), 0.0, 0.0)


def added(question: str, chosen: list[Candidate], *others: Candidate) -> list[str]:
    """The documents that are cited besides those of the chosen ones."""
    sources = [each.passage.source for each in (*chosen, *others)]
    editions = Editions(Edition(source, None) for source in sources)
    return [each.passage.source.document for each in cited_too(question, chosen, [*chosen, *others], editions, stem)]


def test_the_first_that_contradicts_is_added_and_only_it() -> None:
    chosen = [a_candidate(FOUR, "a.md")]
    assert added(OFTEN, chosen, a_candidate(FOUR, "b.md"), a_candidate(SIX, "c.md"), a_candidate(SIX, "d.md")) == [
        "c.md"
    ]
    assert added(OFTEN, [*chosen, a_candidate(SIX, "c.md")], a_candidate(SIX, "d.md")) == []
    assert added(OFTEN, chosen, a_candidate(SIX, "a.md")) == []


def test_the_newest_that_answers_the_same_is_added() -> None:
    chosen = [a_candidate(FOUR, "Rules 2021.md")]
    middle, newest = a_candidate(FOUR, "Rules 2022.md"), a_candidate(SIX, "Rules 2023.md")
    assert added(OFTEN, chosen, middle, newest) == ["Rules 2023.md"]
    assert added(OFTEN, chosen, a_candidate(FOUR, "Rules 2019.md")) == []
    assert added(OFTEN, [newest], middle, *chosen) == []


def test_a_newer_one_must_answer_the_same() -> None:
    chosen = [a_candidate(FOUR, "Rules 2021.md")]
    assert added(OFTEN, chosen, a_candidate(SIX, "Rules 2023.md", own="ferri")) == []
    assert added(OFTEN, chosen, a_candidate("The ferry crosses wherever whales were seen.", "Rules 2023.md")) == []


@pytest.mark.parametrize(
    "question", ["How often did the ferry cross in 2021?", "Does the ferry cross more often than it did?"]
)
def test_a_question_about_one_edition_or_a_comparison_has_no_newer_one_added(question: str) -> None:
    assert added(question, [a_candidate(FOUR, "Rules 2021.md")], a_candidate(SIX, "Rules 2023.md")) == []


def test_what_is_compared_is_not_contradicted() -> None:
    chosen = [a_candidate(FOUR, "a.md")]
    assert added("Which ferry crosses more often than the barge?", chosen, a_candidate(SIX, "b.md")) == []


# On citations alone, whoever chose them


def a_citation(number: int, text: str, document: str) -> Citation:
    statement = a_statement(text, document=document, title=document.rpartition(".")[0])
    return Citation(number, Quote(statement.span, statement.passage, statement.span))


def editions_of(*citations: Citation, others: tuple[str, ...] = ()) -> Editions:
    sources = [each.quote.source for each in citations] + [Source(name, name) for name in others]
    return Editions(Edition(source, None) for source in sources)


def test_sides_that_agree_with_each_other_disagree_together_with_a_third() -> None:
    citations = [a_citation(1, FOUR, "a.md"), a_citation(2, SIX, "b.md"), a_citation(3, SIX, "c.md")]
    (note,) = notes(OFTEN, citations, editions_of(*citations), stem)
    assert note == Disagreement((Said(1, "four times"), Said(2, "six times"), Said(3, "six times")))


def test_one_document_does_not_disagree_with_itself() -> None:
    citations = [a_citation(1, FOUR, "a.md"), a_citation(2, SIX, "a.md")]
    assert notes(OFTEN, citations, editions_of(*citations), stem) == ()


def test_where_things_are_compared_they_do_not_disagree() -> None:
    citations = [a_citation(1, FOUR, "a.md"), a_citation(2, SIX, "b.md")]
    assert notes("Does the ferry cross more often than the barge?", citations, editions_of(*citations), stem) == ()


def test_each_series_is_told_once_and_by_its_newest() -> None:
    names = ["Rules 2021.md", "Rules 2022.md", "Rules 2023.md"]
    citations = [a_citation(number, FOUR, name) for number, name in enumerate(names, start=1)]
    assert notes(OFTEN, citations, editions_of(*citations), stem) == (NewerCited(3, (1, 2)),)
    both = notes(OFTEN, citations[:2], editions_of(*citations), stem)
    assert both == (NewerCited(2, (1,)), NewerUncited((2,), citations[2].quote.source))
    twice = [*citations[:1], a_citation(2, FOUR, names[0])]
    assert notes(OFTEN, twice, editions_of(*citations), stem) == (NewerUncited((1, 2), citations[2].quote.source),)


def test_documents_of_one_series_are_newer_and_do_not_disagree() -> None:
    citations = [a_citation(1, FOUR, "Rules 2021.md"), a_citation(2, SIX, "Rules 2023.md")]
    told = notes(OFTEN, citations, editions_of(*citations), stem)
    assert told == (NewerCited(2, (1,), (Said(1, "four times"), Said(2, "six times"))),)
