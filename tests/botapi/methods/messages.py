"""Sending, editing and deleting messages."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PIL import Image, UnidentifiedImageError

from ..errors import RefusalError, bad_request, malformed
from ..formatting import CAPTION_LIMIT, TEXT_LIMIT, format_text
from ..keyboards import keyboard
from ..shapes import EntityShape, KeyboardShape, LinkPreviewShape, ReplyShape
from ..state import ChatState, World
from ..values import File, Formatted, Json, Message
from ..wire import message_json

UPLOAD_LIMIT = 50_000_000
PHOTO_LIMIT, PHOTO_SIDES, PHOTO_RATIO = 10_000_000, 10_000, 20

_ACTIONS = frozenset(
    [
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    ]
)
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current content "
    "and reply markup of the message"
)


def send_message(
    world: World,
    *,
    chat_id: int | str,
    text: str,
    message_thread_id: int | None = None,
    parse_mode: str | None = None,
    entities: list[EntityShape] | None = None,
    link_preview_options: LinkPreviewShape | None = None,
    disable_notification: bool = False,
    protect_content: bool = False,
    reply_parameters: ReplyShape | None = None,
    reply_markup: KeyboardShape | None = None,
) -> Json:
    """Without `message_thread_id` a message to a forum lands in its General topic."""
    chat = world.chat(chat_id)
    chat.require_writing()
    formatted = _formatted(world, text, entities, parse_mode)
    fields = _sent(world, chat, formatted, message_thread_id, reply_parameters, reply_markup)
    fields |= {"silent": disable_notification, "protected": protect_content, "link_preview": link_preview_options}
    return message_json(chat, world.post(chat, world.bot, **fields))


def send_document(
    world: World,
    *,
    chat_id: int | str,
    document: File,
    message_thread_id: int | None = None,
    caption: str = "",
    parse_mode: str | None = None,
    caption_entities: list[EntityShape] | None = None,
    disable_content_type_detection: bool = False,
    disable_notification: bool = False,
    protect_content: bool = False,
    reply_parameters: ReplyShape | None = None,
    reply_markup: KeyboardShape | None = None,
) -> Json:
    """A file is uploaded; one that Telegram has already cannot be named here."""
    chat = world.chat(chat_id)
    _check_upload(document)
    formatted = _caption(world, caption, caption_entities, parse_mode)
    fields = _sent(world, chat, formatted, message_thread_id, reply_parameters, reply_markup)
    fields |= {"silent": disable_notification, "protected": protect_content}
    return _posted(world, chat, fields, "document", lambda: world.keep_file(document))


def send_photo(
    world: World,
    *,
    chat_id: int | str,
    photo: File,
    message_thread_id: int | None = None,
    caption: str = "",
    parse_mode: str | None = None,
    caption_entities: list[EntityShape] | None = None,
    show_caption_above_media: bool = False,
    has_spoiler: bool = False,
    disable_notification: bool = False,
    protect_content: bool = False,
    reply_parameters: ReplyShape | None = None,
    reply_markup: KeyboardShape | None = None,
) -> Json:
    """A picture is uploaded. It is kept in one size, as it came (source: "sendPhoto", the limits)."""
    chat = world.chat(chat_id)
    _check_upload(photo)
    width, height = _size_of(photo)
    formatted = _caption(world, caption, caption_entities, parse_mode)
    fields = _sent(world, chat, formatted, message_thread_id, reply_parameters, reply_markup)
    fields |= {"silent": disable_notification, "protected": protect_content}
    return _posted(world, chat, fields, "photo", lambda: [world.keep_picture(photo, width, height)])


def edit_message_text(
    world: World,
    *,
    chat_id: int | str,
    message_id: int,
    text: str,
    parse_mode: str | None = None,
    entities: list[EntityShape] | None = None,
    link_preview_options: LinkPreviewShape | None = None,
    reply_markup: KeyboardShape | None = None,
) -> Json:
    """An edit without `reply_markup` takes the buttons away."""
    chat = world.chat(chat_id)
    chat.require_access()
    formatted = _formatted(world, text, entities, parse_mode)
    rows = keyboard(reply_markup)
    message = _own_message(world, chat, message_id)
    if message.kind != "text":
        raise bad_request("there is no text in the message to edit")
    changes = {
        "text": formatted.text,
        "entities": formatted.entities,
        "keyboard": rows,
        "link_preview": link_preview_options,
    }
    if all(getattr(message, name) == value for name, value in changes.items()):
        raise bad_request(_NOT_MODIFIED)
    return message_json(chat, world.revise(chat, message, **changes))


def edit_message_reply_markup(
    world: World, *, chat_id: int | str, message_id: int, reply_markup: KeyboardShape | None = None
) -> Json:
    chat = world.chat(chat_id)
    chat.require_access()
    rows = keyboard(reply_markup)
    message = _own_message(world, chat, message_id)
    if message.keyboard == rows:
        raise bad_request(_NOT_MODIFIED)
    return message_json(chat, world.revise(chat, message, keyboard=rows))


def delete_message(world: World, *, chat_id: int | str, message_id: int) -> bool:
    """A bot deletes its own messages, those of the person in a private chat, and as administrator all."""
    chat = world.chat(chat_id)
    chat.require_access()
    message = chat.messages.get(message_id)
    if message is None:
        raise bad_request("message to delete not found")
    may_delete = message.sender == world.bot or chat.type == "private" or chat.bot_status == "administrator"
    if not may_delete or message.id in chat.topics:
        raise bad_request("message can't be deleted")
    del chat.messages[message_id]
    return True


def send_chat_action(world: World, *, chat_id: int | str, action: str, message_thread_id: int | None = None) -> bool:
    chat = world.chat(chat_id)
    chat.require_access()
    if action not in _ACTIONS:
        raise malformed("wrong parameter action in request")
    _check_thread(chat, message_thread_id)
    return True


@dataclass(frozen=True)
class _Reply:
    to: int | None = None
    quote: str | None = None


def _sent(
    world: World,
    chat: ChatState,
    formatted: Formatted,
    topic: int | None,
    reply_parameters: ReplyShape | None,
    reply_markup: KeyboardShape | None,
) -> dict[str, Any]:
    """What every new message of the bot has: its text, its buttons, where it stands and what it answers."""
    rows = keyboard(reply_markup)
    _check_thread(chat, topic)
    reply = _reply(chat, reply_parameters)
    thread_id = chat.thread_of(topic=topic, reply_to=reply.to)
    _complain_about_strayed_reply(world, chat, reply.to, thread_id)
    return {
        "text": formatted.text,
        "entities": formatted.entities,
        "keyboard": rows,
        "reply_to": reply.to,
        "quote": reply.quote,
        "thread_id": thread_id,
    }


def _check_upload(file: File) -> None:
    if not file.content:
        raise malformed("file must be non-empty")
    if file.size > UPLOAD_LIMIT:
        raise RefusalError(413, "Request Entity Too Large", violation=True)
    if not file.name or "/" in file.name:
        raise malformed(f"a file cannot be named {file.name!r}")


def _caption(world: World, text: str, entities: list[EntityShape] | None, parse_mode: str | None) -> Formatted:
    """A file may have none."""
    return _formatted(world, text, entities, parse_mode, limit=CAPTION_LIMIT) if text or entities else Formatted()


def _posted(world: World, chat: ChatState, fields: dict[str, Any], kind: str, keep: Callable[[], object]) -> Json:
    chat.require_writing()
    return message_json(chat, world.post(chat, world.bot, **fields, kind=kind, attachment={kind: keep()}))


def _size_of(photo: File) -> tuple[int, int]:
    if photo.size > PHOTO_LIMIT:
        raise malformed("file of size too big for a photo")
    try:
        width, height = Image.open(io.BytesIO(photo.content)).size
    except UnidentifiedImageError:
        raise malformed("IMAGE_PROCESS_FAILED") from None
    if width + height > PHOTO_SIDES or max(width, height) > PHOTO_RATIO * min(width, height):
        raise malformed("PHOTO_INVALID_DIMENSIONS")
    return width, height


def _formatted(
    world: World,
    text: str,
    entities: list[EntityShape] | None,
    parse_mode: str | None,
    *,
    limit: int = TEXT_LIMIT,
) -> Formatted:
    """The text checked. With parse_mode allowed, its markup stays in the text: nothing here parses it."""
    if parse_mode is not None and not world.allow_parse_mode:
        raise malformed("parse_mode is not allowed here: send entities")
    formatted = format_text(text, entities, limit=limit)
    for complaint in formatted.complaints:
        world.complain(complaint)
    return formatted


def _check_thread(chat: ChatState, thread_id: int | None) -> None:
    """Only topics take messages: neither General's id does nor a chain of replies in a group without topics.

    Source: the comment in python-telegram-bot's Message._parse_message_thread_id.
    """
    if thread_id is not None and thread_id not in chat.topics:
        raise bad_request("message thread not found")


def _reply(chat: ChatState, wanted: ReplyShape | None) -> _Reply:
    """What the new message answers; nothing where the answered message is gone and the bot allowed for that."""
    if wanted is None:
        return _Reply()
    if wanted.get("chat_id", chat.id) != chat.id:
        raise malformed("replies to other chats are unknown to this server")
    answered = chat.messages.get(wanted["message_id"])
    if answered is None:
        if wanted.get("allow_sending_without_reply", False):
            return _Reply()
        raise bad_request("message to be replied not found")
    quote = wanted.get("quote")
    if quote is not None and quote not in answered.text:
        raise malformed("QUOTE_TEXT_INVALID")
    return _Reply(to=answered.id, quote=quote)


def _complain_about_strayed_reply(world: World, chat: ChatState, reply_to: int | None, thread_id: int | None) -> None:
    if not chat.is_forum or reply_to is None:
        return
    asked_in = chat.messages[reply_to].thread_id
    if asked_in != thread_id:
        where = {asked_in: f"topic {asked_in}", None: "General"}
        world.complain(
            f"reply to message {reply_to} of {where[asked_in]} landed in {where.get(thread_id, f'topic {thread_id}')}"
        )


def _own_message(world: World, chat: ChatState, message_id: int) -> Message:
    message = chat.messages.get(message_id)
    if message is None:
        raise bad_request("message to edit not found")
    if message.sender != world.bot or message.id in chat.topics:
        raise bad_request("message can't be edited")
    return message
