"""A generation being written, where nobody reads: from nothing, or from a copy of the one before."""

import shutil
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from index.embedding import Vectors
from index.lexical import Analyzer
from index.library import TEXTS, adding_words
from index.manifest import Manifest
from index.store import Chunks, Stores
from index.texts import TextWriter
from index.types import Chunk

if TYPE_CHECKING:  # at run time it would load llama-index
    from llama_index.core.schema import Document

Embed = Callable[[Sequence[str]], tuple[Vectors, int]]
"""The vectors of texts, and how many of them had to be computed."""


class Draft:
    """Documents are removed and put first, then all that is new is embedded and written into the engines at once.

    Memory holds a batch at a time. Raises DataFolderError where there is no room, CorruptIndexError where the copy
    cannot be read, IndexAwayError where a server is to hold the chunks and is away, and OSError.
    """

    def __init__(self, folder: Path, *, analyzer: Analyzer, stores: Stores, earlier: Path | None = None) -> None:
        """`folder` is empty; an `earlier` generation is copied into it."""
        self._folder = folder
        self._analyzer = analyzer
        self._stores = stores
        self._removed: list[str] = []
        self._earlier = earlier
        self._store: Chunks | None = None
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

    def _opened(self) -> Chunks:
        if self._earlier is None:
            return self._stores.create(self._folder)
        return self._stores.copy(self._earlier, self._folder, kept=self._texts.kept())

    def _words(self) -> AbstractContextManager[None]:
        """All of them anew: tantivy counts what was deleted in how rare a word is, and is quick (100,000 chunks in some
        seconds)."""
        return adding_words(self._texts, self._folder, analyzer=self._analyzer)
