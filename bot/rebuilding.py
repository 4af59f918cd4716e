"""The index brought in line with the documents folder while the bot runs: on changes, and on a schedule."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from bot.process import give_way
from bot.reports import sync_report
from config import Settings
from index.building import build_indexer
from index.errors import IndexingError
from index.indexer import Report
from index.watching import keep, reasons

logger = logging.getLogger(__name__)

LEAVE_SECONDS = 5.0
"""What a stop waits for a sync; one that takes longer is left off, and the index from before stays."""


@contextmanager
def rebuilding(settings: Settings) -> Iterator[None]:
    """While the block runs, in a thread of its own, as WATCH_SEEDS and REBUILD_MINUTES say."""
    stop = threading.Event()
    thread = threading.Thread(target=work, args=(settings, stop), name="rebuilding", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(LEAVE_SECONDS)


def work(settings: Settings, stop: threading.Event) -> None:
    give_way()
    indexer = build_indexer(settings)
    why = reasons(settings.seeds_dir, stop=stop, watching=settings.watch_seeds, minutes=settings.rebuild_minutes)
    keep(indexer.sync, why, stop=stop, hear=tell)


def tell(heard: Report | IndexingError) -> None:
    """What was published, and what could not be; no word where nothing had changed."""
    if isinstance(heard, IndexingError):
        logger.error("the index stays as it was: %s", heard)
    elif heard.published:
        logger.info("the index was brought in line: %s", sync_report(heard).replace("\n", "; "))
