"""Where something is said: a chat or a topic, and the message that is answered there."""

from dataclasses import dataclass

from telegram import Message

GENERAL_TOPIC = 1


@dataclass(frozen=True, slots=True)
class Place:
    """A chat, or a topic of one."""

    chat: int
    thread: int | None = None
    is_general: bool = False

    @classmethod
    def of(cls, message: Message) -> "Place":
        """Where the message stands. In a group without topics a thread id only names a chain of replies."""
        thread = message.message_thread_id if message.is_topic_message else None
        in_topic = thread not in (None, GENERAL_TOPIC)
        return cls(
            message.chat.id,
            thread=thread if in_topic else None,
            is_general=bool(message.chat.is_forum) and not in_topic,
        )

    @property
    def topic(self) -> int | None:
        """The topic's id, also General's."""
        return GENERAL_TOPIC if self.is_general else self.thread

    @property
    def typing_thread(self) -> int | None:
        """Messages to General go without its id, which is refused; the typing action shows there only with it."""
        return self.topic


@dataclass(frozen=True, slots=True)
class Target:
    """The message that is answered; None where something is said there unasked."""

    place: Place
    message: int | None

    @classmethod
    def of(cls, message: Message) -> "Target":
        return cls(Place.of(message), message.message_id)
