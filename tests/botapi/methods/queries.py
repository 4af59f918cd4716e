"""Answering taps on buttons, and inline queries."""

import time

from ..articles import articles, button_text
from ..errors import bad_request, malformed
from ..formatting import utf16_length
from ..shapes import ArticleShape, OffersButtonShape
from ..state import World
from ..values import Answer, Offered

ANSWER_LIMIT = 200
OFFSET_BYTES = 64
_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


def answer_callback_query(
    world: World,
    *,
    callback_query_id: str,
    text: str = "",
    show_alert: bool = False,
    url: str | None = None,
    cache_time: int = 0,
) -> bool:
    """A query is answered once, and soon; a bot without games may only open a deep link to itself."""
    if utf16_length(text) > ANSWER_LIMIT:
        raise malformed("MESSAGE_TOO_LONG")
    if cache_time < 0:
        raise malformed("cache_time must not be negative")
    if url is not None and not url.startswith(f"https://t.me/{world.bot.username}?start="):
        raise malformed("URL_INVALID")
    if world.open_queries.pop(callback_query_id, None) is None:
        raise bad_request(_TOO_OLD)
    world.answers[callback_query_id] = Answer(text=text, show_alert=show_alert, url=url)
    return True


def answer_inline_query(
    world: World,
    *,
    inline_query_id: str,
    results: list[ArticleShape],
    cache_time: int = 300,
    is_personal: bool = False,
    next_offset: str = "",
    button: OffersButtonShape | None = None,
) -> bool:
    """A query is answered once, and soon; Telegram keeps the answer for `cache_time` seconds."""
    offered = Offered(
        articles=articles(world, results),
        button=button_text(button),
        cache_time=cache_time,
        is_personal=is_personal,
    )
    if cache_time < 0:
        raise malformed("cache_time must not be negative")
    if len(next_offset.encode()) > OFFSET_BYTES:
        raise malformed("NEXT_OFFSET_INVALID")
    query = world.open_inline.pop(inline_query_id, None)
    if query is None:
        raise bad_request(_TOO_OLD)
    world.offered[query.id] = offered
    whose = query.person.id if is_personal else None
    world.kept_offers[query.text, whose] = (time.monotonic() + cache_time, offered)
    return True
