"""What writes answers in prose: a language model, whatever it is behind."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Protocol

from index.prose.offer import Message


@dataclass(frozen=True, slots=True)
class Piece:
    """What came of a reply since the last piece; with the last one the tokens that were read and written."""

    text: str = ""
    asked_tokens: int = 0
    written_tokens: int = 0


class Writer(Protocol):
    name: str

    def stream(self, messages: Sequence[Message]) -> Generator[Piece]:
        """The reply as it is written. Closing the iterator ends the request.

        Raises WriterError, whose `reason` says why there is no (more) reply.
        """
        ...
