"""How long the stages of a question take, told to whoever listens: nobody, unless a front end says so."""

import logging
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Protocol

logger = logging.getLogger(__name__)


class Listener(Protocol):
    """Called in the thread of the stage. Must be quick and never raise."""

    def span(self, name: str) -> AbstractContextManager[object]:
        """Entered as a stage begins, left as it ends."""

    def took(self, name: str, seconds: float) -> None:
        """Heard as it ends."""


listening: ContextVar[Listener | None] = ContextVar("listening", default=None)
"""Threads that work for a question must be run in a copy of its context."""


@contextmanager
def stage(name: str) -> Iterator[None]:
    """The block is this stage."""
    listener, began = listening.get(), time.perf_counter()
    try:
        with listener.span(name) if listener else nullcontext():
            yield
    finally:
        took(name, time.perf_counter() - began)


def took(name: str, seconds: float) -> None:
    """For a stage that is no block."""
    logger.debug("%s took %.0f ms", name, 1000 * seconds)
    if listener := listening.get():
        listener.took(name, seconds)
