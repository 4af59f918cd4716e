"""What Telegram tells the bot: which kinds of it are wanted, and how one is read."""

import logging
from typing import Any

from telegram import Bot, Update

logger = logging.getLogger(__name__)

REMEMBERED = 10_000
"""Updates, at most, of which it is known that they came: far more than Telegram brings again."""

WANTED = [Update.MESSAGE, Update.EDITED_MESSAGE, Update.CALLBACK_QUERY, Update.INLINE_QUERY]


def read(raw: dict[str, Any], bot: Bot) -> Update | None:
    try:
        return Update.de_json(raw, bot)
    except Exception as error:
        kinds = ", ".join(sorted(raw.keys() - {"update_id"}))
        logger.error("an update (%s) cannot be read and is passed over: %s", kinds, type(error).__name__)
        return None


class Taken:
    """Which updates came, the latest of them."""

    def __init__(self) -> None:
        self._numbers: dict[int, None] = {}

    def is_new(self, number: int) -> bool:
        """Whether the update with this id comes for the first time; from now on it does not."""
        if number in self._numbers:
            return False
        self._numbers[number] = None
        if len(self._numbers) > REMEMBERED:
            del self._numbers[next(iter(self._numbers))]
        return True
