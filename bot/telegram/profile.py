"""What Telegram shows of the bot before anyone writes to it: its commands and descriptions, in every language."""

import logging
from difflib import get_close_matches

from telegram import Bot
from telegram.error import TelegramError

from bot import texts
from bot.languages import DEFAULT, LANGUAGES, say_in

logger = logging.getLogger(__name__)

COMMANDS = {
    "ask": texts.COMMAND_ASK,
    "watch": texts.COMMAND_WATCH,
    "watches": texts.COMMAND_WATCHES,
    "sources": texts.COMMAND_SOURCES,
    "language": texts.COMMAND_LANGUAGE,
    "help": texts.COMMAND_HELP,
}


ALIKE = 0.6
"""How like a word must be to a command to be taken for a slip of it, from 0 to 1."""


def nearest_command(word: str) -> str | None:
    """The command that was likely meant, without its slash."""
    return next(iter(get_close_matches(word, [*COMMANDS, "start"], n=1, cutoff=ALIKE)), None)


async def introduce(bot: Bot) -> None:
    """A courtesy, tried once: Telegram keeps the earlier texts, and the bot works without."""
    for language in LANGUAGES:
        say = say_in(language)
        code = None if language == DEFAULT else language
        try:
            commands = [(name, say(meaning)) for name, meaning in COMMANDS.items()]
            await bot.set_my_commands(commands, language_code=code)
            await bot.set_my_short_description(say(texts.SHORT_DESCRIPTION), language_code=code)
            await bot.set_my_description(say(texts.DESCRIPTION), language_code=code)
        except TelegramError as error:
            logger.warning("the bot's commands and descriptions could not be set (%s): %s", language, error)
