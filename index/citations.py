"""From chosen sentences to quotes, and from quotes to the text of an answer. Pure."""

import re
from collections.abc import Sequence

from index.reading import Candidate
from index.types import Citation, Quote, Span

ENOUGH = 0.9
"""Sentences are added until their shares come to this: 1.9 quotes an answer on xquad_en, 2.1 on squad2, and the
answer among them for 94 % and 89 % (docs/decisions/0004)."""

CONTEXT = 350
"""Characters of the document shown on each side of an opened quote, about; it ends at a paragraph or a word."""

OWN_MARKER = re.compile(r"\[(\d+)\]")


def choose(candidates: Sequence[Candidate], *, limit: int) -> list[Candidate]:
    """One to `limit` candidates that answer best, no two saying the same.

    The best comes first, then the one nearest to the question in meaning, then the next best: words and meaning miss
    different things. Fewer where the first ones are sure enough.
    """
    nearest = sorted(candidates, key=lambda candidate: -candidate.features.cosine)
    chosen: list[Candidate] = []
    for candidate in (*candidates[:1], *first_other(nearest, candidates[:1]), *candidates[1:]):
        if len(chosen) == limit or sum(each.share for each in chosen) >= ENOUGH:
            break
        if fold(candidate.span.text) not in (fold(each.span.text) for each in chosen):
            chosen.append(candidate)
    return chosen


def first_other(candidates: Sequence[Candidate], than: Sequence[Candidate]) -> list[Candidate]:
    return [candidate for candidate in candidates if candidate.features.cosine and candidate not in than][:1]


def as_quote(candidate: Candidate, document_text: str) -> Quote:
    """The candidate read back from the document. Raises ValueError where it does not stand there."""
    span = candidate.span
    if document_text[span.start : span.end] != span.text:
        raise ValueError(f"{candidate.passage.source.document} does not hold the quote at [{span.start}:{span.end}]")
    return Quote(span, candidate.passage, context(document_text, span))


def context(text: str, span: Span) -> Span:
    """The span with about CONTEXT characters around it, cut at a paragraph where one ends there, else at a word."""
    start = max(0, span.start - CONTEXT)
    if start and (cut := re.search(r"\n\s*\n|\s", text[start : span.start])):
        paragraph = re.search(r"\n\s*\n", text[start : span.start])
        start += (paragraph or cut).end()
    end = min(len(text), span.end + CONTEXT)
    if end < len(text):
        tail = text[span.end : end]
        cut_at = tail.rfind("\n\n") if "\n\n" in tail else max(tail.rfind(" "), tail.rfind("\n"))
        end = span.end + cut_at if cut_at >= 0 else end
    return Span(text[start:end], start, end)


def compose(quotes: Sequence[Quote]) -> tuple[str, tuple[Citation, ...]]:
    """The text of an answer by quotation, each quote followed by its marker, and the citations."""
    citations = tuple(Citation(number, quote) for number, quote in enumerate(quotes, start=1))
    return " ".join(f"{as_statement(each.quote.text)} [{each.number}]" for each in citations), citations


def as_statement(quote: str) -> str:
    """The quote as it reads in an answer: its own `[3]` in other brackets, for it is no citation of ours."""
    return OWN_MARKER.sub(r"［\1］", quote)


def fold(text: str) -> str:
    """What makes two quotes the same: their words, whatever the case and white space."""
    return " ".join(re.findall(r"\w+", text.lower()))
