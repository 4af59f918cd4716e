"""What is handled after what: the questions of one topic in order, different chats beside each other."""

import re
from collections.abc import Hashable

from telegram import Update

from bot.telegram.places import Place

AT_ANY_TIME = re.compile(r"/stop(?:@\w+)?(?:\s|\Z)", re.IGNORECASE)
"""The command that is about what is under way, and would come too late behind it."""


TYPED = "typed"
"""The first part of the turns of inline queries."""


def turn_of(update: Update) -> Hashable:
    """Updates with the same turn are handled one after the other; its text is the same in every process. Neither a tap
    nor a /stop need wait for an answer, nor what is typed for what was typed before."""
    if update.effective_message is not None:
        message = update.effective_message
        if update.callback_query is not None:
            return ("tap", message.chat.id, message.message_id)
        if update.message is not None and AT_ANY_TIME.match(message.text or ""):
            return ("command", message.chat.id, message.message_id)
        return Place.of(message)
    if update.inline_query is not None:
        return (TYPED, update.update_id)
    return update.update_id
