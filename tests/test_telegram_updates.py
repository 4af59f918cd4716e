"""Whatever Telegram may send, the bot stays calm: ten thousand updates of every type, some that nobody can read."""

import asyncio
import gc
import json
import logging
import re
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from telegram.ext import Application

from bot.database import address_of, open_database
from bot.keeping import Keeping
from bot.telegram.assembly import build
from bot.telegram.budget import Budget
from bot.telegram.updates import read
from config.settings import load_settings
from tests import botapi
from tests.botapi import BotApi
from tests.botapi.generated import Grammar
from tests.botapi.updates import KNOWN
from tests.scripted import ScriptedAnswers
from tests.telegram_world import World

pytestmark = pytest.mark.timeout(240)

UPDATES = 10_000


class Complaints(logging.Handler):
    """What is logged as an error, by whomever."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(f"{record.name}: {self.format(record)}")


async def at_once(_: float) -> None:
    """For a budget that need not be kept here."""


@asynccontextmanager
async def an_application(api: BotApi, data_dir: Path) -> AsyncIterator[Application[Any, Any, Any, Any, Any, Any]]:
    settings = load_settings(telegram_bot_token=api.token, telegram_api_url=api.url, data_dir=data_dir)
    async with open_database(address_of(settings)) as database:
        keeping, budget = Keeping(database, days=settings.keep_days), Budget(sleep=at_once)
        application, _ = build(settings, answers=ScriptedAnswers(), database=database, keeping=keeping, budget=budget)
        async with application:
            yield application


async def test_ten_thousand_updates_of_every_type_raise_nothing(tmp_path: Path) -> None:
    complaints, seen, unread = Complaints(), set(), 0
    logging.getLogger().addHandler(complaints)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        async with BotApi(paced=False) as api, an_application(api, tmp_path) as application:
            grammar = await grammar_of(api)
            for _ in range(UPDATES):
                update = grammar.update()
                seen.update(update.keys() - {"update_id"})
                readable = read(update, application.bot)
                if readable is None:
                    unread += 1
                    complaints.said.pop()
                else:
                    await application.process_update(readable)
                assert not complaints.said, f"{complaints.said}\n{json.dumps(update, ensure_ascii=False)}"
            assert not running()
            gc.collect()
    logging.getLogger().removeHandler(complaints)
    assert seen == KNOWN
    assert unread < UPDATES / 20
    assert done(api, "sendMessage") > 300
    assert done(api, "editMessageText") > 12  # in the two private chats; a tap in the three groups is a reply
    assert not api.violations
    assert not [str(each.message) for each in warned if "never awaited" in str(each.message)]


def done(api: BotApi, method: str) -> int:
    return sum(call.status == 200 for call in api.calls_of(method))


async def grammar_of(api: BotApi) -> Grammar:
    """Knows the bot's chats and people, and taps on buttons that the bot has shown."""
    alice, boris = api.user("Alice", language_code="en"), api.user("Борис", language_code="ru")
    forum = api.forum("Harbour", members=[alice, boris])
    chats = [
        api.private(alice),
        api.private(boris),
        api.group("Family", members=[alice]),
        api.supergroup("Town", members=[alice, boris]),
        forum,
    ]
    for chat in chats:
        await chat.say(alice if chat.id != boris.id else boris, "Hello")
    await forum.topic("Talk", by=alice)
    kinds = ["private", "private", "group", "supergroup", "supergroup"]
    told = [
        {"id": chat.id, "type": kind} | ({"is_forum": True} if chat is forum else {})
        for chat, kind in zip(chats, kinds, strict=True)
    ]

    def callbacks(chat_id: int) -> list[str]:
        """Of the chat's latest answers."""
        shown = [message.buttons for chat in chats if chat.id == chat_id for message in chat.messages_of_bot]
        return [button.callback_data for row in [*filter(None, shown)][-5:] for button in row if button.callback_data]

    people = [alice.to_json(), boris.to_json()]
    return Grammar(20261124, chats=told, users=people, callbacks=callbacks)


def running() -> list[str]:
    """The tasks of the bot and of the library that still run; the server's own are no matter."""
    stacks = [repr(task.get_stack()) for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    return [stack for stack in stacks if re.search("/bot/telegram/|/site-packages/telegram/", stack)]


async def test_updates_that_cannot_be_read_are_passed_over(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Else they would come again and again, and the bot would answer nobody."""
    caplog.set_level(logging.DEBUG)
    chat = world.api.private(world.api.user("Alice"))
    odd = {"message_id": "no message has this", "text": "a secret question"}
    await world.api.push("message", odd)
    first = await chat.say(chat.person, "How many steps?")
    for _ in range(2):
        await world.api.push("callback_query", odd)
    second = await chat.say(chat.person, "lantern?")
    async with world.bot():
        await chat.reply(to=first)
        await chat.reply(to=second)
        await world.api.push("message", odd)
        await world.api.polled()
        await chat.reply(to=await chat.say(chat.person, "lantern?"))
        await world.api.push("message", odd)
    assert caplog.text.count("an update (message) cannot be read and is passed over: KeyError") in (2, 3)
    assert caplog.text.count("an update (callback_query) cannot be read") == 2
    assert "secret" not in caplog.text


async def test_a_person_who_cannot_be_told_of_an_error_causes_no_other(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    chat = world.api.private(world.api.user("Alice"))
    async with world.bot():
        world.api.fail("sendMessage", botapi.Refuse("Bad Request: odd"), times=2)
        await chat.say(chat.person, "How many steps?")
        answer = await chat.reply(to=await chat.say(chat.person, "lantern?"))
        world.api.fail("editMessageText", botapi.Refuse("Bad Request: odd"))
        world.api.fail("answerCallbackQuery", botapi.Fault())
        world.api.fail("answerCallbackQuery", botapi.Refuse("Unauthorized", status=401))
        await chat.tap(chat.person, answer, button="1")
        await chat.reply(to=await chat.say(chat.person, "/help"))
    assert [record.name for record in caplog.records if record.levelno >= logging.ERROR] == ["bot.telegram.failing"] * 2
    assert caplog.text.count("nobody could be told of the error") == 2
