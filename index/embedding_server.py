"""Vectors from a server that speaks OpenAI's protocol for embeddings: `POST {address}/embeddings`.

llama-index's class for it was not used: it takes vectors as they come, in whatever order and number, raises what the
server said, texts and all, and wants OpenAI's key (docs/decisions/0007).
"""

import logging
import re
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import numpy as np
import numpy.typing as npt

from index.embedding import EVERY_LANGUAGE, Languages, Vectors
from index.errors import ModelError

logger = logging.getLogger(__name__)

BATCH = 32
"""Texts in a request: what text-embeddings-inference takes unless told otherwise; others take more."""

MAX_TOKENS = 350
"""As estimated below. In English that is about 250 tokens of a model: as large as the built-in's chunks, and half of
what most models see (docs/decisions/0007)."""

SPACELESS = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
PIECES = re.compile(rf"[{SPACELESS}]|(?:(?![{SPACELESS}])\w){{1,4}}|[^\w\s]")
"""What stands for a token: four letters of a word, a mark, or a character of a script that sets no spaces."""

ATTEMPTS = 4
FIRST_WAIT_SECONDS = 1.0
"""Before the second attempt; twice as long before each one after it, unless the server says how long."""

LONGEST_WAIT_SECONDS = 60.0
TIMEOUT_SECONDS = 30.0

PASSING = frozenset({408, 425, 429, 500, 502, 503, 504, 529})
"""The statuses after which another attempt may succeed."""

PROBE = "citegram"
"""The text that the dimension is learnt from."""


