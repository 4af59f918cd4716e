"""Bringing the index in line with the folder of documents: read, chunk, embed, write, check, publish."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from llama_index.core.schema import Document

from index.chunking import chunk_document
from index.documents import DOCUMENT_TYPES, find_documents, read_document
from index.embedding import Embedder, Vectors
from index.errors import CitegramError, CorruptIndexError, DataFolderError, SeedsError
from index.generations import Generations
from index.lexical import Analyzer, LexicalIndex
from index.library import CHROMA, LEXICAL, TEXTS, Library, open_library
from index.manifest import Entry, Manifest, Recipe, recipe_of
from index.store import ChunkStore
from index.texts import DocumentTexts
from index.types import Chunk, LeftOut
from index.vectors import VectorCache

logger = logging.getLogger(__name__)

CHECKED = 16
"""Chunks, spread over the index, that a new generation must find again before it is published."""

SAME_COSINE = 0.99

Progress = Callable[[str, int, int], None]
"""Hears the stage in words, how many are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a sync found and did. `embedded` counts the chunks that cost model time."""

    added: tuple[str, ...]
    updated: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int
    left_out: tuple[LeftOut, ...]
    chunks: int
    embedded: int
    published: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Corpus:
    """The readable documents of the folder, cut into chunks, and the files that were left out."""

    documents: dict[str, Document]
    entries: dict[str, Entry]
    chunks: tuple[Chunk, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(sorted({chunk.language for chunk in self.chunks}))


class Indexer:
    """The one writer of an index. `vectors` is the path of the vector cache."""

    def __init__(
        self, *, seeds: Path, generations: Generations, vectors: Path, embedder: Embedder, analyzer: Analyzer
    ) -> None:
        self._seeds = seeds
        self._generations = generations
        self._vectors = vectors
        self._embedder = embedder
        self._analyzer = analyzer

    def sync(self, *, full: bool = False, progress: Progress = lambda stage, done, total: None) -> Report:
        """Publishes a generation that matches the folder, unless the published one already does.

        `full` builds one in any case. Raises SeedsError, DataFolderError, IndexBusyError or ModelError; whatever
        happens, the index published before stays as it was.
        """
        started = time.monotonic()
        with self._generations.writing():
            corpus = self._read(progress)
            before = self._published()
            build = full or before is None or not self._matches(before, corpus)
            embedded = self._build(corpus, progress) if build else 0
        known = before.documents if before else {}
        common = corpus.entries.keys() & known.keys()
        updated = tuple(sorted(name for name in common if corpus.entries[name].sha256 != known[name].sha256))
        return Report(
            added=tuple(sorted(corpus.entries.keys() - known.keys())),
            updated=updated,
            removed=tuple(sorted(known.keys() - corpus.entries.keys())),
            unchanged=len(common) - len(updated),
            left_out=corpus.left_out,
            chunks=len(corpus.chunks),
            embedded=embedded,
            published=build,
            seconds=time.monotonic() - started,
        )

    @property
    def _recipe(self) -> Recipe:
        return recipe_of(self._embedder)

    def _read(self, progress: Progress) -> Corpus:
        documents, entries, chunks, left_out = {}, {}, [], []
        paths = find_documents(self._seeds)
        for number, path in enumerate(paths, start=1):
            document = read_document(path, seeds=self._seeds)
            if isinstance(document, LeftOut):
                left_out.append(document)
            else:
                cut = chunk_document(document, embedder=self._embedder)
                documents[document.id_] = document
                entries[document.id_] = entry_of(document, chunks=len(cut))
                chunks += cut
            progress("reading", number, len(paths))
        if not documents:
            raise SeedsError(nothing_to_index(self._seeds, left_out))
        return Corpus(documents, entries, tuple(chunks), tuple(left_out))

    def _published(self) -> Manifest | None:
        """The published generation's manifest, if it can be opened and read from."""
        try:
            library = open_library(self._generations.current(), analyzer=self._analyzer)
        except CitegramError as error:
            logger.debug("nothing usable is published: %s", error)
            return None
        library.close()
        return library.manifest

    def _matches(self, manifest: Manifest, corpus: Corpus) -> bool:
        """Whether the same recipe was applied to the same documents: their texts, titles and dates."""
        return (
            manifest.recipe == self._recipe
            and manifest.left_out == corpus.left_out
            and {name: shown(entry) for name, entry in manifest.documents.items()}
            == {name: shown(entry) for name, entry in corpus.entries.items()}
        )

    def _build(self, corpus: Corpus, progress: Progress) -> int:
        """Writes, checks and publishes a generation; returns how many chunks were embedded."""
        try:
            vectors, embedded = self._embed(corpus.chunks, progress)
            folder = self._generations.begin()
            self._write(folder, corpus, vectors)
            library = open_library(folder, analyzer=self._analyzer)
            try:
                check(library, corpus, vectors)
            finally:
                library.close()
            self._generations.publish(folder)
        except OSError as error:
            raise DataFolderError(
                f"The index could not be written to {self._generations.root} ({error.strerror}). "
                "Make room or make the folder writable; the index from before still answers."
            ) from error
        return embedded

    def _embed(self, chunks: Sequence[Chunk], progress: Progress) -> tuple[Vectors, int]:
        cache = VectorCache(self._vectors)
        try:
            return cache.embed(
                [chunk.span.text for chunk in chunks],
                embedder=self._embedder,
                progress=lambda done, total: progress("embedding", done, total),
            )
        finally:
            cache.close()

    def _write(self, folder: Path, corpus: Corpus, vectors: Vectors) -> None:
        """The manifest comes last: it says that the rest is complete."""
        store = ChunkStore.create(folder / CHROMA)
        try:
            store.add(corpus.chunks, vectors)
        finally:
            store.close()
        LexicalIndex.create(folder / LEXICAL, languages=corpus.languages, analyzer=self._analyzer).add(corpus.chunks)
        DocumentTexts.create(folder / TEXTS, ((name, document.text) for name, document in corpus.documents.items()))
        Manifest(
            recipe=self._recipe,
            published=datetime.now(UTC),
            model_name=self._embedder.name,
            languages=corpus.languages,
            chunks=len(corpus.chunks),
            documents=corpus.entries,
            left_out=corpus.left_out,
        ).write(folder)


