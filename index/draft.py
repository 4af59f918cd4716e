"""A generation being written, where nobody reads: from nothing, or from a copy of the one before."""

import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from index.copying import copy_database
from index.embedding import Vectors
from index.errors import CorruptIndexError, is_full, unwritten
from index.lexical import Analyzer, LexicalIndex
from index.library import CHROMA, CHROMA_FILE, LEXICAL, TEXTS
from index.manifest import Manifest
from index.store import ChunkStore
from index.texts import TextWriter
from index.types import Chunk

if TYPE_CHECKING:  # at run time it would load llama-index
    from llama_index.core.schema import Document

Embed = Callable[[Sequence[str]], tuple[Vectors, int]]
"""The vectors of texts, and how many of them had to be computed."""


class Draft:
    """Documents are removed and put first, then all that is new is embedded and written into the engines at once.

    Memory holds a batch at a time. Raises DataFolderError where there is no room, CorruptIndexError where the copy
    cannot be read, and OSError.
    """

    def __init__(self, folder: Path, *, analyzer: Analyzer, earlier: Path | None = None) -> None:
        """`folder` is empty; an `earlier` generation is copied into it."""
        self._folder = folder
        self._analyzer = analyzer
        self._removed: list[str] = []
        self._earlier = earlier
        self._store: ChunkStore | None = None
        if earlier:
            shutil.copy(earlier / TEXTS, folder / TEXTS)
        self._texts = TextWriter(folder / TEXTS)
        self._open = True

    @property
    def removed(self) -> int:
        """Chunks that were taken out."""
        return len(self._removed)

    def remove(self, document: str) -> None:
        self._removed += self._texts.remove(document)

    def replace(self, document: "Document", chunks: Sequence[Chunk]) -> None:
        """In place of what there is of the document, if anything."""
        self.remove(document.id_)
        self._texts.put(document.id_, document.text, chunks)

    def fill(self, embed: Embed, *, progress: Callable[[int, int], None]) -> int:
        """How many chunks had to be embedded. `progress` hears (chunks written, all that are new)."""
        embedded, written, total = 0, 0, self._texts.count(new=True)
        with self._words():
            self._store = store = self._opened()
            store.remove(self._removed)
            for batch in self._texts.chunks(new=True):
                vectors, computed = embed([chunk.span.text for chunk in batch])
                store.add(batch, vectors)
                embedded += computed
                written += len(batch)
                progress(written, total)
        return embedded

    @property
    def languages(self) -> tuple[str, ...]:
        return self._texts.languages()

    def count(self) -> int:
        """Chunks."""
        return self._texts.count()

    def sample(self, count: int) -> list[Chunk]:
        """Some of what is new and some of all."""
        drawn = [*self._texts.sample(count, new=True), *self._texts.sample(count)]
        return list({chunk.id: chunk for chunk in drawn}.values())

    def finish(self, manifest: Manifest) -> None:
        """The manifest comes last: it says that the rest is complete."""
        self.close()
        manifest.write(self._folder)

    def close(self) -> None:
        if self._open:
            self._open = False
            if self._store:
                self._store.close()
            self._texts.close()

    def _opened(self) -> ChunkStore:
        if self._earlier is None:
            return ChunkStore.create(self._folder / CHROMA)
        copy_vectors(self._earlier, self._folder)
        return ChunkStore.open(self._folder / CHROMA)

    def _words(self) -> AbstractContextManager[None]:
        """All of them anew: tantivy counts what was deleted in how rare a word is, and is quick (100,000 chunks in some
        seconds)."""
        lexical = LexicalIndex.create(self._folder / LEXICAL, languages=self.languages, analyzer=self._analyzer)
        return lexical.adding(chunk for batch in self._texts.chunks() for chunk in batch)


def copy_vectors(before: Path, folder: Path) -> None:
    """Of a generation. Chroma's SQLite file may be written on while it is read, so it is copied as SQLite copies."""
    shutil.copytree(before / CHROMA, folder / CHROMA, ignore=shutil.ignore_patterns(f"{CHROMA_FILE}*"))
    try:
        copy_database(before / CHROMA / CHROMA_FILE, folder / CHROMA / CHROMA_FILE)
    except sqlite3.DatabaseError as error:
        if is_full(error):
            raise unwritten("The vectors", error) from error
        raise CorruptIndexError(f"{before / CHROMA} cannot be copied ({error}).") from error
