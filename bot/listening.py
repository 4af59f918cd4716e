"""A small HTTP server of the bot's, at an address of this machine."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from bot.errors import PortInUseError

CLOSING_SECONDS = 5.0
"""For what is being answered at the end."""


@asynccontextmanager
async def listening(server: web.Application, *, host: str, port: int, sentence: str) -> AsyncIterator[None]:
    """While the block runs. Raises PortInUseError with the sentence, which has blanks for `where` and `reason`."""
    runner = web.AppRunner(server, access_log=None, shutdown_timeout=CLOSING_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        await runner.cleanup()
        raise PortInUseError(sentence.format(where=f"{host}:{port}", reason=error.strerror)) from None
    try:
        yield
    finally:
        await runner.cleanup()
