"""All of it put together from the settings, for a bot that is to be seen."""

import asyncio
import importlib
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from telegram.ext import Application

from bot import owner_texts
from bot.answers import Answers
from bot.errors import MissingExtraError
from bot.mailbox import Mailbox
from bot.outside.calls import CountedRequest
from bot.outside.metrics import Metrics
from bot.outside.observing import ObservedAnswers
from bot.outside.page import page
from bot.outside.watch import Parts, Watch
from bot.telegram.worker import Worker
from config import Settings
from index.errors import IndexingError
from index.stages import listening

if TYPE_CHECKING:  # an extra, and the engine that rebuilds
    from bot.outside.traces import Traces
    from index.indexer import Report


class Outlook:
    """`answers` are those that the bot is to ask. Raises MissingExtraError."""

    def __init__(self, settings: Settings, answers: Answers) -> None:
        self.metrics = Metrics()
        self.answers = ObservedAnswers(answers, self.metrics)
        self._watch = Watch(self.answers, self.metrics)
        self._host, self._port = settings.metrics_on, settings.metrics_port
        self._traces = traces_of(settings)

    def request(self, **options: Any) -> CountedRequest:
        """What calls the Bot API; options as of HTTPXRequest."""
        return CountedRequest(self.metrics, **options)

    def begin(self, application: Application, mailbox: Mailbox, worker: Worker) -> None:  # type: ignore[type-arg]
        """They are there from this moment."""
        self._watch.begin(Parts(application, mailbox, worker))

    def synced(self, heard: "Report | IndexingError") -> None:
        """A sync came to this."""
        self.metrics.syncs.labels(
            "failed" if isinstance(heard, IndexingError) else "published" if heard.published else "unchanged"
        ).inc()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """While the block runs, it is seen, with every task that is begun in it. Raises PortInUseError."""
        listening.set(self)
        try:
            if self._port is None:
                yield
                return
            async with page(self._watch, host=self._host, port=self._port):
                yield
        finally:
            listening.set(None)
            if self._traces:
                await asyncio.to_thread(self._traces.close)

    def span(self, name: str) -> AbstractContextManager[object]:
        """As of index.stages.Listener."""
        return self._traces.span(name) if self._traces else nullcontext()

    def took(self, name: str, seconds: float) -> None:
        """As of index.stages.Listener."""
        self.metrics.took(name, seconds)


def traces_of(settings: Settings) -> "Traces | None":
    if settings.otel_exporter_otlp_endpoint is None:
        return None
    try:
        traces: type[Traces] = importlib.import_module("bot.outside.traces").Traces
    except ImportError:
        raise MissingExtraError(owner_texts.NO_OTEL) from None
    return traces(str(settings.otel_exporter_otlp_endpoint))
