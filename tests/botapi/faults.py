"""Faults on demand: what the network and Telegram do to a bot on a bad day."""

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Mapping
from random import Random

from aiohttp import web

from .errors import RefusalError

_HTML = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><h1>502 Bad Gateway</h1></body>\r\n</html>\r\n"


class Fault:
    """Strikes one call, before the server handles it or after."""

    async def before(self, request: web.Request) -> web.StreamResponse | None:
        """An answer in place of handling the call; or raise RefusalError."""
        return None

    async def after(self, request: web.Request) -> None:
        """The call was handled; its answer is about to go out."""

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in vars(self).items() if not name.startswith("_"))
        return f"{type(self).__name__}({fields})"


class Refuse(Fault):
    """Any refusal, 400 by default: `Refuse("Bad Request: VOICE_MESSAGES_FORBIDDEN")`."""

    def __init__(self, description: str, *, status: int = 400, parameters: Mapping[str, int] | None = None) -> None:
        self.description = description
        self.status = status
        self.parameters = parameters

    async def before(self, request: web.Request) -> web.StreamResponse | None:
        raise RefusalError(self.status, self.description, parameters=self.parameters)


class RetryAfter(Fault):
    """Flood control: 429 with the seconds to wait."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds

    async def before(self, request: web.Request) -> web.StreamResponse | None:
        description = f"Too Many Requests: retry after {self.seconds}"
        raise RefusalError(429, description, parameters={"retry_after": self.seconds})


class BadGateway(Fault):
    """502, as JSON from the Bot API or as the HTML page of the proxy before it."""

    def __init__(self, *, html: bool = False) -> None:
        self.html = html

    async def before(self, request: web.Request) -> web.StreamResponse | None:
        if self.html:
            return web.Response(status=502, text=_HTML, content_type="text/html")
        raise RefusalError(502, "Bad Gateway")


class LoginPage(Fault):
    """200 with a page for people: a proxy or a hotel's network answers in Telegram's name."""

    async def before(self, request: web.Request) -> web.StreamResponse | None:
        return web.Response(status=200, text="<html><body>Please log in.</body></html>", content_type="text/html")


class DropBefore(Fault):
    """The connection breaks and nothing is done."""

    async def before(self, request: web.Request) -> web.StreamResponse | None:
        _cut(request)
        return web.Response(status=499)  # never seen: the connection is gone


class DropAfter(Fault):
    """The call is carried out, and the connection breaks before the answer: a blind retry does it twice."""

    async def after(self, request: web.Request) -> None:
        _cut(request)


class Stall(Fault):
    """The answer hangs until the test releases it; the call is carried out before the wait or after it."""

    def __init__(self, *, delivered: bool = False) -> None:
        self.delivered = delivered
        self._reached = asyncio.Event()
        self._released = asyncio.Event()

    def release(self) -> None:
        self._released.set()

    async def reached(self, *, timeout_seconds: float = 20) -> None:
        """Wait until a call hangs here."""
        try:
            await asyncio.wait_for(self._reached.wait(), timeout_seconds)
        except TimeoutError:
            raise AssertionError(f"no call reached {self!r} within {timeout_seconds:g} s") from None

    async def before(self, request: web.Request) -> web.StreamResponse | None:
        if not self.delivered:
            await self._hold()
        return None

    async def after(self, request: web.Request) -> None:
        if self.delivered:
            await self._hold()

    async def _hold(self) -> None:
        self._reached.set()
        await self._released.wait()


class Slow(Fault):
    """The answer takes its time; the call is carried out before it or after."""

    def __init__(self, seconds: float, *, delivered: bool = False) -> None:
        self.seconds = seconds
        self.delivered = delivered

    async def before(self, request: web.Request) -> web.StreamResponse | None:
        if not self.delivered:
            await asyncio.sleep(self.seconds)
        return None

    async def after(self, request: web.Request) -> None:
        if self.delivered:
            await asyncio.sleep(self.seconds)


class Storm:
    """Faults at random, in so large a share of the calls of some methods.

    The same seed gives the calls of a method in a chat the same faults in the same order, however chats alternate.
    """

    def __init__(self, *methods: str, seed: int, share: float) -> None:
        self.methods = frozenset(methods)
        self._seed = seed
        self._share = share
        self._calls: Counter[tuple[str, object]] = Counter()
        self.struck: Counter[str] = Counter()
        """How many of each kind there were."""

    def strike(self, method: str, chat: object) -> Fault:
        if method not in self.methods:
            return Fault()
        self._calls[method, chat] += 1
        chance = Random(f"{self._seed} {method} {chat} {self._calls[method, chat]}")
        if chance.random() >= self._share:
            return Fault()
        fault = _any_fault(chance)
        self.struck[repr(fault).partition("(")[0]] += 1
        return fault


def _any_fault(chance: Random) -> Fault:
    faults: list[Fault] = [
        RetryAfter(chance.choice([1, 1, 2, 3])),
        BadGateway(),
        BadGateway(html=True),
        DropBefore(),
        DropAfter(),
        Slow(chance.uniform(0.1, 2.0), delivered=chance.random() < 0.5),
    ]
    return chance.choice(faults)


class FaultQueue:
    """The faults that wait for calls, by method and perhaps chat, in order; and a storm for all other calls."""

    def __init__(self) -> None:
        self._waiting: defaultdict[tuple[str, object], deque[Fault]] = defaultdict(deque)
        self._stalls: list[Stall] = []
        self.storm: Storm | None = None
        self.spared: set[object] = set()

    def add(self, method: str, fault: Fault, *, times: int, chat: int | None = None) -> None:
        self._waiting[method, chat].extend([fault] * times)
        if isinstance(fault, Stall):
            self._stalls.append(fault)

    def take(self, method: str, chat: object) -> Fault:
        """The next fault of this method, the chat's own first; one that does nothing where none waits."""
        for key in ((method, chat), (method, None)):
            if self._waiting[key]:
                return self._waiting[key].popleft()
        return self.storm.strike(method, chat) if self.storm and chat not in self.spared else Fault()

    def unused(self) -> dict[str, int]:
        unused: Counter[str] = Counter()
        for (method, _), waiting in self._waiting.items():
            unused[method] += len(waiting)
        return dict(+unused)

    def clear(self) -> None:
        """Forget what waits, and let go of the calls that hang."""
        self._waiting.clear()
        self.storm = None
        for stall in self._stalls:
            stall.release()


def _cut(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
