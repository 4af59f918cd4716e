"""A language model behind whatever speaks OpenAI's protocol, through llama-index's class for it.

That class and OpenAI's client take three seconds and 90 MiB to load, and are loaded only where such a model is.
"""

import importlib
import logging
import time
from collections.abc import Generator, Sequence
from typing import Any

import httpx

from index.errors import WriterError
from index.prose.offer import Message
from index.types import Fallback
from index.writer import Piece

logger = logging.getLogger(__name__)

MOST_TOKENS = 800
"""Of a reply: quotes and four sentences take about 300."""

SECONDS_IN_ALL = 4
"""Times the timeout: so long may a reply take that comes bit by bit."""


class ServerWriter:
    """A model by its name at an address such as `http://localhost:11434/v1`."""

    def __init__(self, address: str, *, model: str, key: str | None, timeout_seconds: float) -> None:
        self.name = model
        self._timeout_seconds = timeout_seconds
        self._openai: Any = importlib.import_module("openai")
        self._told: Any = importlib.import_module("llama_index.core.llms").ChatMessage
        self._model: Any = importlib.import_module("llama_index.llms.openai_like").OpenAILike(
            model=model,
            api_base=address,
            api_key=key or "none",
            is_chat_model=True,
            max_tokens=MOST_TOKENS,
            temperature=0.0,
            timeout=timeout_seconds,
            max_retries=0,
        )

    def stream(self, messages: Sequence[Message]) -> Generator[Piece]:
        openai = self._openai
        try:
            yield from self._pieces(messages)
        except (openai.APITimeoutError, httpx.TimeoutException):
            raise WriterError(Fallback.SLOW) from None
        except openai.RateLimitError:
            raise WriterError(Fallback.LIMITED) from None
        except (openai.AuthenticationError, openai.PermissionDeniedError, openai.NotFoundError, openai.BadRequestError):
            raise WriterError(Fallback.REFUSED) from None
        except openai.APIResponseValidationError:
            raise WriterError(Fallback.NONSENSE) from None
        except (openai.APIError, httpx.HTTPError):  # the latter where a stream breaks
            raise WriterError(Fallback.UNREACHABLE) from None
        except (openai.OpenAIError, ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
            logger.debug("the model's server said something else: %r", error)
            raise WriterError(Fallback.NONSENSE) from None

    def _pieces(self, messages: Sequence[Message]) -> Generator[Piece]:
        ends = time.monotonic() + SECONDS_IN_ALL * self._timeout_seconds
        told = [self._told(role=message.role, content=message.content) for message in messages]
        replies = self._model.stream_chat(told, stream_options={"include_usage": True})
        try:
            for reply in replies:
                if time.monotonic() > ends:
                    raise WriterError(Fallback.SLOW)
                usage: Any = getattr(reply.raw, "usage", None)
                yield Piece(
                    reply.delta or "",
                    asked_tokens=counted(getattr(usage, "prompt_tokens", 0)),
                    written_tokens=counted(getattr(usage, "completion_tokens", 0)),
                )
        finally:
            replies.close()


def counted(tokens: object) -> int:
    """As the server counts them, where it counts."""
    return tokens if isinstance(tokens, int) else 0
