"""The published generation of a Chroma server, lent to threads, and followed in the background.

Questions go on being answered from the generation before until the next one is here, whole.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from index.errors import CitegramError, CorruptIndexError
from index.library import CurrentLibrary, Library
from index.shared import SharedGenerations

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""How often the server is asked which generation is published."""

CLOSE_SECONDS = 3.0
"""A look that takes longer, as at a silent server, is left behind."""

LONGEST_PAUSE = 5.0
"""While it does not answer."""


class FollowingLibrary(CurrentLibrary):
    def __init__(
        self,
        generations: SharedGenerations,
        *,
        open_folder: Callable[[Path], Library],
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        super().__init__(generations, open_folder=self._opened)
        self._open_fetched = open_folder
        self._shared = generations
        self._look_seconds = look_seconds
        self._closed = threading.Event()
        self._threads: list[threading.Thread] = []
        self._starting = threading.Lock()
        self._mending = threading.Lock()
        self._mended: set[Path] = set()

    @contextlib.contextmanager
    def borrow(self) -> Iterator[Library]:
        """Raises also IndexAwayError, where the server was never reached before."""
        with super().borrow() as library:
            self._start()
            yield library

    def mended(self, library: Library) -> bool:
        """What is here of a generation is fetched again, once; another thread may have done that."""
        with self._mending:
            if library.folder not in self._mended:
                logger.warning("fetching generation %s again, of which something cannot be read", library.folder.name)
                self._mended.add(library.folder)
                self._forget(library)
                self._shared.fetch_again(library.folder, whatever=True)
                return True
            return library is not self._library

    def close(self) -> None:
        self._closed.set()
        with self._starting:
            threads = self._threads
        end = time.monotonic() + CLOSE_SECONDS
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))
        if not any(thread.is_alive() for thread in threads):
            self._shared.disappear()
        super().close()
        self._shared.close()

    def _opened(self, folder: Path) -> Library:
        """The server has it whole, whatever happened to what this machine fetched of it."""
        try:
            return self._open_fetched(folder)
        except CorruptIndexError as error:
            logger.warning("fetching generation %s again: %s", folder.name, error)
            self._shared.fetch_again(folder)
            return self._open_fetched(self._shared.current())

    def _start(self) -> None:
        """Signs of life do not wait for what is being fetched, nor end with what cannot be."""
        with self._starting:
            if self._threads or self._closed.is_set():
                return
            for name, step, level in (
                ("following", self._look, logging.WARNING),
                ("appearing", self._shared.appear, logging.DEBUG),
            ):
                thread = threading.Thread(target=self._keep, args=(step, level), name=f"{name} the index", daemon=True)
                self._threads.append(thread)
                thread.start()

    def _look(self) -> None:
        self._shared.follow()
        self._shared.appear()

    def _keep(self, step: Callable[[], None], level: int) -> None:
        """What fails is told once, until it succeeds again."""
        pause, told = self._look_seconds, ""
        while not self._closed.wait(pause):
            try:
                step()
            except Exception as error:  # whatever it is, the next look may find it mended
                said = str(error) if isinstance(error, CitegramError) else type(error).__name__
                if said != told:
                    logger.log(level, "the index is not followed for now: %s", said)
                pause, told = min(2 * pause, LONGEST_PAUSE), said
            else:
                if told:
                    logger.log(min(level, logging.INFO), "the index is followed again")
                pause, told = self._look_seconds, ""
