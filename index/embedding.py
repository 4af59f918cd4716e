"""Texts as vectors: the interface, and the embedder that ships with the project (ONNX, no torch, no network)."""

import hashlib
import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from tokenizers import Encoding, Tokenizer

from index.errors import ModelError

# Read when it is imported; without it onnxruntime reports to its makers and keeps a queue in the person's home.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime

Vectors = npt.NDArray[np.float32]

BUILT_IN = Path(__file__).parent / "models" / "all-MiniLM-L6-v2"


class EveryLanguage:
    """The languages of a model that was made for all of them, or does not say for which."""

    def __contains__(self, language: object) -> bool:
        return True


EVERY_LANGUAGE = EveryLanguage()

Languages = frozenset[str] | EveryLanguage
"""ISO 639-1 codes."""


class Embedder(Protocol):
    """What the index needs of an embedding model."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same text could get another vector."""

    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    @property
    def max_tokens(self) -> int:
        """Tokens of a passage that the model sees, special ones included; the rest may be cut off."""

    @property
    def languages(self) -> Languages:
        """Those it was made for."""

    def tokens(self, text: str) -> Sequence[object]:
        """The text's word pieces without special tokens, not cut."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Passages, one vector of length 1 a row: shape (len(texts), dimension)."""

    def embed_question(self, question: str) -> Vectors:
        """The vector to compare with those of passages: shape (dimension,). Some models want questions marked."""


class OnnxEmbedder:
    """A folder with model.onnx (pooled and normalised), tokenizer.json and model.json, made by tools/.

    Raises ModelError where a file is missing or is not the one that model.json names.
    """

    def __init__(
        self, folder: Path = BUILT_IN, *, languages: Languages | None = None, workers: int | None = None
    ) -> None:
        """`languages` are those of model.json, unless given. `workers` texts are embedded at once, each on one core:
        as many as there are cores, unless given."""
        self._card = read_card(folder)
        self.name: str = self._card["name"]
        self.dimension: int = self._card["dimension"]
        self.max_tokens: int = self._card["max_tokens"]
        self.languages: Languages = frozenset(self._card["languages"]) if languages is None else languages
        self.fingerprint = f"{self.name}-{fingerprint(self._card)}"
        self._tokenizer = open_tokenizer(folder)
        self._workers = ThreadPoolExecutor(workers or os.cpu_count(), thread_name_prefix="embedder")
        self._session = self._workers.submit(open_session, folder)

    def tokens(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Each text on its own: int8 scales are found per run, so that in a batch its neighbours would change a
        vector (to a cosine of .98), and nothing was faster (docs/decisions/0001)."""
        vectors = list(self._workers.map(self._run, self._tokenizer.encode_batch(list(texts))))
        return np.array(vectors, dtype=np.float32).reshape(len(texts), self.dimension)

    def embed_question(self, question: str) -> Vectors:
        vector: Vectors = self.embed([question])[0]
        return vector

    def _run(self, encoding: Encoding) -> Vectors:
        row = np.array([cut(encoding.ids, self.max_tokens)], dtype=np.int64)
        inputs = {"input_ids": row, "attention_mask": np.ones_like(row)}
        vector: Vectors = self._session.result().run(["vectors"], inputs)[0][0]
        return vector


def cut(ids: list[int], limit: int) -> list[int]:
    """At most `limit` of the ids, the special one that ends them among them."""
    return ids if len(ids) <= limit else [*ids[: limit - 1], ids[-1]]


def read_card(folder: Path) -> dict[str, Any]:
    try:
        card: dict[str, Any] = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        for name, expected in card["sha256"].items():
            if hashlib.sha256((folder / name).read_bytes()).hexdigest() != expected:
                raise ModelError(f"The model file {folder / name} is damaged. Restore it from the repository.")
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"The model in {folder} cannot be read ({error}). Restore it from the repository.") from error
    return card


def fingerprint(card: dict[str, Any]) -> str:
    """Of everything that decides a vector: both files and where texts are cut."""
    return hashlib.sha256(json.dumps([card["sha256"], card["max_tokens"]], sort_keys=True).encode()).hexdigest()[:16]


def open_tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer as the model was made with, less the padding and cutting that its file asks for."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def open_session(folder: Path, name: str = "model.onnx") -> onnxruntime.InferenceSession:
    """One thread a run: two workers of one were twice as fast as two threads in one run (docs/decisions/0001)."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(folder / name), options, providers=["CPUExecutionProvider"])
