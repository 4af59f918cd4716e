"""The embedder that ships with the project."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from index.embedding import BUILT_IN, EVERY_LANGUAGE, Embedder, OnnxEmbedder
from index.errors import ModelError

ROOT = Path(__file__).parent.parent
TEXTS = [
    "The lamp was lit for the first time in 1871.",
    "Bread",
    "A keeper climbs the stairs every evening, and he carries a can of oil for the lamp.",
    "",
    "🙂 ½ — 灯塔",
    "Маяк стоит на мысе.",
] * 4


def test_it_is_an_embedder(embedder: OnnxEmbedder) -> None:
    interface: Embedder = embedder
    assert (interface.name, interface.dimension, interface.max_tokens) == ("all-MiniLM-L6-v2", 384, 256)
    assert interface.languages == frozenset({"en"})
    assert interface.fingerprint.startswith("all-MiniLM-L6-v2-")


def test_vectors_have_length_one(embedder: OnnxEmbedder) -> None:
    vectors = embedder.embed(TEXTS)
    assert vectors.shape == (len(TEXTS), 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)


def test_the_same_texts_get_the_same_vectors(embedder: OnnxEmbedder) -> None:
    assert np.array_equal(embedder.embed(TEXTS), embedder.embed(TEXTS))


def test_a_texts_vector_does_not_depend_on_its_neighbours(embedder: OnnxEmbedder) -> None:
    alone = np.vstack([embedder.embed([text]) for text in TEXTS])
    assert np.array_equal(embedder.embed(TEXTS), alone)


@pytest.mark.parametrize(
    ("text", "paraphrase", "unrelated"),
    [
        ("When was the lamp lit?", "The light was switched on for the first time in 1871.", "Bread is made of rye."),
        ("How much is a ticket?", "Grown-ups pay seven crowns.", "The telescope stands on a hill."),
        ("The cat sleeps.", "A kitten is napping.", "Shares fell on Monday."),
    ],
)
def test_a_paraphrase_is_nearer_than_something_else(
    embedder: OnnxEmbedder, text: str, paraphrase: str, unrelated: str
) -> None:
    own, near, far = embedder.embed([text, paraphrase, unrelated])
    assert own @ near > own @ far + 0.1


def test_what_stands_beyond_the_last_token_is_cut_off(embedder: OnnxEmbedder) -> None:
    fitting = "lamp " * (embedder.max_tokens - 2)
    assert len(embedder.tokens(fitting)) == embedder.max_tokens - 2
    whole, longer = (embedder.embed([fitting + more])[0] for more in ("", "bread and butter " * 2000))
    assert whole @ longer > 0.9999
    shorter = "lamp " * (embedder.max_tokens - 12)
    assert embedder.embed([shorter])[0] @ embedder.embed([shorter + "bread and butter " * 3])[0] < 0.999


def test_a_question_is_embedded_like_a_passage(embedder: OnnxEmbedder) -> None:
    assert np.array_equal(embedder.embed_question(TEXTS[0]), embedder.embed(TEXTS[:1])[0])


def test_languages_can_be_given(embedder: OnnxEmbedder) -> None:
    other = OnnxEmbedder(languages=frozenset({"de", "en"}), workers=1)
    assert ("de" in other.languages, "ru" in other.languages) == (True, False)
    assert other.fingerprint == embedder.fingerprint
    assert "ru" in OnnxEmbedder(languages=EVERY_LANGUAGE, workers=1).languages


def test_nothing_has_no_vectors(embedder: OnnxEmbedder) -> None:
    assert embedder.embed([]).shape == (0, 384)


def test_tokens_are_counted_without_special_ones_and_not_cut(embedder: OnnxEmbedder) -> None:
    assert embedder.tokens("") == []
    assert len(embedder.tokens("the lamp")) == 2
    assert len(embedder.tokens("lamp " * 5000)) == 5000


# A damaged model


def damaged(folder: Path, name: str, content: bytes | None) -> Path:
    """A model folder with one file replaced, or removed."""
    for file in BUILT_IN.iterdir():
        (folder / file.name).symlink_to(file)
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)
    return folder


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "model.json"])
@pytest.mark.parametrize("content", [None, b"", b"{}", b"\xff\x00garbage"])
def test_a_damaged_model_is_named(tmp_path: Path, name: str, content: bytes | None) -> None:
    with pytest.raises(ModelError, match="Restore it from the repository"):
        OnnxEmbedder(damaged(tmp_path, name, content))


def test_one_changed_byte_is_noticed(tmp_path: Path) -> None:
    raw = bytearray((BUILT_IN / "model.onnx").read_bytes())
    raw[len(raw) // 2] ^= 1
    with pytest.raises(ModelError, match=r"model\.onnx is damaged"):
        OnnxEmbedder(damaged(tmp_path, "model.onnx", bytes(raw)))


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="missing"):
        OnnxEmbedder(tmp_path / "missing")


def test_a_model_may_lie_anywhere(tmp_path: Path, embedder: OnnxEmbedder) -> None:
    shutil.copytree(BUILT_IN, tmp_path / "model")
    other = OnnxEmbedder(tmp_path / "model", workers=1)
    assert other.fingerprint == embedder.fingerprint
    assert other.embed(["The lamp"])[0] @ embedder.embed(["The lamp"])[0] > 0.9999


def test_nothing_is_reported_to_the_makers_of_the_runtime(tmp_path: Path) -> None:
    """onnxruntime keeps a device id and a queue of events in the home folder wherever it reports."""
    program = "from index.embedding import OnnxEmbedder; OnnxEmbedder().embed(['Bread is made of rye.'])"
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    subprocess.run([sys.executable, "-c", program], env=environment | {"HOME": str(tmp_path)}, check=True, cwd=ROOT)
    assert list(tmp_path.rglob("*")) == []