def check(library: Library, corpus: Corpus, vectors: Vectors) -> None:
    """Raises CorruptIndexError unless chunks all over the new generation stand in their documents and are found.

    Search by vectors is approximate, and may miss one among many that are nearly equal: most must be found.
    """
    rows = range(0, len(corpus.chunks), max(1, len(corpus.chunks) // CHECKED))
    chunks = [corpus.chunks[row] for row in rows]
    stored = library.store.get([chunk.id for chunk in chunks])
    whole = all(stored.get(chunk.id) == chunk and stands(chunk, library) for chunk in chunks)
    found = sum(library.store.nearest(vectors[row], 1)[0][1] >= SAME_COSINE for row in rows)
    if not whole or found < len(rows) / 2:
        raise CorruptIndexError(
            f"The new index failed its check ({found} of {len(rows)} vectors found) and was not published. Try again; "
            "if that does not help, delete the vector cache in the data folder first."
        )


def stands(chunk: Chunk, library: Library) -> bool:
    text = library.texts.read(chunk.source.document)
    return text[chunk.span.start : chunk.span.end] == chunk.span.text


def entry_of(document: Document, *, chunks: int) -> Entry:
    metadata = document.metadata
    return Entry(
        title=metadata["title"],
        modified=metadata["modified"],
        language=metadata["language"],
        size=metadata["size"],
        mtime_ns=metadata["mtime_ns"],
        sha256=metadata["sha256"],
        chunks=chunks,
    )


def shown(entry: Entry) -> tuple[str, str, str]:
    """What of an entry a reader of the index can see."""
    return entry.sha256, entry.title, entry.modified


def nothing_to_index(seeds: Path, left_out: Sequence[LeftOut]) -> str:
    kinds = " or ".join(sorted(DOCUMENT_TYPES))
    if left_out:
        reasons = "; ".join(f"{each.document} {each.reason}" for each in left_out)
        return f"No document in {seeds} can be read: {reasons}. Add {kinds} files with text; the index stays as it was."
    return f"The documents folder {seeds} holds no {kinds} file. Add documents; the index stays as it was."
