"""How likely it is that the documents answer at all.

A logistic model over what reading found, fitted by tools/fit_reading.py on answerable, adversarial and foreign
questions, over folders of 5 to 1,500 chunks; docs/decisions/0004 has its figures and limits.
"""

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

from index.reading import Candidate
from index.reranking import Reread

THRESHOLD = 0.38
"""Below it the bot abstains. At it, 91 % of the answerable questions of squad2 and 93 % of clapnq's are answered, and
5 % of clapnq's asked of squad2's documents (docs/decisions/0004)."""

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
