"""The embedder by engine and precision: speed, start, memory, size, and what dense search finds with it.

    .venv-train/bin/python tools/export_embedder.py --precision fp32 --target FP32_FOLDER
    .venv/bin/pip install openvino                                              # for the last two; not a dependency
    .venv/bin/python -m tests.benchmarks.engines EVAL_FOLDER/xquad_en --fp32 FP32_FOLDER

Each engine runs in a process of its own, one after the other, over the same chunks and questions: one text a run, one
core a text. "Found" is dense search alone among the set's chunks, by the `is_relevant` of EVAL_FOLDER's score.py.
"""

import argparse
import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from index.chunking import chunk_document
from index.documents import find_files, read_documents
from index.embedding import BUILT_IN, OnnxEmbedder, Vectors, cut, open_tokenizer
from index.types import Chunk, LeftOut
from tests.benchmarks.figures import load_scorer

ENGINES = ("onnxruntime int8", "onnxruntime fp32", "openvino fp32", "openvino bf16")
MAX_TOKENS = 256
RANKS = 10

Embed = Callable[[Sequence[str]], Vectors]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="of a set: docs/ and questions.jsonl")
    parser.add_argument("--fp32", type=Path, required=True, help="the unquantised model")
    parser.add_argument("--chunks", type=int, default=400, help="at most")
    parser.add_argument("--engine", choices=ENGINES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.engine:
        print(json.dumps(measure(options.engine, options.folder, options.fp32, options.chunks)))
        return
    for engine in ENGINES:
        command = [sys.executable, "-m", "tests.benchmarks.engines", *sys.argv[1:], "--engine", engine]
        ended = subprocess.run(command, stdout=subprocess.PIPE, check=False)
        told = json.loads(ended.stdout) if ended.returncode == 0 else "failed"
        print(f"{engine:18} {told}", flush=True)


def measure(engine: str, folder: Path, fp32: Path, most: int) -> dict[str, float]:
    chunks = chunks_of(folder / "docs")[:most]
    before = psutil.Process().memory_info().rss
    started = time.perf_counter()
    embed = opened(engine, fp32)
    embed(["A first text."])
    start = time.perf_counter() - started
    texts = [chunk.span.text for chunk in chunks]
    started = time.perf_counter()
    vectors = embed(texts)
    rate = len(texts) / (time.perf_counter() - started)
    used = psutil.Process().memory_info().rss - before
    model = (BUILT_IN if engine.endswith("int8") else fp32) / "model.onnx"
    return {
        "chunks/s": round(rate, 1),
        "start s": round(start, 2),
        "memory MiB": used >> 20,
        "model MB": round(model.stat().st_size / 1e6),
        **found(folder, chunks, vectors, embed),
    }


def chunks_of(documents: Path) -> list[Chunk]:
    """As the product cuts them, in the order of the files."""
    embedder = OnnxEmbedder()
    read = read_documents(find_files(documents))
    return [
        chunk for each in read if not isinstance(each, LeftOut) for chunk in chunk_document(each, embedder=embedder)
    ]


def opened(engine: str, fp32: Path) -> Embed:
    runtime, precision = engine.split()
    if runtime == "onnxruntime":
        return OnnxEmbedder(BUILT_IN if precision == "int8" else fp32).embed
    return openvino(fp32, precision)


def openvino(folder: Path, precision: str) -> Embed:
    """One request a worker, each on one core, as with onnxruntime."""
    core: Any = importlib.import_module("openvino").Core()
    hints = {"INFERENCE_PRECISION_HINT": {"bf16": "bf16", "fp32": "f32"}[precision], "INFERENCE_NUM_THREADS": "1"}
    tokenizer = open_tokenizer(folder)
    workers = os.cpu_count() or 1
    compiled = [core.compile_model(core.read_model(folder / "model.onnx"), "CPU", hints) for _ in range(workers)]
    requests = [each.create_infer_request() for each in compiled]

    def run(worker: int, texts: Sequence[str]) -> list[Vectors]:
        made = []
        for encoding in tokenizer.encode_batch(list(texts)):
            row = np.array([cut(encoding.ids, MAX_TOKENS)], dtype=np.int64)
            told = requests[worker].infer({"input_ids": row, "attention_mask": np.ones_like(row)})
            made.append(np.array(next(iter(told.values()))[0], dtype=np.float32))
        return made

    def embed(texts: Sequence[str]) -> Vectors:
        with ThreadPoolExecutor(workers) as pool:
            parts = list(pool.map(run, range(workers), [texts[worker::workers] for worker in range(workers)]))
        vectors = np.empty((len(texts), parts[0][0].shape[0]), dtype=np.float32)
        for worker, part in enumerate(parts):
            if part:
                vectors[worker::workers] = part
        return vectors

    return embed


def found(folder: Path, chunks: Sequence[Chunk], vectors: Vectors, embed: Embed) -> dict[str, float]:
    scorer = load_scorer(folder.parent / "score.py")
    lines = (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    documents = {chunk.source.document for chunk in chunks}
    questions = [
        each for each in map(json.loads, lines)
        if each["answerable"] and documents.issuperset(Path(name).name for name in each["doc_ids"])
    ]  # fmt: skip
    asked = embed([each["question"] for each in questions])
    ranks = []
    for question, vector in zip(questions, asked, strict=True):
        best = np.argsort(-(vectors @ vector), kind="stable")[:RANKS]
        passages = [{"document": chunks[row].source.document, "text": chunks[row].span.text} for row in best]
        hits = [rank for rank, each in enumerate(passages, start=1) if scorer.is_relevant(question, each)]
        ranks.append(hits[0] if hits else None)
    return {
        "questions": len(ranks),
        "hit@1": round(float(np.mean([rank == 1 for rank in ranks])), 4),
        "mrr@10": round(float(np.mean([1 / rank if rank else 0.0 for rank in ranks])), 4),
    }


if __name__ == "__main__":
    main()
