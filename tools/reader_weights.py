"""The weights of an exported reader or embedder, to go on training with: int8 products turned back into fp32."""

import re
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

READER, ENCODER = "reader.", "encoder."
"""How the names of a reader's parameters begin in its graph, and those of an embedder's."""


def weights_of(folder: Path) -> dict[str, torch.Tensor]:
    """By the names that tools/reader_network.py's Reader gives them. Of a reader seven bits of each int8 weight were
    used, so that it differs by less than a hundredth of its channel's largest from what was trained; of an embedder
    eight."""
    graph = onnx.load(folder / "model.onnx").graph
    held = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    found = {name: value for name, value in held.items() if name.startswith((READER, ENCODER))}
    for node in graph.node:
        if node.op_type == "MatMulInteger":
            # "/reader/encoder/encoder/layer.0/attention/self/query/MatMul_quant"; a product's matrix lies transposed.
            name = re.sub(r"/MatMul_quant$", ".weight", node.name).strip("/").replace("/", ".")
            found[name] = whole(held, node.input[1]).T
    for name in [name for name in found if name.endswith("_quantized")]:
        found[name.removesuffix("_quantized")] = whole(held, name)
    return {
        name.removeprefix(READER): torch.from_numpy(np.array(value, dtype=np.float32))
        for name, value in found.items()
        if not name.endswith(("_scale", "_zero_point", "_quantized"))
    }


def whole(held: dict[str, np.ndarray], name: str) -> np.ndarray:
    stem = name.removesuffix("_quantized")
    zero, scale = held[f"{stem}_zero_point"].astype(np.float32), held[f"{stem}_scale"]
    return (held[name].astype(np.float32) - zero) * scale
