"""A question and its passages given to a language model, and what it wrote read back from the documents."""

import logging
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass

from index.errors import WriterError
from index.lexical import Analyzer
from index.library import Library
from index.prose.composing import compose
from index.prose.offer import Offer, offer
from index.prose.reply import Copied, Said, parse
from index.prose.verification import Verdict, Verifier
from index.types import Citation, Fallback, Passage, Writing
from index.writer import Writer

logger = logging.getLogger(__name__)

LONGEST = 8000
"""Characters of a reply: a model that goes on is left."""

Hear = Callable[[str], None]
"""Gets the text of an answer as far as it stands, each time that another sentence does."""


@dataclass(frozen=True, slots=True)
class Prose:
    """What a model wrote, as far as it stands. Without text, no sentence does, or the model found no answer."""

    text: str
    citations: tuple[Citation, ...]
    verdicts: tuple[Verdict, ...]
    writing: Writing


def write(
    question: str,
    passages: Sequence[Passage],
    *,
    writer: Writer,
    library: Library,
    analyzer: Analyzer,
    mark: bool = False,
    hear: Hear | None = None,
) -> Prose:
    """Never raises for what the model or its server does: the Writing tells why there is no text.

    Raises ValueError where the index is damaged.
    """
    offered = offer(question, passages)
    heard = Heard(offered, library=library, analyzer=analyzer, mark=mark)
    reply, text, asked_tokens, written_tokens = "", "", 0, 0
    try:
        with closing(writer.stream(offered.messages())) as pieces:
            for piece in pieces:
                reply += piece.text
                if len(reply) > LONGEST:
                    break
                asked_tokens, written_tokens = asked_tokens + piece.asked_tokens, written_tokens + piece.written_tokens
                if hear and ends_something(piece.text):
                    text, before = heard.composed(reply, complete=False)[0], text
                    if text != before:
                        hear(text)
    except WriterError as error:
        logger.warning("the language model did not write: %s", error.reason)
        return Prose("", (), (), Writing(writer.name, error.reason, asked_tokens, written_tokens))
    text, citations = heard.composed(reply, complete=True)
    verdicts = heard.verdicts(reply, complete=True)
    if not text and not verdicts and not parse(reply).declined:
        return Prose("", (), (), Writing(writer.name, Fallback.NONSENSE, asked_tokens, written_tokens))
    left_out = sum(not verdict.stands for verdict in verdicts)
    return Prose(text, citations, verdicts, Writing(writer.name, None, asked_tokens, written_tokens, left_out))


class Heard:
    """A reply as it comes: what of it stands so far."""

    def __init__(self, offered: Offer, *, library: Library, analyzer: Analyzer, mark: bool) -> None:
        self._offered, self._library, self._analyzer, self._mark = offered, library, analyzer, mark
        self._language = offered.passages[0].passage.chunk.language if offered.passages else "en"
        self._known: dict[tuple[Said, tuple[Copied, ...]], Verdict] = {}

    def composed(self, reply: str, *, complete: bool) -> tuple[str, tuple[Citation, ...]]:
        return compose(self.verdicts(reply, complete=complete), self._library.texts.read, mark=self._mark)

    def verdicts(self, reply: str, *, complete: bool) -> tuple[Verdict, ...]:
        """Of all sentences; of a reply that is not complete, of all but the last, whose marks may still come."""
        parsed = parse(reply, self._language)
        said = parsed.said if complete else parsed.said[:-1]
        new = [each for each in said if (each, parsed.copied) not in self._known]
        if new:
            verifier = Verifier(
                self._offered, parsed, terms=self._analyzer.terms, weights=self._library.lexical.term_weights
            )
            self._known |= {(each, parsed.copied): verifier.verdict(each) for each in new}
        return tuple(self._known[each, parsed.copied] for each in said)


def ends_something(text: str) -> bool:
    """Whether a sentence may have come to its end with these letters."""
    return any(sign in text for sign in ".!?]…\n")
