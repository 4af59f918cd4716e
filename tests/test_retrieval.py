"""From a question to passages, over a real index in two languages."""

from pathlib import Path

import numpy as np
import pytest

from index.embedding import OnnxEmbedder
from index.lexical import Analyzer
from index.library import Library, open_library
from index.ranking import BM25, COSINE, COVERAGE
from index.retrieval import Retrieved, retrieve
from tests import builders
from tests.builders import OBSERVATORY, HashEmbedder


@pytest.mark.parametrize(
    ("question", "document", "words"),
    [
        ("How much does a bicycle cost?", "ferry.md", "A bicycle travels free"),
        ("When is the last boat?", "ferry.md", "The last crossing leaves at nine"),
        ("Who ground rye?", "town/bakery.txt", "The baker grinds rye"),
        ("В каком году установили телескоп?", "обсерватория.txt", "Телескоп установили в 1931 году"),
        ("наблюдение комет", "обсерватория.txt", "Астрономы наблюдают здесь кометы"),
    ],
)
def test_the_passage_that_answers_comes_first(
    library: Library, embedder: OnnxEmbedder, question: str, document: str, words: str
) -> None:
    passages = retrieve(question, library=library, embedder=embedder).passages
    assert passages[0].source.document == document
    assert words in passages[0].span.text


def test_passages_fall_in_score_and_stand_in_their_documents(library: Library, embedder: OnnxEmbedder) -> None:
    found = retrieve("Where does the ferry go at night?", library=library, embedder=embedder)
    scores = [passage.score for passage in found.passages]
    assert scores == sorted(scores, reverse=True)
    assert len({passage.chunk.id for passage in found.passages}) == len(found.passages) > 1
    for passage in found.passages:
        text = library.texts.read(passage.source.document)
        assert text[passage.span.start : passage.span.end] == passage.span.text


def test_the_limit_holds(library: Library, embedder: OnnxEmbedder) -> None:
    everything = retrieve("ferry bakery rye", library=library, embedder=embedder).passages
    assert retrieve("ferry bakery rye", library=library, embedder=embedder, limit=1).passages == everything[:1]


def test_the_question_is_embedded_and_the_best_cosine_is_of_the_nearest(
    library: Library, embedder: OnnxEmbedder
) -> None:
    question = "How do I cross the strait?"
    found = retrieve(question, library=library, embedder=embedder)
    assert found.vector is not None
    assert np.allclose(found.vector, embedder.embed([question])[0])
    english = [passage.span.text for passage in found.passages if passage.chunk.language == "en"]
    assert found.best_cosine == pytest.approx(float((embedder.embed(english) @ found.vector).max()), abs=0.02)


def test_a_passage_is_scored_by_its_cosine_by_how_much_of_the_question_it_holds_and_by_its_words(
    library: Library, embedder: OnnxEmbedder
) -> None:
    question = "Where does the ferry go at night?"
    best = retrieve(question, library=library, embedder=embedder).passages[0]
    cosines = dict(library.store.nearest(embedder.embed_question(question), 50))
    words = library.lexical.search(question, 50)
    held = library.lexical.coverage(question, [best.chunk.id])[best.chunk.id]
    share = dict(words)[best.chunk.id] / words[0][1]
    assert 0.2 < held < 1
    assert best.score == pytest.approx(COSINE * cosines[best.chunk.id] + COVERAGE * held + BM25 * share)


def test_dense_search_finds_what_shares_no_word(library: Library, embedder: OnnxEmbedder) -> None:
    question = "ticket prices"
    assert library.lexical.search(question, 10) == []
    assert "crowns" in retrieve(question, library=library, embedder=embedder).passages[0].span.text


def test_chunks_in_other_languages_are_found_by_their_words_alone(library: Library, embedder: OnnxEmbedder) -> None:
    passages = retrieve("ticket prices", library=library, embedder=embedder).passages
    assert {passage.chunk.language for passage in passages} == {"en"}
    passages = retrieve("телескоп", library=library, embedder=embedder).passages
    assert {passage.chunk.language for passage in passages} == {"en", "ru"}


def only_russian(tmp_path: Path, question: str) -> tuple[Retrieved, HashEmbedder]:
    folder = builders.index(tmp_path, {"обсерватория.txt": OBSERVATORY}, embedder=HashEmbedder()).current()
    library, embedder = open_library(folder, analyzer=Analyzer()), HashEmbedder()
    try:
        return retrieve(question, library=library, embedder=embedder), embedder
    finally:
        library.close()


@pytest.mark.parametrize(("question", "count"), [("Где телескоп?", 1), ("Where is the telescope?", 0)])
def test_where_no_document_is_in_a_known_language_no_question_is_embedded(
    tmp_path: Path, question: str, count: int
) -> None:
    found, embedder = only_russian(tmp_path, question)
    assert (found.vector, found.best_cosine, embedder.embedded) == (None, 0.0, [])
    assert len(found.passages) == count
