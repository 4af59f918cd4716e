"""Faults on demand: what a model's server, and the network before it, do to a client on a bad day.

A fault strikes one request that is right in itself. Those that answer in place of the reply leave the reply for the
next request; those that strike in mid-stream use it up. Pieces are those of `Reply.streamed`.
"""

import asyncio
from abc import ABC, abstractmethod
from typing import Any

from .asking import Request
from .errors import ApiError
from .exchange import Exchange, OverError
from .holds import Hold
from .replies import Reply
from .wire import empty_chunk, encoded

_HTML = b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><h1>502 Bad Gateway</h1></body>\r\n</html>\r\n"

_MURMUR_SECONDS = 0.02


class Fault:
    """Strikes one request, before its reply or within it."""

    async def strikes(self, exchange: Exchange) -> bool:
        """Before the reply; True where it was answered in place of it."""
        return False

    async def before_piece(self, exchange: Exchange, sent: int) -> None:
        """So many pieces of a stream are sent; the next, or the end, is about to be."""

    def check(self, request: Request, reply: Reply) -> None:
        """Raise ValueError where it can't strike this reply."""

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in vars(self).items() if not name.startswith("_"))
        return f"{type(self).__name__}({fields})"


class Failure(Fault):
    """Any error in OpenAI's form: `Failure(401, "Your account is not active.", code="account_deactivated")`."""

    def __init__(
        self, status: int, message: str, *, kind: str = "invalid_request_error", code: str | None = None
    ) -> None:
        self.status = status
        self.message = message
        self.kind = kind
        self.code = code

    async def strikes(self, exchange: Exchange) -> bool:
        await exchange.refuse(self.error(), headers=self._headers())
        return True

    def error(self) -> ApiError:
        return ApiError(self.message, status=self.status, kind=self.kind, code=self.code)

    def _headers(self) -> dict[str, str]:
        return {}


class RateLimited(Failure):
    """429, with the seconds to wait in the `Retry-After` header where they are given."""

    def __init__(self, *, retry_after: float | None = None) -> None:
        super().__init__(429, "Rate limit reached for requests.", kind="requests", code="rate_limit_exceeded")
        self.retry_after = retry_after

    def _headers(self) -> dict[str, str]:
        return {} if self.retry_after is None else {"Retry-After": f"{self.retry_after:g}"}


class ServerError(Failure):
    """500, as JSON."""

    def __init__(self) -> None:
        super().__init__(500, "The server had an error while processing your request.", kind="server_error")


class HtmlError(Fault):
    """502, with the HTML page of the proxy before the server."""

    async def strikes(self, exchange: Exchange) -> bool:
        await exchange.answer(_HTML, status=502, kind="text/html")
        return True


class Refused(Fault):
    """The connection is closed before a response."""

    async def strikes(self, exchange: Exchange) -> bool:
        exchange.cut()
        return True


class BrokenJson(Fault):
    """200, and JSON that breaks off; in a stream, the first chunk does."""

    async def strikes(self, exchange: Exchange) -> bool:
        return await _answer(exchange, b'{"id": "chatcmpl-1", "choices": [{"ind')


class WrongShape(Fault):
    """200, and JSON that is no completion; in a stream, the one chunk is none."""

    def __init__(self, body: Any = None) -> None:
        self.body = {"answer": "Forty-two."} if body is None else body

    async def strikes(self, exchange: Exchange) -> bool:
        return await _answer(exchange, encoded(self.body))


class EmptyChoices(Fault):
    """200, and a completion without choices; in a stream, the one chunk has none."""

    async def strikes(self, exchange: Exchange) -> bool:
        chunk = empty_chunk(exchange.request)
        whole = {**chunk, "object": "chat.completion"}
        return await _answer(exchange, encoded(chunk if exchange.request.stream else whole))


class Stall(Fault, Hold):
    """Nothing is sent, or the headers alone, until the test releases it; then comes the reply."""

    def __init__(self, *, headers: bool = False) -> None:
        super().__init__()
        self.headers = headers

    async def strikes(self, exchange: Exchange) -> bool:
        if self.headers:
            await exchange.begin()
        await self.hold()
        return False


class InStream(Fault, ABC):
    """Strikes a stream when so many pieces are sent: before the next one, or after the last before the end.

    A reply that isn't streamed, or has fewer pieces, is the test's mistake.
    """

    def __init__(self, after: int) -> None:
        super().__init__()
        self.after = after

    async def before_piece(self, exchange: Exchange, sent: int) -> None:
        if sent == self.after:
            await self.strikes_now(exchange)

    @abstractmethod
    async def strikes_now(self, exchange: Exchange) -> None: ...

    def check(self, request: Request, reply: Reply) -> None:
        if not request.stream or len(reply.streamed) < self.after:
            raise ValueError(f"{self!r} met a reply of {len(reply.streamed)} pieces, stream: {request.stream}")


class StallAfter(InStream, Hold):
    """The stream stalls until the test releases it."""

    async def strikes_now(self, exchange: Exchange) -> None:
        await self.hold()


class MurmurAfter(StallAfter):
    """As above, and meanwhile comments come, as servers send them to keep a connection open."""

    async def strikes_now(self, exchange: Exchange) -> None:
        holding = asyncio.create_task(self.hold())
        try:
            while not holding.done():
                await exchange.write(b": still thinking\n\n")
                await asyncio.wait([holding], timeout=_MURMUR_SECONDS)
        finally:
            holding.cancel()


class CutStream(InStream):
    """The connection breaks, without `[DONE]`."""

    async def strikes_now(self, exchange: Exchange) -> None:
        exchange.cut()


class ErrorInStream(InStream):
    """An error in OpenAI's form comes as an event, and the stream is at its end."""

    async def strikes_now(self, exchange: Exchange) -> None:
        await exchange.send(ServerError().error().to_json())
        await exchange.done()
        raise OverError


async def _answer(exchange: Exchange, body: bytes) -> bool:
    """A body in place of a completion; in a stream, in place of its first chunk."""
    if exchange.request.stream:
        await exchange.write(b"data: " + body + b"\n\n")
        await exchange.done()
    else:
        await exchange.answer(body)
    return True
