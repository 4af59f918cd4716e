"""From chosen sentences to quotes, and from quotes to the text of an answer. Pure."""

import re
from collections.abc import Sequence

from index.reading import Candidate
from index.types import MARKER, Citation, Quote, Span

ENOUGH, WORTH = 0.9, 0.1
"""Sentences are added until their shares come to ENOUGH, leaving out any with less than WORTH of the best one's: 1.7
quotes an answer on squad2 and 1.5 on xquad_en, the answer among them for 88 % and 93 % (docs/decisions/0004)."""

CONTEXT = 350
"""Characters of the document shown on each side of an opened quote, about; it ends at a paragraph or a word."""

PARAGRAPH = re.compile(r"\n\s*\n")
SPACE = re.compile(r"\s+")
HEADING_LAST = re.compile(r"\s*\n[ \t]*#{1,6}[ \t][^\n]*\s*\Z")
"""A heading whose text is no longer shown says nothing."""


def choose(candidates: Sequence[Candidate], *, limit: int) -> list[Candidate]:
    """One to `limit` candidates that answer best, no two saying the same.

    The best comes first, then the one nearest to the question in meaning, then the next best: words and meaning miss
    different things. Fewer where the first ones are sure enough.
    """
    if not candidates:
        return []
    best = candidates[0]
    nearest = max(candidates, key=lambda candidate: candidate.features.cosine)
    chosen: list[Candidate] = []
    for candidate in (best, nearest, *candidates[1:]):
        if len(chosen) == limit or sum(each.share for each in chosen) >= ENOUGH:
            break
        said = {fold(each.span.text) for each in chosen}
        if candidate.share >= WORTH * best.share and fold(candidate.span.text) not in said:
            chosen.append(candidate)
    return chosen


def as_quote(candidate: Candidate, document_text: str) -> Quote:
    """The candidate read back from the document. Raises ValueError where it does not stand there."""
    span = candidate.span
    if document_text[span.start : span.end] != span.text:
        raise ValueError(f"{candidate.passage.source.document} does not hold the quote at [{span.start}:{span.end}]")
    return Quote(span, candidate.passage, context(document_text, span))


def context(text: str, span: Span) -> Span:
    """The span with about CONTEXT characters around it, cut at a paragraph where one ends there, else at a word."""
    start = max(0, span.start - CONTEXT)
    if start:
        before = text[start : span.start]
        cut = PARAGRAPH.search(before) or SPACE.search(before)
        start += cut.end() if cut else 0
    end = min(len(text), span.end + CONTEXT)
    if end < len(text):
        after = text[span.end : end]
        cuts = list(PARAGRAPH.finditer(after)) or list(SPACE.finditer(after))
        end = span.end + cuts[-1].start() if cuts else end
    if trailing := HEADING_LAST.search(text, span.end, end):
        end = trailing.start()
    return Span(text[start:end], start, end)


def compose(quotes: Sequence[Quote]) -> tuple[str, tuple[Citation, ...]]:
    """The text of an answer by quotation, each quote followed by its marker, and the citations."""
    citations = tuple(Citation(number, quote) for number, quote in enumerate(quotes, start=1))
    return " ".join(f"{as_statement(each.quote.text)} [{each.number}]" for each in citations), citations


def as_statement(quote: str) -> str:
    """The quote as it reads in an answer: its own `[3]` in other brackets, for it is no citation of ours."""
    return MARKER.sub(r"［\1］", quote)


def fold(text: str) -> str:
    """What makes two quotes the same: their words, whatever the case and white space."""
    return " ".join(re.findall(r"\w+", text.lower()))
