"""The objects that a bot may send inside a call (source: "Available types" of the Bot API's documentation).

A key that is missing here is refused as unknown: add it together with what it does.
"""

from typing import NotRequired, TypedDict


class UserShape(TypedDict):
    id: int
    is_bot: bool
    first_name: str
    last_name: NotRequired[str]
    username: NotRequired[str]
    language_code: NotRequired[str]


class EntityShape(TypedDict):
    type: str
    offset: int
    length: int
    url: NotRequired[str]
    user: NotRequired[UserShape]
    language: NotRequired[str]
    custom_emoji_id: NotRequired[str]


class ReplyShape(TypedDict):
    message_id: int
    chat_id: NotRequired[int | str]
    allow_sending_without_reply: NotRequired[bool]
    quote: NotRequired[str]
    quote_entities: NotRequired[list[EntityShape]]
    quote_position: NotRequired[int]


class LinkPreviewShape(TypedDict):
    is_disabled: NotRequired[bool]
    url: NotRequired[str]
    prefer_small_media: NotRequired[bool]
    prefer_large_media: NotRequired[bool]
    show_above_text: NotRequired[bool]


class CopyTextShape(TypedDict):
    text: str


class WebAppShape(TypedDict):
    url: str


class ButtonShape(TypedDict):
    text: str
    style: NotRequired[str]
    icon_custom_emoji_id: NotRequired[str]
    url: NotRequired[str]
    callback_data: NotRequired[str]
    copy_text: NotRequired[CopyTextShape]
    web_app: NotRequired[WebAppShape]
    switch_inline_query: NotRequired[str]
    switch_inline_query_current_chat: NotRequired[str]


class KeyboardShape(TypedDict):
    inline_keyboard: list[list[ButtonShape]]


class TextContentShape(TypedDict):
    message_text: str
    parse_mode: NotRequired[str]
    entities: NotRequired[list[EntityShape]]
    link_preview_options: NotRequired[LinkPreviewShape]


class ArticleShape(TypedDict):
    type: str
    id: str
    title: str
    input_message_content: TextContentShape
    description: NotRequired[str]
    reply_markup: NotRequired[KeyboardShape]


class OffersButtonShape(TypedDict):
    text: str
    start_parameter: NotRequired[str]
    web_app: NotRequired[WebAppShape]


class CommandShape(TypedDict):
    command: str
    description: str


class ScopeShape(TypedDict):
    type: str
    chat_id: NotRequired[int | str]
    user_id: NotRequired[int]
