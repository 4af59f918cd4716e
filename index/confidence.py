"""How likely it is that the documents answer at all, and how often answers as sure as this are wrong.

A logistic model over what reading found, fitted by tools/fit_reading.py on answerable, adversarial and foreign
questions; docs/decisions/0008 has its figures and limits.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from index.kinds import is_yes_or_no
from index.reading import Candidate
from index.reranking import Reread

CERTAIN = 2 / 3
"""An answer is uncertain where answers as sure as it are wrong more often than this part of what a person allows: of
squad2's, xquad_en's and clapnq's right answers that are given, a twentieth."""

MOST_CHUNKS = 1500
"""The largest folder of the fit: what is larger counts as this."""


class Features(NamedTuple):
    coverage: float  # of the question's terms by the best sentence and the one before
    passage_cosine: float  # of the nearest chunk
    sentence_cosine: float  # of the nearest sentence
    unknown_name: float  # 1 where a name or number of the question stands in none of the passages; 2 if it is yes or no
    log_chunks: float  # among more chunks, chance alone finds a nearer one
    odds: float  # the reader's for the best sentence


class Model(NamedTuple):
    """`wrong_shares`: at each confidence, how many of the answers that are at least as sure are wrong; falling."""

    weights: Features
    bias: float
    wrong_shares: tuple[tuple[float, float], ...]


READ = Model(
    Features(0.60, 2.76, 6.58, -1.80, -0.20, 1.47),
    -2.01,
    (
        (0.0, 0.288), (0.02, 0.278), (0.1, 0.235), (0.2, 0.205), (0.3, 0.182), (0.4, 0.166), (0.5, 0.15),
        (0.6, 0.133), (0.7, 0.116), (0.8, 0.094), (0.9, 0.073), (0.93, 0.065), (0.96, 0.048), (0.98, 0.031),
        (1.0, 0.0),
    ),
)  # fmt: skip
"""The weights of unknown_name and log_chunks are set, the rest fitted with them (docs/decisions/0008)."""

UNREAD = Model(
    Features(2.87, 3.64, 7.38, -1.80, -0.20, 0.0),
    -4.37,
    (
        (0.0, 0.323), (0.02, 0.313), (0.1, 0.282), (0.2, 0.25), (0.3, 0.228), (0.4, 0.208), (0.5, 0.184),
        (0.6, 0.166), (0.7, 0.153), (0.8, 0.138), (0.9, 0.105), (0.93, 0.093), (0.96, 0.084), (0.98, 0.043),
        (1.0, 0.0),
    ),
)  # fmt: skip
"""With READER=off, and for passages in a language that the reader does not know."""

WORDS_ONLY = Model(
    Features(7.36, 0.0, 0.0, -1.80, -0.20, 0.0),
    -0.63,
    (
        (0.0, 0.327), (0.02, 0.317), (0.1, 0.31), (0.2, 0.302), (0.3, 0.295), (0.4, 0.273), (0.5, 0.245),
        (0.6, 0.21), (0.7, 0.173), (0.8, 0.142), (0.9, 0.113), (0.93, 0.113), (0.96, 0.098), (0.98, 0.08),
        (1.0, 0.0),
    ),
)  # fmt: skip
"""Where the best passage is in a language that the embedder does not know."""

NAME = re.compile(r"(?<=\s)[\"'“«„(]*([^\W\d_][\w-]*|\d[\d.,]*)")


@dataclass(frozen=True, slots=True)
class Judgement:
    """`confidence` is the probability, from 0 to 1, that the documents answer; `wrong_share` how many of the answers
    that are at least as sure are wrong."""

    confidence: float
    wrong_share: float

    def answers(self, max_wrong: float) -> bool:
        """Whether an answer is worth giving to a person who allows `max_wrong` of them to be wrong."""
        return self.wrong_share <= max_wrong

    def is_uncertain(self, max_wrong: float) -> bool:
        return CERTAIN * max_wrong < self.wrong_share <= max_wrong


def judge(question: str, candidates: Sequence[Candidate], reread: Reread, *, chunks: int) -> Judgement:
    """Of a question for which nothing was found, it is certain that nothing answers."""
    if not candidates:
        return Judgement(0.0, 1.0)
    model = model_for(candidates[0])
    counted = count(question, candidates, reread, chunks=chunks)
    sure = 1 / (1 + math.exp(-model.bias - sum(w * x for w, x in zip(model.weights, counted, strict=True))))
    bounds, shares = np.array(model.wrong_shares).T
    return Judgement(sure, float(np.interp(sure, bounds, shares)))


def model_for(best: Candidate) -> Model:
    if not best.features.cosine:
        return WORDS_ONLY
    return READ if best.features.odds else UNREAD


def count(question: str, candidates: Sequence[Candidate], reread: Reread, *, chunks: int) -> Features:
    best = candidates[0]
    text = " ".join(passage.found.span.text for passage in reread.passages)
    return Features(
        coverage=best.features.coverage + best.features.coverage_gain,
        passage_cosine=reread.best_cosine,
        sentence_cosine=max(candidate.features.cosine for candidate in candidates),
        unknown_name=unknown_name(question, text),
        log_chunks=math.log(min(chunks, MOST_CHUNKS)),
        odds=best.features.odds,
    )


def unknown_name(question: str, text: str) -> float:
    """A question for yes or no about somebody unknown has nothing to affirm; another may have misspelt a name."""
    return float(bool(missing_names(question, text))) * (2 if is_yes_or_no(question) else 1)


def missing_names(question: str, text: str) -> list[str]:
    """The question's capitalised words and numbers that the text lacks, in lower case.

    The first word is left out: it is capitalised in any case. Signs before it, an emoji say, are no word.
    """
    names = [
        match[1].lower().rstrip(".,")
        for match in NAME.finditer(re.sub(r"^\W+", "", question))
        if match[1][0].isupper() or match[1][0].isdigit()
    ]
    lowered = text.lower()
    return [name for name in names if name not in lowered]
