"""Whether a message is meant for the bot, and what it asks.

In a private chat everything is. In a group it is what mentions the bot, replies to it or commands it; where the bot
answers always, what people say to each other is heard too.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto

from telegram import Chat, Message, MessageEntity, User

from bot.groups import DEFAULT, Mode


class Kind(Enum):
    QUESTION = auto()
    NO_WORDS = auto()
    """Addressed to the bot, but nothing is asked."""
    NOT_TEXT = auto()
    VOICE = auto()
    UNKNOWN_COMMAND = auto()


@dataclass(frozen=True, slots=True)
class Heard:
    """`addressed` is False where people talk to each other, and the bot answers only if it can; `command` is the
    unknown one."""

    kind: Kind
    question: str = ""
    addressed: bool = True
    command: str = ""


def hear(message: Message, *, me: User, mode: Mode = DEFAULT) -> Heard | None:
    """What the message wants of the bot, by the mode of its group; None where it is not meant for it. A picture's
    caption counts as text."""
    if from_other_bot(message) or message.is_automatic_forward or is_my_offer(message, me=me) or mode is Mode.OFF:
        return None
    private = message.chat.type == Chat.PRIVATE
    command, rest = command_in(message, me=me)
    if command == "ask":
        return asked(rest)
    if command is not None:
        return Heard(Kind.UNKNOWN_COMMAND, command=command) if private or is_mine(message, me=me) else None
    text, mentioned = without_mentions(message, me=me)
    if not (private or mentioned or replies_to(message, me=me)):
        return overhear(message) if mode is Mode.ALWAYS else None
    if not (message.text or message.caption):
        if message.voice or message.video_note:
            return Heard(Kind.VOICE)
        return Heard(Kind.NOT_TEXT) if message.effective_attachment else None
    return asked(text)


def asked(text: str) -> Heard:
    return Heard(Kind.QUESTION, text.strip()) if text.strip() else Heard(Kind.NO_WORDS)


def overhear(message: Message) -> Heard | None:
    """What people write to each other, if it may be a question or a statement: their own words, and more than a
    "thanks"."""
    text = message.text or ""
    is_theirs = message.via_bot is None and message.forward_origin is None
    if not is_theirs or not SAYS_SOMETHING.search(text):
        return None
    return Heard(Kind.QUESTION, text.strip(), addressed=False)


SAYS_SOMETHING = re.compile(r"[^\W\d_]\S*\s+\S*[^\W\d_]|[^\W\d_][^?\uff1f]*(?:\?(?!\S)|\uff1f)")
"""Two words, or a word and a question mark."""


def is_addressed(message: Message, *, me: User) -> bool:
    """Whether the bot was meant: in private, by a command, by its name, or by a reply to it."""
    return (
        message.chat.type == Chat.PRIVATE
        or bool(command_in(message, me=me)[0])
        or without_mentions(message, me=me)[1]
        or replies_to(message, me=me)
    )


def is_my_offer(message: Message, *, me: User) -> bool:
    """Whether someone sent what the bot offered them inline: its own words, which ask nothing."""
    return message.via_bot is not None and message.via_bot.id == me.id


def from_other_bot(message: Message) -> bool:
    """Bots must not talk to each other for ever. Anonymous administrators and channels come as bots, but are people."""
    return message.from_user is not None and message.from_user.is_bot and message.sender_chat is None


def asker_of(message: Message) -> int:
    """The id of the one who asks: of the chat in whose name they write, else their own."""
    if message.sender_chat is not None:
        return message.sender_chat.id
    return message.from_user.id if message.from_user is not None else message.chat.id


def command_in(message: Message, *, me: User) -> tuple[str | None, str]:
    """The command that the message begins with, without its slash, and the text after it.

    None where it begins with none; an empty one is for another bot.
    """
    text = message.text or ""
    first = message.entities[0] if text and message.entities else None
    if first is None or first.type != MessageEntity.BOT_COMMAND or first.offset != 0:
        return None, text
    command, _, addressee = message.parse_entity(first)[1:].lower().partition("@")
    if addressee not in ("", (me.username or "").lower()):
        return "", ""
    return command, text[first.length :]


def is_mine(message: Message, *, me: User) -> bool:
    """Whether the command at the beginning bears the bot's name."""
    return message.parse_entity(message.entities[0]).lower().endswith(f"@{me.username}".lower())


def without_mentions(message: Message, *, me: User) -> tuple[str, bool]:
    """The text without the bot's name, and whether it was there."""
    text = message.text or message.caption or ""
    found = message.parse_entities() if message.text else message.parse_caption_entities() if text else {}
    mine = [entity for entity, name in found.items() if names(entity, name, me=me)]
    encoded = text.encode("utf-16-le")
    for entity in sorted(mine, key=lambda entity: -entity.offset):
        encoded = encoded[: 2 * entity.offset] + encoded[2 * (entity.offset + entity.length) :]
    return encoded.decode("utf-16-le").strip(" ,:") if mine else text, bool(mine)


def names(entity: MessageEntity, name: str, *, me: User) -> bool:
    if entity.type == MessageEntity.TEXT_MENTION:
        return entity.user is not None and entity.user.id == me.id
    return entity.type == MessageEntity.MENTION and name.lower() == f"@{me.username}".lower()


def replies_to(message: Message, *, me: User) -> bool:
    """Whether the message replies to one of the bot's.

    In a forum's topic every message that replies to nothing comes as a reply to the topic's starter, which the bot
    itself may have sent: that is no reply.
    """
    replied = replied_message(message)
    return replied is not None and replied.from_user is not None and replied.from_user.id == me.id


def replied_message(message: Message) -> Message | None:
    """The message that it replies to, as a person would say."""
    replied = message.reply_to_message
    if replied is None or not message.is_topic_message:
        return replied
    is_starter = replied.forum_topic_created is not None or replied.message_id == message.message_thread_id
    return None if is_starter else replied
