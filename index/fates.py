"""What became of each passage that was found for a question: quoted, or why not. Pure."""

from collections.abc import Sequence

from index.citations import WORTH, fold, overlap
from index.reading import Candidate
from index.reranking import READ_PASSAGES
from index.types import Fate, Passage, Quote, Use


def fates(passages: Sequence[Passage], candidates: Sequence[Candidate], quotes: Sequence[Quote]) -> tuple[Fate, ...]:
    """One for each passage. All are ranked; `quotes` are those of the answer, or the closest, in their order."""
    return tuple(fate(rank, passage, candidates, quotes) for rank, passage in enumerate(passages))


def fates_in_prose(passages: Sequence[Passage], quotes: Sequence[Quote]) -> tuple[Fate, ...]:
    """The same where a language model wrote, which got them all."""
    within = [
        tuple(at for at, quote in enumerate(quotes, start=1) if quote.passage.chunk.id == passage.chunk.id)
        for passage in passages
    ]
    return tuple(Fate(Use.QUOTED, numbers) if numbers else Fate(Use.UNUSED) for numbers in within)


def fate(rank: int, passage: Passage, candidates: Sequence[Candidate], quotes: Sequence[Quote]) -> Fate:
    within = tuple(at for at, quote in enumerate(quotes, start=1) if quote.passage.chunk.id == passage.chunk.id)
    if within:
        return Fate(Use.QUOTED, within)
    if rank >= READ_PASSAGES:
        return Fate(Use.NOT_READ)
    best = next((each for each in candidates if each.passage.chunk.id == passage.chunk.id), None)
    if best is None:
        return Fate(Use.NO_SENTENCE)
    same = tuple(at for at, quote in enumerate(quotes, start=1) if says(quote, best))
    if same:
        return Fate(Use.SAME, same)
    return Fate(Use.UNLIKELY if best.share < WORTH * candidates[0].share else Use.BEHIND)


def says(quote: Quote, candidate: Candidate) -> bool:
    """Whether the sentence, or one with the same words, is in the quote."""
    same_document = quote.source.document == candidate.passage.source.document
    return (same_document and overlap(quote.span, candidate.span)) or fold(candidate.span.text) in fold(quote.text)
