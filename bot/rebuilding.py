"""The index brought in line with the documents folder while the bot runs: on changes, and on a schedule.

Each sync is a process of its own. Chroma holds Python's lock while it writes, and for seconds nobody would be answered
(docs/decisions/0009); and what a sync took of memory is given back.
"""

import logging
import multiprocessing
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from bot.logs import set_up_logging
from bot.process import end_in_order, give_way
from bot.reports import sync_report
from config import Settings
from index.building import build_indexer
from index.errors import IndexingError
from index.indexer import Progress, Report
from index.watching import keep, reasons

logger = logging.getLogger(__name__)

PRELOAD = "bot.preload"
"""Imported by name in the process that syncs are forked from; here it would only take memory."""

Hear = Callable[[Report | IndexingError], None]
"""Hears what came of a sync."""

CUT_SHORT = "The rebuild was ended from outside, perhaps for want of memory. The next one goes on where it stopped."


STEP_SECONDS = 0.5
"""How often a sync tells how far it is."""


@contextmanager
def rebuilding(settings: Settings, *, hear: Hear = lambda heard: None) -> Iterator["Syncs"]:
    """While the block runs, as WATCH_SEEDS and REBUILD_MINUTES say, and whenever the block itself asks for a sync. One
    that is under way at the end is broken off, and the index from before stays. `hear` gets what came of each."""
    stop, syncs = threading.Event(), Syncs(settings, hear=hear)

    def follow() -> None:
        why = reasons(
            settings.seeds_dir,
            stop=stop,
            watching=settings.watch_seeds,
            minutes=settings.rebuild_minutes,
            hear=lambda error: logger.error("%s", error),
        )
        keep(syncs.sync, why, stop=stop, hear=lambda heard: None if stop.is_set() else tell(heard))

    thread = threading.Thread(target=follow, name="rebuilding")
    thread.start()
    try:
        yield syncs
    finally:
        stop.set()
        syncs.end()
        thread.join()


class Syncs:
    """One at a time, each forked from a process that has everything loaded where the system can fork."""

    def __init__(self, settings: Settings, *, hear: Hear = lambda heard: None) -> None:
        self._settings = settings
        self._hear = hear
        self._turn = threading.Lock()
        self._lock = threading.Lock()
        self._process: BaseProcess | None = None
        self._ended = False
        forks = "forkserver" in multiprocessing.get_all_start_methods()
        self._context = multiprocessing.get_context("forkserver") if forks else multiprocessing.get_context("spawn")
        self._context.set_forkserver_preload([__name__, PRELOAD])

    def sync(self, *, progress: Progress = lambda stage, done, total: None) -> Report:
        """As Indexer.sync; where another thread's runs, it is waited for. Raises IndexingError, also where the process
        was ended."""
        receiver, sender = self._context.Pipe(duplex=False)
        with receiver, self._turn:
            try:
                with sender:
                    process = self._started(sender)
                heard = self._heard(receiver, process, progress)
            except (EOFError, OSError) as error:
                self._hear(IndexingError(CUT_SHORT))
                raise IndexingError(CUT_SHORT) from error
        self._hear(heard)
        if isinstance(heard, IndexingError):
            raise heard
        return heard

    def _started(self, sender: Connection) -> BaseProcess:
        with self._lock:
            if self._ended:
                raise IndexingError(CUT_SHORT)
            process = self._context.Process(target=work, args=(self._settings, sender), daemon=True)
            process.start()
            self._process = process
        return process

    def _heard(self, receiver: Connection, process: BaseProcess, progress: Progress) -> Report | IndexingError:
        try:
            heard: Step | Report | IndexingError = receiver.recv()
            while isinstance(heard, Step):
                progress(heard.stage, heard.done, heard.total)
                heard = receiver.recv()
        finally:
            process.join()
        return heard

    def end(self) -> None:
        """Breaks off the one that runs; none is begun any more."""
        with self._lock:
            self._ended = True
            if self._process:
                self._process.terminate()


@dataclass(frozen=True, slots=True)
class Step:
    """How far a sync is, as its process tells it."""

    stage: str
    done: int
    total: int


class Steps:
    """A Progress that tells the bot, not more often than anyone looks."""

    def __init__(self, sender: Connection) -> None:
        self._sender = sender
        self._told = -STEP_SECONDS

    def __call__(self, stage: str, done: int, total: int) -> None:
        if time.monotonic() - self._told >= STEP_SECONDS:
            self._told = time.monotonic()
            self._sender.send(Step(stage, done, total))


def work(settings: Settings, sender: Connection) -> None:
    """In the process of a sync."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the bot, which ends this
    give_way()
    set_up_logging(settings, "bot")
    try:
        end_in_order()
        sender.send(build_indexer(settings).sync(progress=Steps(sender)))
    except KeyboardInterrupt:
        logger.info("the rebuild is broken off")
    except IndexingError as error:
        sender.send(error)
    except Exception as error:
        logger.exception("the rebuild failed")
        sender.send(IndexingError(f"The rebuild failed ({type(error).__name__}); the log says where."))


def tell(heard: Report | IndexingError) -> None:
    """What was published, and what could not be; no word where nothing had changed."""
    if isinstance(heard, IndexingError):
        logger.error("the index stays as it was: %s", heard)
    elif heard.published:
        logger.info("the index was brought in line: %s", sync_report(heard).replace("\n", "; "))
