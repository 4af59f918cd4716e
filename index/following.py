"""The published generation of a Chroma server, lent to threads, and followed in the background.

Questions go on being answered from the generation before until the next one is here, whole.
"""

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from chromadb.errors import ChromaError

from index.errors import CorruptIndexError, IndexingError
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
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    @contextlib.contextmanager
    def borrow(self) -> Iterator[Library]:
        """Raises also IndexAwayError, where the server was never reached before."""
        with super().borrow() as library:
            self._start()
            yield library

    def close(self) -> None:
        self._closed.set()
        if self._thread:
            self._thread.join(CLOSE_SECONDS)
            if not self._thread.is_alive():
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
        with self._starting:
            if self._thread is None and not self._closed.is_set():
                self._thread = threading.Thread(target=self._look, name="following the index", daemon=True)
                self._thread.start()

    def _look(self) -> None:
        pause, told = self._look_seconds, ""
        while not self._closed.wait(pause):
            try:
                self._shared.follow()
                self._shared.appear()
            except (IndexingError, ChromaError, OSError) as error:
                if str(error) != told:
                    logger.warning("the index is not followed for now: %s", error)
                pause, told = min(2 * pause, LONGEST_PAUSE), str(error)
            else:
                if told:
                    logger.info("the index is followed again")
                pause, told = self._look_seconds, ""
