"""The bot called by Telegram at a webhook, instead of asking it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from bot import owner_texts
from bot.errors import NoWebhookUrlError, PortInUseError, RefusedWebhookError
from bot.telegram.polling import poll
from bot.telegram.webhook import SECRET_HEADER, UPDATE_BYTES, Webhook, secret_of
from config.settings import load_settings
from tests import botapi
from tests.botapi import PrivateChat
from tests.postgres import free_port
from tests.scripted import FIRST_LIT
from tests.telegram_world import World, texts_of

pytestmark = pytest.mark.one_worker("it listens at a port of its own")


class Called:
    """Where the bot of a test listens, and how to call it as Telegram does, or as others try to."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/hook"
        self.secret = secret_of(world.api.token)

    def webhook(self, **settings: object) -> Webhook:
        own = {"webhook_url": self.url, "port": self.port, "listen_on": "127.0.0.1"}
        return Webhook(load_settings(**(own | settings)))

    @asynccontextmanager
    async def bot(self) -> AsyncIterator[None]:
        """The bot listens."""
        self._world.hear = self.webhook().hear
        async with self._world.bot():
            await self._world.api.called("setWebhook", url=self.url)
            yield

    async def call(self, body: bytes, *, secret: str | None, path: str = "/hook", method: str = "POST") -> int:
        """The status of the answer to a call from whoever."""
        headers = {} if secret is None else {SECRET_HEADER: secret}
        async with aiohttp.ClientSession() as session:
            url = f"http://127.0.0.1:{self.port}{path}"
            async with session.request(method, url, data=body, headers=headers) as response:
                return response.status


@pytest.fixture
def called(world: World) -> Called:
    return Called(world)


@pytest.fixture
def chat(world: World) -> PrivateChat:
    return world.api.private(world.api.user("Alice"))


def an_update(chat: PrivateChat, text: str, *, message: int = 5) -> bytes:
    private = {"id": chat.id, "type": "private", "first_name": "Alice"}
    sender = {"id": chat.id, "is_bot": False, "first_name": "Alice"}
    new = {"message_id": message, "date": 1, "chat": private, "from": sender, "text": text}
    return json.dumps({"update_id": 9_000_000, "message": new}).encode()


async def test_a_question_is_answered_and_its_buttons_work(world: World, called: Called, chat: PrivateChat) -> None:
    async with called.bot():
        answer = await chat.reply(to=await chat.say(chat.person, "How many steps?"))
        await chat.tap(chat.person, answer, button="1")
        opened = await chat.edited(answer)
    assert answer.text.startswith(FIRST_LIT)
    assert opened.formatted("bold")[-1] == FIRST_LIT
    assert not world.api.calls_of("getUpdates")


async def test_what_comes_while_nobody_listens_is_answered_afterwards(
    world: World, called: Called, chat: PrivateChat
) -> None:
    async with called.bot():
        await chat.reply(to=await chat.say(chat.person, "How many steps?"))
    meanwhile = await chat.say(chat.person, "How many stairs?")
    async with called.bot():
        await chat.reply(to=meanwhile)
    assert world.answers.asked == ["How many steps?", "How many stairs?"]


async def test_a_bot_that_asks_takes_over_from_one_that_is_called(
    world: World, called: Called, chat: PrivateChat
) -> None:
    async with called.bot():
        await chat.reply(to=await chat.say(chat.person, "How many steps?"))
    world.hear = poll
    async with world.bot():
        await chat.reply(to=await chat.say(chat.person, "How many stairs?"))
    assert world.api.calls_of("getUpdates")


@pytest.mark.parametrize("secret", [None, "", "wrong", "Ärger"])
async def test_who_does_not_know_the_secret_is_turned_away(
    world: World, called: Called, chat: PrivateChat, secret: str | None
) -> None:
    async with called.bot():
        assert await called.call(an_update(chat, "How many steps?"), secret=secret) == 403
        await chat.reply(to=await chat.say(chat.person, "How many stairs?"))
    assert world.answers.asked == ["How many stairs?"]


@pytest.mark.parametrize(
    ("body", "path", "method", "status"),
    [
        (b"no JSON", "/hook", "POST", 400),
        (b"[1, 2]", "/hook", "POST", 400),
        (b'{"message": {}}', "/hook", "POST", 400),
        (b"\xff\xfe", "/hook", "POST", 400),
        (b" " * (UPDATE_BYTES + 1), "/hook", "POST", 413),
        (b"{}", "/", "POST", 404),
        (b"{}", "/hook", "PUT", 405),
    ],
)
async def test_what_is_no_update_is_refused_and_harms_nobody(
    called: Called, chat: PrivateChat, body: bytes, path: str, method: str, status: int
) -> None:
    async with called.bot():
        assert await called.call(body, secret=called.secret, path=path, method=method) == status
        await chat.reply(to=await chat.say(chat.person, "How many stairs?"))


async def test_an_update_that_comes_again_is_answered_once(world: World, called: Called, chat: PrivateChat) -> None:
    async with called.bot():
        first = await chat.say(chat.person, "How many steps?")
        await chat.reply(to=first)
        for _ in range(3):
            update = an_update(chat, "How many stairs?", message=first.id)
            assert await called.call(update, secret=called.secret) == 200
        await world.api.called("sendMessage", chat=chat)
        await world.api.called("sendMessage", chat=chat)
    assert world.answers.asked == ["How many steps?", "How many stairs?"]
    assert len(texts_of(chat)) == 2


async def test_an_update_that_cannot_be_read_is_passed_over(
    called: Called, chat: PrivateChat, caplog: pytest.LogCaptureFixture
) -> None:
    async with called.bot():
        assert await called.call(b'{"update_id": 1, "message": {"text": "?"}}', secret=called.secret) == 200
        await chat.reply(to=await chat.say(chat.person, "How many stairs?"))
    assert "an update (message) cannot be read and is passed over" in caplog.text


async def test_a_network_that_is_down_when_the_webhook_is_set_is_waited_for(
    world: World, called: Called, chat: PrivateChat, caplog: pytest.LogCaptureFixture
) -> None:
    world.api.fail("setWebhook", botapi.BadGateway())
    async with called.bot():
        await chat.reply(to=await chat.say(chat.person, "How many steps?"))
    assert "cannot be reached" in caplog.text


async def test_an_address_that_telegram_will_not_call_ends_in_a_sentence(world: World, called: Called) -> None:
    world.api.fail("setWebhook", botapi.Refuse("Bad Request: bad webhook: HTTPS URL must be provided for webhook"))
    world.hear = called.webhook().hear
    with pytest.raises(RefusedWebhookError, match=r"Telegram will not call WEBHOOK_URL: .*https url must") as caught:
        await world.serve(stop=asyncio.Event())
    assert caught.value.exit_status == 1


async def test_a_port_in_use_ends_in_a_sentence(world: World, called: Called) -> None:
    async with called.bot():
        with pytest.raises(PortInUseError, match=rf"127\.0\.0\.1:{called.port} .*Set PORT to a free one"):
            await world.serve(stop=asyncio.Event())


def test_without_an_address_a_sentence_asks_for_it() -> None:
    with pytest.raises(NoWebhookUrlError) as caught:
        Webhook(load_settings(webhook_url=None))
    assert str(caught.value) == owner_texts.NO_WEBHOOK_URL
    assert caught.value.exit_status == 2


def test_the_secret_is_one_that_telegram_takes_and_tells_nothing_of_the_token() -> None:
    secret = secret_of("123456:ABC-DEF")
    assert set(secret) <= set("0123456789abcdef")
    assert len(secret) == 64
    assert secret != secret_of("123456:ABC-DEG")
