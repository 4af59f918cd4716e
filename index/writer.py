"""What writes answers in prose: a language model, whatever it is behind."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Protocol

from index.prose.offer import Message
from index.stop import Stop
from index.types import Writing

Hear = Callable[[str], None]
"""Gets the text of an answer as far as it stands, each time that another sentence does, in the thread that asked."""


class Ending(StrEnum):
    """How a reply ends that is not at its end."""

    CUT = auto()
    """It came to the most tokens that it may have."""
    REFUSED = auto()
    """The model, or a filter behind it, would not say it, or no more of it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What came of a reply since the last piece; with the last one the tokens that were read and written."""

    text: str = ""
    ending: Ending | None = None
    asked_tokens: int = 0
    written_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a model said, and what that cost. No text where the writing has a `fallback`."""

    text: str
    writing: Writing


class Writer(Protocol):
    name: str

    def stream(self, messages: Sequence[Message], stop: Stop | None = None) -> Generator[Piece]:
        """The reply as it is written. Closing the iterator ends the request, and so does the stop.

        Raises WriterError, whose `reason` says why there is no (more) reply, or what the stop was given with.
        """
        ...

    def close(self) -> None: ...
