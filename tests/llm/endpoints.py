"""The HTTP of the server: who may ask, what is asked, and how it is answered."""

import asyncio
from collections.abc import Iterable

from aiohttp import web

from . import wire
from .checking import check
from .errors import ApiError
from .exchange import Exchange, OverError
from .faults import Fault
from .holds import Gate, Hold
from .record import Record
from .replies import Reply
from .script import Script

_MOST_BYTES = 32 * 1024 * 1024


class Endpoints:
    """Chat completions and the list of models, for one model."""

    def __init__(
        self, *, model: str, key: str | None, context_window: int | None, script: Script, record: Record
    ) -> None:
        self._model = model
        self._key = key
        self._context_window = context_window
        self._script = script
        self._record = record

    def application(self) -> web.Application:
        application = web.Application(client_max_size=_MOST_BYTES)
        application.router.add_route("*", "/v1/chat/completions", self._complete)
        application.router.add_get("/v1/models", self._list_models)
        application.router.add_route("*", "/{anything:.*}", self._answer_unknown_path)
        return application

    async def _complete(self, http: web.Request) -> web.StreamResponse:
        exchange = Exchange(http, self._record.arrived(await http.read()), self._record)
        holds: list[Hold] = []
        try:
            await self._answer(http, exchange, holds)
        except OverError:
            pass
        except ConnectionError:
            _note_gone(exchange, holds)
        except asyncio.CancelledError:
            _note_gone(exchange, holds)
            raise
        return exchange.response

    async def _answer(self, http: web.Request, exchange: Exchange, holds: list[Hold]) -> None:
        """Answer well, by a fault, or refuse; `holds` is given the places where the answer may wait for the test."""
        try:
            self._check_request(http, exchange)
            fault = self._next_fault(exchange)
            holds.extend([fault] if isinstance(fault, Hold) else [])
            if await fault.strikes(exchange):
                return
            reply = self._next_reply(exchange, fault)
            gate = reply.gate or Gate.opened()
            holds.append(gate)
        except ApiError as refusal:
            self._note_violation(http, refusal)
            await exchange.refuse(refusal)
            return
        if exchange.request.stream:
            await _stream(exchange, reply, gate, fault)
        else:
            await gate.let_through(len(reply.streamed))
            await exchange.answer(wire.encoded(wire.completion(exchange.request, reply)))

    def _check_request(self, http: web.Request, exchange: Exchange) -> None:
        self._check_key(http)
        if http.method != "POST":
            raise ApiError(f"Not allowed to {http.method} on {http.path}.", status=405, code="method_not_supported")
        if http.content_type != "application/json":
            message = f"Unsupported content type: '{http.content_type}'. This API takes 'application/json'."
            raise ApiError(message, code="unsupported_content_type")
        check(exchange.request.raw, model=self._model)
        length = wire.prompt_tokens(exchange.request)
        if self._context_window is not None and length > self._context_window:
            message = (
                f"This model's maximum context length is {self._context_window} tokens. However, your messages resulted"
                f" in {length} tokens. Please reduce the length of the messages."
            )
            raise ApiError(message, param="messages", code="context_length_exceeded", violation=False)

    def _check_key(self, http: web.Request) -> None:
        given = http.headers.get("Authorization", "")
        if self._key is None or given == f"Bearer {self._key}":
            return
        if not given:
            raise ApiError("You didn't provide an API key.", status=401)
        shown = given.removeprefix("Bearer ")
        raise ApiError(f"Incorrect API key provided: {shown}.", status=401, code="invalid_api_key")

    def _next_fault(self, exchange: Exchange) -> Fault:
        fault = self._script.take_fault()
        if type(fault) is not Fault:
            self._record.note(exchange.request.number, fault=repr(fault))
        return fault

    def _next_reply(self, exchange: Exchange, fault: Fault) -> Reply:
        """What goes wrong here is the test's mistake."""
        try:
            reply = self._script.take_reply(exchange.request)
            fault.check(exchange.request, reply)
        except ApiError:
            raise
        except BaseException as error:  # pytest.fail's is no Exception
            self._record.errors.append(error)
            message = f"The test's script went wrong: {error!r}"
            raise ApiError(message, status=500, kind="server_error", violation=False) from error
        return reply

    async def _list_models(self, http: web.Request) -> web.Response:
        try:
            self._check_key(http)
        except ApiError as refusal:
            return self._refusal(http, refusal)
        return web.json_response(wire.models(self._model))

    async def _answer_unknown_path(self, http: web.Request) -> web.Response:
        return self._refusal(http, ApiError(f"Invalid URL ({http.method} {http.path})", status=404))

    def _refusal(self, http: web.Request, refusal: ApiError) -> web.Response:
        self._note_violation(http, refusal)
        return web.json_response(refusal.to_json(), status=refusal.status)

    def _note_violation(self, http: web.Request, refusal: ApiError) -> None:
        if refusal.violation:
            self._record.violations.append(f"{http.method} {http.path}: {refusal.message}")


def _note_gone(exchange: Exchange, holds: Iterable[Hold]) -> None:
    exchange.note_gone()
    for hold in holds:
        hold.note_closed()


async def _stream(exchange: Exchange, reply: Reply, gate: Gate, fault: Fault) -> None:
    request, pieces = exchange.request, reply.streamed
    await exchange.send(wire.first_chunk(request, reply))
    for chunk in wire.reasoning_chunks(request, reply):
        await exchange.send(chunk)
    for sent, piece in enumerate(pieces):
        await fault.before_piece(exchange, sent)
        await gate.let_through()
        await exchange.send(wire.piece_chunk(request, reply, piece))
        gate.note_sent()
    await fault.before_piece(exchange, len(pieces))
    for chunk in wire.call_chunks(request, reply):
        await exchange.send(chunk)
    for chunk in wire.last_chunks(request, reply):
        await exchange.send(chunk)
    await exchange.done()
