"""The embedder by workers: chunks a second, and what the process holds afterwards.

    .venv/bin/python -m tests.benchmarks.embedding DOCUMENTS [--model FOLDER] [--chunks 200]

Each number of workers runs in a process of its own, twice, since machines drift; the better run counts.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

import psutil

from index.chunking import chunk_document
from index.documents import find_files, read_documents
from index.embedding import BUILT_IN, OnnxEmbedder
from index.types import LeftOut

WORKERS = (1, 2, 4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", type=Path)
    parser.add_argument("--model", type=Path, default=BUILT_IN)
    parser.add_argument("--chunks", type=int, default=200)
    parser.add_argument("--workers", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.workers:
        print(json.dumps(measure(options)))
    else:
        compare()


def compare() -> None:
    for workers in WORKERS:
        command = [sys.executable, "-m", "tests.benchmarks.embedding", *sys.argv[1:], "--workers", str(workers)]
        runs = [json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout) for _ in range(2)]
        best = max(runs, key=lambda run: run["rate"])
        print(f"{workers} workers  {best['rate']:6.1f} chunks/s  {best['resident']} MiB", flush=True)


def measure(options: argparse.Namespace) -> dict[str, float]:
    embedder = OnnxEmbedder(options.model, workers=options.workers)
    documents = read_documents(find_files(options.documents))
    read = [document for document in documents if not isinstance(document, LeftOut)]
    texts = [chunk.span.text for document in read for chunk in chunk_document(document, embedder=embedder)]
    texts = texts[: options.chunks]
    embedder.embed(texts[:8])
    started = time.perf_counter()
    embedder.embed(texts)
    seconds = time.perf_counter() - started
    return {"rate": len(texts) / seconds, "resident": psutil.Process().memory_info().rss >> 20}


if __name__ == "__main__":
    main()
