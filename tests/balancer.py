"""What stands at a webhook's address where several workers listen behind it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

from bot.telegram.webhook import SECRET_HEADER
from tests.postgres import free_port

NOBODY = 502


class Balancer:
    """Passes each call on to the next worker that takes it. Every tenth update is brought to all of them at once, as it
    may happen where an answer was lost."""

    def __init__(self, workers: int = 2) -> None:
        self.ports = [free_port() for _ in range(workers)]
        self.url = ""
        self._calls = 0

    @asynccontextmanager
    async def balancing(self) -> AsyncIterator[None]:
        application = web.Application()
        application.router.add_post("/hook", self._pass_on)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(30)) as self._session:
            yield
        await runner.cleanup()

    async def _pass_on(self, request: web.Request) -> web.Response:
        self._calls += 1
        at = self._calls % len(self.ports)
        turned, body = self.ports[at:] + self.ports[:at], await request.read()
        if self._calls % 10 == 0:
            statuses = await asyncio.gather(*(self._call(port, request, body) for port in self.ports))
            return web.Response(status=max(statuses, key=lambda status: status == 200))
        for port in turned:
            status = await self._call(port, request, body)
            if status != NOBODY:
                return web.Response(status=status)
        return web.Response(status=NOBODY)

    async def _call(self, port: int, request: web.Request, body: bytes) -> int:
        secret = {SECRET_HEADER: request.headers[SECRET_HEADER]}
        try:
            async with self._session.post(f"http://127.0.0.1:{port}/hook", data=body, headers=secret) as response:
                return response.status
        except aiohttp.ClientError:
            return NOBODY
