"""From chosen sentences to quotes, and from quotes to the text of an answer. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from index.kinds import Kind
from index.reading import Candidate, sentences_of
from index.types import MARKER, Citation, Passage, Quote, Span

ENOUGH, WORTH = 0.98, 0.03
"""Sentences are added until their shares come to ENOUGH, leaving out any with less than WORTH of the best one's: 1.7
quotes an answer on squad2 and 1.4 on xquad_en, the answer among them for 93 % and 94 %; with .9 and .1 it were 1.4 and
1.2 quotes for 92 % and 93 % (docs/decisions/0008)."""

ALIKE, ALIKE_UNREAD = 0.6, 0.3
"""A sentence is quoted as one with its better neighbour where its share is at least this part of the neighbour's: the
first quote held the answer for .511 of chunkeval and .904 of xquad_en, for .511 and .900 where none were joined, for
.536 and .911 where all were, though most of those then said what was not asked. With .3 it were .519 and .904, but
"What does a bicycle pay?" was answered with the price for grown-ups in the same quote. What nothing has read is told
apart less sharply: there .6 took two points of xquad_ru's first quotes."""

SHORT_ANSWER_ODDS = 0.0
"""A short answer is shown where the reader finds it likelier than that the passage holds none."""

CONTEXT = 350
"""Characters of the document shown on each side of an opened quote, about; it ends at a paragraph or a word."""

MOST_WORDS = 60
"""Of a quote of more than one sentence: beyond that a quote is a passage."""

POINTERS = {
    "en": "he|she|it|they|this|these|those|his|her|its|their|such|both",
    "ru": "он|она|оно|они|это|этот|эта|эти|его|её|их|такой|такая|такие",
    "de": "er|sie|es|dies|diese|dieser|dieses|sein|seine|ihr|ihre|beide",
    "es": "él|ella|ellos|ellas|esto|este|esta|estos|estas|su|sus|ambos",
    "fr": "il|elle|ils|elles|ce|cet|cette|ces|ceci|cela|son|sa|ses|leur|leurs",
}
POINTING = {language: re.compile(rf"\W*(?:{words})\b", re.IGNORECASE) for language, words in POINTERS.items()}
"""How a sentence begins that says who or what it is about only with the one before."""

PARAGRAPH = re.compile(r"\n\s*\n")
SPACE = re.compile(r"\s+")
HEADING_LAST = re.compile(r"\s*\n[ \t]*#{1,6}[ \t][^\n]*\s*\Z")
"""A heading whose text is no longer shown says nothing."""


def choose(candidates: Sequence[Candidate], *, limit: int, kind: Kind = Kind.OTHER) -> list[Candidate]:
    """One to `limit` candidates that answer best, no two saying the same.

    The best comes first, then the one nearest to the question in meaning, then the next best: words and meaning miss
    different things. Fewer where the first ones are sure enough. Where things are compared, the second is the one that
    tells of what the first does not.
    """
    if not candidates:
        return []
    best = candidates[0]
    nearest = max(candidates, key=lambda candidate: candidate.features.cosine)
    others = [other for other in (counterpart(candidates),) if other and kind is Kind.COMPARISON]
    chosen: list[Candidate] = []
    for candidate in (best, *others, nearest, *candidates[1:]):
        if len(chosen) == limit or (sum(each.share for each in chosen) >= ENOUGH and candidate not in others):
            break
        worth = candidate.share >= WORTH * best.share or candidate in others
        if worth and not any(says_the_same(candidate, each) for each in chosen):
            chosen.append(candidate)
    return chosen


def likelihood(document: str, span: Span, *, candidates: Callable[[], Sequence[Candidate]]) -> float:
    """Of a stretch of a document, how likely its best sentence answers, as a part of how likely the best one of all.

    `candidates` is called where it is asked for, since these may be still to come.
    """
    known = candidates()
    within = (each for each in known if each.passage.source.document == document and overlap(each.span, span))
    return max((each.share / known[0].share for each in within), default=0.0)


