"""The queue of updates that getUpdates reads."""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from .errors import malformed
from .values import Json

KNOWN = frozenset(
    [
        "message",
        "edited_message",
        "channel_post",
        "edited_channel_post",
        "business_connection",
        "business_message",
        "edited_business_message",
        "deleted_business_messages",
        "message_reaction",
        "message_reaction_count",
        "inline_query",
        "chosen_inline_result",
        "callback_query",
        "shipping_query",
        "pre_checkout_query",
        "purchased_paid_media",
        "poll",
        "poll_answer",
        "my_chat_member",
        "chat_member",
        "chat_join_request",
        "chat_boost",
        "removed_chat_boost",
        "managed_bot",
        "guest_message",
    ]
)
_ASKED_FOR_ONLY = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


class UpdateQueue:
    """Updates in order, and the poller they belong to.

    Only one getUpdates may wait: a new one takes the ticket, and the one that waited finds its own outdated.
    """

    def __init__(self, *, first_id: int = 100_000_001) -> None:
        self._ids = itertools.count(first_id)
        self._allowed = KNOWN - _ASKED_FOR_ONLY
        self._pending: list[Json] = []
        self.ticket = 0
        self._waiting = 0  # the ticket of the poller that waits
        self.closed = False

    def push(self, kind: str, payload: Json) -> None:
        """Queue an update, unless the bot did not ask for its kind.

        The choice holds for updates that come after it (source: getUpdates, `allowed_updates`).
        """
        if kind in self._allowed:
            self._pending.append({"update_id": next(self._ids), kind: payload})

    def allow(self, kinds: Sequence[str]) -> None:
        """Choose the kinds of updates; an empty choice is the default one."""
        if unknown := sorted(set(kinds) - KNOWN):
            raise malformed(f"unknown update type {', '.join(unknown)}")
        self._allowed = frozenset(kinds) or KNOWN - _ASKED_FOR_ONLY

    def confirm(self, offset: int) -> None:
        """Forget the updates before `offset`; a negative one keeps as many from the end."""
        if offset < 0:
            self._pending = self._pending[offset:]
        else:
            self._pending = [update for update in self._pending if update["update_id"] >= offset]

    def pending(self, limit: int | None = 100) -> list[Json]:
        return self._pending[:limit]

    def clear(self) -> None:
        self._pending.clear()

    @contextmanager
    def waiting(self) -> Iterator[int]:
        """Take the ticket, and wait with it until a newer one is out."""
        self.ticket += 1
        ticket = self._waiting = self.ticket
        try:
            yield ticket
        finally:
            if self._waiting == ticket:
                self._waiting = 0

    @property
    def is_awaited(self) -> bool:
        """Whether a poller waits, that is, has seen all updates there are."""
        return self._waiting != 0 and not self._pending
