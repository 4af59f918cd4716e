"""A wait for an answer, which Ctrl-C ends."""

from collections.abc import Callable
from concurrent.futures import Future, wait
from math import inf
from signal import SIGINT, signal
from threading import Thread
from time import monotonic
from typing import Self

from index.stop import Stop
from index.types import Answer
from index.writer import Hear

HEARTBEAT_SECONDS = 0.05
"""How often a wait looks whether Ctrl-C was pressed."""

GRACE_SECONDS = 1.0
"""So long Ctrl-C waits for what stands by then to be verified and numbered. That took 32 ms, and 58 at most, for nine
sentences on two cores with four times their load; what takes much longer does not obey the stop."""

Work = Callable[[Hear | None, Stop], Answer]
"""What gives an answer: it tells how the text grows, if there is who hears it, and obeys the stop as well as it can."""


class Wait:
    """For work on a thread of its own. Within the block Ctrl-C is only noted: breaking in just anywhere would leave the
    terminal half drawn."""

    def __init__(self, work: Work, hear: Hear, *, grace_seconds: float = GRACE_SECONDS) -> None:
        self._work, self._hear = work, hear
        self._grace_seconds = grace_seconds
        self._stop = Stop()
        self._presses = 0

    def __enter__(self) -> Self:
        self._before = signal(SIGINT, self._note)
        self._future = started(lambda: self._work(self._hear, self._stop))
        return self

    def __exit__(self, *_: object) -> None:
        signal(SIGINT, self._before)

    def is_over(self, *, within_seconds: float = inf) -> bool:
        """Waits until it is, or until the time is up. Ctrl-C stops the work, which has the grace to end in; a second
        Ctrl-C, or the end of the grace, lets it be: it ends by itself, unseen."""
        end, stopped = monotonic() + within_seconds, False
        while not self._future.done() and self._presses < 2:
            if monotonic() > end:
                return stopped
            wait([self._future], timeout=HEARTBEAT_SECONDS)
            if self._presses and not stopped:
                self._stop.give()
                end, stopped = monotonic() + self._grace_seconds, True
        return True

    def answer(self) -> Answer:
        """The work's result or error. After Ctrl-C what a language model had written, else KeyboardInterrupt."""
        if self._presses == 0:
            return self._future.result()
        if self._future.done() and self._future.exception() is None and is_written(self._future.result()):
            return self._future.result()
        raise KeyboardInterrupt

    def _note(self, *_: object) -> None:
        self._presses += 1


def is_written(answer: Answer) -> bool:
    """By a language model, and not by quotation."""
    return answer.writing is not None and answer.writing.fallback is None


def started(work: Callable[[], Answer]) -> Future[Answer]:
    """The work, begun on a thread of its own that does not keep the process alive."""
    future: Future[Answer] = Future()
    Thread(target=fulfil, args=(future, work), daemon=True).start()
    return future


def fulfil(future: Future[Answer], work: Callable[[], Answer]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:
        future.set_exception(error)
