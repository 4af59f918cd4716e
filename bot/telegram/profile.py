"""What Telegram shows of the bot before anyone writes to it: its commands and descriptions, in every language."""

import logging
from collections.abc import Iterable
from difflib import get_close_matches

from telegram import Bot, BotCommandScopeAllChatAdministrators, BotCommandScopeChat
from telegram.error import TelegramError

from bot import texts
from bot.languages import DEFAULT, LANGUAGES, say_in

logger = logging.getLogger(__name__)

COMMANDS = {
    "ask": texts.COMMAND_ASK,
    "new": texts.COMMAND_NEW,
    "stop": texts.COMMAND_STOP,
    "why": texts.COMMAND_WHY,
    "watch": texts.COMMAND_WATCH,
    "watches": texts.COMMAND_WATCHES,
    "sources": texts.COMMAND_SOURCES,
    "language": texts.COMMAND_LANGUAGE,
    "export": texts.COMMAND_EXPORT,
    "privacy": texts.COMMAND_PRIVACY,
    "help": texts.COMMAND_HELP,
}
FOR_ADMINS = {
    "gaps": texts.COMMAND_GAPS,
    "status": texts.COMMAND_STATUS,
    "forget": texts.COMMAND_FORGET,
    "rebuild": texts.COMMAND_REBUILD,
    "allow": texts.COMMAND_ALLOW,
    "members": texts.COMMAND_MEMBERS,
}
"""What their menu has besides."""

ADMINISTRATORS_COMMANDS = COMMANDS | {"mode": texts.COMMAND_MODE, "doctor": texts.COMMAND_DOCTOR}
"""What a group's administrators are shown instead."""

SCOPES = ((COMMANDS, None), (ADMINISTRATORS_COMMANDS, BotCommandScopeAllChatAdministrators()))


UNLISTED = ("start", "status", "delete_me", "mode", "doctor")
"""Commands for everyone that no menu needs."""

ALIKE = 0.6
"""How like a word must be to a command to be taken for a slip of it, from 0 to 1."""


def nearest_command(word: str) -> str | None:
    """The command that was likely meant, without its slash."""
    return next(iter(get_close_matches(word, [*COMMANDS, *UNLISTED], n=1, cutoff=ALIKE)), None)


async def introduce(bot: Bot) -> None:
    """A courtesy, tried once: Telegram keeps the earlier texts, and the bot works without."""
    for language in LANGUAGES:
        say = say_in(language)
        code = None if language == DEFAULT else language
        try:
            for commands, scope in SCOPES:
                told = [(name, say(meaning)) for name, meaning in commands.items()]
                await bot.set_my_commands(told, scope=scope, language_code=code)
            await bot.set_my_short_description(say(texts.SHORT_DESCRIPTION), language_code=code)
            await bot.set_my_description(say(texts.DESCRIPTION), language_code=code)
        except TelegramError as error:
            logger.warning("the bot's commands and descriptions could not be set (%s): %s", language, error)


async def introduce_to(admins: Iterable[int], bot: Bot) -> None:
    """As above, the menu in each admin's own chat. One who never wrote to the bot has none, and the log says so."""
    for admin in sorted(admins):
        scope = BotCommandScopeChat(admin)
        for language in LANGUAGES:
            say = say_in(language)
            code = None if language == DEFAULT else language
            commands = [(name, say(meaning)) for name, meaning in (COMMANDS | FOR_ADMINS).items()]
            try:
                await bot.set_my_commands(commands, scope=scope, language_code=code)
            except TelegramError as error:
                logger.warning("the commands of admin %s could not be set (%s): %s", admin, language, error)
                break
