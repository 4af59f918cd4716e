"""The words that some models want before questions and passages."""

import numpy as np
import pytest

from index.embedding import Embedder
from index.embedding_prefixes import PrefixedEmbedder, Prefixes, known_prefixes
from tests.builders import HashEmbedder

E5 = Prefixes("query: ", "passage: ")


@pytest.mark.parametrize(
    ("name", "question", "passage"),
    [
        ("intfloat/multilingual-e5-small", "query: ", "passage: "),
        ("multilingual_e5_large", "query: ", "passage: "),
        ("E5-base-v2", "query: ", "passage: "),
        ("intfloat/multilingual-e5-large-instruct", "Instruct: ", ""),
        ("nomic-ai/nomic-embed-text-v1.5", "search_query: ", "search_document: "),
        ("nomic-embed-text:latest", "search_query: ", "search_document: "),
        ("BAAI/bge-small-en-v1.5", "Represent this sentence", ""),
        ("BAAI/bge-large-zh-v1.5", "为这个句子", ""),
        ("BAAI/bge-m3", "", ""),
        ("all-MiniLM-L6-v2", "", ""),
        ("sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2", "", ""),
        ("text-embedding-3-small", "", ""),
        ("model-e53", "", ""),
        ("", "", ""),
    ],
)
def test_families_are_known_by_name(name: str, question: str, passage: str) -> None:
    known = known_prefixes(name)
    assert known.question.startswith(question)
    assert bool(known.question) == bool(question)
    assert known.passage == passage


def test_each_text_is_given_with_its_prefix() -> None:
    inner = HashEmbedder()
    embedder: Embedder = PrefixedEmbedder(inner, E5)
    passages = embedder.embed(["Rye.", "Oats."])
    question = embedder.embed_question("What grows?")
    assert inner.embedded == ["passage: Rye.", "passage: Oats.", "query: What grows?"]
    assert np.array_equal(passages, HashEmbedder().embed(["passage: Rye.", "passage: Oats."]))
    assert np.array_equal(question, HashEmbedder().embed(["query: What grows?"])[0])


def test_a_passage_leaves_room_for_its_prefix() -> None:
    inner = HashEmbedder()
    embedder = PrefixedEmbedder(inner, E5)
    assert embedder.max_tokens == inner.max_tokens - len(inner.tokens("passage: "))
    assert embedder.tokens("Rye.") == inner.tokens("Rye.")
    assert (embedder.name, embedder.dimension, embedder.languages) == (inner.name, inner.dimension, inner.languages)


def test_another_prefix_of_passages_makes_other_vectors_and_one_of_questions_does_not() -> None:
    def fingerprint(question: str, passage: str) -> str:
        return PrefixedEmbedder(HashEmbedder(), Prefixes(question, passage)).fingerprint

    assert fingerprint("query: ", "") == HashEmbedder().fingerprint
    assert fingerprint("query: ", "passage: ") == fingerprint("ask: ", "passage: ")
    assert len({fingerprint("", passage) for passage in ("", "passage: ", "passage ")}) == 3
