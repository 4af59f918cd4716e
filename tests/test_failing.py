"""An error that nobody foresaw, where telling the person of it fails as well: neither of the two is logged with its
text, which may quote what was asked."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
from telegram import Message, Update
from telegram.ext import ContextTypes, TypeHandler

from bot.database import Clock, default_url, open_database
from bot.mailbox import LAPSE, Letter, Mailbox
from bot.telegram.assembly import new_application
from bot.telegram.delivery import Delivery
from bot.telegram.failing import Failing
from bot.telegram.holding import Hold, hold
from bot.telegram.polling import received
from bot.telegram.updates import read
from config.settings import load_settings
from tests.botapi import BotApi, PrivateChat
from tests.deployments import at
from tests.wall_clock import WallClock

QUESTION = "Who cast the bell?"


class ForgetfulClock:
    def __call__(self) -> datetime:
        raise LookupError(f"no time for {QUESTION}")


class Room:
    """Where what is asked fails, and quotes it. `heard` counts how often it came here."""

    heard = 0

    async def __call__(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        self.heard += 1
        assert isinstance(update.effective_message, Message)
        raise ValueError(f"no idea what {update.effective_message.text} means")


@pytest.fixture
async def mailbox(tmp_path: Path) -> AsyncIterator[Mailbox]:
    """In which the worker's claim has lapsed, and another has claimed the update."""
    clock = WallClock()
    async with open_database(default_url(tmp_path)) as database:
        mailbox = Mailbox(database, clock=clock)
        await mailbox.put([Letter(1, "Alice", "{}")])
        await mailbox.claim("one", most=1)
        clock.at += 2 * LAPSE
        await mailbox.claim("two", most=1)
        yield mailbox


async def ask(server: BotApi, mailbox: Mailbox, *, clock: Clock) -> tuple[PrivateChat, Room]:
    """A question is handled by a worker that renewed its claim long ago."""
    chat, room = server.private(server.user("Alice")), Room()
    await chat.say(chat.person, QUESTION)
    async with new_application(load_settings(**at(server))) as application:
        for group in (0, 1):
            application.add_handler(TypeHandler(Update, room), group=group)
        Failing(Delivery(application.bot)).add_to(application)
        (raw,) = await received(application.bot, None)

        async def handle() -> None:
            hold.set(Hold(1, "one", mailbox, WallClock().at, clock))
            await application.process_update(read(raw, application.bot))

        await asyncio.create_task(handle())
    return chat, room


def check(caplog: pytest.LogCaptureFixture, chat: PrivateChat, room: Room) -> list[str]:
    """Nothing was said, and nothing tried again. What the bot logged above DEBUG, as the log has it."""
    records = [each for each in caplog.records if each.levelno > logging.DEBUG]
    lines = [logging.Formatter().format(each) for each in records]
    assert QUESTION not in "".join(lines)
    assert {each.name for each in records} == {"bot.telegram.failing"}
    assert chat.messages_of_bot == ()
    assert room.heard == 1
    return lines


async def test_who_learns_at_the_telling_that_another_has_taken_over_is_silent(
    server: BotApi, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    async with server:
        done = await ask(server, mailbox, clock=lambda: WallClock().at + 2 * LAPSE)
    unforeseen, silent = check(caplog, *done)
    assert unforeseen.endswith("ValueError\n")
    assert silent == "another worker has taken over update 1: what it says, this one does not say"


async def test_an_error_at_the_telling_is_logged_by_its_kind(
    server: BotApi, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    async with server:
        done = await ask(server, mailbox, clock=ForgetfulClock())
    _, second = check(caplog, *done)
    assert second.startswith("nobody could be told of the error\n")
    assert second.endswith("LookupError\n")
    assert "ValueError\n" in second
