"""What the bot needs of the engine behind it."""

from typing import Protocol

from index.types import Answer, Source, Status


class Answers(Protocol):
    """Answers from the documents. Calls block (about 100 ms) and may come from several threads at once.

    Every one may raise CitegramError, whose text is one sentence for the person in front.
    """

    def answer(self, question: str) -> Answer: ...

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
