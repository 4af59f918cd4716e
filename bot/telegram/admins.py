"""What only admins may do, and what is said to all others."""

from telegram import Message
from telegram.ext import filters

from bot import texts
from bot.telegram.access import Access
from bot.telegram.addressing import asker_of
from bot.telegram.desk import Desk


class FromAdmin(filters.MessageFilter):
    """Messages that an admin writes."""

    def __init__(self, access: Access) -> None:
        super().__init__()
        self._access = access

    def filter(self, message: Message) -> bool:
        return self._access.is_admin(asker_of(message))


async def obeys(desk: Desk, message: Message | None) -> bool:
    """Whether the message is an admin's, in private; who writes another is told why nothing is done."""
    if message is None:
        return False
    if not desk.access.is_admin(asker_of(message)):
        await desk.tell(message, texts.ADMINS_ONLY)
        return False
    if message.chat.type != message.chat.PRIVATE:
        await desk.tell(message, texts.IN_PRIVATE_ONLY)
        return False
    return True


def rest_of(message: Message) -> str:
    """What stands behind a command."""
    return (message.text or "").partition(" ")[2].strip()