class ServerEmbedder:
    """A model behind an OpenAI-compatible address, such as `http://localhost:11434/v1`.

    Its fingerprint is the model's name and dimension: the same model elsewhere, or with another key, makes the same
    vectors. Raises ModelError where the server cannot be reached or does not do as it should; no text that was sent
    stands in an error.
    """

    max_tokens = MAX_TOKENS

    def __init__(
        self,
        address: str,
        *,
        model: str,
        key: str | None = None,
        languages: Languages = EVERY_LANGUAGE,
        timeout_seconds: float = TIMEOUT_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = model
        self.languages = languages
        self._server = EmbeddingServer(address, model=model, key=key, timeout_seconds=timeout_seconds, sleep=sleep)
        self.dimension = self._server.vectors([PROBE]).shape[1]
        self.fingerprint = f"server-{model}-{self.dimension}"

    def tokens(self, text: str) -> list[str]:
        """An estimate: the server's tokens are not known."""
        return PIECES.findall(text)

    def embed(self, texts: Sequence[str]) -> Vectors:
        batches = [self._batch(texts[begin : begin + BATCH]) for begin in range(0, len(texts), BATCH)]
        return np.concatenate(batches) if batches else np.zeros((0, self.dimension), dtype=np.float32)

    def embed_question(self, question: str) -> Vectors:
        vector: Vectors = self.embed([question])[0]
        return vector

    def _batch(self, texts: Sequence[str]) -> Vectors:
        vectors = self._server.vectors(texts)
        if vectors.shape[1] != self.dimension:
            raise self._server.misbehaves(f"vectors of {vectors.shape[1]} numbers instead of {self.dimension}")
        return vectors


class EmbeddingServer:
    """The address and how to talk to it: patiently, and with nothing secret in what is said of it."""

    def __init__(
        self, address: str, *, model: str, key: str | None, timeout_seconds: float, sleep: Callable[[float], None]
    ) -> None:
        url = httpx.URL(address)
        self._url = url.copy_with(path=url.path.rstrip("/") + "/embeddings")
        self._who = f"The embedding server at {url.copy_with(userinfo=b'', query=None)}"
        self._model = model
        self._key = key
        self._timeout_seconds = timeout_seconds
        self._sleep = sleep
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.Client(headers=headers, timeout=timeout_seconds)

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """One row a text, each of length 1."""
        response = self._ask({"model": self._model, "input": list(texts)})
        try:
            return normalised(in_order(response.json(), len(texts)))
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            logger.debug("%s: %r in %s", self._who, error, self._hidden(response.text))
            told = str(error) if isinstance(error, UnusableAnswerError) else "something else"
        raise self.misbehaves(told)

    def misbehaves(self, told: str) -> ModelError:
        return ModelError(f"{self._who} did not answer as OpenAI's do, but with {told}. Check EMBED_BASE_URL.")

    def _ask(self, body: dict[str, Any]) -> httpx.Response:
        """The answer of the first attempt that succeeds; a ModelError with the reason of the last one otherwise."""
        wait = FIRST_WAIT_SECONDS
        for attempt in range(1, ATTEMPTS + 1):
            outcome = self._attempt(body)
            if isinstance(outcome, httpx.Response) and outcome.is_success:
                return outcome
            passing = not isinstance(outcome, httpx.Response) or outcome.status_code in PASSING
            pause = asked_wait(outcome) if isinstance(outcome, httpx.Response) else None
            if not passing or attempt == ATTEMPTS or (pause or 0) > LONGEST_WAIT_SECONDS:
                break
            pause = wait if pause is None else pause
            logger.warning("%s, once more in %.0f s", self._sentence(outcome, attempt), pause)
            self._sleep(pause)
            wait *= 2
        if isinstance(outcome, httpx.Response):
            logger.debug("%s said: %s", self._who, self._hidden(outcome.text))
        raise ModelError(f"{self._sentence(outcome, attempt)}. {self._advice(outcome)}")

    def _attempt(self, body: dict[str, Any]) -> httpx.Response | httpx.HTTPError:
        try:
            return self._client.post(self._url, json=body)
        except httpx.HTTPError as error:
            return error

    def _sentence(self, outcome: httpx.Response | httpx.HTTPError, attempt: int) -> str:
        """What went wrong, without a stop."""
        if isinstance(outcome, httpx.TimeoutException):
            return f"{self._who} did not answer within {self._timeout_seconds:g} s (attempt {attempt})"
        if isinstance(outcome, httpx.ConnectError):
            return f"{self._who} cannot be reached ({outcome})"
        if isinstance(outcome, httpx.HTTPError):
            return f"{self._who} broke the connection ({type(outcome).__name__})"
        return f"{self._who} answered HTTP {outcome.status_code} (attempt {attempt})"

    def _advice(self, outcome: httpx.Response | httpx.HTTPError) -> str:
        status = outcome.status_code if isinstance(outcome, httpx.Response) else 0
        if status in (401, 403):
            return "Check EMBED_API_KEY." if self._key else "It asks for a key: set EMBED_API_KEY."
        if status == 404:
            return f"Check EMBED_BASE_URL, and whether it has the model {self._model} (EMBED_MODEL)."
        if status == 429:
            return "It has too much to do, or your quota is used up. Try again later."
        if status >= 500:
            return "Try again later, or look into its log."
        if status:
            return "With LOG_LEVEL=DEBUG, what it said is logged."
        return "See whether it runs, and check EMBED_BASE_URL."

    def _hidden(self, text: str) -> str:
        return text.replace(self._key, "(hidden)") if self._key else text


class UnusableAnswerError(ValueError):
    """Its text says what came instead of the vectors; nothing of what was sent stands in it."""


def in_order(answer: Any, count: int) -> npt.NDArray[np.float64]:
    """The vectors of an answer by their `index`, one row for each of `count` texts."""
    data = answer["data"]
    if sorted(each["index"] for each in data) != list(range(count)):
        raise UnusableAnswerError(f"{len(data)} vectors for {count} texts, or not one for each")
    vectors = np.array([each["embedding"] for each in sorted(data, key=lambda each: each["index"])], dtype=np.float64)
    if vectors.ndim != 2 or not vectors.shape[1]:
        raise UnusableAnswerError("vectors that are not lists of numbers")
    return vectors


def normalised(vectors: npt.NDArray[np.float64]) -> Vectors:
    """Each row scaled to length 1."""
    with np.errstate(over="ignore"):
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or not lengths.all():
        raise UnusableAnswerError("vectors without a length")
    scaled: Vectors = (vectors / lengths).astype(np.float32)
    return scaled


def asked_wait(response: httpx.Response) -> float | None:
    """The seconds that the server asks to wait (Retry-After: a number, or a date); None where it does not say."""
    value = response.headers.get("Retry-After", "")
    if re.fullmatch(r"\d{1,9}(\.\d*)?", value):
        return float(value)
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
