"""Documents as chunks: exact, small enough for the embedder, and nothing lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.chunking import ENOUGH, chunk_document, roughly_counted
from index.embedding import OnnxEmbedder
from index.types import Chunk, language_of_id
from tests.builders import FERRY, OBSERVATORY, HashEmbedder, a_document

SENTENCE = "The keeper climbs the spiral stairs with a can of oil, unhurriedly, every evening at half past eight. "
RUSSIAN = "Смотритель каждый вечер поднимается по винтовой лестнице с бидоном масла. "

blocks = st.sampled_from(
    [
        *(
            "# Head\n\n",
            "## Sub\n",
            "Under\n=====\n",
            SENTENCE,
            SENTENCE * 3,
            "Short. ",
            "Same. ",
            "Same. ",
            "- item\n",
        ),
        *("```\n# code\n```\n", "| a | b |\n", "x" * 90, "word " * 70, "🙂", "…"),
        *("\n\n", "\r\n\r\n", " \n\t\n", "\f", "\u2028"),
    ]
)
texts = st.lists(blocks, min_size=1, max_size=14).map("".join).filter(str.strip)
names = st.sampled_from(["a.md", "a.txt"])


def cut(text: str, name: str = "ferry.md") -> list[Chunk]:
    return chunk_document(a_document(text, name), embedder=HashEmbedder())


def check_exact_and_whole(text: str, chunks: list[Chunk]) -> None:
    """Every span is what stands there, they come in order without overlap, and between them is white space alone."""
    at = 0
    for chunk in chunks:
        span = chunk.span
        assert text[span.start : span.end] == span.text
        assert not text[at : span.start].strip()
        assert span.start >= at
        at = span.end
    assert not text[at:].strip()


@given(text=texts, name=names)
def test_spans_are_exact_and_nothing_but_white_space_is_lost(text: str, name: str) -> None:
    check_exact_and_whole(text, cut(text, name))


class Counting(HashEmbedder):
    """Knows the longest stretch whose tokens it was asked for."""

    longest = 0

    def tokens(self, text: str) -> list[int]:
        self.longest = max(self.longest, len(text))
        return super().tokens(text)


def test_the_tokens_of_a_whole_book_are_never_asked_for() -> None:
    """They would take gigabytes."""
    text, embedder = (SENTENCE * 40 + "\n\n") * 100, Counting()
    check_exact_and_whole(text, chunk_document(a_document(text), embedder=embedder))
    assert 0 < embedder.longest < len(text) / 5


@given(text=texts, times=st.integers(1, 200))
def test_what_is_counted_roughly_is_too_long_in_any_case(text: str, times: int) -> None:
    embedder = HashEmbedder()
    counted = roughly_counted(text * times, tokens=embedder.tokens, enough=ENOUGH * embedder.max_tokens)
    exact = embedder.tokens(text * times)
    assert len(counted) == len(exact) or min(len(counted), len(exact)) > embedder.max_tokens


@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=300).filter(str.strip))
def test_any_text_can_be_cut(text: str) -> None:
    check_exact_and_whole(text, cut(text))


@settings(max_examples=25)
@given(text=texts.map(lambda text: SENTENCE + text), name=names)
def test_no_chunk_is_longer_than_the_embedder_sees(embedder: OnnxEmbedder, text: str, name: str) -> None:
    document = a_document(text, name)
    document.metadata["language"] = "en"
    chunks = chunk_document(document, embedder=embedder)
    check_exact_and_whole(text, chunks)
    assert all(len(embedder.tokens(chunk.span.text)) + 2 <= embedder.max_tokens for chunk in chunks)


def test_chunks_are_as_large_as_they_may_be_and_end_with_a_sentence(embedder: OnnxEmbedder) -> None:
    chunks = chunk_document(a_document(SENTENCE * 60, "long.txt"), embedder=embedder)
    assert all(chunk.span.text.endswith("half past eight.") for chunk in chunks)
    fitting = (embedder.max_tokens - 2) // len(embedder.tokens(SENTENCE))
    assert [chunk.span.text.count("keeper") for chunk in chunks[:-1]] == [fitting] * (len(chunks) - 1)


def test_a_sentence_longer_than_the_embedder_sees_is_cut_within() -> None:
    text = "word " * 1000
    chunks = cut(text, "long.txt")
    check_exact_and_whole(text, chunks)
    assert len(chunks) > 10


def test_a_language_that_the_embedder_does_not_know_is_counted_in_words(embedder: OnnxEmbedder) -> None:
    text = RUSSIAN * 60
    chunks = chunk_document(a_document(text, "long.txt"), embedder=embedder)
    check_exact_and_whole(text, chunks)
    words = [len(chunk.span.text.split()) for chunk in chunks]
    assert max(words) <= 254
    assert min(words[:-1]) > 200
    assert {chunk.language for chunk in chunks} == {"ru"}


def test_a_chunk_knows_the_headings_it_stands_under() -> None:
    text = "Before.\n# A\none\n### C\ntwo\n## B\nthree\n# D\nfour\n```\n# code\n```\nUnder\n---\nfive\n"
    assert [(chunk.span.text.split("\n")[-1], chunk.heading) for chunk in cut(text)] == [
        ("Before.", ()),
        ("one", ("A",)),
        ("two", ("A", "C")),
        ("three", ("A", "B")),
        ("```", ("D",)),
        ("five", ("D", "Under")),
    ]


def test_only_markdown_has_headings() -> None:
    assert [chunk.heading for chunk in cut(FERRY, "ferry.md")] == [("The ferry",), ("The ferry", "Fares")]
    assert [chunk.heading for chunk in cut(FERRY, "ferry.txt")] == [()]


def test_a_chunk_holds_its_source() -> None:
    source = cut(FERRY)[0].source
    assert (source.document, source.title) == ("ferry.md", "The ferry")


@given(text=texts, name=names)
def test_ids_are_unique_and_stable_and_begin_with_the_language(text: str, name: str) -> None:
    chunks = cut(text, name)
    assert len({chunk.id for chunk in chunks}) == len(chunks)
    assert chunks == cut(text, name)
    assert all(language_of_id(chunk.id) == chunk.language for chunk in chunks)


def test_an_id_depends_on_document_place_and_text() -> None:
    ids = [
        cut("Same.", "a.txt"),
        cut("Same.", "b.txt"),
        cut(" Same.", "a.txt"),
        cut("Some.", "a.txt"),
    ]
    assert len({chunk.id.partition("-")[2] for (chunk,) in ids}) == len(ids)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_change_offsets_but_no_boundary(end: str) -> None:
    text = FERRY.replace("\n", end)
    chunks = cut(text)
    check_exact_and_whole(text, chunks)
    assert [chunk.span.text.replace(end, "\n") for chunk in chunks] == [chunk.span.text for chunk in cut(FERRY)]


def test_the_language_is_the_documents() -> None:
    assert {chunk.language for chunk in cut(OBSERVATORY)} == {"ru"}


def test_a_run_without_spaces_is_cut_where_it_would_grow_beyond_bounds(embedder: OnnxEmbedder) -> None:
    """To the embedder it is a single token, however long."""
    document = a_document(f"Words before. {'0123456789abcdef' * 2000} Words after.")
    chunks = chunk_document(document, embedder=embedder)
    assert max(len(chunk.span.text) for chunk in chunks) <= 3000
    assert sum(len(chunk.span.text.replace(" ", "")) for chunk in chunks) == len(document.text.replace(" ", ""))


def test_a_script_without_spaces_is_counted_in_characters(embedder: OnnxEmbedder) -> None:
    document = a_document("天文台位于城外的山上。望远镜于一九三一年安装。" * 100, name="observatory.txt")
    chunks = chunk_document(document, embedder=embedder)
    assert document.metadata["language"] == "zh"
    assert max(len(chunk.span.text) for chunk in chunks) <= embedder.max_tokens


def test_front_matter_is_no_part_of_any_chunk(embedder: OnnxEmbedder) -> None:
    document = a_document("---\ntitle: x\ntags: a\n---\n# Ferry\n\nIt sails.\n")
    assert [chunk.span.text for chunk in chunk_document(document, embedder=embedder)] == ["# Ferry\n\nIt sails."]
