"""The stand-in as the one who calls: a webhook, its secret, and what happens where it fails; and drafts."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from telegram import Bot, MessageEntity, Update
from telegram.error import Conflict, Forbidden

from tests.botapi import BotApi, PrivateChat
from tests.botapi.people import DRAFT_SECONDS
from tests.test_botapi import api, bot, refused

__all__ = ["api", "bot"]

SECRET = "s3cret_-" * 32  # as long as one may be


@dataclass
class Hook:
    """A bot's webhook. `statuses` are what it answers, in order; then it takes everything."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    body: str = ""
    came: "asyncio.Queue[tuple[str | None, dict[str, Any]]]" = field(default_factory=asyncio.Queue)

    async def take(self, request: web.Request) -> web.Response:
        await self.came.put((request.headers.get("X-Telegram-Bot-Api-Secret-Token"), await request.json()))
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200, text=self.body)

    async def next_text(self) -> tuple[str | None, str]:
        """The secret and the text of the next message that comes."""
        secret, update = await asyncio.wait_for(self.came.get(), 10)
        return secret, update["message"]["text"]


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    hook = Hook()
    application = web.Application()
    application.router.add_post("/hook", hook.take)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hook.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield hook
    await runner.cleanup()


@pytest.fixture
async def chat(api: BotApi) -> PrivateChat:
    return api.private(api.user("Alice"))


async def test_updates_are_brought_with_the_secret_in_order(
    api: BotApi, bot: Bot, chat: PrivateChat, hook: Hook
) -> None:
    await chat.say(chat.person, "before")
    await bot.set_webhook(hook.url, secret_token=SECRET)
    await chat.say(chat.person, "after")
    assert [await hook.next_text(), await hook.next_text()] == [(SECRET, "before"), (SECRET, "after")]
    info = await bot.get_webhook_info()
    assert (info.url, info.max_connections, info.last_error_message) == (hook.url, 40, None)
    assert api.violations == []


async def test_without_a_secret_none_is_sent(bot: Bot, chat: PrivateChat, hook: Hook) -> None:
    await bot.set_webhook(hook.url)
    await chat.say(chat.person, "Hello")
    assert await hook.next_text() == (None, "Hello")


async def test_what_is_not_taken_comes_again(bot: Bot, chat: PrivateChat, hook: Hook) -> None:
    hook.statuses = [403, 500]
    await bot.set_webhook(hook.url)
    await chat.say(chat.person, "one")
    assert [(await hook.next_text())[1] for _ in range(2)] == ["one", "one"]
    info = await bot.get_webhook_info()
    assert info.last_error_message in (
        "Wrong response from the webhook: 403 Forbidden",
        "Wrong response from the webhook: 500 Internal Server Error",
    )
    assert info.pending_update_count == 1
    await chat.say(chat.person, "two")
    assert [(await hook.next_text())[1] for _ in range(2)] == ["one", "two"]
    assert hook.came.empty()


async def test_nobody_polls_beside_a_webhook(api: BotApi, bot: Bot, chat: PrivateChat, hook: Hook) -> None:
    await bot.set_webhook(hook.url)
    with pytest.raises(Conflict, match="while webhook is active"):
        await bot.get_updates()
    await bot.delete_webhook()
    await chat.say(chat.person, "Hello")
    assert len(await bot.get_updates()) == 1
    assert hook.came.empty()
    await bot.set_webhook(hook.url, drop_pending_updates=True, allowed_updates=[Update.EDITED_MESSAGE])
    said = await chat.say(chat.person, "Hello?")
    await chat.edit(said, "Hello!")
    _, update = await asyncio.wait_for(hook.came.get(), 10)
    assert update["edited_message"]["text"] == "Hello!"
    await bot.set_webhook("")
    assert (await bot.get_webhook_info()).url == ""
    assert api.violations == []


async def test_an_answer_with_a_method_call_is_a_violation(
    api: BotApi, bot: Bot, chat: PrivateChat, hook: Hook
) -> None:
    hook.body = '{"method": "sendMessage"}'
    await bot.set_webhook(hook.url)
    await chat.say(chat.person, "one")
    await chat.say(chat.person, "two")
    for _ in range(2):
        await hook.next_text()
    assert "method call" in api.violations[0]


@pytest.mark.parametrize(
    ("wrong", "description"),
    [
        ({"secret_token": "with space"}, "unallowed characters"),
        ({"secret_token": "x" * 257}, "unallowed characters"),
        ({"max_connections": 101}, "from 1 to 100"),
        ({"url": "ftp://127.0.0.1:1/"}, "bad webhook"),
        ({"allowed_updates": ["messages"]}, "unknown update type"),
    ],
)
async def test_wrong_webhooks_are_refused(
    api: BotApi, bot: Bot, hook: Hook, wrong: dict[str, Any], description: str
) -> None:
    with refused(description):
        await bot.set_webhook(**({"url": hook.url} | wrong))
    assert (await bot.get_webhook_info()).url == ""
    assert len(api.violations) == 1


# Drafts


async def test_a_draft_is_seen_until_the_message_comes(api: BotApi, bot: Bot, chat: PrivateChat) -> None:
    await chat.start()
    await bot.send_message_draft(chat.id, 7)
    assert chat.draft is not None
    assert chat.draft.text == ""
    await bot.send_message_draft(chat.id, 7, "It was 🚀", entities=[MessageEntity("bold", 7, 2)])
    assert (chat.draft.id, chat.draft.text, chat.draft.entities[0].type) == (7, "It was 🚀", "bold")
    assert chat.messages_of_bot == ()
    await bot.send_message(chat.id, "It was lit.")
    assert chat.draft is None
    assert api.violations == []


async def test_a_draft_is_gone_after_half_a_minute(api: BotApi, bot: Bot, chat: PrivateChat) -> None:
    await chat.start()
    await bot.send_message_draft(chat.id, 7, "It was")
    assert chat.draft_in(DRAFT_SECONDS - 10) is not None
    assert chat.draft_in(DRAFT_SECONDS) is None


async def test_wrong_drafts_are_refused(api: BotApi, bot: Bot, chat: PrivateChat) -> None:
    await chat.start()
    group = api.group("Team", members=[chat.person])
    with refused("private chat alone"):
        await bot.send_message_draft(group.id, 7, "x")
    with refused("must be non-zero"):
        await bot.send_message_draft(chat.id, 0, "x")
    with refused("too long"):
        await bot.send_message_draft(chat.id, 7, "🚀" * 2049)
    with refused("ends in a middle"):
        await bot.send_message_draft(chat.id, 7, "🚀", entities=[MessageEntity("bold", 0, 1)])
    assert chat.draft is None
    assert len(api.violations) == 4
    await chat.block()
    with pytest.raises(Forbidden):
        await bot.send_message_draft(chat.id, 7, "x")
