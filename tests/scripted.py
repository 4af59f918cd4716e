"""Answers without an engine: two documents, and a few questions whose fate is written down beforehand."""

import threading
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from index.errors import QuestionError
from index.stop import Stop
from index.types import Answer, Chunk, Citation, Fate, LeftOut, Outcome, Passage, Quote, Source, Span, Status, Use
from index.writer import Spoken

LIGHTHOUSE = """Keeping the light

The lighthouse stands on the northern cape. Its lamp was lit for the first time in 1871. A keeper climbs the
212 steps every evening. The lamp burns oil until the last boat is home.

In winter the keeper rings a bell when fog hides the lamp. The bell weighs half a ton.
"""
HARBOUR = """# Harbour rules

Every boat shows a lantern after sunset. Nets are mended on the east quay only.
"""

TEXTS = {"keeping-the-light.txt": LIGHTHOUSE, "rules/harbour.md": HARBOUR}
SOURCES = {
    "keeping-the-light.txt": Source("keeping-the-light.txt", "Keeping the light", page=4, modified=date(2024, 5, 17)),
    "rules/harbour.md": Source("rules/harbour.md", "Harbour rules"),
}
HEADINGS = {"keeping-the-light.txt": ("The lamp", "Its keeper"), "rules/harbour.md": ("Harbour rules",)}

FIRST_LIT = "Its lamp was lit for the first time in 1871."
STEPS = "A keeper climbs the\n212 steps every evening."
LANTERN = "Every boat shows a lantern after sunset."
TOO_VAGUE = "The question holds no word to search for; please say it in words."


class ScriptedAnswers:
    """Implements `Answers`. `asked` records every question; `texts` are the documents as they are now.

    A question with the word "slow" is worked on for ever, "vague" is refused, "broken" meets a bug, "unknown" is not
    in the documents; every other is answered.
    """

    generation = "20241123-114200"
    writer_name = ""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.closed = False
        self.texts = dict(TEXTS)

    def answer(self, question: str, **_: object) -> Answer:
        self.asked.append(question)
        question.encode()  # a question that no engine could encode must not come this far
        if "slow" in question:
            threading.Event().wait()
        if "vague" in question:
            raise QuestionError(TOO_VAGUE)
        if "broken" in question:
            raise RuntimeError("a bug")
        if "unknown" in question:
            return abstained(question, quote("rules/harbour.md", LANTERN))
        return answered(question, quote("keeping-the-light.txt", FIRST_LIT), quote("keeping-the-light.txt", STEPS))

    def known(self, question: str) -> Answer | None:
        """No language model wrote any."""

    def ask_model(self, *_: object, stop: Stop | None = None, **__: object) -> Spoken | None:
        """There is none."""

    def stem(self, word: str, language: str) -> str:
        return word

    def sources(self) -> tuple[Source, ...]:
        return tuple(SOURCES.values())

    def languages(self) -> dict[str, str]:
        """None is known, so that nobody drafts questions from the documents."""
        return {}

    def text(self, document: str) -> str | None:
        return self.texts.get(document)

    def fingerprints(self) -> dict[str, str]:
        return {name: f"{hash(text):x}" for name, text in self.texts.items()}

    def status(self) -> Status:
        return Status(
            generation=self.generation,
            path=Path("data/index") / self.generation,
            published=datetime(2024, 11, 23, 11, 42),
            documents=2,
            chunks=5,
            languages=("en",),
            model="all-MiniLM-L6-v2",
            left_out=(LeftOut("photo.txt", "it is not text"),),
        )

    def close(self) -> None:
        self.closed = True


def answered(question: str, *quotes: Quote) -> Answer:
    """Each quote, word for word, followed by its number."""
    citations = tuple(Citation(number, each) for number, each in enumerate(quotes, start=1))
    text = " ".join(f"{citation.quote.text} [{citation.number}]" for citation in citations)
    passages, fates = considered(quotes)
    return Answer(
        question, text, Outcome.ANSWERED, 0.9, citations=citations, passages=passages, fates=fates, seconds=0.04
    )


def abstained(question: str, *closest: Quote) -> Answer:
    text = "The documents do not answer this."
    passages, fates = considered(closest)
    return Answer(question, text, Outcome.ABSTAINED, 0.1, closest=closest, passages=passages, fates=fates, seconds=0.04)


def considered(quotes: Sequence[Quote]) -> tuple[tuple[Passage, ...], tuple[Fate, ...]]:
    """The documents that are quoted, and any other, which was not read."""
    quoted = {each.source.document: each.passage for each in quotes}
    numbers = {
        name: tuple(number for number, each in enumerate(quotes, start=1) if each.source.document == name)
        for name in quoted
    }
    unread = {name: passage_of(name) for name in TEXTS if name not in quoted}
    fates = (*(Fate(Use.QUOTED, numbers[name]) for name in quoted), *(Fate(Use.NOT_READ) for _ in unread))
    return (*quoted.values(), *unread.values()), fates


def quote(document: str, text: str) -> Quote:
    """The first place where `text` stands in the document; the whole document is its passage and its context."""
    passage = passage_of(document)
    start = passage.span.text.index(text)
    return Quote(Span(text, start, start + len(text)), passage, passage.span)


def passage_of(document: str) -> Passage:
    whole = TEXTS[document]
    return Passage(Chunk(document, Span(whole, 0, len(whole)), SOURCES[document], HEADINGS[document]), 1.0)
