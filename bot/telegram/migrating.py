"""A group that becomes a supergroup gets a new id; what the bot knows of it goes along."""

import logging

from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters

from bot.telegram.desk import Desk

logger = logging.getLogger(__name__)


class Migrating:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def add_to(self, application: Application) -> None:  # type: ignore[type-arg]
        application.add_handler(MessageHandler(filters.StatusUpdate.MIGRATE, self.move))

    async def move(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        """Told twice, in the old chat and in the new one, in any order, and once more after a crash."""
        message = update.effective_message
        if message is None:
            return
        if message.migrate_to_chat_id is not None:
            old, new = message.chat.id, message.migrate_to_chat_id
        elif message.migrate_from_chat_id is not None:
            old, new = message.migrate_from_chat_id, message.chat.id
        else:
            return
        for store in (self._desk.moves, self._desk.modes, self._desk.conversations, self._desk.watches):
            await store.moved(old, new)
        logger.info("group %s is supergroup %s now", old, new)
