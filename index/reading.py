"""Which sentences of the passages answer the question best.

A linear model over what can be counted, fitted by tools/fit_reading.py on the development halves of public question
sets; docs/decisions/0008 has its figures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from index.embedding import Embedder, Vectors
from index.kinds import is_yes_or_no
from index.lexical import Analyzer, LexicalIndex, TermWeights
from index.reranking import READ_PASSAGES, Reread, RereadPassage
from index.sentences import INTRODUCES, lists, sentences
from index.types import Passage, Span

COMPARED = 16
"""Sentences that are compared with the question in meaning: those that are best by everything else. Eight cost as much
as reading one passage: 25 ms each against 0.21 s, on a core without VNNI."""

SHORT_WORDS = 5

NO_STATEMENT = ("?", "？", *INTRODUCES, "-->")
"""How questions, the words before a list, and comments end."""

LIST_WORDS = 60
"""Of a list that is quoted whole; of a longer one as many items as fit."""


class Features(NamedTuple):
    """What is counted for a sentence. Coverage is the share of the question's terms by weight."""

    coverage: float
    coverage_gain: float  # with the sentence before it and the headings above
    cosine: float  # with the question; 0 where the embedder does not know the language
    passage_score: float  # as a share of the best passage's
    passage_coverage: float
    pairs: float  # share of the question's neighbouring terms that are neighbours in the sentence
    is_short: float
    odds: float  # of the reader's likeliest answer within it, ln / 10; 0 where the reader did not read it


WEIGHTS = Features(1.80, 0.97, 2.80, 7.66, -0.20, 0.81, -3.56, 2.83)

WEIGHTS_UNREAD = Features(6.88, 3.80, 4.84, 7.52, 0.32, 2.58, -4.66, 0.0)
"""For what the reader did not read: another language, or READER=off."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence and what speaks for it.

    `answer` is the reader's short answer within the sentence. `own` are the question's terms that it holds, `above`
    those of the headings above it and of its document's title. `score` orders the candidates of one question; `share`
    is the probability the ranking gives this one, given that one of them answers.
    """

    span: Span
    passage: Passage
    features: Features
    answer: Span | None
    own: frozenset[str]
    above: frozenset[str]
    score: float
    share: float


def read(
    question: str, reread: Reread, *, lexical: LexicalIndex, embedder: Embedder, analyzer: Analyzer
) -> tuple[Candidate, ...]:
    """The sentences of the best passages, the one that answers best first.

    Where yes or no is asked for, no few words of a sentence are the answer.
    """
    counted = []
    for each in reread.passages[:READ_PASSAGES]:
        weights = lexical.term_weights(question, each.found.chunk.language)
        counted += count(each, weights, analyzer=analyzer)
    if not counted:
        return ()
    if is_yes_or_no(question):
        counted = [each._replace(answer=None) for each in counted]
    counted.sort(key=lambda each: -score(each.features))
    return rank(compared(counted[:COMPARED], reread.vector, embedder=embedder))


class Counted(NamedTuple):
    span: Span
    passage: Passage
    features: Features
    answer: Span | None
    own: frozenset[str]
    above: frozenset[str]


def count(reread: RereadPassage, weights: TermWeights, *, analyzer: Analyzer) -> list[Counted]:
    """The sentences of one passage with all features but the cosine. What states nothing by itself is left out.

    A sentence that introduces a list stands for it: what is counted of its own words makes all of it a candidate, and
    no few words of it are the answer.
    """
    passage = reread.found
    language = passage.chunk.language
    spans = sentences_of(passage)
    terms = [analyzer.terms(span.text, language) for span in spans]
    headings = analyzer.terms(" ".join(passage.chunk.heading), language)
    above = weights.keys() & {*headings, *analyzer.terms(passage.source.title, language)}
    whole = whole_lists(passage, spans)
    everywhere = coverage(weights, [*headings, *(term for own in terms for term in own)])
    counted = []
    for span, before, own in zip(spans, [[], *terms], terms, strict=False):
        alone = coverage(weights, own)
        said = whole.get(span.start, span)
        odds, answer = reread.answer_in(said)
        features = Features(
            coverage=alone,
            coverage_gain=coverage(weights, [*headings, *before, *own]) - alone,
            cosine=0.0,
            passage_score=reread.share,
            passage_coverage=everywhere,
            pairs=shared_pairs(list(weights), own),
            is_short=float(len(said.text.split()) < SHORT_WORDS),
            odds=odds,
        )
        if not said.text.endswith(NO_STATEMENT):
            answer = answer if said is span else None
            counted.append(Counted(said, passage, features, answer, frozenset(weights.keys() & own), frozenset(above)))
    return counted


def whole_lists(passage: Passage, spans: Sequence[Span]) -> dict[int, Span]:
    """Each list of the passage with the sentence that introduces it, as far as LIST_WORDS go, by where that starts."""
    begin = passage.span.start
    found = {}
    for start, ends in lists(passage.span.text, [(each.start - begin, each.end - begin) for each in spans]).items():
        fitting = [end for end in ends if len(passage.span.text[start:end].split()) <= LIST_WORDS]
        if fitting:
            last = fitting[-1]
            found[begin + start] = Span(passage.span.text[start:last], begin + start, begin + last)
    return found


def sentences_of(passage: Passage) -> list[Span]:
    """The passage's sentences; one that only repeats the document's title is none."""
    text, begin = passage.span.text, passage.span.start
    found = sentences(text, passage.chunk.language)
    return [Span(text[s:e], begin + s, begin + e) for s, e in found if text[s:e] != passage.source.title]


def coverage(weights: TermWeights, terms: Sequence[str]) -> float:
    """How much of the question's weight the terms hold, from 0 to 1."""
    held = set(terms)
    return sum(weight for term, weight in weights.items() if term in held) / (sum(weights.values()) or 1.0)


def shared_pairs(asked: Sequence[str], held: Sequence[str]) -> float:
    pairs = set(pairwise(held))
    return sum(pair in pairs for pair in pairwise(asked)) / max(1, len(asked) - 1)


def compared(counted: Sequence[Counted], vector: Vectors | None, *, embedder: Embedder) -> list[Counted]:
    cosines = question_cosines(vector, counted, embedder)
    return [each._replace(features=each.features._replace(cosine=c)) for each, c in zip(counted, cosines, strict=True)]


def question_cosines(vector: Vectors | None, counted: Sequence[Counted], embedder: Embedder) -> list[float]:
    """For each sentence its cosine to the question; 0 in a language that the embedder does not know."""
    cosines = np.zeros(len(counted))
    known = [row for row, each in enumerate(counted) if each.passage.chunk.language in embedder.languages]
    if known and vector is not None:
        cosines[known] = embedder.embed([counted[row].span.text for row in known]) @ vector
    return [float(cosine) for cosine in cosines]


def rank(counted: Sequence[Counted]) -> tuple[Candidate, ...]:
    scores = np.array([score(each.features) for each in counted])
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    candidates = [
        Candidate(*each, score=float(score), share=float(share))
        for each, score, share in zip(counted, scores, shares, strict=True)
    ]
    return tuple(sorted(candidates, key=lambda candidate: -candidate.score))


def score(features: Features) -> float:
    weights = WEIGHTS if features.odds else WEIGHTS_UNREAD
    return sum(weight * value for weight, value in zip(weights, features, strict=True))
