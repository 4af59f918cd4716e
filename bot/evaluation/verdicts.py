"""What came of one question: its answer, held against what was expected."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath

from bot.evaluation.matching import contains, overlaps, same_document, says
from bot.evaluation.questions import Question
from index.kinds import kind_of
from index.types import Answer, Passage, Quote

LONGEST_QUOTE = 70
"""Words. What is longer is a passage and proves nothing to someone who reads on a phone."""

RANKED = 10
"""Passages that are looked at for the evidence."""

LOOKED_AT = 3
"""Quotes of which one must hold the answer for the documents to have been read rightly."""

UNKNOWN = "unknown"


class Fate(StrEnum):
    """How a question ended, best first for those that the documents answer, then for those that they don't."""

    RIGHT = "right"
    SILENT = "silent"
    WRONG = "wrong"
    DECLINED = "declined"
    INVENTED = "invented"


@dataclass(frozen=True, slots=True)
class JudgedQuote:
    """`holds` says whether it holds an expected answer, `verbatim` whether it stands at its place letter for letter."""

    text: str
    document: str
    holds: bool
    verbatim: bool

    @property
    def words(self) -> int:
        return len(self.text.split())


@dataclass(frozen=True, slots=True)
class Verdict:
    """A question and what was found.

    `quotes` are the cited ones, or the closest where it abstained. `rank` is the place, from 1, of the first of ten
    passages that holds the evidence. `confidence` and `seconds` are rounded as `citegram ask --json` prints them.
    """

    question: Question
    kind: str
    language: str
    answered: bool
    confidence: float
    quotes: tuple[JudgedQuote, ...]
    rank: int | None
    seconds: float

    @property
    def quote_rank(self) -> int | None:
        """The place, from 1, of the first quote that holds an expected answer."""
        return next((place for place, quote in enumerate(self.quotes, start=1) if quote.holds), None)

    @property
    def near(self) -> bool:
        """Whether the right answer lay, or would have lain, in front of whoever asked."""
        return self.question.answerable and self.quote_rank is not None and self.quote_rank <= LOOKED_AT

    @property
    def fate(self) -> Fate:
        if not self.question.answerable:
            return Fate.INVENTED if self.answered else Fate.DECLINED
        if not self.answered:
            return Fate.SILENT
        return Fate.RIGHT if self.quote_rank else Fate.WRONG


def judge(
    question: Question, answer: Answer, *, text_of: Callable[[str], str], languages: Mapping[str, str]
) -> Verdict:
    """`text_of` gives the text of a document by its path, `languages` its language by the file's name alone."""
    language = question.language or language_of(question, answer, languages)
    quotes = [citation.quote for citation in answer.citations] or answer.closest
    return Verdict(
        question=question,
        kind=question.kind or kind_of(question.text, "en" if language == UNKNOWN else language),
        language=language,
        answered=answer.answered,
        confidence=round(answer.confidence, 4),
        quotes=tuple(judge_quote(question, quote, text_of(quote.source.document)) for quote in quotes),
        rank=rank_of_evidence(question, answer.passages),
        seconds=round(answer.seconds, 4),
    )


def judge_quote(question: Question, quote: Quote, document_text: str) -> JudgedQuote:
    return JudgedQuote(
        text=quote.text,
        document=quote.source.document,
        holds=holds_answer(question, quote.text),
        verbatim=document_text[quote.span.start : quote.span.end] == quote.text,
    )


def holds_answer(question: Question, quote: str) -> bool:
    if len(quote.split()) > LONGEST_QUOTE:
        return False
    if question.long_answers:
        return any(overlaps(quote, evidence) for evidence in question.evidence)
    return any(says(quote, answer) for answer in question.answers)


def rank_of_evidence(question: Question, passages: tuple[Passage, ...]) -> int | None:
    ranked = enumerate(passages[:RANKED], start=1)
    return next((place for place, passage in ranked if holds_evidence(question, passage)), None)


def holds_evidence(question: Question, passage: Passage) -> bool:
    if question.doc_ids and not same_document(passage.source.document, question.doc_ids):
        return False
    return any(contains(passage.span.text, evidence) for evidence in question.evidence)


def language_of(question: Question, answer: Answer, languages: Mapping[str, str]) -> str:
    """That of the document that should answer; where none is named, of the one that comes nearest."""
    for name in question.doc_ids:
        if language := languages.get(PurePath(name).name):
            return language
    return answer.passages[0].chunk.language if answer.passages else UNKNOWN
