"""A published model in a folder, pooled and normalised here."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from index.chunking import chunk_document
from index.embedding import EVERY_LANGUAGE, Embedder, Vectors, open_tokenizer
from index.embedding_folder import FolderEmbedder
from index.errors import ModelError
from tests.bilingual import DIMENSION, MODEL
from tests.builders import FERRY, OBSERVATORY, a_document

TEXTS = ["The telescope stands on a hill.", "Телескоп стоит на холме.", "Bread", "", "🙂 ½ — 灯塔"]


@pytest.fixture(scope="module")
def bilingual() -> FolderEmbedder:
    return FolderEmbedder(MODEL)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(MODEL, tmp_path / "bilingual"))


def describe(folder: Path, name: str, content: Any) -> Path:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return folder


def token_vectors(text: str) -> Vectors:
    """What the graph gives, before pooling."""
    row = np.array([open_tokenizer(MODEL).encode(text).ids])
    session = onnxruntime.InferenceSession(MODEL / "onnx" / "model.onnx")
    given = {"input_ids": row, "attention_mask": np.ones_like(row), "token_type_ids": np.zeros_like(row)}
    vectors: Vectors = session.run(None, given)[0][0]
    return vectors


def unit(vector: Vectors) -> Vectors:
    scaled: Vectors = vector / np.linalg.norm(vector)
    return scaled


def test_it_is_an_embedder(bilingual: FolderEmbedder) -> None:
    interface: Embedder = bilingual
    assert (interface.name, interface.dimension, interface.max_tokens) == ("bilingual", DIMENSION, 64)
    assert interface.languages is EVERY_LANGUAGE
    assert FolderEmbedder(MODEL, languages=frozenset({"ru"}), workers=1).languages == frozenset({"ru"})


def test_vectors_are_the_means_of_the_tokens_with_length_one(bilingual: FolderEmbedder) -> None:
    vectors = bilingual.embed(TEXTS)
    assert vectors.shape == (len(TEXTS), DIMENSION)
    assert vectors.dtype == np.float32
    assert np.allclose(vectors, [unit(token_vectors(text).mean(axis=0)) for text in TEXTS], atol=1e-5)
    assert np.array_equal(bilingual.embed_question(TEXTS[0]), vectors[0])
    assert bilingual.embed([]).shape == (0, DIMENSION)


@pytest.mark.parametrize("said", [{"pooling_mode_cls_token": True}, {"pooling_mode": "cls"}])
def test_the_first_tokens_vector_where_the_model_says_so(copy: Path, said: dict[str, object]) -> None:
    embedder = FolderEmbedder(describe(copy, "1_Pooling/config.json", said))
    expected = [unit(token_vectors(text)[0]) for text in TEXTS]
    assert np.allclose(embedder.embed(TEXTS), expected, atol=1e-5)
    assert embedder.fingerprint != FolderEmbedder(MODEL).fingerprint


@pytest.mark.parametrize("said", [None, {"pooling_mode_mean_tokens": True}, {"pooling_mode": "mean"}])
def test_the_mean_where_it_says_that_or_nothing(copy: Path, said: object, bilingual: FolderEmbedder) -> None:
    shutil.rmtree(copy / "1_Pooling")
    if said:
        describe(copy, "1_Pooling/config.json", said)
    embedder = FolderEmbedder(copy)
    assert np.array_equal(embedder.embed(TEXTS), bilingual.embed(TEXTS))
    assert embedder.fingerprint == bilingual.fingerprint


def test_a_graph_that_pools_by_itself_is_not_pooled_again(copy: Path) -> None:
    (copy / "pooled.onnx").replace(copy / "onnx" / "model.onnx")
    expected = [unit(token_vectors(text).max(axis=0)) for text in TEXTS]
    assert np.allclose(FolderEmbedder(copy).embed(TEXTS), expected, atol=1e-5)


def test_the_same_meaning_in_two_languages_is_near(bilingual: FolderEmbedder) -> None:
    english, russian, other = bilingual.embed(TEXTS[:3])
    assert english @ russian > 0.9 > 0.3 > english @ other


@pytest.mark.parametrize(
    "name", ["model.onnx", "onnx/model_quantized.onnx", "model_optimized.onnx", "onnx/model_int8.onnx"]
)
def test_the_graph_may_lie_in_several_places(copy: Path, name: str, bilingual: FolderEmbedder) -> None:
    (copy / "onnx" / "model.onnx").rename(copy / name)
    assert FolderEmbedder(copy).fingerprint == bilingual.fingerprint


def test_a_text_longer_than_the_model_sees_is_cut(bilingual: FolderEmbedder) -> None:
    fitting = "hill " * 62
    assert len(bilingual.tokens(fitting + "bread")) == 63
    whole, longer = bilingual.embed([fitting, fitting + "bread " * 900])
    assert np.allclose(whole, longer, atol=1e-6)
    whole, longer = bilingual.embed(["hill " * 60, "hill " * 60 + "bread bread"])
    assert not np.allclose(whole, longer, atol=1e-3)


@pytest.mark.parametrize(
    ("name", "content", "tokens"),
    [
        ("config.json", {"max_position_embeddings": 40}, 40),
        ("config.json", {"max_position_embeddings": 42, "model_type": "xlm-roberta"}, 40),
        ("config.json", {"max_position_embeddings": 8192}, 256),
        ("config.json", {}, 256),
        ("tokenizer_config.json", {"model_max_length": 32}, 32),
        ("sentence_bert_config.json", {"max_seq_length": 48}, 48),
    ],
)
def test_how_much_it_sees_is_read_from_what_lies_beside_it(copy: Path, name: str, content: object, tokens: int) -> None:
    before = FolderEmbedder(copy).fingerprint
    embedder = FolderEmbedder(describe(copy, name, content))
    assert embedder.max_tokens == tokens
    assert embedder.fingerprint != before


def test_chunks_are_measured_in_its_own_tokens_in_every_language(bilingual: FolderEmbedder) -> None:
    for text, name in ((FERRY * 9, "ferry.txt"), (OBSERVATORY * 9, "обсерватория.txt")):
        chunks = chunk_document(a_document(text, name), embedder=bilingual)
        counts = [len(bilingual.tokens(chunk.span.text)) for chunk in chunks]
        assert max(counts) <= bilingual.max_tokens - 2
        assert min(counts[:-1]) > 30


@pytest.mark.parametrize("file", ["tokenizer.json", "onnx/model.onnx", "onnx/model.onnx_data"])
def test_another_file_is_another_model(copy: Path, file: str, bilingual: FolderEmbedder) -> None:
    raw = (copy / file).read_bytes() if (copy / file).exists() else b"weights"
    (copy / file).write_bytes(raw.replace(b"[PAD]", b"[Pad]") if file == "tokenizer.json" else raw)
    if file == "onnx/model.onnx":
        (copy / file).write_bytes(raw.replace(b"bilingual", b"bilinguaL"))
    assert FolderEmbedder(copy).fingerprint != bilingual.fingerprint


# What is wrong with a folder


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"holds no model: it takes tokenizer\.json.*Check EMBED_MODEL"):
        FolderEmbedder(tmp_path)


@pytest.mark.parametrize("missing", ["tokenizer.json", "onnx/model.onnx"])
def test_a_folder_without_a_file(copy: Path, missing: str) -> None:
    (copy / missing).unlink()
    with pytest.raises(ModelError, match="holds no model"):
        FolderEmbedder(copy)


@pytest.mark.parametrize("name", ["tokenizer.json", "onnx/model.onnx"])
@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\x00garbage"])
def test_a_damaged_file(copy: Path, name: str, content: bytes) -> None:
    (copy / name).write_bytes(content)
    with pytest.raises(ModelError, match=r"cannot be opened \(.*\)\.$"):
        FolderEmbedder(copy)


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff"])
@pytest.mark.parametrize("name", ["config.json", "1_Pooling/config.json", "tokenizer_config.json"])
def test_a_damaged_description(copy: Path, name: str, content: bytes) -> None:
    (copy / name).write_bytes(content)
    with pytest.raises(ModelError, match=rf"{re.escape(name)} (cannot be read|is not what models have there)"):
        FolderEmbedder(copy)


def test_a_description_with_other_values(copy: Path) -> None:
    with pytest.raises(ModelError, match="described in an unknown way"):
        FolderEmbedder(describe(copy, "config.json", {"max_position_embeddings": "many"}))


@pytest.mark.parametrize(
    "said",
    [
        {"pooling_mode_lasttoken": True},
        {"pooling_mode_mean_tokens": True, "pooling_mode_max_tokens": True},
        {"pooling_mode": "lasttoken"},
        {},
    ],
)
def test_a_pooling_that_is_not_done_here(copy: Path, said: object) -> None:
    with pytest.raises(ModelError, match="pools neither by the mean nor by the first token"):
        FolderEmbedder(describe(copy, "1_Pooling/config.json", said))


def test_a_layer_behind_the_pooling(copy: Path) -> None:
    modules = [{"type": "sentence_transformers.models.Transformer"}, {"type": "sentence_transformers.models.Dense"}]
    with pytest.raises(ModelError, match="a layer behind its pooling"):
        FolderEmbedder(describe(copy, "modules.json", modules))


def test_a_graph_that_asks_for_something_else(copy: Path) -> None:
    graph = copy / "onnx" / "model.onnx"
    graph.write_bytes(graph.read_bytes().replace(b"token_type_ids", b"visual_feature"))
    with pytest.raises(ModelError, match="asks for visual_feature, which citegram does not give"):
        FolderEmbedder(copy)


def test_a_graph_that_does_not_run(copy: Path) -> None:
    """The tokenizer knows a word for which the graph has no vector."""
    tokenizer = json.loads((copy / "tokenizer.json").read_text(encoding="utf-8"))
    tokenizer["post_processor"]["special_tokens"]["[SEP]"]["ids"] = [999]
    describe(copy, "tokenizer.json", tokenizer)
    with pytest.raises(ModelError, match="does not run"):
        FolderEmbedder(copy)
