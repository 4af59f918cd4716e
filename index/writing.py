"""A question and its passages given to a language model, and what it wrote read back from the documents."""

import logging
import re
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from index.errors import StoppedError, WriterError
from index.lexical import Analyzer
from index.prose.composing import compose
from index.prose.offer import Message, Offer, offer
from index.prose.reply import Copied, Said, parse
from index.prose.verification import Likelihood, Verdict, Verifier, Weights
from index.stages import took
from index.stop import Stop
from index.types import Citation, Fallback, Passage, Writing
from index.writer import Ending, Hear, Piece, Writer

logger = logging.getLogger(__name__)

LONGEST = 8000
"""Characters of a reply: a model that goes on is left."""

TOKEN_CHARACTERS = 4
"""So many make a token of English, where the server does not count them."""


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
    read: Callable[[str], str],
    weights: Weights,
    analyzer: Analyzer,
    mark: bool = False,
    likelihood: Likelihood = lambda *_: 1.0,
    hear: Hear | None = None,
    stop: Stop | None = None,
) -> Prose:
    """Never raises for what the model or its server does: the Writing tells why there is no text. `read` gives a
    document's text by its path.

    Raises StoppedError where it is stopped before a sentence stands, ValueError where the index is damaged.
    """
    offered = offer(question, passages)
    verifier = Verifier(offered, terms=analyzer.terms, weights=weights, likelihood=likelihood)
    heard = Heard(offered, verifier, read=read, mark=mark)
    messages = offered.messages()
    reply, stopped = Reply(messages), False
    try:
        with closing(writer.stream(messages, stop)) as pieces:
            follow(pieces, reply, heard, hear)
    except WriterError as error:
        logger.warning("the language model did not write: %s", error.reason)
        return Prose("", (), (), Writing(writer.name, error.reason, *reply.tokens(error.reason)))
    except StoppedError:
        stopped = True
    complete = not (stopped or reply.ending)
    text, citations = heard.composed(reply.text, complete=complete)
    verdicts = heard.verdicts(reply.text, complete=complete)
    took("verification", heard.seconds)
    left_out = sum(not verdict.stands for verdict in verdicts)
    writing = Writing(writer.name, None, *reply.tokens(), left_out, stopped)
    if stopped and not text:
        raise StoppedError(writing)
    if not text and reply.ending is Ending.REFUSED:
        writing = replace(writing, fallback=Fallback.REFUSED)
    elif not text and (heard.ordered or not (verdicts or parse(reply.text).declined)):
        writing = replace(writing, fallback=Fallback.NONSENSE)
    return Prose(text, citations, verdicts, writing)


class Reply:
    """What a model has said so far, and what that cost."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self._messages = messages
        self.text = ""
        self.ending: Ending | None = None
        self._asked = self._written = 0

    def add(self, piece: Piece) -> None:
        self.text += piece.text
        self.ending = piece.ending or self.ending
        self._asked += piece.asked_tokens
        self._written += piece.written_tokens

    def tokens(self, failed: Fallback | None = None) -> tuple[int, int]:
        """Read and written, estimated where the server did not count them. A question that failed before a word came
        cost nothing, unless the model was too slow."""
        if failed not in (None, Fallback.SLOW) and not self.text:
            return self._asked, self._written
        asked = sum(len(message.content) for message in self._messages) // TOKEN_CHARACTERS
        return self._asked or asked, self._written or len(self.text) // TOKEN_CHARACTERS


class Heard:
    """A reply as it comes: what of it stands so far. `seconds` are what verifying it took."""

    def __init__(self, offered: Offer, verifier: Verifier, *, read: Callable[[str], str], mark: bool) -> None:
        self._verifier, self._read, self._mark = verifier, read, mark
        self._language = offered.passages[0].passage.chunk.language if offered.passages else "en"
        self._known: dict[tuple[Said, tuple[Copied, ...]], Verdict] = {}
        self.seconds = 0.0

    def prepare(self) -> None:
        """What can be done before a sentence is there."""
        self._verifier.prepare()

    def composed(self, reply: str, *, complete: bool) -> tuple[str, tuple[Citation, ...]]:
        """Where a passage gives orders, nothing is marked: what no passage says may have been ordered by one. Where no
        passage speaks of any of it, as in another language, what the model copied from them is quoted.
        """
        mark = self._mark and not self.ordered
        verdicts = self.verdicts(reply, complete=complete)
        if complete and verdicts and not any(each.evidence for each in verdicts):
            verdicts += self._verifier.copies(parse(reply, self._language).copied)
        return compose(verdicts, self._read, mark=mark)

    @property
    def ordered(self) -> bool:
        return self._verifier.ordered

    def verdicts(self, reply: str, *, complete: bool) -> tuple[Verdict, ...]:
        """Of all sentences; of a reply that is not complete, of all but the last, whose marks may still come."""
        parsed = parse(reply, self._language)
        said, began = parsed.said if complete else parsed.said[:-1], time.perf_counter()
        for each in said:
            if (each, parsed.copied) not in self._known:
                self._known[each, parsed.copied] = self._verifier.verdict(each, parsed.copied)
        self.seconds += time.perf_counter() - began
        return tuple(self._known[each, parsed.copied] for each in said)


def follow(pieces: Iterable[Piece], reply: Reply, heard: Heard, hear: Hear | None) -> None:
    """The reply grows; `hear` gets what stands of it, as often as that changes."""
    began, shown = time.perf_counter(), ""
    for piece in pieces:
        before = reply.text
        reply.add(piece)
        if not before:
            heard.prepare()
        if reply.text and not before:
            took("first text", time.perf_counter() - began)
        if len(reply.text) > LONGEST:
            reply.ending = Ending.CUT
            return
        if hear and (ends_something(piece.text) or begins_another(before, piece.text)):
            text = heard.composed(reply.text, complete=False)[0]
            if text != shown:
                shown = text
                hear(text)


GAP = re.compile(r"\W{0,20}\Z")
BEGINS = re.compile(r"[.!?…。！？\]】］\n][^\w\[【［]*\w")


def begins_another(before: str, text: str) -> bool:
    """Whether the text begins a sentence, so that the one before it has come to its end with its marks."""
    gap = GAP.search(before)
    return BEGINS.search((gap[0] if gap else "") + text) is not None


def ends_something(text: str) -> bool:
    """Whether a sentence may have come to its end with these letters."""
    return any(sign in text for sign in ".!?]…\n")
