"""A language model tried out: a question and a passage that are nobody's, on the way that every answer goes."""

import time
from dataclasses import dataclass

from index.lexical import Analyzer
from index.types import Chunk, Passage, Source, Span
from index.writer import Writer
from index.writing import Prose, write

TEXT = "The old bridge was opened on 4 May 1902. Carts paid two pennies to cross it."
QUESTION = "When was the old bridge opened?"
PASSAGE = Passage(Chunk("en-trial", Span(TEXT, 0, len(TEXT)), Source("bridge.txt", "The old bridge")), 1.0)


@dataclass(frozen=True, slots=True)
class Trial:
    """What the model made of it, and how long that took."""

    prose: Prose
    seconds: float


def try_out(writer: Writer, *, analyzer: Analyzer) -> Trial:
    """No document is read and none is sent. Whatever the model or its server does is told by the trial."""
    started = time.monotonic()
    prose = write(
        QUESTION,
        (PASSAGE,),
        writer=writer,
        read=lambda _: TEXT,
        weights=lambda text, language: dict.fromkeys(analyzer.terms(text, language), 1.0),
        analyzer=analyzer,
    )
    return Trial(prose, time.monotonic() - started)
