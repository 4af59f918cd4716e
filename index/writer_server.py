"""A language model on a server, through llama-index's class for it; here, what speaks OpenAI's protocol.

Such a class and OpenAI's client take three seconds and 90 MiB to load, and are loaded only where such a model is.
"""

import asyncio
import importlib
import logging
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import nullcontext, suppress
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any

import httpx

from index.errors import CitegramError, WriterError
from index.prose.offer import Message
from index.stop import Stop
from index.types import Fallback
from index.writer import Ending, Piece

logger = logging.getLogger(__name__)

MOST_TOKENS = 2000
"""Of a reply: quotes and four sentences take about 300, and a model that thinks aloud may need several times as many
for its thoughts, which servers count, too. Of what is sent as text, index/writing.py reads about as much."""

SECONDS_IN_ALL = 4
"""Times the timeout: so long may a reply take that comes bit by bit."""

CLOSE_SECONDS = 5.0

LIMITS: frozenset[object] = frozenset({402, 529, "rate_limit_error", "overloaded_error"})
"""Statuses, and kinds of errors in a stream, that say: nothing is left to spend, or too much is asked of the server."""

NOTHING: Mapping[str, object] = {}

Read = Callable[[Any], Piece]
Heard = Piece | CitegramError | None
"""What comes of a request: pieces, and an error or nothing at the end."""


class ServerWriter:
    """A model by its name at an address such as `http://localhost:11434/v1`.

    Requests run in an event loop in a thread of their own: a request that is cancelled there closes its connection,
    so that the server stops writing (and counting tokens).
    """

    def __init__(
        self,
        model: Any,
        *,
        sdk: Any,
        timeout_seconds: float,
        asking: Mapping[str, object] = NOTHING,
        reading: Callable[[], Read],
    ) -> None:
        """`model` is one of llama-index's, and `sdk` the client library whose errors it raises, as OpenAI's names them.
        `asking` is what its `astream_chat` takes besides the messages; `reading` gives for each request what makes a
        Piece of a reply."""
        self.name: str = model.model
        self._model = model
        self._sdk = sdk
        self._reading = reading
        self._timeout_seconds = timeout_seconds
        self._asking = asking
        self._told: Any = importlib.import_module("llama_index.core.llms").ChatMessage
        self._closing = Lock()
        self._closed = False
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="language model", daemon=True)
        self._thread.start()

    def stream(self, messages: Sequence[Message], stop: Stop | None = None) -> Generator[Piece]:
        heard: SimpleQueue[Heard] = SimpleQueue()
        with self._closing:
            if self._closed:
                raise WriterError(Fallback.UNREACHABLE)
            request = asyncio.run_coroutine_threadsafe(self._ask(messages, heard.put), self._loop)
        request.add_done_callback(lambda _: heard.put(WriterError(Fallback.UNREACHABLE)))  # if it never began
        try:
            with stop.told(heard.put) if stop else nullcontext():
                while (piece := heard.get()) is not None:
                    if isinstance(piece, CitegramError):
                        raise piece
                    yield piece
        finally:
            request.cancel()

    def close(self) -> None:
        """Ends what is under way; what is asked for later fails."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
        with suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(cancel_all(), self._loop).result(CLOSE_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CLOSE_SECONDS)
        if not self._thread.is_alive():
            self._loop.close()

    async def _ask(self, messages: Sequence[Message], put: Callable[[Heard], object]) -> None:
        try:
            await self._receive(messages, put)
        except asyncio.CancelledError:
            put(WriterError(Fallback.UNREACHABLE))
            raise
        except Exception as error:  # what it says may quote the key
            logger.debug("the model's server: %s %s", type(error).__name__, getattr(error, "status_code", ""))
            put(WriterError(self._reason(error)))
        else:
            put(None)

    async def _receive(self, messages: Sequence[Message], put: Callable[[Heard], object]) -> None:
        """Whatever is sent meanwhile, a server that says nothing for so long is left."""
        told = [self._told(role=message.role, content=message.content) for message in messages]
        patience = self._timeout_seconds
        ends = self._loop.time() + SECONDS_IN_ALL * patience
        read = self._reading()
        async with asyncio.timeout(patience) as waiting:
            async for reply in await self._model.astream_chat(told, **self._asking):
                waiting.reschedule(min(self._loop.time() + patience, ends))
                put(read(reply))

    def _reason(self, error: Exception) -> Fallback:
        sdk = self._sdk
        if isinstance(error, (TimeoutError, sdk.APITimeoutError, httpx.TimeoutException)):
            return Fallback.SLOW
        if isinstance(error, sdk.RateLimitError) or told_of(error) & LIMITS:
            return Fallback.LIMITED
        if isinstance(error, (sdk.AuthenticationError, sdk.PermissionDeniedError, sdk.NotFoundError)):
            return Fallback.REFUSED
        if isinstance(error, sdk.BadRequestError):
            return Fallback.REFUSED
        if isinstance(error, sdk.APIResponseValidationError):
            return Fallback.NONSENSE
        if isinstance(error, (sdk.APIError, httpx.HTTPError)):  # the latter where a stream breaks
            return Fallback.UNREACHABLE
        return Fallback.NONSENSE


def openai_writer(address: str, *, model: str, key: str | None, timeout_seconds: float) -> ServerWriter:
    made = importlib.import_module("llama_index.llms.openai_like").OpenAILike(
        model=model,
        api_base=address,
        api_key=key or "none",
        is_chat_model=True,
        max_tokens=MOST_TOKENS,
        temperature=0.0,
        timeout=timeout_seconds,
        max_retries=0,
    )
    return ServerWriter(
        made,
        sdk=importlib.import_module("openai"),
        timeout_seconds=timeout_seconds,
        asking={"stream_options": {"include_usage": True}},
        reading=lambda: piece_of,
    )


def piece_of(reply: Any) -> Piece:
    usage: Any = getattr(reply.raw, "usage", None)
    return Piece(
        reply.delta or "",
        ending_of(reply.raw),
        asked_tokens=counted(getattr(usage, "prompt_tokens", 0)),
        written_tokens=counted(getattr(usage, "completion_tokens", 0)),
    )


def ending_of(chunk: Any) -> Ending | None:
    choice: Any = next(iter(getattr(chunk, "choices", None) or ()), None)
    reason = getattr(choice, "finish_reason", None)
    if reason == "content_filter" or getattr(getattr(choice, "delta", None), "refusal", None):
        return Ending.REFUSED
    return Ending.CUT if reason == "length" else None


def counted(tokens: object) -> int:
    """As the server counts them, where it counts."""
    return tokens if isinstance(tokens, int) else 0


def told_of(error: Exception) -> set[object]:
    """The status of a response, and in a stream, whose status is 200, the kind of the error."""
    return {getattr(error, "status_code", None), getattr(error, "type", None)}


async def cancel_all() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
