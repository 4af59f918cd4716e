"""What Telegram holds: people, chats with their messages and topics, queries, and the bot's own settings."""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from .errors import RefusalError, bad_request, forbidden
from .record import Record
from .updates import UpdateQueue
from .values import Answer, Draft, File, InlineQuery, Json, Message, Offered, Query, User, Webhook


@dataclass(eq=False, kw_only=True)
class ChatState:
    """One chat. `bot_status` is the bot's own as ChatMember has it; in a private chat "kicked" means blocked, and
    "restricted" in a group that the bot may not write there. `moved_to` is the supergroup that a group became."""

    id: int
    type: str
    title: str | None = None
    person: User | None = None
    is_forum: bool = False
    members: dict[int, User] = field(default_factory=dict)
    administrators: set[int] = field(default_factory=set)
    moved_to: int | None = None
    bot_status: str = "member"
    started: bool = False  # has the person of a private chat ever written?
    messages: dict[int, Message] = field(default_factory=dict)
    topics: dict[int, str] = field(default_factory=dict)  # the starter's id -> the topic's name
    draft: Draft | None = None
    ids: "itertools.count[int]"

    def latest(self, message: Message) -> Message:
        """The message as it stands now."""
        if message.id not in self.messages:
            raise AssertionError(f"message {message.id} was deleted")
        return self.messages[message.id]

    def thread_of(self, *, topic: int | None, reply_to: int | None) -> int | None:
        """The thread of a new message: its topic, or in a supergroup without topics the chain of replies it joins."""
        if self.is_forum or self.type != "supergroup" or reply_to is None:
            return topic
        return self.messages[reply_to].thread_id or reply_to

    def require_access(self) -> None:
        """Refuse where the bot may not act.

        Telegram tells a bot apart that was blocked, was thrown out, left, or was never written to.
        """
        if self.moved_to is not None:
            upgraded = "Bad Request: group chat was upgraded to a supergroup chat"
            raise RefusalError(400, upgraded, parameters={"migrate_to_chat_id": self.moved_to})
        if self.type == "private":
            if self.bot_status == "kicked":
                raise forbidden("bot was blocked by the user")
            if not self.started:
                raise forbidden("bot can't initiate conversation with a user")
        elif self.bot_status in ("kicked", "left"):
            gone = "bot was kicked from the" if self.bot_status == "kicked" else "bot is not a member of the"
            raise forbidden(f"{gone} {self.type} chat")

    def require_writing(self) -> None:
        """Refuse where the bot may not write."""
        self.require_access()
        if self.bot_status == "restricted":
            raise bad_request("not enough rights to send text messages to the chat")


@dataclass(eq=False, kw_only=True)
class World:
    """All state behind one token."""

    bot: User
    record: Record
    updates: UpdateQueue
    privacy: bool = True
    inline: bool = True
    allow_parse_mode: bool = False
    users: dict[int, User] = field(default_factory=dict)
    chats: dict[int, ChatState] = field(default_factory=dict)
    open_queries: dict[str, Query] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    open_inline: dict[str, InlineQuery] = field(default_factory=dict)
    offered: dict[str, Offered] = field(default_factory=dict)
    kept_offers: dict[tuple[str, int | None], tuple[float, Offered]] = field(default_factory=dict)
    commands: dict[tuple[str, str], list[dict[str, str]]] = field(default_factory=dict)  # by scope and language
    texts: dict[tuple[str, str], str] = field(default_factory=dict)  # name, description, ... by kind and language
    files: dict[str, File] = field(default_factory=dict)  # by file_id
    webhook: Webhook | None = None
    method: str = ""  # the call being handled, for complaints
    kept_messages: int | None = None  # of each chat; None: all
    overheard: Callable[[Message], None] = lambda message: None  # told every message of the bot
    _ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _shared_message_ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def next_id(self) -> int:
        return next(self._ids)

    def add_chat(self, **fields: Any) -> ChatState:
        """A new chat. Messages are numbered within a supergroup, but across all private chats and basic groups.

        A supergroup's first id is that of its creation, and of a forum's General topic.
        """
        own_ids = fields["type"] == "supergroup"
        chat = ChatState(ids=itertools.count(2) if own_ids else self._shared_message_ids, **fields)
        self.chats[chat.id] = chat
        return chat

    def chat(self, chat_id: int | str) -> ChatState:
        """The chat with this id; public @usernames of chats are unknown here."""
        if not isinstance(chat_id, int) or chat_id not in self.chats:
            raise bad_request("chat not found")
        return self.chats[chat_id]

    def post(self, chat: ChatState, sender: User, *, message_id: int | None = None, **fields: Any) -> Message:
        """Put a message into a chat, under the chat's next id unless one was taken beforehand."""
        message = Message(
            id=message_id or next(chat.ids), chat_id=chat.id, sender=sender, date=int(time.time()), **fields
        )
        chat.messages[message.id] = message
        if self.kept_messages is not None and len(chat.messages) > self.kept_messages:
            del chat.messages[next(iter(chat.messages))]
        if sender == self.bot:
            chat.draft = None
            self.overheard(message)
        return message

    def keep_file(self, file: File) -> Json:
        """The file's Document object, as messages have it."""
        file_id = f"document-{self.next_id()}"
        self.files[file_id] = file
        named = {"file_name": file.name} if file.name else {}
        return {"file_id": file_id, "file_unique_id": f"{file_id}-unique", **named, "file_size": file.size}

    def keep_picture(self, file: File, width: int, height: int) -> Json:
        """Its PhotoSize object."""
        kept = self.keep_file(file)
        del kept["file_name"]
        return kept | {"width": width, "height": height}

    def revise(self, chat: ChatState, message: Message, **changes: Any) -> Message:
        """Edit a message; what it said before joins its edits."""
        edits = (*message.edits, message.version())
        edited = replace(message, edits=edits, edited_at=int(time.time()), **changes)
        chat.messages[message.id] = edited
        return edited

    def kept_offer(self, person: User, text: str) -> Offered | None:
        """What Telegram answers in the bot's place: to the same text, of the same person where it is personal."""
        kept = (self.kept_offers.get((text, whose)) for whose in (person.id, None))
        return next((offered for until, offered in filter(None, kept) if time.monotonic() < until), None)

    def complain(self, complaint: str) -> None:
        """Note a mistake of the bot that Telegram itself would pass over in silence."""
        self.record.violations.append(f"{self.method}: {complaint}")
