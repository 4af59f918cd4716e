"""The figures of one running bot, as Prometheus reads them. No question, no name and no token is in them."""

import asyncio
from datetime import timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector, generate_latest

from index.types import Status, Writing

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
"""Bounds of a stage's histogram: searching takes 10 ms, an answer 200, a language model seconds."""


class Metrics:
    """Counted from the start of the process; of the index and of what waits, as it was when last told."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.questions = self._counter("questions", "Questions, by what became of them.", "outcome")
        self.fallbacks = self._counter(
            "fallbacks", "Answers by quotation though a language model is set up, by why.", "reason"
        )
        self.tokens = self._counter("model_tokens", "Tokens of the language model, read and written.", "direction")
        self.calls = self._counter("telegram_calls", "Calls of the Bot API, by what came of them.", "method", "result")
        self.syncs = self._counter("syncs", "Syncs of the index in the bot, by what came of them.", "result")
        self._stages = Histogram(
            "citegram_stage_seconds",
            "How long each stage of a question takes; update is the whole.",
            ("stage",),
            buckets=SECONDS,
            registry=self.registry,
        )
        self._index = Info("citegram_index", "The generation that answers.", registry=self.registry)
        self._documents = self._gauge("index_documents", "Documents in it.")
        self._passages = self._gauge("index_passages", "Passages in it.")
        self._published = self._gauge("index_published_timestamp_seconds", "When it was published.")
        self._waiting = self._gauge("updates_waiting", "Updates that nobody has handled yet, of all workers.")
        self._oldest = self._gauge("updates_oldest_seconds", "How long the oldest of them has waited.")
        self._ready = Gauge(
            "citegram_ready", "Whether each part can be used, 1 or 0.", ("part",), registry=self.registry
        )
        self._tasks = self._gauge("tasks", "Tasks in this worker's event loop.")
        ProcessCollector(registry=self.registry)

    def _counter(self, name: str, told: str, *labels: str) -> Counter:
        return Counter(f"citegram_{name}", told, labels, registry=self.registry)

    def _gauge(self, name: str, told: str) -> Gauge:
        return Gauge(f"citegram_{name}", told, registry=self.registry)

    def took(self, stage: str, seconds: float) -> None:
        self._stages.labels(stage).observe(seconds)

    def wrote(self, writing: Writing | None) -> None:
        """What a language model had to do with an answer."""
        self.spent(writing)
        if writing and writing.fallback:
            self.fallbacks.labels(str(writing.fallback)).inc()

    def spent(self, writing: Writing | None) -> None:
        if writing:
            self.tokens.labels("read").inc(writing.asked_tokens)
            self.tokens.labels("written").inc(writing.written_tokens)

    def index(self, status: Status) -> None:
        self._index.info({"generation": status.generation})
        self._documents.set(status.documents)
        self._passages.set(status.chunks)
        self._published.set(status.published.timestamp())

    def queue(self, waiting: int, oldest: timedelta) -> None:
        self._waiting.set(waiting)
        self._oldest.set(oldest.total_seconds())

    def ready(self, part: str, is_ready: bool) -> None:
        self._ready.labels(part).set(is_ready)

    def told(self) -> bytes:
        """All of it, in Prometheus' text format. Call it in the event loop whose tasks are counted."""
        self._tasks.set(len(asyncio.all_tasks()))
        return generate_latest(self.registry)
