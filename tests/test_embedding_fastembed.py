"""Models by name, with fastembed: what is said without it, and, where it is installed, a model from its cache."""

import importlib.util
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from config import load_settings
from index.embedding import EVERY_LANGUAGE, Embedder
from index.embedding_fastembed import FastembedEmbedder
from index.embedding_folder import FolderEmbedder
from index.embedding_prefixes import PrefixedEmbedder
from index.errors import ModelError
from index.wiring import build_embedder
from tests.bilingual import DIMENSION, MODEL

E5 = "intfloat/multilingual-e5-small"
TEXTS = ["The telescope stands on a hill.", "Телескоп стоит на холме.", "Bread", "hill " * 900]

installed = pytest.mark.skipif(not importlib.util.find_spec("fastembed"), reason="fastembed is an extra")


def test_without_the_package_it_is_said_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fastembed", None)
    with pytest.raises(ModelError, match=r"no folder intfloat/.* pip install 'citegram\[fastembed\]'$"):
        build_embedder(load_settings(data_dir=tmp_path, embed_model=E5))


# With the package, and without a network

Keep = Callable[[str], Path]


@pytest.fixture
def keep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Keep:
    """Puts the tests' own model where fastembed would have kept one that it downloaded; the folder it keeps them in."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")

    def kept(repository: str) -> Path:
        folder = tmp_path / "models" / f"models--{repository.replace('/', '--')}"
        snapshot = folder / "snapshots" / "0123456789abcdef0123456789abcdef01234567"
        shutil.copytree(MODEL, snapshot)
        (snapshot / "tokenizer_config.json").write_text(json.dumps({"model_max_length": 64, "pad_token": "[PAD]"}))
        (folder / "refs").mkdir()
        (folder / "refs" / "main").write_text(snapshot.name)
        return tmp_path / "models"

    return kept


@installed
def test_a_model_that_was_downloaded_before(keep: Keep) -> None:
    """fastembed is told that what lies there is e5's small one."""
    embedder: Embedder = FastembedEmbedder(E5, cache=keep(E5))
    assert (embedder.name, embedder.dimension, embedder.max_tokens) == (E5, DIMENSION, 64)
    assert embedder.languages is EVERY_LANGUAGE
    own = FolderEmbedder(MODEL)
    assert np.allclose(embedder.embed(TEXTS), own.embed(TEXTS), atol=1e-5)
    assert np.allclose(embedder.embed_question(TEXTS[0]), own.embed_question(TEXTS[0]), atol=1e-5)
    assert embedder.embed([]).shape == (0, DIMENSION)
    assert embedder.tokens(TEXTS[3]) == own.tokens(TEXTS[3])


@installed
def test_a_texts_vector_does_not_depend_on_its_neighbours(keep: Keep) -> None:
    embedder = FastembedEmbedder(E5, cache=keep(E5))
    assert np.array_equal(embedder.embed(TEXTS), np.vstack([embedder.embed([text]) for text in TEXTS]))


@installed
def test_a_model_that_fastembed_lists_and_does_not_normalise(keep: Keep) -> None:
    name, repository = (
        "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2",
        "Qdrant/paraphrase-multilingual-MiniLM-L12-v2-onnx-Q",
    )
    folder = keep(repository)
    for graph in folder.rglob("onnx/model.onnx"):
        graph.rename(graph.parent.parent / "model_optimized.onnx")
    embedder = FastembedEmbedder(name.lower(), cache=folder)
    assert embedder.name == name
    assert np.linalg.norm(embedder.embed(TEXTS), axis=1) == pytest.approx(1.0, abs=1e-5)
    assert embedder.fingerprint.startswith(f"{name}-")


@installed
def test_the_name_decides_the_prefixes(keep: Keep) -> None:
    folder = keep(E5)
    embedder = build_embedder(load_settings(data_dir=folder.parent, embed_model=E5))
    assert isinstance(embedder, PrefixedEmbedder)
    plain = FastembedEmbedder(E5, cache=folder)
    assert np.array_equal(embedder.embed(["Bread"]), plain.embed(["passage: Bread"]))


@installed
def test_a_name_that_it_does_not_know(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"knows no model of that name\. Multilingual ones are intfloat/.*"):
        FastembedEmbedder("nobody/nothing", cache=tmp_path)


@installed
def test_a_model_that_cannot_be_downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelError, match=r"could not be loaded \(.*\)\. It is downloaded once, into .*: connect"):
        FastembedEmbedder(E5, cache=tmp_path)
