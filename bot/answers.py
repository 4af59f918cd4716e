"""What the bot needs of the engine behind it."""

from collections.abc import Sequence
from typing import Protocol

from index.prose.offer import Message
from index.stop import Stop
from index.types import Answer, Source, Status
from index.writer import Hear, Spoken


class Answers(Protocol):
    """Answers from the documents. Calls block (about 100 ms) and may come from several threads at once.

    Every one may raise CitegramError, whose text is one sentence for the person in front.
    """

    @property
    def writer_name(self) -> str:
        """The language model's that writes answers; nothing where there is none."""
        ...

    def answer(
        self, question: str, *, write: bool = True, hear: Hear | None = None, stop: Stop | None = None
    ) -> Answer:
        """`hear` gets the text of an answer that is written as it grows; `stop` ends that. A call may take as long as
        the language model, unless `write` forbids to ask it."""
        ...

    def known(self, question: str) -> Answer | None:
        """As the language model wrote it before, at no cost; None where it has not, or the documents have changed."""
        ...

    def ask_model(self, messages: Sequence[Message], *, seconds: float, stop: Stop | None = None) -> Spoken | None:
        """What the language model says to these, which may be nothing; it is left after so many seconds, and by a
        `stop`, which raises its error. None where there is no model."""
        ...

    def stem(self, word: str, language: str) -> str:
        """What a word has in common with its other forms; the language in ISO 639-1."""
        ...

    def sources(self) -> tuple[Source, ...]: ...

    def languages(self) -> dict[str, str]:
        """The language of every document, by path; ISO 639-1."""
        ...

    def text(self, document: str) -> str | None:
        """The text of a document as it is now, by path; None where there is no such document any more."""
        ...

    def fingerprints(self) -> dict[str, str]:
        """A hash of the content of every document, by path."""
        ...

    def status(self) -> Status: ...

    def close(self) -> None: ...
