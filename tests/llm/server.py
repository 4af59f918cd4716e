"""The server: its life in a thread of its own, and the test's hands on it."""

import asyncio
import threading
from types import TracebackType
from typing import Self

from aiohttp import web

from .asking import Request
from .endpoints import Endpoints
from .faults import Fault
from .record import Record
from .replies import Reply
from .script import Answerer, Script
from .waiting import TIMEOUT_SECONDS, Waiting

_SHUTDOWN_SECONDS = 5.0  # for answers on their way; what waits is let go beforehand


class LlmServer:
    """One model behind OpenAI's chat completions, which says what the test scripted.

    `requests` lists what it was asked, well or ill; `violations` the client's own mistakes. With a `context_window` a
    longer prompt is refused, tokens being words. Without a `key` none is asked for.
    """

    def __init__(
        self, *, model: str = "scripted-1", key: str | None = "sk-scripted", context_window: int | None = None
    ) -> None:
        self.model = model
        self.key = key
        self.url = ""
        self._record = Record()
        self._script = Script()
        self._endpoints = Endpoints(
            model=model, key=key, context_window=context_window, script=self._script, record=self._record
        )

    # Its life

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="llm-server", daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(TIMEOUT_SECONDS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._script.close()
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(TIMEOUT_SECONDS)
        self._end(error)

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop; meanwhile the test's loop runs on, since a client in it may have to read what is let go."""
        self._script.close()
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop))
        self._end(error)

    async def _start(self) -> None:
        self._runner = web.AppRunner(
            self._endpoints.application(),
            handler_cancellation=True,
            shutdown_timeout=_SHUTDOWN_SECONDS,
            access_log=None,
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/v1"

    def _end(self, error: BaseException | None) -> None:
        """End the thread, and raise what went wrong in the test's own script."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(TIMEOUT_SECONDS)
        self._loop.close()
        if error is None and self._record.errors:
            raise self._record.errors[0]

    # The script

    def say(self, reply: Reply | str, *, times: int = 1) -> None:
        """Queue a reply."""
        self._script.add_reply(reply, times=times)

    def answer_by(self, function: Answerer) -> None:
        """Answer by a function of the request where no reply is queued.

        It is called in the server's thread. Where it raises, the client gets a 500, and the error is raised again at
        the end of the server's `with`.
        """
        self._script.answer_by = function

    def fail(self, fault: Fault, *, times: int = 1) -> None:
        """Let the next requests that are right in themselves meet a fault; faults queue up."""
        self._script.add_fault(fault, times=times)

    def heal(self) -> None:
        """Forget all queued faults, and release all stalls and gates."""
        self._script.heal()

    @property
    def unused(self) -> list[str]:
        """The queued faults and replies that no request has met yet."""
        return self._script.unused()

    # The record

    @property
    def requests(self) -> tuple[Request, ...]:
        return tuple(self._record.requests)

    @property
    def violations(self) -> list[str]:
        return list(self._record.violations)

    def next_request(self, *, timeout_seconds: float = TIMEOUT_SECONDS) -> Waiting[Request]:
        """The next request as soon as it is here; each is handed out once. Await it, or `.wait()` for it."""
        return self._record.next(timeout_seconds=timeout_seconds)

    def ended(self, request: Request, *, timeout_seconds: float = TIMEOUT_SECONDS) -> Waiting[Request]:
        """The same request once it is known how it ended. Await it, or `.wait()` for it."""
        return self._record.ended(request.number, timeout_seconds=timeout_seconds)
