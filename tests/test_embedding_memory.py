"""What was embedded lately is remembered, within bounds."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from index.embedding import Embedder, OnnxEmbedder
from index.embedding_memory import RememberingEmbedder
from tests.builders import HashEmbedder

TEXTS = ["The light was first lit in 1871.", "It has 199 steps.", "The door is red."]


def test_it_is_an_embedder() -> None:
    inner = HashEmbedder()
    remembering: Embedder = RememberingEmbedder(inner)
    for name in ("fingerprint", "name", "dimension", "max_tokens", "languages"):
        assert getattr(remembering, name) == getattr(inner, name)
    assert remembering.tokens("two words") == inner.tokens("two words")
    assert np.array_equal(remembering.embed_question("How many?"), inner.embed_question("How many?"))


def test_the_vectors_are_the_embedders_own(embedder: OnnxEmbedder) -> None:
    remembering = RememberingEmbedder(embedder)
    expected = embedder.embed(TEXTS)
    assert np.array_equal(remembering.embed(TEXTS[1:]), expected[1:])
    assert np.array_equal(remembering.embed([*TEXTS, TEXTS[0]]), np.array([*expected, expected[0]]))
    assert remembering.embed([]).shape == (0, embedder.dimension)


def test_a_text_is_embedded_once() -> None:
    inner = HashEmbedder()
    remembering = RememberingEmbedder(inner)
    for _ in range(2):
        remembering.embed([*TEXTS, TEXTS[0]])
    assert inner.embedded == TEXTS


def test_the_text_least_recently_asked_for_is_forgotten() -> None:
    inner = HashEmbedder()
    remembering = RememberingEmbedder(inner, most=2)
    remembering.embed(TEXTS[:2])
    remembering.embed(TEXTS[:1])
    remembering.embed(TEXTS[2:])
    remembering.embed([TEXTS[0], TEXTS[2]])
    assert inner.embedded == TEXTS
    remembering.embed(TEXTS[1:2])
    assert inner.embedded == [*TEXTS, TEXTS[1]]


def test_more_at_once_than_are_remembered_are_embedded_all_the_same() -> None:
    inner = HashEmbedder()
    assert np.array_equal(RememberingEmbedder(inner, most=1).embed(TEXTS), HashEmbedder().embed(TEXTS))


def test_many_threads_may_ask_at_once() -> None:
    remembering, expected = RememberingEmbedder(HashEmbedder(), most=2), HashEmbedder().embed(TEXTS)
    with ThreadPoolExecutor(8) as threads:
        for vectors in threads.map(remembering.embed, [TEXTS] * 200):
            assert np.array_equal(vectors, expected)
