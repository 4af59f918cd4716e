"""Being called by Telegram: a small HTTP server that takes updates, behind an address that Telegram can reach.

What comes without the secret is turned away. The secret is made from the token, so that every process of one bot
knows it and nobody has to set it.
"""

import asyncio
import hashlib
import hmac
import json
import logging
from functools import partial

from aiohttp import web
from telegram import Bot
from telegram.error import BadRequest
from telegram.ext import Application

from bot import owner_texts
from bot.errors import ConversationsError, NoWebhookUrlError, RefusedWebhookError
from bot.listening import listening
from bot.telegram.connecting import reach
from bot.telegram.updates import WANTED, Take
from config.settings import Settings

logger = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"

UPDATE_BYTES = 1_000_000
"""What an update may hold. A text of 4,096 letters with its entities and the message it replies to stays far below."""

CONNECTIONS = 40
"""At a time, Telegram's own default. An update is taken in a few milliseconds and answered afterwards."""


class Webhook:
    """Where this process listens, and the address at which Telegram finds it.

    Raises NoWebhookUrlError where WEBHOOK_URL is not set.
    """

    def __init__(self, settings: Settings) -> None:
        if settings.webhook_url is None:
            raise NoWebhookUrlError(owner_texts.NO_WEBHOOK_URL)
        self._url = settings.webhook_url
        self._host, self._port = settings.listen_on, settings.port

    async def hear(self, application: Application, *, take: Take, stop: asyncio.Event) -> None:  # type: ignore[type-arg]
        """Have updates taken until `stop`. Any number of processes may listen behind the address, and each says the
        same to Telegram. At the end the webhook stays, for those that go on or for whichever listens next.

        Raises RefusedTokenError, RefusedWebhookError, PortInUseError.
        """
        bot, server = application.bot, web.Application(client_max_size=UPDATE_BYTES)
        server.router.add_post(self._url.path or "/", Entrance(secret_of(bot.token), take).take)
        async with listening(server, host=self._host, port=self._port, sentence=owner_texts.CANNOT_LISTEN):
            if not await reach(partial(self._tell, bot), stop=stop):
                return
            logger.info("@%s answers, called on port %d; stop it with Ctrl-C", bot.username, self._port)
            await stop.wait()

    async def _tell(self, bot: Bot) -> None:
        try:
            await bot.set_webhook(
                str(self._url),
                secret_token=secret_of(bot.token),
                allowed_updates=WANTED,
                max_connections=CONNECTIONS,
            )
        except BadRequest as error:
            raise RefusedWebhookError(owner_texts.WEBHOOK_REFUSED.format(said=error)) from None


class Entrance:
    """Answers Telegram once an update is kept."""

    def __init__(self, secret: str, take: Take) -> None:
        self._secret = secret
        self._take = take

    async def take(self, request: web.Request) -> web.Response:
        """200 for what was taken; 403 without the secret, 413 for too much, 400 for what is no update; 503 where it
        cannot be kept, so that Telegram brings it again."""
        told = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(told, self._secret.encode()):
            raise web.HTTPForbidden
        try:
            raw = json.loads(await request.read())
            int(raw["update_id"])
        except (ValueError, TypeError, KeyError):
            raise web.HTTPBadRequest from None
        try:
            await self._take([raw])
        except ConversationsError as error:
            logger.warning("what people write cannot be kept: %s", error)
            raise web.HTTPServiceUnavailable from None
        return web.Response()


def secret_of(token: str) -> str:
    """64 signs of hexadecimal, which tell nothing of the token."""
    return hmac.new(token.encode(), b"citegram webhook", hashlib.sha256).hexdigest()
