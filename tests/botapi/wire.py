"""Values as the Bot API's JSON objects."""

from typing import Any

from .keyboards import keyboard_json
from .state import ChatState
from .values import Entity, Json, Message


def chat_json(chat: ChatState) -> Json:
    if chat.person is not None:
        named = {"first_name": chat.person.first_name, "username": chat.person.username}
        return {"id": chat.id, "type": "private"} | {key: value for key, value in named.items() if value}
    return {"id": chat.id, "type": chat.type, "title": chat.title} | ({"is_forum": True} if chat.is_forum else {})


def message_json(chat: ChatState, message: Message, *, nested: bool = False) -> Json:
    """A message. The one it answers is nested in it, once (source: "Message", `reply_to_message`)."""
    fields: Json = {
        "message_id": message.id,
        "from": message.sender.to_json(),
        "chat": chat_json(chat),
        "date": message.date,
        **message.attachment,
        **_text_json(message),
        **_thread_json(chat, message),
    }
    if message.edited_at is not None:
        fields["edit_date"] = message.edited_at
    if message.keyboard:
        fields["reply_markup"] = keyboard_json(message.keyboard)
    if message.protected:
        fields["has_protected_content"] = True
    if message.link_preview is not None:
        fields["link_preview_options"] = dict(message.link_preview)
    answered = answered_message(chat, message)
    if answered is not None and not nested:
        fields["reply_to_message"] = message_json(chat, answered, nested=True)
        if message.quote is not None:
            position = _utf16_position(answered.text, message.quote)
            fields["quote"] = {"text": message.quote, "position": position, "is_manual": True}
    return fields


def answered_message(chat: ChatState, message: Message) -> Message | None:
    """The message that `reply_to_message` shows: in a forum's topic the topic's starter where nothing else."""
    if message.reply_to is not None:
        return chat.messages.get(message.reply_to)
    if chat.is_forum and message.thread_id is not None and message.thread_id != message.id:
        return chat.messages.get(message.thread_id)
    return None


def _text_json(message: Message) -> Json:
    if not message.text:
        return {}
    text, entities = ("text", "entities") if message.kind == "text" else ("caption", "caption_entities")
    return {text: message.text} | ({entities: _entities_json(message.entities)} if message.entities else {})


def _entities_json(entities: tuple[Entity, ...]) -> list[dict[str, Any]]:
    return [entity.to_json() for entity in entities]


def _thread_json(chat: ChatState, message: Message) -> Json:
    """In supergroups without topics an answer has a thread id too, but is no topic message."""
    if message.thread_id is None:
        return {}
    return {"message_thread_id": message.thread_id} | ({"is_topic_message": True} if chat.is_forum else {})


def _utf16_position(text: str, part: str) -> int:
    return len(text[: text.find(part)].encode("utf-16-le")) // 2
