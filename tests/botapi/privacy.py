"""What a bot sees of a group, and the entities that Telegram finds in what people write."""

import re

from .formatting import utf16_length
from .state import ChatState, World
from .values import Entity, Message
from .wire import answered_message

_FOUND = {
    "bot_command": re.compile(r"(?<![\w/<])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?(?![\w/])"),
    "mention": re.compile(r"(?<![\w/@])@\w{3,32}"),
    "url": re.compile(r"https?://[^\s<>]+"),
}

_SERVICE = frozenset({"forum_topic_created", "migrate_to_chat_id", "migrate_from_chat_id"})


def found_entities(text: str) -> tuple[Entity, ...]:
    """Commands, mentions and links, as Telegram marks them in every text."""
    found = [
        Entity(type=kind, offset=utf16_length(text[: match.start()]), length=utf16_length(match.group()))
        for kind, pattern in _FOUND.items()
        for match in pattern.finditer(text)
    ]
    return tuple(sorted(found, key=lambda entity: (entity.offset, -entity.length)))


def bot_sees(world: World, chat: ChatState, message: Message) -> bool:
    """Whether an update about this message reaches the bot.

    With privacy mode on, that is in groups: commands to it or to no one, mentions of it, answers to its messages, what
    is sent by way of it, and service messages (source: "Privacy mode" of the Bot API's documentation). In a topic that
    the bot itself created, every message counts as such an answer, by way of the topic's starter: the worst that can
    happen to a bot.
    """
    if chat.type != "private" and chat.bot_status in ("kicked", "left"):
        return False
    if chat.type == "private" or not world.privacy or chat.bot_status == "administrator":
        return True
    if message.kind in _SERVICE or message.attachment.get("via_bot", {}).get("id") == world.bot.id:
        return True
    answered = answered_message(chat, message)
    if answered is not None and answered.sender == world.bot:
        return True
    return any(_addresses(message.covered(entity), entity, world.bot.username or "") for entity in message.entities)


def _addresses(part: str, entity: Entity, username: str) -> bool:
    if entity.type == "mention":
        return part.lower() == f"@{username}".lower()
    if entity.type == "bot_command":
        _, _, addressee = part.partition("@")
        return addressee.lower() in ("", username.lower())
    return False
