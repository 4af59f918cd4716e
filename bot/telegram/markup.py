"""A Page as Telegram has it: entities in UTF-16 units, keyboards, and articles of inline mode."""

from itertools import accumulate

from telegram import (
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
    LinkPreviewOptions,
    MessageEntity,
)

from bot.offers import Offer
from bot.pages import Button, Page, StyleKind
from bot.telegram.callbacks import callback_data

ENTITY_TYPES: dict[StyleKind, str] = {
    "bold": MessageEntity.BOLD,
    "italic": MessageEntity.ITALIC,
    "underline": MessageEntity.UNDERLINE,
    "quote": MessageEntity.BLOCKQUOTE,
    "expandable_quote": MessageEntity.EXPANDABLE_BLOCKQUOTE,
    "code": MessageEntity.CODE,
    "link": MessageEntity.TEXT_LINK,
}


def to_entities(page: Page) -> list[MessageEntity]:
    """The styles in UTF-16 units. A style over white space alone is left out, as Telegram would."""
    units = [0, *accumulate(2 if character > "\uffff" else 1 for character in page.text)]
    return [
        MessageEntity(
            ENTITY_TYPES[style.kind],
            offset=units[style.start],
            length=units[style.end] - units[style.start],
            url=style.url,
        )
        for style in page.styles
        if page.text[style.start : style.end].strip()
    ]


def to_keyboard(page: Page, *, answer_id: str) -> InlineKeyboardMarkup | None:
    rows = [[to_button(button, answer_id=answer_id) for button in row] for row in page.buttons]
    return InlineKeyboardMarkup(rows) if rows else None


def to_button(button: Button, *, answer_id: str) -> InlineKeyboardButton:
    if button.url:
        return InlineKeyboardButton(button.text, url=button.url)
    if button.copied:
        return InlineKeyboardButton(button.text, copy_text=CopyTextButton(button.copied))
    return InlineKeyboardButton(button.text, callback_data=callback_data(answer_id, button))


def to_article(offer: Offer) -> InlineQueryResultArticle:
    content = InputTextMessageContent(
        offer.page.text,
        entities=to_entities(offer.page),
        link_preview_options=LinkPreviewOptions(is_disabled=True),
    )
    return InlineQueryResultArticle(offer.id, offer.title, content, description=offer.description)