def counterpart(candidates: Sequence[Candidate]) -> Candidate | None:
    """Of those that tell of something in the question that the best one does not, the one put most like it: "A costs
    ten crowns" calls for "B costs twenty crowns"."""
    best = candidates[0]
    others = [each for each in candidates if tells_of(each, best) - tells_of(best, each)]
    return max(others, key=lambda each: likeness(each.span.text, best.span.text), default=None)


def tells_of(one: Candidate, other: Candidate) -> frozenset[str]:
    """What of the question one is about, less what stands above both."""
    return one.own | (one.above - other.above)


def likeness(one: str, other: str) -> float:
    """Words in both as a share of the words in either."""
    words, others = set(fold(one).split()), set(fold(other).split())
    return len(words & others) / max(1, len(words | others))


def says_the_same(one: Candidate, other: Candidate) -> bool:
    """The same words, or one within the other, as an item and its list."""
    same_document = one.passage.source.document == other.passage.source.document
    return (same_document and overlap(one.span, other.span)) or fold(one.span.text) == fold(other.span.text)


def with_leads(chosen: Sequence[Candidate]) -> list[Candidate]:
    """The chosen, each that begins with a pronoun together with the sentence before it; none within another."""
    led: list[Candidate] = []
    for candidate in chosen:
        others = [each for each in led if each.passage.source == candidate.passage.source]
        if any(overlap(each.span, candidate.span) for each in others):
            continue
        longer = with_lead(candidate)
        led.append(candidate if any(overlap(each.span, longer.span) for each in others) else longer)
    return led


def with_lead(candidate: Candidate) -> Candidate:
    """With the sentence before it in its paragraph, where it begins with a pronoun and the two are not too long."""
    pointing = POINTING.get(candidate.passage.chunk.language)
    if pointing is None or not pointing.match(candidate.span.text):
        return candidate
    before = [each for each in sentences_of(candidate.passage) if each.end <= candidate.span.start]
    if not before:
        return candidate
    return as_one(candidate, replace(candidate, span=before[-1])) or candidate


def joined(chosen: Sequence[Candidate]) -> list[Candidate]:
    """The chosen, where one goes on with what another says, and as much to the point, the two as one quote."""
    for place, one in enumerate(chosen):
        for other in chosen[place + 1 :]:
            alike = ALIKE if one.features.odds else ALIKE_UNREAD
            if other.share >= alike * one.share and (grown := as_one(one, other)):
                return joined([grown if each is one else each for each in chosen if each is not other])
    return list(chosen)


def as_one(better: Candidate, other: Candidate) -> Candidate | None:
    """The better one grown by its neighbour; None where they are none, or too long together."""
    first, second = sorted((better.span, other.span), key=lambda span: span.start)
    if better.passage is not other.passage or first.end > second.start:
        return None
    between = better.passage.span.cut(first.end, second.start)
    text = better.passage.span.cut(first.start, second.end)
    if between.strip() or PARAGRAPH.search(between) or len(text.split()) > MOST_WORDS:
        return None
    return replace(better, span=Span(text, first.start, second.end))


def overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def as_quote(candidate: Candidate, document_text: str) -> Quote:
    """The candidate read back from the document. Raises ValueError where it does not stand there."""
    answer = candidate.answer if candidate.features.odds > SHORT_ANSWER_ODDS else None
    return read_back(candidate.span, candidate.passage, document_text, answer=answer)


def read_back(span: Span, passage: Passage, document_text: str, *, answer: Span | None = None) -> Quote:
    """The quote, with what stands around it. Raises ValueError where it does not stand in the document."""
    if document_text[span.start : span.end] != span.text:
        raise ValueError(f"{passage.source.document} does not hold the quote at [{span.start}:{span.end}]")
    return Quote(span, passage, context(document_text, span), answer)


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
