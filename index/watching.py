"""Syncs by themselves: when something changes in the documents folder, or as often as asked."""

import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from watchfiles import Change, watch

from index.documents import IGNORE, PAGES, suffix_of
from index.errors import IndexAwayError, IndexBusyError, IndexingError
from index.formats.kinds import DOCUMENT_TYPES
from index.indexer import Report

SETTLED_MS = 500
"""What changes within half a second of another change is one sync: an editor saves, a folder is copied."""

MOST_MS = 10_000
"""While changes don't end, a sync all the same."""

WAKE_MS = 500
"""How often the watch looks whether its time has come or its folder is gone."""

BUSY_SECONDS = 2.0
"""Another process is rebuilding: how soon to try again."""

AWAY_SECONDS = 10.0
"""The server is away: how soon to try again."""

MISSING_SECONDS = 5.0
"""The folder is gone: how soon to look for it again."""

UNWATCHED_SECONDS = 60.0
"""The system does not watch the folder: how often to look without it."""

Sync = Callable[[], Report]
Hear = Callable[[Report | IndexingError], None]


def keep(sync: Sync, reasons: Iterable[None], *, stop: threading.Event, hear: Hear) -> None:
    """A sync for each reason, until `stop`. What goes wrong is told, and the next reason is waited for."""
    for _ in reasons:
        attempt(sync, stop=stop, hear=hear)


def attempt(
    sync: Sync, *, stop: threading.Event, hear: Hear, pause: float = BUSY_SECONDS, away: float = AWAY_SECONDS
) -> None:
    """Tries again after a pause while another process rebuilds, and while the server that holds the index is away,
    which is told once."""
    told = False
    while not stop.is_set():
        try:
            hear(sync())
        except IndexBusyError:
            stop.wait(pause)
            continue
        except IndexAwayError as error:
            if not told:
                hear(error)
            told = True
            stop.wait(away)
            continue
        except IndexingError as error:
            hear(error)
        return


def reasons(
    seeds: Path,
    *,
    stop: threading.Event,
    watching: bool,
    minutes: float | None,
    hear: Callable[[IndexingError], None],
    pause: float = MISSING_SECONDS,
    unwatched: float = UNWATCHED_SECONDS,
) -> Iterator[None]:
    """Yields where a document or a list (.citegramignore, urls.txt) changed below `seeds`, and every so many minutes,
    until `stop`.

    Where there is no such folder, it looks again after a pause. Where the system does not watch all of it, that is told
    once, and every so many seconds are a reason.
    """
    seconds = math.inf if minutes is None else minutes * 60
    told = False
    while not stop.is_set():
        if watching and seeds.is_dir():
            try:
                for _ in changes(seeds, stop=stop, seconds=seconds):
                    told = False
                    yield
                continue
            except (OSError, RuntimeError) as error:
                failure = error
            if not seeds.is_dir():
                continue
            if not told:
                hear(IndexingError(not_watched(seeds, failure)))
            told = True
            yield from partly(seeds, stop=stop, seconds=seconds, most=unwatched)
        elif watching:
            stop.wait(pause)
        elif not stop.wait(None if minutes is None else seconds):
            yield


def not_watched(seeds: Path, error: Exception) -> str:
    return (
        f"The system does not watch all of {seeds} ({error}). Until it does, the folder is looked at every "
        f"{UNWATCHED_SECONDS:g} seconds; mend its permissions, or raise the system's limit of watched files."
    )


def partly(seeds: Path, *, stop: threading.Event, seconds: float, most: float) -> Iterator[None]:
    """Once, and of what the system does watch, for so many seconds at most."""
    try:
        yield from changes(seeds, stop=stop, seconds=seconds, whole=False, most=most)
    except (OSError, RuntimeError):
        if not stop.wait(min(most, seconds)):
            yield


def changes(
    seeds: Path, *, stop: threading.Event, seconds: float, whole: bool = True, most: float = math.inf
) -> Iterator[None]:
    """Of what lies in a folder, until it is gone or `stop`, or for `most` seconds; every so many seconds; and once when
    the watch has begun, for what changed before.

    Raises OSError or RuntimeError where the system does not watch it; unless `whole`, what it does not is passed over.
    """
    watched = identity(seeds)
    due = begun = time.monotonic()
    for found in watch(
        seeds,
        watch_filter=matters,
        debounce=MOST_MS,
        step=SETTLED_MS,
        stop_event=stop,
        rust_timeout=WAKE_MS,
        yield_on_timeout=True,
        ignore_permission_denied=not whole,  # and whatever else is in the way
    ):
        if found or time.monotonic() >= due:
            due = time.monotonic() + seconds
            yield
        if identity(seeds) != watched or time.monotonic() - begun > most:
            return


def identity(folder: Path) -> tuple[int, int] | None:
    """Tells a folder from another that came in its place, which the system would not watch."""
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def matters(change: Change, path: str) -> bool:
    """Whether a sync could see it. A folder that appears or goes may hold documents; of what is gone nobody can tell
    whether it was one."""
    name = Path(path).name
    if name in (IGNORE, PAGES):
        return True
    if name.startswith("."):
        return False
    return suffix_of(name) in {"", *DOCUMENT_TYPES} or change is Change.deleted or Path(path).is_dir()
