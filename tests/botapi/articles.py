"""What a bot offers inline, and its limits (source: "Inline mode" of the Bot API's documentation)."""

import re

from .errors import malformed
from .formatting import format_text
from .keyboards import keyboard
from .shapes import ArticleShape, OffersButtonShape
from .state import World
from .values import Article

RESULT_LIMIT = 50
ID_BYTES = 64
_START_PARAMETER = re.compile(r"[A-Za-z0-9_-]{1,64}")


def articles(world: World, results: list[ArticleShape]) -> tuple[Article, ...]:
    """The offers checked; of all kinds of results only articles are known here."""
    if len(results) > RESULT_LIMIT:
        raise malformed("RESULTS_TOO_MUCH")
    ids = [result["id"] for result in results]
    if len(set(ids)) < len(ids):
        raise malformed("RESULT_ID_DUPLICATE")
    return tuple(_article(world, result) for result in results)


def button_text(button: OffersButtonShape | None) -> str | None:
    if button is None:
        return None
    if not button["text"].strip():
        raise malformed("inline query results button text is empty")
    if len({"start_parameter", "web_app"} & set(button)) != 1:
        raise malformed("inline query results button must have exactly one action")
    if "start_parameter" in button and not _START_PARAMETER.fullmatch(button["start_parameter"]):
        raise malformed("START_PARAM_INVALID")
    return button["text"]


def _article(world: World, result: ArticleShape) -> Article:
    if result["type"] != "article":
        raise malformed(f"this server knows no inline query results of type {result['type']!r}")
    if not 1 <= len(result["id"].encode()) <= ID_BYTES:
        raise malformed("RESULT_ID_INVALID")
    if not result["title"].strip():
        raise malformed("ARTICLE_TITLE_EMPTY")
    content = result["input_message_content"]
    if "parse_mode" in content and not world.allow_parse_mode:
        raise malformed("parse_mode is not allowed here: send entities")
    formatted = format_text(content["message_text"], content.get("entities"))
    for complaint in formatted.complaints:
        world.complain(complaint)
    return Article(
        id=result["id"],
        title=result["title"],
        description=result.get("description", ""),
        text=formatted.text,
        entities=formatted.entities,
        keyboard=keyboard(result.get("reply_markup")),
    )
