"""The one error: an answer with `"ok": false`."""

from collections.abc import Mapping


class RefusalError(Exception):
    """Telegram says no.

    `violation` marks what the bot could have known before it asked (a text too long, a parameter that does not
    exist); a refusal that only the state of a chat explains (a deleted message) is no violation.
    """

    def __init__(
        self,
        status: int,
        description: str,
        *,
        violation: bool = False,
        parameters: Mapping[str, int] | None = None,
    ) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.violation = violation
        self.parameters = parameters


def bad_request(description: str) -> RefusalError:
    """A refusal that the state of the chat explains."""
    return RefusalError(400, f"Bad Request: {description}")


def malformed(description: str) -> RefusalError:
    """A refusal that is the bot's own mistake."""
    return RefusalError(400, f"Bad Request: {description}", violation=True)


def forbidden(description: str) -> RefusalError:
    return RefusalError(403, f"Forbidden: {description}")
