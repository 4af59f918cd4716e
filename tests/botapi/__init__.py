"""A small, strict, stateful stand-in for Telegram's Bot API, on loopback HTTP.

    async with BotApi() as api:
        alice = api.user("Alice", language_code="en")
        chat = api.private(alice)
        question = await chat.say(alice, "How many leave days do I get?")
        answer = await chat.reply(to=question)
        assert not api.violations

It refuses what Telegram refuses, in Telegram's words, and notes as violations what a bot should never have sent. Where
Telegram corrects a mistake in silence, the message goes through and the mistake is a violation all the same.
"""

from .faults import BadGateway, DropAfter, DropBefore, Fault, LoginPage, Refuse, RetryAfter, Slow, Stall, Storm
from .people import Chat, ForumChat, GroupChat, PrivateChat, Topic
from .server import BotApi
from .values import (
    Answer,
    Article,
    Button,
    Call,
    Draft,
    Entity,
    File,
    InlineQuery,
    Keyboard,
    Message,
    Offered,
    Query,
    User,
    Version,
)

__all__ = [
    "Answer",
    "Article",
    "BadGateway",
    "BotApi",
    "Button",
    "Call",
    "Chat",
    "Draft",
    "DropAfter",
    "DropBefore",
    "Entity",
    "Fault",
    "File",
    "ForumChat",
    "GroupChat",
    "InlineQuery",
    "Keyboard",
    "LoginPage",
    "Message",
    "Offered",
    "PrivateChat",
    "Query",
    "Refuse",
    "RetryAfter",
    "Slow",
    "Stall",
    "Storm",
    "Topic",
    "User",
    "Version",
]
