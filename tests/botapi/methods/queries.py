"""Answering taps on buttons."""

from ..errors import bad_request, malformed
from ..formatting import utf16_length
from ..state import World
from ..values import Answer

ANSWER_LIMIT = 200


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
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    world.answers[callback_query_id] = Answer(text=text, show_alert=show_alert, url=url)
    return True
