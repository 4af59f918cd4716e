"""How much a bot may say: one message a second in a private chat, 20 a minute in a group, 30 a second over all.

Telegram lets short bursts pass and then answers 429; a bot that keeps to the limits never gets there. A message counts
when it arrives, whatever becomes of it, and an edit counts as a message. Where Telegram asked a chat to wait, nothing
may come before the time is over.
"""

from collections import defaultdict, deque

UNCOUNTED = {"sendChatAction", "sendMessageDraft"}
ON_THE_WAY_SECONDS = 0.5  # what arrives so soon after a pause was asked for had been sent before


class Pace:
    """What arrived lately."""

    def __init__(self) -> None:
        self._private: defaultdict[int, deque[float]] = defaultdict(lambda: deque(maxlen=1))
        self._groups: defaultdict[int, deque[float]] = defaultdict(lambda: deque(maxlen=20))
        self._all: deque[float] = deque(maxlen=30)
        self._pauses: dict[int, tuple[float, float]] = {}

    def paused(self, method: str, chat: object, at: float, seconds: float) -> None:
        """The bot was asked to leave a chat alone for so long."""
        if isinstance(chat, int) and method not in UNCOUNTED:
            self._pauses[chat] = at, at + seconds

    def arrived(self, method: str, chat: object, at: float) -> str | None:
        """Note a call, and say which limit it exceeds, if any. `at` is in seconds."""
        if method in UNCOUNTED or not method.startswith(("send", "edit")) or not isinstance(chat, int):
            return None
        own, seconds = (self._groups[chat], 60.0) if chat < 0 else (self._private[chat], 1.0)
        limits = (("a chat's", own, seconds), ("all chats'", self._all, 1.0))
        exceeded = [
            f"{whose} {times.maxlen} in {span:g} s exceeded"
            for whose, times, span in limits
            if len(times) == times.maxlen and at - times[0] < span
        ]
        asked, over = self._pauses.get(chat, (0.0, 0.0))
        if asked + ON_THE_WAY_SECONDS < at < over - 0.01:
            exceeded.append(f"came {over - at:.2f} s before the pause it was asked for was over")
        own.append(at)
        self._all.append(at)
        return exceeded[0] if exceeded else None
