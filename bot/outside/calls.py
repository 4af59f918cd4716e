"""Calls of the Bot API, counted by what came of them. The address, which holds the token, goes no further."""

from typing import Any

from telegram.error import TimedOut
from telegram.request import HTTPXRequest

from bot.outside.metrics import Metrics

FILE = "/file/bot"


class CountedRequest(HTTPXRequest):
    def __init__(self, metrics: Metrics, **options: Any) -> None:
        super().__init__(**options)
        self._counted = metrics.calls

    async def do_request(self, url: str, *arguments: Any, **options: Any) -> tuple[int, bytes]:
        method = "download" if FILE in url else url.rsplit("/", 1)[-1]
        try:
            status, content = await super().do_request(url, *arguments, **options)
        except TimedOut:
            self._counted.labels(method, "timeout").inc()
            raise
        except Exception:
            self._counted.labels(method, "network").inc()
            raise
        self._counted.labels(method, str(status)).inc()
        return status, content
