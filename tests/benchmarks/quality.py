"""Quality and speed of citegram beside the plain ways, in one run: what docs/quality.md shows.

    .venv/bin/python -m tests.benchmarks.quality EVAL_FOLDER [--sets squad2 clapnq] [--sample 40]
        [--keep FOLDER | --kept FOLDER] [--write docs/quality.md]

EVAL_FOLDER holds `score.py` and, for each set, `docs/` and `questions.jsonl`. Compared are citegram, citegram with
READER=off, llama-index's starter path over Chroma (starter.py says what stands for what), and over citegram's own
chunks BM25, dense search, equal RRF and the nearest sentences (baselines.py).

`--keep` keeps every answer as JSON lines, a folder a set; a set that is there already is asked no more, so that a run
that was cut off goes on. `--kept` scores what is there and asks nothing.
"""

import argparse
import logging
import shutil
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.asking import run_set
from tests.benchmarks.figures import SetFigures, load_scorer, read_set
from tests.benchmarks.floors import AT_LEAST
from tests.benchmarks.quality_page import page

DONE = "run.json"
"""Written last: a set's folder without it was never finished."""


def main() -> None:
    options = parse()
    with tempfile.TemporaryDirectory() as scratch:
        kept = options.kept or options.keep or Path(scratch) / "kept"
        names = options.sets or default_sets(options.folder)
        if not options.kept:
            for name in names:
                ask_unless_done(options.folder / name, kept / name, sample=options.sample)
        scorer = load_scorer(options.folder / "score.py")
        sets = [read_set(options.folder / name, kept / name, scorer) for name in names]
    tell(sets, options.write)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sets", nargs="+", help="all that are there, unless given")
    parser.add_argument("--sample", type=int, help="questions of each set, drawn at random; all, unless given")
    parser.add_argument("--write", type=Path, help="the page, as a file; printed, unless given")
    keeping = parser.add_mutually_exclusive_group()
    keeping.add_argument("--keep", type=Path, help="where the answers are kept")
    keeping.add_argument("--kept", type=Path, help="answers of an earlier run, to be scored again")
    return parser.parse_args()


def default_sets(folder: Path) -> list[str]:
    """Those of the floors in their order, then any other."""
    there = sorted(path.parent.name for path in folder.glob("*/questions.jsonl"))
    return sorted(there, key=lambda name: list(AT_LEAST).index(name) if name in AT_LEAST else len(AT_LEAST))


def ask_unless_done(folder: Path, kept: Path, *, sample: int | None) -> None:
    if (kept / DONE).exists():
        print(f"{kept.name}: kept already, not asked again", file=sys.stderr)
        return
    shutil.rmtree(kept, ignore_errors=True)
    with tempfile.TemporaryDirectory() as scratch:
        run_set(folder, kept, Path(scratch), sample=sample)


def tell(sets: list[SetFigures], target: Path | None) -> None:
    text = page(sets)
    if target is None:
        print(text)
    else:
        target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    logging.getLogger("llama_index").setLevel(logging.ERROR)  # it warns of a package for other file types each time
    main()
