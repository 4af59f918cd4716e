"""Verdicts and answers for the tests of `citegram eval`, each with only what a test is about spelled out."""

from datetime import UTC, datetime

from bot.evaluation.questions import Question
from bot.evaluation.runs import Run
from bot.evaluation.verdicts import JudgedQuote, Verdict
from index.types import Answer, Chunk, Citation, Outcome, Passage, Quote, Source, Span

MADE = datetime(2026, 11, 24, 5, 12, tzinfo=UTC)


def a_verdict(
    key: str = "1",
    *,
    answerable: bool = True,
    answered: bool = True,
    confidence: float = 0.9,
    holds: tuple[bool, ...] = (True,),
    rank: int | None = 1,
    seconds: float = 0.1,
    kind: str = "when",
    language: str = "en",
    text: str = "When was the lamp lit?",
) -> Verdict:
    """`holds` says of each quote whether it holds the answer."""
    question = Question(key, text, answers=("1871",), evidence=("It was lit in 1871.",), answerable=answerable)
    quotes = tuple(JudgedQuote(f"Quote {place}.", "lamp.txt", each, True) for place, each in enumerate(holds))
    return Verdict(question, kind, language, answered, confidence, quotes, rank, seconds)


def a_run(*verdicts: Verdict) -> Run:
    return Run(MADE, "20261124-051200", verdicts)


def a_passage(text: str, document: str = "lamp.txt") -> Passage:
    """The whole of a document."""
    return Passage(Chunk("en-1", Span(text, 0, len(text)), Source(document, "The lamp")), 1.0)


def an_answer(
    *quoted: str,
    passage: str,
    document: str = "lamp.txt",
    answered: bool = True,
    confidence: float = 0.9,
    before: tuple[str, ...] = (),
    seconds: float = 0.1,
) -> Answer:
    """Each of `quoted` where it first stands in the passage; the passages of `before` are ranked above it."""
    found = a_passage(passage, document)
    quotes = tuple(Quote(span_of(each, passage), found, found.span) for each in quoted)
    citations = tuple(Citation(number, each) for number, each in enumerate(quotes, start=1)) if answered else ()
    return Answer(
        question="?",
        text=" ".join(f"[{each.number}]" for each in citations),
        outcome=Outcome.ANSWERED if answered else Outcome.ABSTAINED,
        confidence=confidence,
        citations=citations,
        closest=() if answered else quotes,
        passages=(*(a_passage(each, "other.txt") for each in before), found),
        seconds=seconds,
    )


def span_of(part: str, whole: str) -> Span:
    start = whole.index(part)
    return Span(part, start, start + len(part))
