"""Chats as the test uses them: persons act in them, and the test waits for what the bot does."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from .formatting import format_text
from .methods.chats import member_json
from .privacy import bot_sees, found_entities
from .state import ChatState, World
from .values import Answer, Article, Button, Draft, File, Json, Message, Query, User
from .wire import chat_json, message_json

TIMEOUT_SECONDS = 20.0
DRAFT_SECONDS = 30.0

T = TypeVar("T")

_TOPIC_COLOUR = 0x6FB9F0
_GROUP_ANONYMOUS_BOT = User(id=1087968824, first_name="Group", username="GroupAnonymousBot", is_bot=True)


@dataclass(frozen=True, kw_only=True)
class Topic:
    """A topic of a forum; its id is that of its starter, the service message that opened it."""

    id: int
    name: str


class Chat:
    """One chat. Waiting hands out each message of the bot once, in order, and never sleeps."""

    def __init__(self, world: World, state: ChatState) -> None:
        self._world = world
        self._state = state
        self._handed_out: set[int] = set()

    @property
    def id(self) -> int:
        return self._state.id

    @property
    def messages(self) -> tuple[Message, ...]:
        """All messages as they stand now."""
        return tuple(self._state.messages.values())

    @property
    def messages_of_bot(self) -> tuple[Message, ...]:
        return tuple(message for message in self.messages if message.sender == self._world.bot)

    def latest(self, message: Message) -> Message:
        return self._state.latest(message)

    # What persons do

    async def say(
        self,
        person: User,
        text: str,
        *,
        reply_to: Message | None = None,
        topic: Topic | None = None,
    ) -> Message:
        """Write a text; Telegram marks its commands, mentions and links."""
        text = format_text(text).text
        return await self._write(person, reply_to=reply_to, topic=topic, text=text, entities=found_entities(text))

    async def photo(self, person: User, *, caption: str = "", topic: Topic | None = None) -> Message:
        sizes = [_file("photo", width=90, height=60), _file("photo-large", width=1280, height=853)]
        entities = found_entities(caption)
        media = {"kind": "photo", "attachment": {"photo": sizes}}
        return await self._write(person, reply_to=None, topic=topic, text=caption, entities=entities, **media)

    async def document(
        self,
        person: User,
        name: str,
        content: bytes = b"",
        *,
        size: int | None = None,
        caption: str = "",
        album: str | None = None,
        forwarded: bool = False,
        topic: Topic | None = None,
    ) -> Message:
        """Send a file. `size` is what Telegram says of it where that is not what it holds; the files of an `album`
        are messages of their own that bear its name; a forwarded one was sent elsewhere by the same person."""
        file = File(name=name, content=content, size=len(content) if size is None else size)
        attachment: Json = {"document": self._world.keep_file(file)}
        if album is not None:
            attachment["media_group_id"] = album
        if forwarded:
            attachment["forward_origin"] = {"type": "user", "date": int(time.time()), "sender_user": person.to_json()}
        media = {"kind": "document", "attachment": attachment, "entities": found_entities(caption)}
        return await self._write(person, reply_to=None, topic=topic, text=caption, **media)

    async def sticker(self, person: User, *, topic: Topic | None = None) -> Message:
        sticker = _file("sticker", type="regular", width=512, height=512, is_animated=False, is_video=False)
        media = {"kind": "sticker", "attachment": {"sticker": sticker}}
        return await self._write(person, reply_to=None, topic=topic, **media)

    async def voice(self, person: User, *, topic: Topic | None = None) -> Message:
        media = {"kind": "voice", "attachment": {"voice": _file("voice", duration=3, mime_type="audio/ogg")}}
        return await self._write(person, reply_to=None, topic=topic, **media)

    async def send_offer(self, person: User, offer: Article, *, topic: Topic | None = None) -> Message:
        """Choose what the bot offered inline: the person sends it, by way of the bot."""
        sent = {"text": offer.text, "entities": offer.entities, "keyboard": offer.keyboard}
        via = {"attachment": {"via_bot": self._world.bot.to_json()}}
        return await self._write(person, reply_to=None, topic=topic, **sent, **via)

    async def edit(self, message: Message, text: str) -> Message:
        """The writer edits a message."""
        text = format_text(text).text
        changes = {"text": text, "entities": found_entities(text)}
        edited = self._world.revise(self._state, self.latest(message), **changes)
        await self._deliver("edited_message", edited)
        return edited

    async def delete(self, message: Message) -> None:
        """Someone deletes a message; the bot is not told."""
        del self._state.messages[message.id]
        await self._world.record.announce()

    async def press(
        self, person: User, message: Message, *, button: str | None = None, data: str | None = None
    ) -> Query:
        """Tap a button, found by its text, and do not wait; or forge a tap with any data."""
        shown = self.latest(message)
        data = data if data is not None else _callback_data(shown, button)
        query_id = str(4_000_000_000_000_000_000 + self._world.next_id())
        query = Query(id=query_id, person=person, chat_id=self.id, message_id=message.id, data=data)
        self._world.open_queries[query.id] = query
        self._world.updates.push("callback_query", self._query_json(query, shown))
        await self._world.record.announce()
        return query

    async def tap(
        self,
        person: User,
        message: Message,
        *,
        button: str | None = None,
        data: str | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> Answer:
        """Tap a button and wait for the bot's answer to the tap."""
        query = await self.press(person, message, button=button, data=data)
        return await self.answer(query, timeout_seconds=timeout_seconds)

    async def remove_bot(self, person: User) -> None:
        """Throw the bot out of a group, or block it in a private chat."""
        await self._set_bot_status(person, "kicked")

    async def admit_bot(self, person: User) -> None:
        """Take the bot in again."""
        await self._set_bot_status(person, "member")

    # What the bot does

    async def next_message(self, *, timeout_seconds: float = TIMEOUT_SECONDS) -> Message:
        """The bot's next message."""
        return await self._hand_out(lambda message: True, "message of the bot", timeout_seconds=timeout_seconds)

    async def reply(self, *, to: Message, timeout_seconds: float = TIMEOUT_SECONDS) -> Message:
        """The bot's next answer to a message, by `reply_parameters`."""
        return await self._hand_out(
            lambda message: message.reply_to == to.id,
            f"reply to message {to.id} ({to.text!r:.60})",
            timeout_seconds=timeout_seconds,
        )

    async def next_file(self, *, timeout_seconds: float = TIMEOUT_SECONDS) -> Message:
        """The bot's next file; its text is the caption."""
        return await self._hand_out(
            lambda message: True, "file of the bot", timeout_seconds=timeout_seconds, kind="document"
        )

    async def next_photo(self, *, timeout_seconds: float = TIMEOUT_SECONDS) -> Message:
        """The bot's next picture; its text is the caption."""
        return await self._hand_out(
            lambda message: True, "picture of the bot", timeout_seconds=timeout_seconds, kind="photo"
        )

    async def edited(self, message: Message, *, timeout_seconds: float = TIMEOUT_SECONDS) -> Message:
        """The message once it has been edited beyond what the test holds."""

        def find() -> Message | None:
            latest = self._state.messages.get(message.id)
            return latest if latest is not None and len(latest.edits) > len(message.edits) else None

        return await self._expect(find, f"edit of message {message.id}", timeout_seconds=timeout_seconds)

    async def deleted(self, message: Message, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        """Wait until a message is gone."""
        await self._expect(
            lambda: None if message.id in self._state.messages else True,
            f"deletion of message {message.id}",
            timeout_seconds=timeout_seconds,
        )

    async def answer(self, query: Query, *, timeout_seconds: float = TIMEOUT_SECONDS) -> Answer:
        """The bot's answer to a tap."""
        return await self._expect(
            lambda: self._world.answers.get(query.id),
            f"answer to the tap {query.data!r}",
            timeout_seconds=timeout_seconds,
        )

    def expire(self, query: Query) -> None:
        """Let a tap grow too old to be answered."""
        self._world.open_queries.pop(query.id, None)

    async def _hand_out(
        self, wanted: Callable[[Message], bool], what: str, *, timeout_seconds: float, kind: str = "text"
    ) -> Message:
        def find() -> Message | None:
            fresh = (message for message in self.messages_of_bot if message.id not in self._handed_out)
            return next((message for message in fresh if message.kind == kind and wanted(message)), None)

        found = await self._expect(find, what, timeout_seconds=timeout_seconds)
        self._handed_out.add(found.id)
        return found

    async def _expect(self, find: Callable[[], T | None], what: str, *, timeout_seconds: float) -> T:
        where = f"{what} in {self._state.title or 'the private chat'} ({self.id})"
        return await self._world.record.expect(find, where, timeout_seconds=timeout_seconds)

    async def _write(self, person: User, *, reply_to: Message | None, topic: Topic | None, **fields: Any) -> Message:
        assert person.id in self._state.members, f"{person.first_name} is not in this chat"
        assert self._state.moved_to is None, "nobody can write in a group that became a supergroup"
        self._state.started = True
        answered = reply_to.id if reply_to else None
        in_topic = topic.id if topic else reply_to.thread_id if reply_to else None
        thread_id = self._state.thread_of(topic=in_topic, reply_to=answered)
        message = self._world.post(self._state, person, reply_to=answered, thread_id=thread_id, **fields)
        await self._deliver("message", message)
        return message

    async def _deliver(self, kind: str, message: Message) -> None:
        if bot_sees(self._world, self._state, message):
            self._world.updates.push(kind, message_json(self._state, message))
        await self._world.record.announce()

    def _query_json(self, query: Query, message: Message) -> Json:
        return {
            "id": query.id,
            "from": query.person.to_json(),
            "message": message_json(self._state, message),
            "chat_instance": str(-7_000_000_000_000_000_000 - self.id % 10**12),
            "data": query.data,
        }

    async def _set_bot_status(self, person: User, status: str) -> None:
        before, self._state.bot_status = self._state.bot_status, status
        change = {
            "chat": chat_json(self._state),
            "from": person.to_json(),
            "date": int(time.time()),
            "old_chat_member": member_json(self._world.bot, before),
            "new_chat_member": member_json(self._world.bot, status),
        }
        self._world.updates.push("my_chat_member", change)
        await self._world.record.announce()


class PrivateChat(Chat):
    """The chat of one person with the bot. The bot may write into it once the person has."""

    @property
    def person(self) -> User:
        assert self._state.person is not None
        return self._state.person

    async def start(self, payload: str = "") -> Message:
        """Press Start, with the payload of a deep link (up to 64 of A-Z, a-z, 0-9, _ and -)."""
        assert re.fullmatch(r"[A-Za-z0-9_-]{0,64}", payload), f"Telegram opens no deep link with {payload!r}"
        return await self.say(self.person, f"/start {payload}")

    @property
    def draft(self) -> Draft | None:
        """What the person sees the bot write."""
        return self.draft_in(0)

    def draft_in(self, seconds: float) -> Draft | None:
        """What of it they will still see after so long, if nothing more comes."""
        draft = self._state.draft
        return draft if draft is not None and time.monotonic() + seconds - draft.at < DRAFT_SECONDS else None

    async def block(self) -> None:
        await self.remove_bot(self.person)

    async def unblock(self) -> None:
        await self.admit_bot(self.person)


class GroupChat(Chat):
    """A basic group or a supergroup."""

    def promote(self, person: User) -> None:
        """Make a member an administrator."""
        assert person.id in self._state.members, f"{person.first_name} is not in this chat"
        self._state.administrators.add(person.id)

    async def say_as_group(self, text: str, *, topic: Topic | None = None) -> Message:
        """What an anonymous administrator writes: it comes from the group itself, by way of a bot of Telegram's."""
        message = self._world.post(
            self._state,
            _GROUP_ANONYMOUS_BOT,
            text=text,
            entities=found_entities(text),
            attachment={"sender_chat": chat_json(self._state)},
            thread_id=topic.id if topic else None,
        )
        await self._deliver("message", message)
        return message

    async def mute_bot(self, person: User) -> None:
        """Take from the bot the right to write."""
        await self._set_bot_status(person, "restricted")

    async def become(self, supergroup: "GroupChat", *, by: User) -> None:
        """The group becomes a supergroup: both say so, and nobody writes here any more."""
        to, since = {"migrate_to_chat_id": supergroup.id}, {"migrate_from_chat_id": self.id}
        left = self._world.post(self._state, by, kind="migrate_to_chat_id", attachment=to)
        came = self._world.post(supergroup._state, by, kind="migrate_from_chat_id", attachment=since)
        self._state.moved_to = supergroup.id
        await self._deliver("message", left)
        await supergroup._deliver("message", came)


class ForumChat(GroupChat):
    """A supergroup with topics."""

    @property
    def messages_in_general(self) -> tuple[Message, ...]:
        """The bot's messages in General, where everything without a thread id lands."""
        return tuple(message for message in self.messages_of_bot if message.thread_id is None)

    async def topic(self, name: str, *, by: User | None = None) -> Topic:
        """Open a topic; the bot itself does where no person is named."""
        starter_id = next(self._state.ids)
        sender = by or self._world.bot
        created = {"forum_topic_created": {"name": name, "icon_color": _TOPIC_COLOUR}}
        self._state.topics[starter_id] = name
        starter = self._world.post(
            self._state,
            sender,
            message_id=starter_id,
            kind="forum_topic_created",
            attachment=created,
            thread_id=starter_id,
        )
        if by is not None:
            await self._deliver("message", starter)
        return Topic(id=starter_id, name=name)


def _callback_data(message: Message, button: str | None) -> str:
    matching: list[Button] = [item for item in message.buttons if item.text == button]
    assert len(matching) == 1, f"{len(matching)} buttons {button!r}; there are {[b.text for b in message.buttons]}"
    data = matching[0].callback_data
    assert data is not None, f"a tap on {button!r} does not reach the bot: {dict(matching[0].raw)}"
    return data


def _file(kind: str, **fields: Any) -> Mapping[str, Any]:
    return {"file_id": f"{kind}-file", "file_unique_id": f"{kind}-unique", **fields}
