"""Questions as traces for an OpenTelemetry collector: a span for each stage, all those of an update in one trace.

No question is in them: a span has its stage's name, the request id, and whether it failed.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Status, StatusCode

from bot.request_id import request_id
from bot.version import VERSION

logger = logging.getLogger(__name__)

SERVICE = "citegram"
"""By which name the collector knows the bot, unless OTEL_SERVICE_NAME gives another."""

LAST_MILLISECONDS = 2000
"""For what was not sent yet at the end."""


class Traces:
    def __init__(self, endpoint: str) -> None:
        """Spans go to `endpoint`/v1/traces by HTTP, now and then, in a thread of their own."""
        name = os.environ.get("OTEL_SERVICE_NAME", SERVICE)
        resource = Resource.create({"service.name": name, "service.version": VERSION})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer(SERVICE)

    @contextmanager
    def span(self, name: str) -> Iterator[None]:
        """As of index.stages.Listener. What an error says is kept out: it may quote the question."""
        with self._tracer.start_as_current_span(name, record_exception=False, set_status_on_exception=False) as span:
            span.set_attribute("citegram.request", request_id.get())
            try:
                yield
            except BaseException as error:
                span.set_status(Status(StatusCode.ERROR, type(error).__name__))
                raise

    def close(self) -> None:
        self._provider.force_flush(LAST_MILLISECONDS)
        self._provider.shutdown()
