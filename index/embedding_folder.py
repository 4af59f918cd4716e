"""A model as it is published: a folder with an ONNX graph that gives a vector for each token, and what belongs to it.

The layout is that of Hugging Face and fastembed: config.json, tokenizer.json and the graph; sentence-transformers adds
1_Pooling/config.json, sentence_bert_config.json and modules.json, which are heeded where they are there.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from index.embedding import EVERY_LANGUAGE, Languages, Vectors, cut, open_session, open_tokenizer
from index.errors import ModelError

GRAPHS = tuple(
    folder + name
    for name in ("model.onnx", "model_optimized.onnx", "model_quantized.onnx", "model_int8.onnx")
    for folder in ("", "onnx/")
)
"""Where the graph may lie; the first that is there is taken."""

CHUNK_TOKENS = 256
"""Of a passage, also where the model sees more: larger chunks were not measured, and the reader sees 384 tokens."""

UNSTATED_TOKENS = 512
POOLED = "sentence_embedding"
"""The output of a graph that pools by itself, as sentence-transformers exports it."""

INPUTS = frozenset({"input_ids", "attention_mask", "token_type_ids"})
POOLINGS = {"mean": False, "mean_tokens": False, "cls": True, "cls_token": True}
"""Whether by the first token, by the words of 1_Pooling/config.json: `pooling_mode`, or in older ones the flags."""

FLAGS = frozenset(
    {"cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens", "lasttoken"}
)

OFFSET_POSITIONS = frozenset({"roberta", "xlm-roberta", "camembert", "mpnet"})
"""Kinds of model whose positions begin behind the padding's: they see two tokens less than they have positions."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What a folder says of its model. `limit` is how many tokens it sees; `by_first` is how it pools: the first
    token's vector instead of the mean of all."""

    folder: Path
    graph: str
    limit: int
    by_first: bool

    def fingerprint(self) -> str:
        """Of everything that decides a vector. The graph's weights may lie beside it in a file named after it."""
        graph = self.folder / self.graph
        files = [self.folder / "tokenizer.json", *sorted(graph.parent.glob(f"{graph.name}*"))]
        hashes = [hash_of(path) for path in files if path.is_file()]
        return hashlib.sha256(json.dumps([hashes, self.limit, self.by_first]).encode()).hexdigest()[:16]


class FolderEmbedder:
    """A published model; its name is the folder's.

    Raises ModelError where a file is missing, cannot be read, or asks for what is not done here.
    """

    def __init__(self, folder: Path, *, languages: Languages = EVERY_LANGUAGE, workers: int | None = None) -> None:
        """`workers` as for OnnxEmbedder."""
        layout = read_layout(folder)
        self._layout = layout
        self._tokenizer, self._session = open_parts(layout)
        self._inputs = inputs_of(self._session, folder)
        self._output = output_of(self._session)
        self._workers = ThreadPoolExecutor(workers or os.cpu_count(), thread_name_prefix="embedder")
        self.name = folder.resolve().name
        self.languages = languages
        self.max_tokens = min(layout.limit, CHUNK_TOKENS)
        self.dimension = self._learn_dimension()
        self.fingerprint = f"{self.name}-{layout.fingerprint()}"

    def tokens(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Each text on its own, as OnnxEmbedder does."""
        ids = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        vectors = list(self._workers.map(self._run, ids))
        return np.array(vectors, dtype=np.float32).reshape(len(texts), self.dimension)

    def embed_question(self, question: str) -> Vectors:
        vector: Vectors = self.embed([question])[0]
        return vector

    def _run(self, ids: list[int]) -> Vectors:
        row = np.array([cut(ids, self._layout.limit)], dtype=np.int64)
        given = {"input_ids": row, "attention_mask": np.ones_like(row), "token_type_ids": np.zeros_like(row)}
        found = self._session.run([self._output], {name: given[name] for name in self._inputs})[0][0]
        vector = found.astype(np.float32) if found.ndim == 1 else self._pool(found.astype(np.float32))
        scaled: Vectors = vector / max(float(np.linalg.norm(vector)), 1e-12)
        return scaled

    def _pool(self, tokens: Vectors) -> Vectors:
        pooled: Vectors = tokens[0] if self._layout.by_first else tokens.mean(axis=0)
        return pooled

    def _learn_dimension(self) -> int:
        try:
            return len(self._run(self._tokenizer.encode("citegram").ids))
        except Exception as error:  # onnxruntime's kinds have no common one
            raise ModelError(f"The model in {self._layout.folder} does not run ({first_line(error)}).") from error


def read_layout(folder: Path) -> Layout:
    graph = next((name for name in GRAPHS if (folder / name).is_file()), None)
    if graph is None or not (folder / "tokenizer.json").is_file():
        raise ModelError(
            f"{folder} holds no model: it takes tokenizer.json, config.json, and model.onnx or onnx/model.onnx beside "
            "them. Check EMBED_MODEL."
        )
    if any("Dense" in str(module.get("type")) for module in read_json(folder, "modules.json", default=[])):
        raise ModelError(f"The model in {folder} has a layer behind its pooling, which citegram does not run.")
    try:
        return Layout(folder, graph, limit_of(folder), pools_by_first(folder))
    except (TypeError, ValueError) as error:
        raise ModelError(f"The model in {folder} is described in an unknown way ({error}).") from error


def pools_by_first(folder: Path) -> bool:
    """The mean is what is meant where nothing is said."""
    pooling = read_json(folder, "1_Pooling/config.json", default={"pooling_mode": "mean"})
    flags = {name.removeprefix("pooling_mode_") for name, value in pooling.items() if value is True}
    modes = flags & FLAGS or {pooling.get("pooling_mode")}
    if len(modes) > 1 or not modes <= POOLINGS.keys():
        raise ModelError(
            f"The model in {folder} pools neither by the mean nor by the first token, which is all that citegram does."
        )
    return POOLINGS[modes.pop()]


def limit_of(folder: Path) -> int:
    """The tokens that the model sees, special ones included."""
    stated = read_json(folder, "sentence_bert_config.json", default={}).get("max_seq_length")
    config = read_json(folder, "config.json", default={})
    positions = config.get("max_position_embeddings", UNSTATED_TOKENS)
    if config.get("model_type") in OFFSET_POSITIONS:
        positions -= 2
    most = read_json(folder, "tokenizer_config.json", default={}).get("model_max_length", positions)
    return int(stated or min(positions, most))


def open_parts(layout: Layout) -> tuple[Any, onnxruntime.InferenceSession]:
    try:
        return open_tokenizer(layout.folder), open_session(layout.folder, layout.graph)
    except Exception as error:  # neither tokenizers nor onnxruntime has a kind of its own
        raise ModelError(f"The model in {layout.folder} cannot be opened ({first_line(error)}).") from error


def inputs_of(session: onnxruntime.InferenceSession, folder: Path) -> list[str]:
    names = [each.name for each in session.get_inputs()]
    if unknown := sorted(set(names) - INPUTS):
        raise ModelError(f"The model in {folder} asks for {', '.join(unknown)}, which citegram does not give.")
    return names


def output_of(session: onnxruntime.InferenceSession) -> str:
    names: list[str] = [each.name for each in session.get_outputs()]
    return POOLED if POOLED in names else names[0]


def read_json(folder: Path, name: str, *, default: Any) -> Any:
    """The content of a file of the folder; the default where there is none."""
    try:
        content = json.loads((folder / name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return default
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder / name} cannot be read ({error}).") from error
    if type(content) is not type(default):
        raise ModelError(f"{folder / name} is not what models have there.")
    return content


def hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:200].rstrip(".")
