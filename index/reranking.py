"""The retrieved passages read by the reader and put in a better order."""

import math
from dataclasses import dataclass, replace
from itertools import accumulate

from index.embedding import Vectors
from index.reader import Reader, Reading
from index.retrieval import Retrieved
from index.types import Passage, Span

READ_PASSAGES = 5
"""What is read of the ten that are retrieved, the dearest step of an answer: the first five held the answer for 96 % of
squad2's answerable questions, ten for 97 %."""

ODDS_WEIGHT, COSINE_WEIGHT = 0.15, 0.2
"""Of the reader's odds, bent, and of the cosine once more, beside the retrieval's score: among the few passages that
are read, nearness may weigh more than among all chunks (docs/decisions/0008)."""

ODDS_WIDTH = 8.0
"""Log odds beyond it say little more of which passage is the better one: one that surely answers is put before one that
does not, but hardly before another that answers a little less surely."""

MARKS = (("“", "”"), ("«", "»"), ("„", "“"), ("(", ")"), ("[", "]"), ('"', '"'), ("`", "`"))

ODDS_SCALE, ODDS_LIMIT = 10.0, 20.0
"""Log odds beyond ±20 say nothing more; a tenth of them is of the size of the other features."""


@dataclass(frozen=True, slots=True, eq=False)
class RereadPassage:
    """A passage as retrieved and what the reader said of it; None where it does not know the language."""

    found: Passage
    reading: Reading | None
    share: float
    """Retrieval's score as a share of the question's best."""

    cosine: float

    @property
    def score(self) -> float:
        """What orders the passages."""
        return self.found.score + COSINE_WEIGHT * self.cosine + ODDS_WEIGHT * bent(self.odds)

    @property
    def odds(self) -> float:
        """How much likelier than not it answers: ln / 10, limited to ±2; 0 where the reader did not read it."""
        return scaled(self.reading.best_odds()) if self.reading else 0.0

    def answer_in(self, span: Span) -> tuple[float, Span | None]:
        """The likeliest short answer within a span of the document, and its odds as above."""
        begin = self.found.span.start
        best = self.reading.best_span(span.start - begin, span.end - begin) if self.reading else None
        if best is None:
            return (scaled(-ODDS_LIMIT) if self.reading else 0.0), None
        odds, start, end = best
        start, end = start + begin, closed(self.found.span.text[: span.end - begin], start, end) + begin
        return scaled(odds), Span(self.found.span.cut(start, end), start, end)


@dataclass(frozen=True, slots=True, eq=False)
class Reread:
    """The passages of a question, best first, and what finding and reading them told."""

    passages: tuple[RereadPassage, ...]
    vector: Vectors | None
    best_cosine: float

    @property
    def ranked(self) -> tuple[Passage, ...]:
        """As an answer shows them, each with the score that it was placed by, or that of the one before where lower."""
        scores = accumulate((each.score for each in self.passages), min)
        return tuple(replace(each.found, score=score) for each, score in zip(self.passages, scores, strict=True))


def rerank(question: str, retrieved: Retrieved, *, reader: Reader | None) -> Reread:
    """The same passages, the first READ_PASSAGES in the order of retrieval's score and the reader's odds together."""
    head = retrieved.passages[:READ_PASSAGES]
    known = [p for p in head if reader and p.chunk.language in reader.languages]
    readings = reader.read(question, [p.span.text for p in known]) if reader and known else []
    by_id = {passage.chunk.id: reading for passage, reading in zip(known, readings, strict=True)}
    best = retrieved.best_score
    reread = [
        RereadPassage(
            passage,
            by_id.get(passage.chunk.id),
            share=max(0.0, passage.score) / best if best > 0 else 0.0,
            cosine=retrieved.cosines.get(passage.chunk.id, 0.0),
        )
        for passage in retrieved.passages
    ]
    first = sorted(reread[:READ_PASSAGES], key=lambda each: -each.score)
    return Reread((*first, *reread[READ_PASSAGES:]), retrieved.vector, retrieved.best_cosine)


def closed(text: str, start: int, end: int) -> int:
    """Where a short answer ends, with the mark right behind it that closes one within it."""
    answer, following = text[start:end], text[end : end + 1]
    for opening, closing in MARKS:
        if following == closing and (answer.count(opening) - answer.count(closing) == 1 or is_odd(answer, closing)):
            return end + 1
    return end


def is_odd(answer: str, mark: str) -> bool:
    return mark in ('"', "`") and answer.count(mark) % 2 == 1


def bent(odds: float) -> float:
    """From -1 to 1, of odds scaled."""
    return math.tanh(odds * ODDS_SCALE / ODDS_WIDTH)


def scaled(odds: float) -> float:
    """Never exactly 0, which stands for "not read"."""
    return (max(-ODDS_LIMIT, min(ODDS_LIMIT, odds)) / ODDS_SCALE) or 1e-9
