"""The process, the people who write through it, and the relay that gives its calls the secret which it leaves out."""

import asyncio
import socket
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import web

from bot.telegram.webhook import SECRET_HEADER, secret_of
from tests.command_line import ROOT

PYTHON = ROOT / ".venv-telemelya" / "bin" / "python"
TOKEN = "123456789:FOR-TELEMELYA"
SECONDS = 40.0

Json = dict[str, Any]


def whole_environment() -> bool:
    """Whether `make stand-in` has been run, to its end."""
    return (PYTHON.parent.parent / "installed").exists()


def free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


class Telemelya:
    """The server, and the address at which it is to call the bot; `settings` are the bot's, to be called there."""

    def __init__(self) -> None:
        self._port, self._port_of_bot = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self.token = TOKEN
        self._process: Process | None = None

    @property
    def settings(self) -> dict[str, str]:
        return {
            "TELEGRAM_BOT_TOKEN": self.token,
            "TELEGRAM_API_URL": self.url,
            "WEBHOOK_URL": self.hook,
            "LISTEN_ON": "127.0.0.1",
            "PORT": str(self._port_of_bot),
        }

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(SECONDS))
        script = Path(__file__).with_name("serve.py")
        self._process = await asyncio.create_subprocess_exec(
            PYTHON, script, str(self._port), stdout=DEVNULL, stderr=PIPE
        )
        await said(self._process, b"Uvicorn running")
        relay = web.Application()
        relay.router.add_post("/hook", self._pass_on)
        self._relay = web.AppRunner(relay, access_log=None)
        await self._relay.setup()
        await web.TCPSite(self._relay, "127.0.0.1", 0).start()
        self.hook = f"http://127.0.0.1:{self._relay.addresses[0][1]}/hook"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._relay.cleanup()
        await self._session.close()
        assert self._process
        self._process.terminate()
        await self._process.communicate()

    async def say(self, chat: int, text: str) -> Json:
        """The message, as it was brought to the bot."""
        update = await self._update(chat_id=chat, text=text)
        return dict(update["message"])

    async def tap(self, chat: int, message: int, data: str) -> None:
        await self._update(chat_id=chat, callback_message_id=message, callback_data=data)

    async def edit(self, message: Json, text: str) -> None:
        """Telemelya knows no edited messages; this one goes the way that its calls go."""
        edited = message | {"text": text, "edit_date": message["date"] + 1}
        async with self._session.post(self.hook, json={"update_id": 1, "edited_message": edited}) as response:
            assert response.ok

    async def next(self, method: str) -> Json:
        """The next call of a method, those of others in between passed over."""
        async with asyncio.timeout(SECONDS):
            while True:
                came = await self._get("/api/v1/test/responses/wait?timeout=5")
                if came["response"] and came["response"]["method"] == method:
                    return dict(came["response"])

    async def _update(self, **parameters: object) -> Json:
        sent = await self._post(f"/api/v1/test/send_update?bot_token={self.token}", **parameters)
        assert sent["delivery"]["status_code"] == 200, sent
        return dict(sent["update"])

    async def _post(self, path: str, **parameters: object) -> Json:
        async with self._session.post(self.url + path, json=parameters, headers=KEY) as response:
            response.raise_for_status()
            return dict(await response.json())

    async def _get(self, path: str) -> Json:
        async with self._session.get(self.url + path, headers=KEY) as response:
            response.raise_for_status()
            return dict(await response.json())

    async def _pass_on(self, request: web.Request) -> web.Response:
        """To the bot, with the secret."""
        url, headers = f"http://127.0.0.1:{self._port_of_bot}/hook", {SECRET_HEADER: secret_of(self.token)}
        async with self._session.post(url, data=await request.read(), headers=headers) as response:
            return web.Response(status=response.status)


async def said(process: Process, words: bytes) -> None:
    """Returns when the process writes a line with these words on stderr."""
    assert process.stderr
    async with asyncio.timeout(SECONDS):
        async for line in process.stderr:
            if words in line:
                return
    raise AssertionError(f"it ended without a word of {words!r}")


KEY = {"Authorization": "Bearer any"}
"""No keys are set, so it takes any."""
