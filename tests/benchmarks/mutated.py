"""Syncs over folders of damaged files of every format: each must end, with every file indexed or left out by name.

    .venv/bin/python -m tests.benchmarks.mutated [--files 10000] [--seed 1]

A thousand files a folder; prints how many were indexed and left out, why, and the seconds of the slowest folder.
"""

import argparse
import re
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.builders import HashEmbedder, an_indexer
from tests.mutations import mutated_files

FOLDER = 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    reasons: Counter[str] = Counter()
    indexed, slowest = 0, 0.0
    for number in range(0, options.files, FOLDER):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            (folder / "seeds").mkdir()
            count = min(FOLDER, options.files - number)
            for name, content in mutated_files(count, seed=options.seed + number):
                (folder / "seeds" / name).write_bytes(content)
            started = time.perf_counter()
            report = an_indexer(folder, embedder=HashEmbedder()).sync()
            slowest = max(slowest, time.perf_counter() - started)
            assert len(report.added) + len(report.left_out) == count
            indexed += len(report.added)
            reasons.update(re.sub(r"\(.*|\d+", "…", each.reason) for each in report.left_out)
            print(f"{number + count} files: {indexed} indexed, {reasons.total()} left out", flush=True)
    print(f"slowest folder of {FOLDER}: {slowest:.0f} s")
    for reason, count in reasons.most_common():
        print(f"{count:6} {reason}")


if __name__ == "__main__":
    main()
