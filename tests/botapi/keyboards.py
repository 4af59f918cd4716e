"""Inline keyboards and their limits (source: "InlineKeyboardButton" of the Bot API's documentation)."""

from .errors import malformed
from .formatting import utf16_length
from .shapes import ButtonShape, KeyboardShape
from .values import Button, Keyboard

BUTTON_LIMIT = 100
ROW_LIMIT = 8
CALLBACK_DATA_BYTES = 64
COPY_TEXT_LIMIT = 256

_ACTIONS = frozenset(
    {
        "url",
        "callback_data",
        "copy_text",
        "web_app",
        "switch_inline_query",
        "switch_inline_query_current_chat",
    }
)
_STYLES = frozenset({"danger", "success", "primary"})
_LINKS = ("http://", "https://", "tg://")


def keyboard(markup: KeyboardShape | None) -> Keyboard:
    """The buttons in their rows; none where no markup was given."""
    rows = markup["inline_keyboard"] if markup else []
    if sum(map(len, rows)) > BUTTON_LIMIT:
        raise malformed(f"reply markup is too long: more than {BUTTON_LIMIT} buttons")
    if any(len(row) > ROW_LIMIT for row in rows):
        raise malformed(f"reply markup is too wide: more than {ROW_LIMIT} buttons in a row")
    if any(not row for row in rows):
        raise malformed("reply markup has an empty row")
    return tuple(tuple(_button(button) for button in row) for row in rows)


def keyboard_json(rows: Keyboard) -> dict[str, list[list[dict[str, object]]]]:
    return {"inline_keyboard": [[dict(button.raw) for button in row] for row in rows]}


def _button(button: ButtonShape) -> Button:
    if not button["text"].strip():
        raise malformed("inline keyboard button text is empty")
    if len(_ACTIONS & set(button)) != 1:
        raise malformed(f'button "{button["text"]}" must have exactly one action, has {sorted(_ACTIONS & set(button))}')
    if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= CALLBACK_DATA_BYTES:
        raise malformed("BUTTON_DATA_INVALID")
    if "copy_text" in button and not 1 <= utf16_length(button["copy_text"]["text"]) <= COPY_TEXT_LIMIT:
        raise malformed("BUTTON_COPY_TEXT_INVALID")
    if "url" in button and not button["url"].startswith(_LINKS):
        raise malformed("BUTTON_URL_INVALID")
    if button.get("style", "primary") not in _STYLES:
        raise malformed("BUTTON_STYLE_INVALID")
    return Button(text=button["text"], raw=dict(button))
