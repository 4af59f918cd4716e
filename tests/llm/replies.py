"""What the model is to say."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from .holds import Gate

Ending = Literal["stop", "length", "content_filter", "tool_calls"]

_PIECE = re.compile(r"\s*\S+|\s+\Z")


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of a function; the arguments are JSON, or what a model took for it."""

    name: str
    arguments: str = "{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer: a text, calls of tools, or a refusal in place of the text; before it, what the model thought, which
    OpenAI's API does not show and others' do.

    A stream brings the text in `pieces`: its words, each with the white space before it, unless they are given. A reply
    with a `gate` comes piece by piece as the test lets them through. Without an `ending` it is the one that fits.
    """

    text: str = field(kw_only=False, default="")
    pieces: tuple[str, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    ending: Ending | None = None
    refusal: str | None = None
    reasoning: str = ""
    gate: Gate | None = None

    def __post_init__(self) -> None:
        if self.text and self.refusal:
            raise ValueError("a model that refuses says nothing else")
        if self.pieces and "".join(self.pieces) != self.text:
            raise ValueError("the pieces are not the text")

    @property
    def finish_reason(self) -> Ending:
        return self.ending or ("tool_calls" if self.tool_calls else "stop")

    @property
    def streamed(self) -> tuple[str, ...]:
        """The pieces in which the text, or the refusal, is streamed."""
        return self.pieces or pieces_of(self.refusal or self.text)

    @property
    def tokens(self) -> int:
        return tokens([self.text, self.refusal or "", *(call.arguments for call in self.tool_calls)])


def pieces_of(text: str) -> tuple[str, ...]:
    """The words of a text, each with the white space before it; together they are the text."""
    return tuple(_PIECE.findall(text))


def tokens(texts: Iterable[str]) -> int:
    """How many tokens there are in texts: as many as words, a word being what stands between white space."""
    return sum(len(text.split()) for text in texts)
