"""A generation opened for reading, and the one that is open now.

Readers never wait for a rebuild: they go on in the generation they borrowed, and the next borrower gets the newly
published one. The old one is closed when its last reader has left.
"""

import contextlib
import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from index.editions import Editions
from index.errors import (
    OUTDATED,
    REBUILD,
    CitegramError,
    CorruptIndexError,
    DataFolderError,
    IndexAwayError,
    OutdatedIndexError,
)
from index.generations import Generations
from index.lexical import Analyzer, LexicalIndex
from index.manifest import Manifest, Recipe, read_manifest
from index.store import Chunks, FolderStores, Stores
from index.texts import DocumentTexts, TextWriter

logger = logging.getLogger(__name__)

LEXICAL, TEXTS = "lexical", "texts.sqlite"
"""What a generation's folder holds beside its manifest, and the chunks where no server holds them."""


@dataclass(frozen=True)
class Library:
    """One generation, open."""

    folder: Path
    manifest: Manifest
    store: Chunks
    lexical: LexicalIndex
    texts: DocumentTexts

    @cached_property
    def editions(self) -> Editions:
        """Made with the first answer: whoever only checks a generation needs none."""
        return self.manifest.editions()

    def close(self) -> None:
        self.store.close()
        self.texts.close()


def adding_words(texts: TextWriter, folder: Path, *, analyzer: Analyzer) -> AbstractContextManager[None]:
    """All chunks of the texts put into a new lexical index in a generation's folder, while the block runs."""
    lexical = LexicalIndex.create(folder / LEXICAL, languages=texts.languages(), analyzer=analyzer)
    return lexical.adding(chunk for batch in texts.chunks() for chunk in batch)


def open_library(
    folder: Path, *, analyzer: Analyzer, recipe: Recipe | None = None, stores: Stores | None = None
) -> Library:
    """Raises CorruptIndexError, with what to do, where any part cannot be read or they don't belong together.

    With a `recipe`, raises OutdatedIndexError where the generation was made by another. Without `stores` the chunks are
    in the folder.
    """
    try:
        manifest = read_manifest(folder)
        if recipe not in (None, manifest.recipe):
            raise OutdatedIndexError(OUTDATED)
        lexical = LexicalIndex.open(folder / LEXICAL, languages=manifest.languages, analyzer=analyzer)
        with contextlib.ExitStack() as opened:
            texts = DocumentTexts(folder / TEXTS)
            opened.callback(texts.close)
            texts.read(next(iter(manifest.documents)))
            store = (stores or FolderStores()).open(folder)
            opened.pop_all()
    except CorruptIndexError as error:
        if not os.access(folder, os.W_OK):
            raise DataFolderError(
                f"{folder} cannot be written, which the search engines need. Make it writable."
            ) from error
        told = str(error)
        raise CorruptIndexError(told if REBUILD in told else f"The index is damaged: {told} {REBUILD}") from error
    library = Library(folder, manifest, store, lexical, texts)
    if not counted(library) == lexical.count() == manifest.chunks:
        library.close()
        raise CorruptIndexError(f"The index in {folder} is incomplete. {REBUILD}")
    return library


def counted(library: Library) -> int:
    """Its chunks; where they cannot be counted, it is closed."""
    try:
        return library.store.count()
    except CitegramError:
        library.close()
        raise


class CurrentLibrary:
    """Lends the published generation to any number of threads and follows it when another is published."""

    def __init__(self, generations: Generations, *, open_folder: Callable[[Path], Library]) -> None:
        self._generations = generations
        self._open = open_folder
        self._lock = threading.Lock()
        self._library: Library | None = None
        self._refused: Path | None = None
        self._readers: dict[Path, int] = {}

    @contextlib.contextmanager
    def borrow(self) -> Iterator[Library]:
        """The library for the length of the block. Raises NoIndexError or CorruptIndexError where there is none."""
        with self._lock:
            library = self._follow()
            self._readers[library.folder] = self._readers.get(library.folder, 0) + 1
        try:
            yield library
        finally:
            with self._lock:
                self._readers[library.folder] -= 1
                self._close_unread(library)

    @property
    def server(self) -> str | None:
        """Which one holds the chunks; None where they are in the generation's folder."""
        return self._generations.server

    def is_published(self, library: Library) -> bool:
        """Whether it is the one that is published now, and so on the disk."""
        return self._generations.is_published(library.folder)

    def mended(self, library: Library) -> bool:
        """Whether what is damaged is whole again when the next one borrows it: nothing mends a folder but a rebuild."""
        return False

    def close(self) -> None:
        with self._lock:
            library, self._library = self._library, None
            if library:
                self._close_unread(library)

    def _follow(self) -> Library:
        """The published generation; the open one where that cannot be opened."""
        before = self._library
        folder = None
        try:
            folder = self._generations.current()
            if before and folder in (before.folder, self._refused):
                return before
            self._library = self._open(folder)
        except CitegramError as error:
            if not before:
                raise
            if isinstance(error, DataFolderError | IndexAwayError):  # as on a full disk, which passes
                logger.warning("still answering from generation %s: %s", before.folder.name, error)
                return before
            logger.error("still answering from generation %s: %s", before.folder.name, error)
            self._refused = folder
            return before
        logger.info("answering from generation %s", folder.name)
        if before:
            self._close_unread(before)
        return self._library

    def _forget(self, library: Library) -> None:
        """The next one borrows it opened anew."""
        with self._lock:
            if self._library is library:
                self._library = None

    def _close_unread(self, library: Library) -> None:
        if library is not self._library and not self._readers.get(library.folder):
            self._readers.pop(library.folder, None)
            library.close()
