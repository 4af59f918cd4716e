"""What the server was asked."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

Outcome = Literal["open", "completed", "cancelled", "cut"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the prompt; of a content in parts, the text."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Request:
    """One request for a completion, as it stood when the record was read.

    `raw` is the body as it came. `outcome`: "open" while it is being answered; "completed" where the client stayed for
    all that the server had to say, an error too; "cancelled" where it went before; "cut" where the server broke the
    connection. `fault` is the one that the request met.
    """

    number: int
    raw: bytes
    body: Mapping[str, Any]
    outcome: Outcome = "open"
    status: int | None = None
    fault: str | None = None

    @classmethod
    def read(cls, number: int, raw: bytes) -> Self:
        """Whatever came: a body that is no JSON object counts as an empty one."""
        try:
            body = json.loads(raw)
        except ValueError:
            body = None
        return cls(number, raw, body if isinstance(body, dict) else {})

    @property
    def model(self) -> str:
        return str(self.body.get("model", ""))

    @property
    def stream(self) -> bool:
        return self.body.get("stream") is True

    @property
    def wants_usage(self) -> bool:
        """Whether a stream is to end with the count of tokens."""
        options = self.body.get("stream_options")
        return isinstance(options, dict) and options.get("include_usage") is True

    @property
    def messages(self) -> tuple[Message, ...]:
        messages = self.body.get("messages")
        given = messages if isinstance(messages, list) else []
        return tuple(Message(str(each.get("role")), _text(each.get("content"))) for each in given if _is_object(each))

    @property
    def text(self) -> str:
        """All messages as one text, an empty line between them."""
        return "\n\n".join(message.content for message in self.messages)

    @property
    def completed(self) -> bool:
        return self.outcome == "completed"

    @property
    def cancelled(self) -> bool:
        return self.outcome == "cancelled"

    def __str__(self) -> str:
        fault = f" [{self.fault}]" if self.fault else ""
        return f"{'stream ' if self.stream else ''}{self.text!r:.300} -> {self.status} {self.outcome}{fault}"


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _text(content: object) -> str:
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""
