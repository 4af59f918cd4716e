"""How likely it is that the documents answer at all.

A logistic model over what reading found, fitted by tools/fit_reading.py on answerable, adversarial and foreign
questions, over folders of 5 to 1,500 chunks; docs/decisions/0004 has its figures and limits.
"""

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from index.reading import Candidate
from index.reranking import Reread

WRONG_SHARES = ((0.3, 0.3), (0.38, 0.15), (0.6, 0.1), (0.9, 0.02))
"""At each confidence, how many of the answers that are at least as sure are wrong: falling, measured by
tools/fit_reading.py on a mixture of questions (docs/decisions/0008)."""

CERTAIN = 0.5
"""Of the wrong answers that a person allows, at most this share stands unmarked."""


class Bounds(NamedTuple):
    """Below `given` the bot abstains; from there to `certain` an answer is marked as uncertain."""

    given: float
    certain: float


def bounds_for(max_wrong: float) -> Bounds:
    """The bounds that keep the share of wrong answers among those given at `max_wrong`, about."""
    return Bounds(bound_for(max_wrong), bound_for(CERTAIN * max_wrong))


def bound_for(wrong_share: float) -> float:
    """The lowest confidence whose answers are wrong no oftener, between the measured ones in a straight line."""
    sure, wrong = zip(*WRONG_SHARES, strict=True)
    return float(np.interp(-wrong_share, [-each for each in wrong], sure))


DEFAULT_BOUNDS = bounds_for(0.15)

MOST_CHUNKS = 1500
"""The largest folder of the fit: what is larger counts as this."""


class Features(NamedTuple):
    coverage: float  # of the question's terms by the best sentence and the one before
    passage_cosine: float  # of the nearest chunk
    sentence_cosine: float  # of the nearest sentence
    missing_names: float  # share of the question's names and numbers that the best sentence's passage lacks
    log_chunks: float  # among more chunks, chance alone finds a nearer one
    best_odds: float  # the reader's for the likeliest passage
    odds: float  # the reader's for the best sentence


WEIGHTS, BIAS = Features(2.19, 3.77, 4.00, -1.02, -0.20, 0.0, 0.0), -3.73

UNREAD_WEIGHTS, UNREAD_BIAS = Features(2.19, 3.77, 4.00, -1.02, -0.20, 0.0, 0.0), -3.73
"""With READER=off. As fitted, but for log_chunks (-0.30) and with it the bias (-3.59): docs/decisions/0004."""

WORDS_ONLY_WEIGHTS, WORDS_ONLY_BIAS = Features(4.67, 0.0, 0.0, -1.61, -0.33, 0.0, 0.0), -0.45
"""Where the best passage is in a language that the embedder does not know."""

NAME = re.compile(r"(?<=\s)[\"'“«„(]*([^\W\d_][\w-]*|\d[\d.,]*)")


def confidence(question: str, candidates: Sequence[Candidate], reread: Reread, *, chunks: int) -> float:
    """The probability, from 0 to 1, that the documents answer; 0 where nothing was found."""
    if not candidates:
        return 0.0
    counted = count(question, candidates, reread, chunks=chunks)
    weights, bias = weights_for(candidates[0])
    return 1 / (1 + math.exp(-bias - sum(w * x for w, x in zip(weights, counted, strict=True))))


def weights_for(best: Candidate) -> tuple[Features, float]:
    if not best.features.cosine:
        return WORDS_ONLY_WEIGHTS, WORDS_ONLY_BIAS
    return (WEIGHTS, BIAS) if best.features.odds else (UNREAD_WEIGHTS, UNREAD_BIAS)


def count(question: str, candidates: Sequence[Candidate], reread: Reread, *, chunks: int) -> Features:
    best = candidates[0]
    return Features(
        coverage=best.features.coverage + best.features.coverage_gain,
        passage_cosine=reread.best_cosine,
        sentence_cosine=max(candidate.features.cosine for candidate in candidates),
        missing_names=missing_names(question, best.passage.span.text),
        log_chunks=math.log(min(chunks, MOST_CHUNKS)),
        best_odds=reread.best_odds,
        odds=best.features.odds,
    )


def missing_names(question: str, text: str) -> float:
    """The share of the question's capitalised words and numbers that the text lacks; 0 where it names nothing.

    The first word is left out: it is capitalised in any case. Signs before it, an emoji say, are no word.
    """
    names = [
        match[1].lower().rstrip(".,")
        for match in NAME.finditer(re.sub(r"^\W+", "", question))
        if match[1][0].isupper() or match[1][0].isdigit()
    ]
    lowered = text.lower()
    return sum(name not in lowered for name in names) / len(names) if names else 0.0
