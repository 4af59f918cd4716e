"""What runs after what: the questions of one topic in order, different chats beside each other."""

import asyncio
import re
from collections.abc import Awaitable, Hashable
from typing import Any
from weakref import WeakValueDictionary

from telegram import Update
from telegram.ext import BaseUpdateProcessor

from bot.telegram.places import Place

AT_ONCE = 1024
"""Updates under way, waiting ones among them; a chat that floods the bot fills it before others have to wait."""

AT_ANY_TIME = re.compile(r"/stop(?:@\w+)?(?:\s|\Z)", re.IGNORECASE)
"""The command that is about what is under way, and would come too late behind it."""


class InOrder(BaseUpdateProcessor):
    """One lock for each topic, and one for each message whose buttons are tapped: neither a tap nor a
    /stop need wait for an answer."""

    def __init__(self) -> None:
        super().__init__(AT_ONCE)
        self._locks: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        lock = self._locks.setdefault(turn_of(update), asyncio.Lock())
        async with lock:
            await coroutine

    async def initialize(self) -> None:
        pass

    async def shutdown(self) -> None:
        pass


def turn_of(update: object) -> Hashable:
    """Updates with the same turn are handled one after the other."""
    if isinstance(update, Update) and update.effective_message is not None:
        message = update.effective_message
        if update.callback_query is not None:
            return ("tap", message.chat.id, message.message_id)
        if update.message is not None and AT_ANY_TIME.match(message.text or ""):
            return ("command", message.chat.id, message.message_id)
        return Place.of(message)
    return id(update)
