"""Which sentence answers: what is counted, and what comes first."""

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.embedding import OnnxEmbedder, Vectors
from index.lexical import Analyzer
from index.library import Library
from index.reader import OnnxReader
from index.reading import (
    COMPARED,
    LIST_WORDS,
    Candidate,
    count,
    coverage,
    rank,
    read,
    sentences_of,
    shared_pairs,
)
from index.reranking import Reread, RereadPassage, rerank
from index.retrieval import retrieve
from index.types import Passage, Source
from tests.builders import FERRY, a_chunk, a_passage

ANALYZER = Analyzer()
WEIGHTS = {"ferri": 2.0, "cross": 1.0, "strait": 1.0}


def unread(passage: Passage, *, share: float = 1.0) -> RereadPassage:
    return RereadPassage(passage, None, share, cosine=0.0)


def candidates(question: str, library: Library, embedder: OnnxEmbedder) -> tuple[Candidate, ...]:
    reread = rerank(question, retrieve(question, library=library, embedder=embedder), reader=None)
    return read(question, reread, lexical=library.lexical, embedder=embedder, analyzer=ANALYZER)


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("How many times a day does the ferry cross?", "The ferry crosses the strait four times a day."),
        ("When does the last crossing leave?", "The last crossing leaves at nine in the evening."),
        ("What do grown-ups pay?", "Grown-ups pay seven crowns, and children under six pay nothing."),
        ("Where is her stone from?", "The baker grinds rye on a stone that her grandmother brought from the hills."),
        ("Когда установили телескоп?", "Телескоп установили в 1931 году."),
    ],
)
def test_the_sentence_that_answers_comes_first(
    library: Library, embedder: OnnxEmbedder, question: str, sentence: str
) -> None:
    assert candidates(question, library, embedder)[0].span.text == sentence


@pytest.mark.parametrize("question", ["When does the ferry leave?", "Когда установили телескоп?"])
def test_candidates_fall_in_score_and_their_shares_come_to_one(
    library: Library, embedder: OnnxEmbedder, question: str
) -> None:
    found = candidates(question, library, embedder)
    scores = [candidate.score for candidate in found]
    assert scores == sorted(scores, reverse=True)
    assert sum(candidate.share for candidate in found) == pytest.approx(1.0)
    for candidate in found:
        assert candidate.passage.span.cut(candidate.span.start, candidate.span.end) == candidate.span.text
        assert (candidate.features.cosine != 0) == (candidate.passage.chunk.language == "en")


def test_where_nothing_was_found_there_is_nothing_to_read(library: Library, embedder: OnnxEmbedder) -> None:
    nothing = Reread((), None, 0.0)
    assert read("Why?", nothing, lexical=library.lexical, embedder=embedder, analyzer=ANALYZER) == ()


def test_without_a_sentence_there_is_nothing_to_read(library: Library, embedder: OnnxEmbedder) -> None:
    heading = Reread((unread(a_passage("# The ferry\n")),), None, 0.0)
    assert read("Ferry?", heading, lexical=library.lexical, embedder=embedder, analyzer=ANALYZER) == ()


# What is counted


def counted(passage: Passage) -> dict[str, tuple[float, ...]]:
    return {
        each.span.text: tuple(each.features) for each in count(unread(passage, share=0.5), WEIGHTS, analyzer=ANALYZER)
    }


def test_features_of_a_sentence() -> None:
    text = "A ferry is white. It crosses the strait slowly today. Is it a ferry?"
    assert counted(a_passage(text)) == {
        "A ferry is white.": (0.5, 0.0, 0.0, 0.5, 1.0, 0.0, 1.0, 0.0),
        "It crosses the strait slowly today.": (0.5, 0.5, 0.0, 0.5, 1.0, 0.0, 0.0, 0.0),
    }


def test_neighbours_in_the_question_count_as_neighbours_in_the_sentence() -> None:
    assert shared_pairs(["ferri", "cross", "strait"], ["a", "ferri", "cross", "a", "strait"]) == 0.5
    assert shared_pairs(["ferri", "cross"], ["cross", "ferri"]) == 0.0
    assert shared_pairs(["ferri"], ["ferri"]) == shared_pairs([], []) == 0.0


def test_headings_cover_the_question_for_the_sentences_below() -> None:
    passage = Passage(a_chunk("It is white and it is slow.", heading=("Ferries", "Crossing the strait")), 1.0)
    (features,) = counted(passage).values()
    assert features[:2] == (0.0, 1.0)
    assert features[4] == 1.0


def test_the_documents_title_is_no_answer() -> None:
    passage = Passage(a_chunk("The ferry.\n\nIt is white.", source=Source("a.txt", "The ferry.")), 1.0)
    assert [span.text for span in sentences_of(passage)] == ["It is white."]


def test_sentences_are_counted_from_the_beginning_of_the_document() -> None:
    spans = sentences_of(a_passage(FERRY[40:], start=40))
    assert all(FERRY[span.start : span.end] == span.text for span in spans)


terms = st.lists(st.sampled_from("abcdef"), max_size=8)


