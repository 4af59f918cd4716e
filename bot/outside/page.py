"""/healthz, /readyz and /metrics over HTTP, on a port of their own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from bot import owner_texts
from bot.listening import listening
from bot.outside.watch import State, Watch

UNAVAILABLE = 503


@asynccontextmanager
async def page(watch: Watch, *, host: str, port: int) -> AsyncIterator[None]:
    """While the block runs. Raises PortInUseError."""

    async def health(_: web.Request) -> web.Response:
        return answer(watch.health())

    async def ready(_: web.Request) -> web.Response:
        return answer(await watch.ready())

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=await watch.figures(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    server = web.Application()
    for path, handler in (("/healthz", health), ("/readyz", ready), ("/metrics", metrics)):
        server.router.add_get(path, handler)
    async with listening(server, host=host, port=port, sentence=owner_texts.NO_METRICS_PORT):
        yield


def answer(state: State) -> web.Response:
    return web.json_response({"ok": state.ok, **state.parts}, status=200 if state.ok else UNAVAILABLE)
