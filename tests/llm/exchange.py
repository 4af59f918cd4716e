"""A request on its way to its answer."""

from collections.abc import Mapping

from aiohttp import web

from .asking import Outcome, Request
from .errors import ApiError
from .record import Record
from .wire import DONE, Json, encoded, event

JSON = "application/json"


class OverError(Exception):
    """The answer is over, and nothing more may be sent."""


class Exchange:
    """What faults and replies are sent through.

    That it is completed is on record before the last byte is sent, so that who has read it finds it there.
    """

    def __init__(self, http: web.Request, request: Request, record: Record) -> None:
        self.request = request
        self.response: web.StreamResponse = web.Response(status=499)  # where nothing is sent it is never seen
        self._http = http
        self._record = record

    @property
    def is_begun(self) -> bool:
        return self.response.prepared

    async def begin(self) -> None:
        """Send the headers of a good answer, unless they have been sent."""
        if not self.is_begun:
            kind = "text/event-stream; charset=utf-8" if self.request.stream else JSON
            self.response = web.StreamResponse(headers={"Content-Type": kind, "Cache-Control": "no-cache"})
            await self.response.prepare(self._http)

    async def send(self, chunk: Json) -> None:
        """One event of a stream."""
        await self.write(event(chunk))

    async def write(self, raw: bytes) -> None:
        await self.begin()
        await self.response.write(raw)

    async def done(self) -> None:
        """The end of a stream."""
        await self.begin()
        self._settle("completed", self.response.status)
        await self.response.write_eof(DONE)

    async def answer(
        self, body: bytes, *, status: int = 200, kind: str = JSON, headers: Mapping[str, str] | None = None
    ) -> None:
        """All of an answer at once; where its headers have been sent, the body."""
        if self.is_begun:
            self._settle("completed", self.response.status)
            await self.response.write_eof(body)
        else:
            self.response = web.Response(body=body, status=status, headers={"Content-Type": kind, **(headers or {})})
            self._settle("completed", status)
            await self.response.prepare(self._http)
            await self.response.write_eof()

    async def refuse(self, error: ApiError, *, headers: Mapping[str, str] | None = None) -> None:
        await self.answer(encoded(error.to_json()), status=error.status, headers=headers)

    def cut(self) -> None:
        """Break the connection; raises OverError."""
        self._settle("cut", self._begun_status)
        if self._http.transport is not None:
            self._http.transport.abort()
        raise OverError

    def note_gone(self) -> None:
        """The client has gone, perhaps while the last of it was being sent."""
        self._settle("cancelled", self._begun_status)

    @property
    def _begun_status(self) -> int | None:
        return self.response.status if self.is_begun else None

    def _settle(self, outcome: Outcome, status: int | None) -> None:
        self._record.note(self.request.number, outcome=outcome, status=status)
