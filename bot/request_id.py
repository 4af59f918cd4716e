"""What tells the lines of one question from those of another, in the log and in traces."""

import secrets
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Of what is being handled in this context and in the threads that are called from it; nothing between."""


def begin_request() -> None:
    request_id.set(secrets.token_hex(4))
