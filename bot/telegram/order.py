"""What is handled after what: the questions of one topic in order, different chats beside each other."""

from collections.abc import Hashable

from telegram import Update

from bot.telegram.places import Place


def turn_of(update: Update) -> Hashable:
    """Updates with the same turn are handled one after the other; its text is the same in every process. A tap need not
    wait for an answer."""
    if update.effective_message is not None:
        message = update.effective_message
        if update.callback_query is not None:
            return ("tap", message.chat.id, message.message_id)
        return Place.of(message)
    return update.update_id
