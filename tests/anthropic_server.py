"""A strict, scripted model behind Anthropic's messages, on loopback HTTP.

It has the script, the record and the faults of tests/llm, and speaks the other protocol: `POST /v1/messages`, in events
that have names, tokens counted as they come. A token is a word.
"""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

from aiohttp import web

from tests.llm import Fault, Gate, LlmServer, Reply, Request
from tests.llm.exchange import Exchange, OverError
from tests.llm.holds import Hold
from tests.llm.record import Record
from tests.llm.replies import tokens
from tests.llm.script import Script

MODEL = "claude-haiku-4-5"
KEY = "sk-ant-scripted"
TAKEN = {"model", "messages", "system", "max_tokens", "temperature", "stream"}

Json = dict[str, Any]


class RefusalError(Exception):
    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}


class Failure(Fault):
    """Any error in Anthropic's form: `Failure(529, "overloaded_error")`."""

    def __init__(self, status: int, kind: str, message: str = "No.") -> None:
        self.status = status
        self.kind = kind
        self.message = message

    async def strikes(self, exchange: Exchange) -> bool:
        raise RefusalError(self.status, self.kind, self.message)


class ErrorInStream(Fault):
    """An error comes as an event after so many pieces, and the stream is at its end."""

    def __init__(self, kind: str, *, after: int) -> None:
        self.kind = kind
        self.after = after

    async def before_piece(self, exchange: Exchange, sent: int) -> None:
        if sent == self.after:
            await exchange.send({"type": "error", "error": {"type": self.kind, "message": "No."}})
            await exchange.done()
            raise OverError


class AnthropicServer(LlmServer):
    """As LlmServer, for one model of Anthropic's. One that is not `tempered` takes no temperature, as the latest do."""

    def __init__(self, *, model: str = MODEL, key: str = KEY, tempered: bool = True) -> None:
        super().__init__(model=model, key=key)
        self._endpoints: Any = Messages(
            model=model, key=key, tempered=tempered, script=self._script, record=self._record
        )

    async def _start(self) -> None:
        await super()._start()
        self.url = self.url.removesuffix("/v1")


class Events(Exchange):
    """Each event has the name of its type, and the stream ends with the last."""

    async def send(self, chunk: Json) -> None:
        await self.write(f"event: {chunk['type']}\ndata: {json.dumps(chunk)}\n\n".encode())

    async def done(self) -> None:
        await self.begin()
        self._settle("completed", self.response.status)
        await self.response.write_eof()


class Messages:
    def __init__(self, *, model: str, key: str, tempered: bool, script: Script, record: Record) -> None:
        self._model, self._key = model, key
        self._taken = TAKEN if tempered else TAKEN - {"temperature"}
        self._script, self._record = script, record

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_post("/v1/messages", self._message)
        return application

    async def _message(self, http: web.Request) -> web.StreamResponse:
        exchange = Events(http, self._record.arrived(await http.read()), self._record)
        holds: list[Hold] = []
        try:
            await self._answer(http, exchange, holds)
        except OverError:
            pass
        except RefusalError as refusal:
            await exchange.answer(json.dumps(refusal.body).encode(), status=refusal.status)
        except (ConnectionError, asyncio.CancelledError):
            exchange.note_gone()
            for hold in holds:
                hold.note_closed()
            raise
        return exchange.response

    async def _answer(self, http: web.Request, exchange: Events, holds: list[Hold]) -> None:
        try:
            self._check(http, exchange.request)
        except RefusalError as refusal:
            self._record.violations.append(str(refusal))
            raise
        fault = self._script.take_fault()
        holds.extend([fault] if isinstance(fault, Hold) else [])
        if await fault.strikes(exchange):
            return
        reply = self._script.take_reply(exchange.request)
        gate = reply.gate or Gate.opened()
        holds.append(gate)
        await stream(exchange, reply, gate, fault)

    def _check(self, http: web.Request, request: Request) -> None:
        if http.headers.get("x-api-key") != self._key or "Authorization" in http.headers:
            raise RefusalError(401, "authentication_error", f"invalid x-api-key: {http.headers.get('x-api-key')}")
        if "anthropic-version" not in http.headers:
            raise RefusalError(400, "invalid_request_error", "anthropic-version: header is required")
        unknown = request.body.keys() - self._taken
        if unknown:
            raise RefusalError(400, "invalid_request_error", f"{sorted(unknown)}: extra inputs are not permitted")
        if request.model != self._model:
            raise RefusalError(404, "not_found_error", f"model: {request.model}")
        if not isinstance(request.body.get("max_tokens"), int) or not request.stream:
            raise RefusalError(400, "invalid_request_error", "max_tokens, or stream: field required")
        if [message.role for message in request.messages] != ["user"] or not request.body.get("system"):
            raise RefusalError(400, "invalid_request_error", "messages: one of the user, and the rules as system")


async def stream(exchange: Events, reply: Reply, gate: Gate, fault: Fault) -> None:
    pieces = reply.streamed
    for event in first_events(exchange.request):
        await exchange.send(event)
    for sent, piece in enumerate(pieces):
        await fault.before_piece(exchange, sent)
        await gate.let_through()
        delta = {"type": "text_delta", "text": piece}
        await exchange.send({"type": "content_block_delta", "index": 0, "delta": delta})
        gate.note_sent()
    await fault.before_piece(exchange, len(pieces))
    for event in last_events(reply):
        await exchange.send(event)
    await exchange.done()


REASONS = {"length": "max_tokens", "content_filter": "refusal"}


def first_events(request: Request) -> Iterator[Json]:
    usage = {"input_tokens": asked_tokens(request), "output_tokens": 1}
    message: Json = {
        "id": "msg_1", "type": "message", "role": "assistant", "model": request.model, "content": [],
        "stop_reason": None, "stop_sequence": None, "usage": usage,
    }  # fmt: skip
    yield {"type": "message_start", "message": message}
    yield {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    yield {"type": "ping"}


def last_events(reply: Reply) -> Iterator[Json]:
    """The sum so far comes twice, as it may."""
    yield {"type": "content_block_stop", "index": 0}
    for reason in (None, REASONS.get(reply.finish_reason, "end_turn")):
        delta = {"stop_reason": reason, "stop_sequence": None}
        yield {"type": "message_delta", "delta": delta, "usage": {"output_tokens": reply.tokens}}
    yield {"type": "message_stop"}


def asked_tokens(request: Request) -> int:
    return tokens([json.dumps(request.body["system"]), request.text])
