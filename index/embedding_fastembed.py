"""Models that the package fastembed knows by name: downloaded when they are first used, and kept.

The package is an extra (`pip install 'citegram[fastembed]'`) and loaded only where a model asks for it.
"""

import hashlib
import importlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from index.embedding import EVERY_LANGUAGE, Languages, Vectors
from index.embedding_folder import CHUNK_TOKENS, UNSTATED_TOKENS, first_line
from index.errors import ModelError

ADDED = {"intfloat/multilingual-e5-small": 384, "intfloat/multilingual-e5-base": 768}
"""Multilingual models that fastembed does not list, with their dimension. Their repositories on Hugging Face hold
onnx/model.onnx, and their cards say: the mean, normalised."""

MULTILINGUAL = (
    "intfloat/multilingual-e5-small",
    "intfloat/multilingual-e5-large",
    "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2",
)


class FastembedEmbedder:
    """A model by its name, kept in the folder `cache`.

    Raises ModelError where fastembed is not installed, does not know the name, or cannot download the model.
    """

    def __init__(self, name: str, *, cache: Path, languages: Languages = EVERY_LANGUAGE) -> None:
        library = import_fastembed(name)
        described = describe(library, name)
        self._model = load(library, described["model"], cache)
        self._tokenizer, limit = tokenizer_of(self._model)
        self.name: str = described["model"]
        self.languages = languages
        self.max_tokens = min(limit, CHUNK_TOKENS)
        self.dimension = len(next(iter(self._model.query_embed("citegram"))))
        self.fingerprint = f"{self.name}-{fingerprint(described, self._model)}"

    def tokens(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Each text on its own, as OnnxEmbedder does."""
        return self._normalised(self._model.passage_embed(list(texts), batch_size=1))

    def embed_question(self, question: str) -> Vectors:
        vector: Vectors = self._normalised(self._model.query_embed(question))[0]
        return vector

    def _normalised(self, vectors: Iterable[Vectors]) -> Vectors:
        """Some of fastembed's models leave that out."""
        rows = np.array(list(vectors), dtype=np.float32).reshape(-1, self.dimension)
        scaled: Vectors = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
        return scaled


def import_fastembed(name: str) -> Any:
    try:
        library = importlib.import_module("fastembed")
    except ImportError as error:
        raise ModelError(
            f"There is no folder {name}, and a model is loaded by its name with fastembed, which is not installed. "
            "Install it with: pip install 'citegram[fastembed]'"
        ) from error
    importlib.import_module("loguru").logger.disable("fastembed")  # what went wrong is said in a sentence of ours
    return library


def describe(library: Any, name: str) -> dict[str, Any]:
    """What fastembed says of the model."""
    add_missing(library)
    known: list[dict[str, Any]] = library.TextEmbedding.list_supported_models()
    for described in known:
        if described["model"].lower() == name.lower():
            return described
    raise ModelError(
        f"There is no folder {name}, and fastembed knows no model of that name. Multilingual ones are "
        f"{', '.join(MULTILINGUAL)}. A model on a server needs EMBED_BASE_URL."
    )


def add_missing(library: Any) -> None:
    descriptions = importlib.import_module("fastembed.common.model_description")
    known = {each["model"] for each in library.TextEmbedding.list_supported_models()}
    for name, dimension in ADDED.items():
        if name not in known:
            library.TextEmbedding.add_custom_model(
                model=name,
                pooling=descriptions.PoolingType.MEAN,
                normalization=True,
                sources=descriptions.ModelSource(hf=name),
                dim=dimension,
                model_file="onnx/model.onnx",
            )


def load(library: Any, name: str, cache: Path) -> Any:
    """From the cache, or downloaded into it; without a network fastembed tries for most of a minute."""
    try:
        return library.TextEmbedding(name, cache_dir=str(cache))
    except Exception as error:  # of fastembed, huggingface_hub, requests, onnxruntime and the disk
        raise ModelError(
            f"The model {name} could not be loaded ({first_line(error)}). It is downloaded once, into {cache}: connect "
            "to the network for that, or give EMBED_MODEL a folder that holds it."
        ) from error


def tokenizer_of(model: Any) -> tuple[Tokenizer, int]:
    """A copy of the model's tokenizer that neither pads nor cuts, and how many tokens the model sees."""
    own = model.model.tokenizer
    tokenizer = Tokenizer.from_str(own.to_str())
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer, (own.truncation or {}).get("max_length", UNSTATED_TOKENS)


def fingerprint(described: dict[str, Any], model: Any) -> str:
    """Of where the model comes from and how fastembed pools it, which is in the name of its class."""
    parts = [described["sources"], described["model_file"], described["dim"], type(model.model).__name__]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:16]
