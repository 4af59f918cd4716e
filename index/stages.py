"""How long the stages of a question take, told to whoever listens in this context and what is called from it."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar

logger = logging.getLogger(__name__)

Listening = Callable[[str], AbstractContextManager[object]]
"""Gets a stage's name, and is entered and left with it."""

listening: ContextVar[Listening | None] = ContextVar("listening", default=None)


@contextmanager
def stage(name: str) -> Iterator[None]:
    listener, started = listening.get(), time.perf_counter()
    try:
        with listener(name) if listener else nullcontext():
            yield
    finally:
        logger.debug("%s took %.0f ms", name, 1000 * (time.perf_counter() - started))
