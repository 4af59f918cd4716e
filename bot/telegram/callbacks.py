"""What a button of an answer holds, and what a tap on it says."""

from bot.pages import Button


def callback_data(answer_id: str, button: Button) -> str:
    """What comes back on a tap, at most 64 bytes; `read_callback` is its reverse."""
    return f"c:{answer_id}:{button.action}"


def read_callback(data: str) -> tuple[str, int] | None:
    """The answer's id and the number tapped; None where this bot never sent such a button."""
    answer_id, action = callback_parts(data)
    return (answer_id, int(action)) if answer_id and action.isascii() and action.isdigit() else None


def callback_parts(data: str) -> tuple[str, str]:
    """The answer's id and the button's action; both empty where no button of an answer has such data."""
    kind, _, rest = data.partition(":")
    answer_id, _, action = rest.rpartition(":")
    return (answer_id, action) if kind == "c" and answer_id and len(data) <= 64 else ("", "")
