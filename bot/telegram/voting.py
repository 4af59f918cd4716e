"""The buttons for what people think of an answer, and what a tap on one says."""

from dataclasses import replace

from bot import texts
from bot.languages import Say
from bot.pages import Button, Page
from bot.telegram.callbacks import callback_parts

GOOD, BAD = "good", "bad"

REASONS = {"wrong": texts.WRONG, "beside": texts.BESIDE, "missing": texts.MISSING}
"""What may be wrong with an answer, by the word that is kept."""


def with_votes(page: Page) -> Page:
    """A last row to say what one thinks of the answer."""
    return replace(page, buttons=(*page.buttons, (Button(texts.THUMBS_UP, GOOD), Button(texts.THUMBS_DOWN, BAD))))


def with_reasons(page: Page, say: Say) -> Page:
    """The reasons in place of the last row."""
    reasons = tuple((Button(say(label), word),) for word, label in REASONS.items())
    return replace(page, buttons=(*page.buttons[:-1], *reasons))


def read_vote(data: str) -> tuple[str, str] | None:
    """The answer's id, and GOOD, BAD or one of REASONS; None where the data is of another button."""
    answer_id, word = callback_parts(data)
    return (answer_id, word) if word in {GOOD, BAD, *REASONS} else None
