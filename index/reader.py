"""The reader: a small cross-encoder that sees question and passage together and scores every span of the passage.

It was trained by tools/train_reader.py; its card is index/models/reader/README.md.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from index.embedding import open_session, open_tokenizer, read_card

BUILT_IN = Path(__file__).parent / "models" / "reader"

LONGEST_ANSWER = 30
"""Word pieces of a short answer, at most: 99 % of SQuAD's answers are shorter."""

Scores = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What the reader says of one passage.

    `offsets` has a row [start, end) in characters of the passage for each word piece; `starts` and `ends` say how much
    likelier than "not in this passage" an answer starts or ends there (log odds, shape (pieces,)).
    """

    offsets: npt.NDArray[np.int64]
    starts: Scores
    ends: Scores

    def best_span(self, start: int, end: int) -> tuple[float, int, int] | None:
        """The likeliest answer between two characters of the passage: its log odds, and where it starts and ends.

        None where the reader did not see that far, or nothing stands there.
        """
        inside = np.flatnonzero((self.offsets[:, 0] >= start) & (self.offsets[:, 1] <= end))
        if not len(inside):
            return None
        sums = self.starts[inside, None] + self.ends[None, inside]
        allowed = np.triu(np.ones(sums.shape, dtype=bool)) & ~np.triu(np.ones(sums.shape, dtype=bool), LONGEST_ANSWER)
        first, last = np.unravel_index(np.argmax(np.where(allowed, sums, -np.inf)), sums.shape)
        begin, finish = self.offsets[inside[first], 0], self.offsets[inside[last], 1]
        return float(sums[first, last]), int(begin), int(finish)

    def best_odds(self) -> float:
        """How much likelier than not the passage answers, in the reader's own measure."""
        best = self.best_span(0, int(self.offsets[-1, 1])) if len(self.offsets) else None
        return best[0] if best else NOTHING


NOTHING = -20.0
"""The log odds of a passage that the reader saw nothing of."""


class Reader(Protocol):
    """What reading needs of a model that finds answers."""

    @property
    def languages(self) -> frozenset[str]:
        """ISO 639-1 codes of the languages it was made for."""

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        """One Reading a passage, in order."""


class OnnxReader:
    """A folder with model.onnx, tokenizer.json and model.json. Raises ModelError as OnnxEmbedder does."""

    def __init__(self, folder: Path = BUILT_IN, *, workers: int | None = None) -> None:
        card = read_card(folder)
        self.languages = frozenset[str](card["languages"])
        self._max_tokens: int = card["max_tokens"]
        self._max_question: int = card["max_question_tokens"]
        self._tokenizer = open_tokenizer(folder)
        self._first, self._between = (self._tokenizer.token_to_id(token) for token in ("[CLS]", "[SEP]"))
        self._session = open_session(folder)
        self._workers = ThreadPoolExecutor(workers or os.cpu_count(), thread_name_prefix="reader")

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        """Each passage in a run of its own: int8 scales are found per run, so that neighbours would change a score."""
        asked = self._tokenizer.encode(question, add_special_tokens=False).ids[: self._max_question]
        return list(self._workers.map(lambda passage: self._read(asked, passage), passages))

    def _read(self, asked: list[int], passage: str) -> Reading:
        pieces = self._tokenizer.encode(passage, add_special_tokens=False)
        room = self._max_tokens - len(asked) - 3
        ids, offsets = pieces.ids[:room], np.array(pieces.offsets[:room], dtype=np.int64).reshape(-1, 2)
        head = [self._first, *asked, self._between]
        row = np.array([[*head, *ids, self._between]], dtype=np.int64)
        types = np.zeros_like(row)
        types[:, len(head) :] = 1
        scores = self._session.run(["scores"], {"input_ids": row, "token_type_ids": types})[0][0]
        relative = scores[len(head) : -1] - scores[0]
        return Reading(offsets, relative[:, 0], relative[:, 1])
