"""What Telegram tells the bot: which kinds of it are wanted, and how one is read."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from telegram import Bot, Update

logger = logging.getLogger(__name__)

WANTED = [Update.MESSAGE, Update.EDITED_MESSAGE, Update.CALLBACK_QUERY, Update.INLINE_QUERY]

RawUpdate = dict[str, Any]
"""As it came, before it is read."""

Take = Callable[[Sequence[RawUpdate]], Awaitable[None]]
"""Keeps updates, so that whoever told them may forget them. May raise ConversationsError."""

begun_before: ContextVar[bool] = ContextVar("begun_before", default=False)
"""Whether the update that is being handled was begun before, by a worker that did not come to its end."""

in_hand: ContextVar[int | None] = ContextVar("in_hand", default=None)
"""The number of the update that is being handled."""


@dataclass(slots=True)
class Again:
    """Whether the update that is being handled is to be handled again, because the database was away."""

    wanted: bool = False


again: ContextVar[Again | None] = ContextVar("again", default=None)
"""None where nobody would handle it again."""


def read(raw: RawUpdate, bot: Bot) -> Update | None:
    try:
        return Update.de_json(raw, bot)
    except Exception as error:
        kinds = ", ".join(sorted(raw.keys() - {"update_id"}))
        logger.error("an update (%s) cannot be read and is passed over: %s", kinds, type(error).__name__)
        return None
