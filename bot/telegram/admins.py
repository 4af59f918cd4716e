"""What only admins may do, and what is said to all others."""

from telegram import Message

from bot import texts
from bot.telegram.addressing import asker_of
from bot.telegram.desk import Desk


async def obeys(desk: Desk, message: Message | None) -> bool:
    """Whether the message is an admin's, in private; who writes another is told why nothing is done."""
    if message is None:
        return False
    if not await desk.access.administers(asker_of(message)):
        await desk.tell(message, texts.ADMINS_ONLY)
        return False
    if message.chat.type != message.chat.PRIVATE:
        await desk.tell(message, texts.IN_PRIVATE_ONLY)
        return False
    return True


def rest_of(message: Message) -> str:
    """What stands behind a command."""
    return (message.text or "").partition(" ")[2].strip()
