"""Examples as word pieces, and batches of them of about the same length."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context
from os import cpu_count
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tokenizers import Tokenizer

from tools.reader_course import Teach
from tools.reader_examples import Example

TOKENIZER = Path(__file__).parent.parent / "index" / "models" / "all-MiniLM-L6-v2" / "tokenizer.json"

MAX_QUESTION_TOKENS = 64

LEAST_PIECES, MOST_PIECES = 120, 254
"""Of a passage: the product's have at most 254. Where there are paragraphs beside it, as many as chance says."""

UNMARKED = 0.15
"""How often a question is put without its question mark, as people do in a chat."""

STEP = 16
"""Widths of batches are multiples of it."""


class Encoded(NamedTuple):
    """[CLS] question [SEP] passage [SEP]; `first` and `last` piece of the answer, both 0 where there is none."""

    ids: list[int]
    head: int
    """Pieces before the passage."""

    first: int
    last: int
    whole: bool
    """Whether any piece of the answer may be meant."""


class Pieces(NamedTuple):
    ids: list[int]
    offsets: list[tuple[int, int]]


@lru_cache(maxsize=1)
def tokenizer() -> Tokenizer:
    opened = Tokenizer.from_file(str(TOKENIZER))
    opened.no_padding()
    opened.no_truncation()
    return opened


@lru_cache(maxsize=1000)
def pieces(text: str) -> Pieces:
    found = tokenizer().encode(text, add_special_tokens=False)
    return Pieces(found.ids, found.offsets)


def encode(example: Example, chance: random.Random) -> Encoded | None:
    """The passage with what stands beside it, cut to a window that holds the answer; None if it cannot."""
    asked, own = example.question, pieces(example.passage)
    if chance.random() < UNMARKED:
        asked = asked.rstrip("? ")
    question = pieces(asked).ids[:MAX_QUESTION_TOKENS]
    answer = answer_pieces(own.offsets, example.answer) if example.answer else None
    if example.answer and answer is None:
        return None
    before = [piece for text in example.before for piece in pieces(text).ids]
    after = [piece for text in example.after for piece in pieces(text).ids]
    room = chance.randint(LEAST_PIECES, MOST_PIECES) if before or after else MOST_PIECES
    middle = len(before) + len(own.ids) // 2
    kept = (len(before) + answer[0], len(before) + answer[1]) if answer else (middle, middle)
    if kept[1] - kept[0] >= room:
        return None
    everything = [*before, *own.ids, *after]
    begin = window(len(everything), room, kept, chance)
    opens, ends = special("[CLS]"), special("[SEP]")
    head = [opens, *question, ends]
    first, last = (place - begin + len(head) for place in kept) if answer else (0, 0)
    ids = [*head, *everything[begin : begin + room], ends]
    return Encoded(ids, len(head), first, last, example.whole_sentence)


def special(token: str) -> int:
    number = tokenizer().token_to_id(token)
    if number is None:
        raise SystemExit(f"the tokenizer does not know {token}")
    return number


def answer_pieces(offsets: list[tuple[int, int]], answer: tuple[int, int]) -> tuple[int, int] | None:
    inside = [place for place, (start, end) in enumerate(offsets) if start < answer[1] and end > answer[0]]
    return (inside[0], inside[-1]) if inside else None


def window(length: int, room: int, kept: tuple[int, int], chance: random.Random) -> int:
    """Where a window of `room` pieces begins that holds what is to be kept."""
    if length <= room:
        return 0
    first, last = kept
    return chance.randint(max(0, last + 1 - room), min(first, length - room))


@dataclass(frozen=True, slots=True)
class Rows:
    """Many encoded examples in a few arrays; `columns` has for each its length, head, first, last and whole, `codes`
    the place of its kind among the kinds."""

    ids: np.ndarray
    columns: np.ndarray
    codes: np.ndarray
    kinds: Sequence[str]

    @property
    def lengths(self) -> np.ndarray:
        found: np.ndarray = self.columns[:, 0]
        return found

    @property
    def begins(self) -> np.ndarray:
        found: np.ndarray = np.cumsum(self.lengths) - self.lengths
        return found


def rows_of(examples: Iterable[Example], chance: random.Random) -> Rows:
    ids: list[np.ndarray] = []
    columns, codes = [], []
    kinds: dict[str, int] = {}
    for example in examples:
        if encoded := encode(example, chance):
            ids.append(np.array(encoded.ids, dtype=np.int16))
            columns.append((len(encoded.ids), *encoded[1:]))
            codes.append(kinds.setdefault(example.kind, len(kinds)))
    table = np.array(columns, dtype=np.int64).reshape(-1, 5)
    return Rows(np.concatenate(ids) if ids else np.zeros(0, np.int16), table, np.array(codes, dtype=int), list(kinds))


def joined(parts: Sequence[Rows]) -> Rows:
    kinds = sorted({kind for part in parts for kind in part.kinds})
    return Rows(
        np.concatenate([part.ids for part in parts]),
        np.concatenate([part.columns for part in parts]),
        np.concatenate([np.array([kinds.index(kind) for kind in part.kinds], dtype=int)[part.codes] for part in parts]),
        kinds,
    )


PARTS: list[Teach] = []
"""What the processes that encode make their examples from: they are forked, and so have it without a copy."""


def encode_all(parts: Sequence[Teach], seed: int) -> list[Rows]:
    """Each part's examples, in as many processes as there are cores."""
    PARTS[:] = parts
    with ProcessPoolExecutor(cpu_count(), mp_context=get_context("fork")) as workers:
        return list(workers.map(encode_part, range(len(parts)), [seed] * len(parts)))


def encode_part(number: int, seed: int) -> Rows:
    return rows_of(PARTS[number](), random.Random(f"{seed} {number}"))


def drawn(rows: Rows, shares: Mapping[str, float], chance: np.random.Generator) -> np.ndarray:
    """The numbers of the rows that a pass sees: of each kind its share, 2.5 being every row twice and half of them
    once more."""
    found = []
    for code, kind in enumerate(rows.kinds):
        own = np.flatnonzero(rows.codes == code)
        times, rest = divmod(shares.get(kind, 1.0), 1.0)
        found += [own] * int(times)
        found.append(chance.permutation(own)[: round(rest * len(own))])
    return np.concatenate(found)


def batches(rows: Rows, chosen: np.ndarray, most_pieces: int, chance: np.random.Generator) -> list[np.ndarray]:
    """The chosen rows' numbers in batches of at most so many pieces, padding included, shuffled.

    They come in few shapes, for each of which an accelerator looks up how to compute: what is left over of one width
    goes to the next.
    """
    pool = chance.permutation(chosen)
    widths = padded(rows.lengths[pool])
    made: list[np.ndarray] = []
    rest = pool[:0]
    for width in np.unique(widths):
        own = np.concatenate([rest, pool[widths == width]])
        size = max(1, most_pieces // int(width))
        whole = len(own) // size * size
        made += list(own[:whole].reshape(-1, size))
        rest = own[whole:]
    if len(rest):
        made.append(rest)
    return [made[i] for i in chance.permutation(len(made))]


def padded(lengths: np.ndarray) -> np.ndarray:
    return -(-lengths // STEP) * STEP


def epochs(
    rows: Rows, shares: Mapping[str, float], most_pieces: int, chance: np.random.Generator
) -> Iterator[np.ndarray]:
    """Batches of one pass after the other, without end."""
    while True:
        yield from batches(rows, drawn(rows, shares, chance), most_pieces, chance)