@given(weights=st.dictionaries(st.sampled_from("abcdef"), st.floats(0.01, 10)), held=terms, more=terms)
def test_coverage_is_a_share_and_grows_with_what_is_held(
    weights: dict[str, float], held: list[str], more: list[str]
) -> None:
    assert -1e-9 <= coverage(weights, held) <= coverage(weights, held + more) + 1e-9 <= 1 + 2e-9
    assert coverage(weights, list(weights)) == pytest.approx(1.0 if weights else 0.0)


def test_better_features_rank_higher_and_equals_keep_their_order() -> None:
    text = "The boat is white today. The ferry is white today. The boat is late today."
    spans = count(unread(a_passage(text)), WEIGHTS, analyzer=ANALYZER)
    ranked = rank(spans)
    assert [each.span for each in ranked] == [spans[1][0], spans[2][0], spans[0][0]]
    assert math.log(ranked[0].share / ranked[1].share) == pytest.approx(ranked[0].score - ranked[1].score)


def test_only_a_question_for_more_than_yes_or_no_has_a_short_answer(
    library: Library, embedder: OnnxEmbedder, reader: OnnxReader
) -> None:
    def answers(question: str) -> set[str]:
        found = rerank(question, retrieve(question, library=library, embedder=embedder), reader=reader)
        candidates = read(question, found, lexical=library.lexical, embedder=embedder, analyzer=ANALYZER)
        return {each.answer.text for each in candidates if each.answer}

    assert "four times a day" in answers("How often does the ferry cross the strait?")
    assert answers("Does the ferry cross the strait?") == set()


class RecordingEmbedder(OnnxEmbedder):
    """Keeps what it was asked to embed."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.texts += texts
        return super().embed(texts)


def test_only_the_sentences_that_are_best_by_all_else_are_compared_in_meaning(library: Library) -> None:
    embedder = RecordingEmbedder()
    others = [f"Bread number {number} is made of rye." for number in range(COMPARED + 4)]
    passage = a_passage(" ".join([*others, "The ferry crosses the strait daily."]))
    reread = Reread((unread(passage),), embedder.embed_question("Who crosses the strait?"), 0.5)
    embedder.texts.clear()
    found = read("Who crosses the strait?", reread, lexical=library.lexical, embedder=embedder, analyzer=ANALYZER)
    assert len(found) == len(embedder.texts) == COMPARED
    assert found[0].span.text == "The ferry crosses the strait daily."


PACKING = (
    "What you need on the island.\n\nYou need to bring:\n\n- a lamp\n- two ropes\n- a map of the island\n\nCome early."
)


def read_alone(question: str, text: str, library: Library, embedder: OnnxEmbedder) -> list[str]:
    """The candidates of a passage, the best first."""
    reread = Reread((unread(a_passage(text)),), embedder.embed_question(question), 0.5)
    found = read(question, reread, lexical=library.lexical, embedder=embedder, analyzer=ANALYZER)
    return [each.span.text for each in found]


def test_a_sentence_that_introduces_a_list_stands_for_it(library: Library, embedder: OnnxEmbedder) -> None:
    whole = "You need to bring:\n\n- a lamp\n- two ropes\n- a map of the island"
    assert read_alone("What do I need to bring?", PACKING, library, embedder)[0] == whole
    assert read_alone("Where is the map of the island?", PACKING, library, embedder)[0] == "a map of the island"


def test_of_a_long_list_as_many_items_as_fit(library: Library, embedder: OnnxEmbedder) -> None:
    items = "".join(f"\n- item {number} is a thing of a certain kind" for number in range(20))
    best = read_alone("What do I need to bring?", "You need to bring:\n" + items, library, embedder)[0]
    assert best.startswith("You need to bring:")
    assert best.endswith("is a thing of a certain kind")
    assert len(best.split()) <= LIST_WORDS < len(best.split()) + 10


def test_words_that_introduce_nothing_are_no_answer(library: Library, embedder: OnnxEmbedder) -> None:
    assert "You need to bring:" not in read_alone(
        "What do I need?", "You need to bring:\n\nCome early.", library, embedder
    )


def test_what_of_the_question_a_sentence_and_what_is_above_it_hold() -> None:
    passage = Passage(a_chunk("It crosses daily.", heading=("The ferry",), source=Source("x.md", "The strait")), 1.0)
    (counted,) = count(unread(passage), WEIGHTS, analyzer=ANALYZER)
    assert (counted.own, counted.above) == (frozenset({"cross"}), frozenset({"ferri", "strait"}))


def test_a_list_is_its_own_short_answer(library: Library, embedder: OnnxEmbedder, reader: OnnxReader) -> None:
    question = "What do I need to bring?"
    passage = a_passage(PACKING)
    (reading,) = reader.read(question, [PACKING])
    reread = Reread((RereadPassage(passage, reading, 1.0, 0.5),), embedder.embed_question(question), 0.5)
    found = read(question, reread, lexical=library.lexical, embedder=embedder, analyzer=ANALYZER)
    answers = {each.span.text.partition("\n")[0]: each.answer for each in found}
    assert answers["You need to bring:"] is None
    assert answers["a lamp"] is not None
