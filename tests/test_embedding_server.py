"""Vectors from a server: over real HTTP on loopback, with everything that may come back."""

import logging
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import numpy as np
import pytest

from index.embedding import EVERY_LANGUAGE, Embedder
from index.embedding_server import ATTEMPTS, LONGEST_WAIT_SECONDS, PROBE, ServerEmbedder
from index.errors import ModelError
from tests import bilingual
from tests.embeddings_server import KEY, MAX_BATCH, MODEL, EmbeddingsServer

QUESTION = "When was the telescope installed?"
TEXTS = [f"The ferry crosses the strait, number {number}." for number in range(70)]


class Waits(list[float]):
    """A sleep that only notes how long."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


@pytest.fixture
def server() -> Iterator[EmbeddingsServer]:
    with EmbeddingsServer() as server:
        yield server


@pytest.fixture
def waits() -> Waits:
    return Waits()


def connect(server: EmbeddingsServer, waits: Waits, *, key: str | None = KEY, **options: Any) -> ServerEmbedder:
    return ServerEmbedder(server.address, model=options.pop("model", MODEL), key=key, sleep=waits, **options)


def refusal(embedder: ServerEmbedder) -> str:
    """What is said when a question fails; neither it nor the key stands anywhere in the error."""
    with pytest.raises(ModelError) as caught:
        embedder.embed_question(QUESTION)
    whole = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert KEY not in whole
    assert QUESTION not in whole
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_it_is_an_embedder(server: EmbeddingsServer, waits: Waits) -> None:
    embedder: Embedder = connect(server, waits)
    assert (embedder.name, embedder.dimension) == (MODEL, bilingual.DIMENSION)
    assert embedder.languages is EVERY_LANGUAGE
    assert server.texts == [PROBE]


def test_vectors_come_in_order_in_batches_and_with_length_one(server: EmbeddingsServer, waits: Waits) -> None:
    vectors = connect(server, waits).embed(TEXTS)
    expected = np.array([bilingual.vector(text) for text in TEXTS])
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert vectors.dtype == np.float32
    assert np.allclose(vectors, expected, atol=1e-5)
    assert [len(batch) for batch in server.batches] == [1, MAX_BATCH, MAX_BATCH, 6]
    assert waits == []


def test_nothing_has_no_vectors(server: EmbeddingsServer, waits: Waits) -> None:
    assert connect(server, waits).embed([]).shape == (0, bilingual.DIMENSION)


def test_a_question_is_near_its_answer_in_another_language(server: EmbeddingsServer, waits: Waits) -> None:
    embedder = connect(server, waits)
    question = embedder.embed_question(QUESTION)
    near, far = embedder.embed(["Телескоп установили в 1931 году.", "Паром пересекает пролив."]) @ question
    assert near > 0.8 > 0.3 > far


def test_a_slash_at_the_addresss_end_does_not_matter(server: EmbeddingsServer, waits: Waits) -> None:
    ServerEmbedder(server.address + "/", model=MODEL, key=KEY, sleep=waits)
    assert server.texts == [PROBE]


def test_the_fingerprint_is_the_models_and_not_the_addresss_or_the_keys(server: EmbeddingsServer, waits: Waits) -> None:
    here = connect(server, waits).fingerprint
    with EmbeddingsServer(key=None, models=(MODEL, "other")) as elsewhere:
        assert connect(elsewhere, waits, key=None).fingerprint == here
        assert connect(elsewhere, waits, key=None, model="other").fingerprint != here
        elsewhere.alter(shortened)
        assert connect(elsewhere, waits, key=None).fingerprint != here


# Tokens, which a server does not tell


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("The lighthouse, 1871.", ["The", "ligh", "thou", "se", ",", "1871", "."]),
        ("Обсерватория", ["Обсе", "рват", "ория"]),
        ("abc天文台", ["abc", "天", "文", "台"]),
        ("a\n b", ["a", "b"]),
    ],
)
def test_tokens_are_estimated(server: EmbeddingsServer, waits: Waits, text: str, pieces: list[str]) -> None:
    assert connect(server, waits).tokens(text) == pieces


# Patience


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 529])
def test_what_may_pass_is_tried_again(server: EmbeddingsServer, waits: Waits, status: int) -> None:
    embedder = connect(server, waits)
    server.fail(status, times=ATTEMPTS - 1)
    assert embedder.embed_question(QUESTION).shape == (bilingual.DIMENSION,)
    assert waits == [1, 2, 4]


def test_a_dropped_connection_is_tried_again(server: EmbeddingsServer, waits: Waits) -> None:
    embedder = connect(server, waits)
    server.drop(times=2)
    assert embedder.embed_question(QUESTION).shape == (bilingual.DIMENSION,)
    assert len(waits) == 2


def test_a_slow_answer_is_tried_again_and_then_said(server: EmbeddingsServer, waits: Waits) -> None:
    embedder = connect(server, waits, timeout_seconds=0.2)
    server.be_slow()
    assert embedder.embed_question(QUESTION).shape == (bilingual.DIMENSION,)
    server.be_slow(times=ATTEMPTS)
    assert "did not answer within 0.2 s (attempt 4). See whether it runs" in refusal(embedder)


def test_it_waits_as_long_as_the_server_asks(server: EmbeddingsServer, waits: Waits) -> None:
    embedder = connect(server, waits)
    server.fail(429, Retry_After="7")
    server.fail(503, Retry_After="0")
    server.fail(429, Retry_After="soon")
    embedder.embed_question(QUESTION)
    assert waits == [7, 0, 4]


def test_it_waits_until_the_time_that_the_server_names(server: EmbeddingsServer, waits: Waits) -> None:
    embedder = connect(server, waits)
    server.fail(429, Retry_After=format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True))
    server.fail(429, Retry_After="Wed, 21 Oct 2015 07:28:00 GMT")
    embedder.embed_question(QUESTION)
    assert waits[0] == pytest.approx(30, abs=3)
    assert waits[1] == 0


def test_it_does_not_wait_for_hours(server: EmbeddingsServer, waits: Waits) -> None:
    embedder = connect(server, waits)
    server.fail(429, Retry_After=str(LONGEST_WAIT_SECONDS + 1))
    assert "HTTP 429 (attempt 1). It has too much to do, or your quota is used up. Try again later." in refusal(
        embedder
    )
    assert waits == []


@pytest.mark.parametrize(
    ("status", "advice"),
    [(429, "your quota is used up"), (500, "look into its log"), (503, "Try again later")],
)
def test_after_the_last_attempt_it_is_said(server: EmbeddingsServer, waits: Waits, status: int, advice: str) -> None:
    embedder = connect(server, waits)
    server.fail(status, times=ATTEMPTS)
    sentence = refusal(embedder)
    assert f"HTTP {status} (attempt {ATTEMPTS})" in sentence
    assert advice in sentence
    assert len(waits) == ATTEMPTS - 1


# What another attempt would not change


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 413, 422])
def test_a_refusal_is_not_tried_again(server: EmbeddingsServer, waits: Waits, status: int) -> None:
    embedder = connect(server, waits)
    server.fail(status)
    assert f"HTTP {status} (attempt 1)" in refusal(embedder)
    assert (server.attempts, waits) == (2, [])


def test_a_wrong_key(server: EmbeddingsServer, waits: Waits) -> None:
    with pytest.raises(ModelError, match=r"HTTP 401 .*Check EMBED_API_KEY\.") as caught:
        connect(server, waits, key=KEY[::-1])
    assert KEY[::-1] not in "".join(traceback.format_exception(caught.value))


def test_a_key_that_is_missing(server: EmbeddingsServer, waits: Waits) -> None:
    with pytest.raises(ModelError, match="asks for a key: set EMBED_API_KEY"):
        connect(server, waits, key=None)


def test_a_model_that_the_server_does_not_have(server: EmbeddingsServer, waits: Waits) -> None:
    with pytest.raises(ModelError, match=r"HTTP 404 .*whether it has the model nonesuch \(EMBED_MODEL\)"):
        connect(server, waits, model="nonesuch")


def test_nobody_listens(waits: Waits) -> None:
    with EmbeddingsServer() as server:
        address = server.address
    with pytest.raises(ModelError, match=r"cannot be reached \(.*\)\. See whether it runs, and check EMBED_BASE_URL"):
        ServerEmbedder(address, model=MODEL, sleep=waits)
    assert len(waits) == ATTEMPTS - 1


def test_a_password_in_the_address_is_not_shown(server: EmbeddingsServer, waits: Waits) -> None:
    address = server.address.replace("http://", f"http://me:{KEY}@")
    with pytest.raises(ModelError) as caught:
        ServerEmbedder(address, model="nonesuch", sleep=waits)
    assert KEY not in "".join(traceback.format_exception(caught.value))


# Answers that are none


def shortened(answer: dict[str, Any]) -> None:
    for each in answer["data"]:
        each["embedding"] = each["embedding"][:5]


def one_shortened(answer: dict[str, Any]) -> None:
    answer["data"][0]["embedding"] = answer["data"][0]["embedding"][:5]


def set_first(answer: dict[str, Any], **values: object) -> None:
    answer["data"][0].update(values)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda answer: answer["data"].pop(), "0 vectors for 1 texts"),
        (lambda answer: answer["data"].append(answer["data"][0]), "2 vectors for 1 texts"),
        (lambda answer: set_first(answer, index=1), "1 vectors for 1 texts"),
        (lambda answer: answer["data"][0].pop("index"), "something else"),
        (lambda answer: answer.pop("data"), "something else"),
        (lambda answer: set_first(answer, embedding="AAAA"), "something else"),
        (lambda answer: set_first(answer, embedding=[]), "not lists of numbers"),
        (lambda answer: set_first(answer, embedding=3), "not lists of numbers"),
        (lambda answer: set_first(answer, embedding=[0.0] * 64), "vectors without a length"),
        (lambda answer: set_first(answer, embedding=[float("nan")] * 64), "vectors without a length"),
        (lambda answer: set_first(answer, embedding=[1e300] * 64), "vectors without a length"),
        (lambda answer: set_first(answer, embedding=[10**400] * 64), "something else"),
        (shortened, "vectors of 5 numbers instead of 64"),
    ],
)
def test_an_answer_that_is_not_as_it_should_be(server: EmbeddingsServer, waits: Waits, change: Any, told: str) -> None:
    embedder = connect(server, waits)
    server.alter(change)
    sentence = refusal(embedder)
    assert told in sentence
    assert "Check EMBED_BASE_URL" in sentence
    assert waits == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"<html>hello</html>", b"\xff\xfe", b'{"data": null}'])
def test_an_answer_that_is_none(server: EmbeddingsServer, waits: Waits, body: bytes) -> None:
    embedder = connect(server, waits)
    server.answer(body)
    assert "did not answer as OpenAI's do" in refusal(embedder)


def test_vectors_of_several_lengths(server: EmbeddingsServer, waits: Waits) -> None:
    embedder = connect(server, waits)
    server.alter(one_shortened)
    with pytest.raises(ModelError, match="something else"):
        embedder.embed(TEXTS[:3])


# What is logged


def test_texts_are_logged_at_debug_only_and_the_key_never(
    server: EmbeddingsServer, waits: Waits, caplog: pytest.LogCaptureFixture
) -> None:
    embedder = connect(server, waits)
    said = f'{{"error": "{QUESTION} with {KEY}"}}'.encode()
    with caplog.at_level(logging.DEBUG):
        for status in (500, 400):
            server.fail(status, body=said)
            if status == 400:
                refusal(embedder)
        server.answer(said)
        refusal(embedder)
    assert f"{QUESTION} with (hidden)" in caplog.text
    assert KEY not in caplog.text
    assert [record for record in caplog.records if record.levelno > logging.DEBUG and record.name.startswith("index")]
    for record in caplog.records:
        assert record.levelno == logging.DEBUG or QUESTION not in record.getMessage()
