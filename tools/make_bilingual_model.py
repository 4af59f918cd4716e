"""Make tests/models/bilingual: a tiny ONNX model in a folder as Hugging Face lays it out, for the tests.

    .venv-train/bin/python tools/make_bilingual_model.py        (after `make training`; needs onnx)

It knows the words of words.txt beside it: those of one line get nearly the same vector, in English and in Russian. Like
a transformer it gives a vector for each token, which is half the token's own and half the text's, and is not pooled.
"""

import hashlib
import json
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

FOLDER = pathlib.Path(__file__).parent.parent / "tests" / "models" / "bilingual"
DIMENSION = 64
MAX_TOKENS = 64
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]


def main() -> None:
    lines = (FOLDER / "words.txt").read_text(encoding="utf-8").splitlines()
    concepts = [line.split() for line in lines if not line.startswith("#")]
    vectors = [0.05 * direction(token) for token in SPECIAL]
    vectors += [direction(words[0]) + 0.2 * direction(word) for words in concepts for word in words]
    words = [*SPECIAL, *(word for words in concepts for word in words)]
    (FOLDER / "onnx").mkdir(exist_ok=True)
    (FOLDER / "1_Pooling").mkdir(exist_ok=True)
    table = np.array(vectors, dtype=np.float32)
    onnx.save(build_graph(table), FOLDER / "onnx" / "model.onnx")
    onnx.save(build_graph(table, pooled=True), FOLDER / "pooled.onnx")
    build_tokenizer(words).save(str(FOLDER / "tokenizer.json"))
    write("config.json", model_type="bert", hidden_size=DIMENSION, max_position_embeddings=MAX_TOKENS, pad_token_id=0)
    write("tokenizer_config.json", model_max_length=10**30, pad_token="[PAD]", unk_token="[UNK]")
    write("1_Pooling/config.json", pooling_mode_cls_token=False, pooling_mode_mean_tokens=True)


def direction(word: str) -> np.ndarray:
    """A unit vector of the word's own, as in tests/bilingual.py."""
    drawn = np.random.default_rng(int(hashlib.sha256(word.encode()).hexdigest()[:8], 16)).normal(size=DIMENSION)
    return drawn / np.linalg.norm(drawn)


def build_graph(vectors: np.ndarray, *, pooled: bool = False) -> onnx.ModelProto:
    """last_hidden_state = (own + mean of all) / 2 + type, where the mask lets it through. `pooled` adds the output
    that sentence-transformers adds when it exports: here the largest of each number, not normalised."""
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "pieces"])
        for name in ("input_ids", "attention_mask", "token_type_ids")
    ]
    output = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["texts", "pieces", DIMENSION])
    constants = [
        numpy_helper.from_array(vectors, "vectors"),
        numpy_helper.from_array(np.array([2], dtype=np.int64), "last"),
        numpy_helper.from_array(np.array(0.5, dtype=np.float32), "half"),
    ]
    nodes = [
        helper.make_node("Gather", ["vectors", "input_ids"], ["own"]),
        helper.make_node("ReduceMean", ["own"], ["mean"], axes=[1], keepdims=1),
        helper.make_node("Add", ["own", "mean"], ["both"]),
        helper.make_node("Mul", ["both", "half"], ["halved"]),
        helper.make_node("Cast", ["token_type_ids"], ["types"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["types", "last"], ["type"]),
        helper.make_node("Add", ["halved", "type"], ["typed"]),
        helper.make_node("Cast", ["attention_mask"], ["masks"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["masks", "last"], ["mask"]),
        helper.make_node("Mul", ["typed", "mask"], ["last_hidden_state"]),
    ]
    outputs = [output]
    if pooled:
        nodes.append(helper.make_node("ReduceMax", ["last_hidden_state"], ["sentence_embedding"], axes=[1], keepdims=0))
        outputs.append(helper.make_tensor_value_info("sentence_embedding", TensorProto.FLOAT, ["texts", DIMENSION]))
    graph = helper.make_graph(nodes, "bilingual", inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return model


def build_tokenizer(words: list[str]) -> Tokenizer:
    """Its file asks for padding and cutting, as published ones do."""
    tokenizer = Tokenizer(models.WordLevel({word: number for number, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.enable_padding(length=128)
    tokenizer.enable_truncation(max_length=8)
    return tokenizer


def write(name: str, **content: object) -> None:
    (FOLDER / name).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
