"""Drafts: a message that a person sees being written. It is gone after thirty seconds, or with the next message."""

import time

from ..errors import malformed
from ..formatting import format_text
from ..shapes import EntityShape
from ..state import World
from ..values import Draft, Formatted


def send_message_draft(
    world: World,
    *,
    chat_id: int,
    draft_id: int,
    text: str = "",
    message_thread_id: int | None = None,
    entities: list[EntityShape] | None = None,
) -> bool:
    """An empty text shows that the bot is thinking (source: sendMessageDraft; the words of the refusals are ours)."""
    chat = world.chat(chat_id)
    if chat.type != "private":
        raise malformed("a draft can be sent to a private chat alone")
    chat.require_access()
    if draft_id == 0:
        raise malformed("draft_id must be non-zero")
    if message_thread_id is not None:
        raise malformed("topics of private chats are unknown to this server")
    formatted = format_text(text, entities) if text or entities else Formatted()
    for complaint in formatted.complaints:
        world.complain(complaint)
    chat.draft = Draft(id=draft_id, text=formatted.text, entities=formatted.entities, at=time.monotonic())
    return True
