"""Bringing the index in line with the folder of documents: read, chunk, embed, write, check, publish."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from index.changes import Changes, compare, renamed
from index.chunking import chunk_document
from index.documents import File, find_files, read_documents
from index.draft import Draft
from index.embedding import Embedder, Vectors
from index.errors import CitegramError, CorruptIndexError, SeedsError, unwritten
from index.formats.kinds import DOCUMENT_TYPES
from index.generations import Generations
from index.lexical import Analyzer
from index.library import TEXTS, Library, open_library
from index.manifest import Entry, Manifest, Recipe, read_manifest, recipe_of
from index.pages import WebPages
from index.stamps import forget, refreshed, remember, seen
from index.texts import DocumentTexts
from index.types import Chunk, LeftOut
from index.vectors import VectorCache

if TYPE_CHECKING:  # at run time it would load llama-index
    from llama_index.core.schema import Document

logger = logging.getLogger(__name__)

CHECKED = 16
"""Chunks, spread over what is new and over all, that a new generation must find again before it is published."""

MOST_CHURN = 0.5
"""Chunks taken out since a generation was built afresh, as a share of those it holds; beyond it the next one is."""

SAME_COSINE = 0.99

Progress = Callable[[str, int, int], None]
"""Hears the stage in words, how many are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a sync found and did. `renamed` has pairs (old name, new name), which are not among the added and removed;
    `embedded` counts the chunks that cost model time."""

    added: tuple[str, ...]
    updated: tuple[str, ...]
    removed: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]
    unchanged: int
    left_out: tuple[LeftOut, ...]
    chunks: int
    embedded: int
    published: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Made:
    """What an update came to: the manifest of the generation that matches the folder."""

    manifest: Manifest
    embedded: int
    published: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What there is to index, and what is left out before a file is looked at."""

    files: tuple[File, ...]
    left_out: tuple[LeftOut, ...]


class Indexer:
    """The one writer of an index. `vectors` is the path of the vector cache, `pages` brings the web pages that the
    documents folder lists."""

    def __init__(
        self,
        *,
        seeds: Path,
        generations: Generations,
        vectors: Path,
        embedder: Embedder,
        analyzer: Analyzer,
        pages: WebPages | None = None,
    ) -> None:
        self._seeds = seeds
        self._generations = generations
        self._vectors = vectors
        self._embedder = embedder
        self._analyzer = analyzer
        self._pages = pages

    def sync(self, *, full: bool = False, progress: Progress = lambda stage, done, total: None) -> Report:
        """Publishes a generation that matches the folder, unless the published one already does.

        Files that are as the published generation knows them are not read. `full` reads all and builds a generation in
        any case. Raises SeedsError, DataFolderError, IndexBusyError, ModelError, or IndexAwayError where a server holds
        the index; whatever happens, the index from before stays as it was.
        """
        started = time.monotonic()
        with self._generations.writing():
            known = self._published()
            before = known if known and known.recipe == self._recipe and not full else None
            try:
                made = self._update(self._look(anew=full), before, progress)
                self._prune()
            except OSError as error:
                raise unwritten(f"The index in {self._generations.root}", error) from error
        return report(known, made, seconds=time.monotonic() - started)

    @property
    def _recipe(self) -> Recipe:
        return recipe_of(self._embedder)

    def _published(self) -> Manifest | None:
        """The published generation's manifest, if it and the files beside it can be read, with the times seen last."""
        try:
            return refreshed(read_manifest(self._generations.current()), self._generations.root)
        except CitegramError as error:
            logger.debug("nothing usable is published: %s", error)
            return None

    def _look(self, *, anew: bool) -> Found:
        files, left_out = self._pages.bring(self._seeds, anew=anew) if self._pages else ([], [])
        return Found((*find_files(self._seeds), *files), tuple(left_out))

    def _update(self, found: Found, before: Manifest | None, progress: Progress) -> Made:
        """Writes, checks and publishes what differs from the generation before, or everything where there is none.

        It is built afresh where it was changed so often that what was taken out weighs on the engines, or where a copy
        of it turns out to be damaged.
        """
        changes = compare(found.files, before, now=time.time())
        left_out = [*found.left_out, *changes.passed]
        documents = self._read(changes.to_read, left_out, progress)
        if before is None:
            return self._write(changes, left_out, documents, None, progress)
        first = next(documents, None)
        if first is None and is_the_same(before, changes, left_out):
            return self._made_before(before, changes, left_out)
        if before.churn > MOST_CHURN * before.chunks:
            return self._update(found, None, progress)
        try:
            return self._write(changes, left_out, chain([first] if first else [], documents), before, progress)
        except CorruptIndexError as error:
            logger.warning("the index is built afresh: %s", error)
            return self._update(found, None, progress)

    def _write(
        self,
        changes: Changes,
        left_out: list[LeftOut],
        documents: Iterable["Document"],
        before: Manifest | None,
        progress: Progress,
    ) -> Made:
        """`left_out` grows as the documents are read."""
        entries = dict(changes.kept)
        with self._generations.drafting() as folder, self._draft(folder, before) as draft:
            for document in documents:
                chunks = chunk_document(document, embedder=self._embedder)
                draft.replace(document, chunks)
                entries[document.id_] = entry_of(document, chunks=len(chunks))
            if not entries:
                raise SeedsError(nothing_to_index(self._seeds, left_out))
            for name in changes.gone:
                if name not in entries:
                    draft.remove(name)
            with closing(VectorCache(self._vectors)) as cache:
                embed = partial(cache.embed, embedder=self._embedder)
                embedded = draft.fill(embed, progress=partial(progress, "embedding"))
                sample = draft.sample(CHECKED)
                vectors, _ = embed([chunk.span.text for chunk in sample])
            manifest = Manifest(
                recipe=self._recipe,
                published=datetime.now(UTC),
                model_name=self._embedder.name,
                languages=draft.languages,
                chunks=draft.count(),
                documents=dict(sorted(entries.items())),
                left_out=in_order(left_out),
                churn=(before.churn if before else 0) + draft.removed,
            )
            draft.finish(manifest)
            self._check(folder, sample, vectors)
            self._generations.publish(folder)
        forget(self._generations.root)
        return Made(manifest, embedded=embedded, published=True)

    def _prune(self) -> None:
        """Once a day. What fails here is no failure of the sync, and the next one tries again."""
        try:
            with (
                closing(DocumentTexts(self._generations.current() / TEXTS)) as texts,
                closing(VectorCache(self._vectors)) as cache,
            ):
                cache.prune(texts.chunks(), model=self._embedder.fingerprint, today=datetime.now(UTC).toordinal())
        except (CitegramError, OSError) as error:
            logger.warning("vectors that are used no more were not deleted: %s", error)

    def _made_before(self, before: Manifest, changes: Changes, left_out: Sequence[LeftOut]) -> Made:
        """Where nothing is to be published. Files that were touched are not read again for that; what killed writers
        left goes all the same."""
        self._generations.clean()
        times = seen(changes.kept, left_out)
        if times != seen(before.documents, before.left_out):
            remember(times, self._generations.root)
        return Made(replace(before, left_out=in_order(left_out)), embedded=0, published=False)

    def _read(self, files: Sequence[File], left_out: list[LeftOut], progress: Progress) -> Iterator["Document"]:
        """The documents that can be read; the others are put to those left out."""
        for number, document in enumerate(read_documents(files), start=1):
            progress("reading", number, len(files))
            if isinstance(document, LeftOut):
                left_out.append(document)
            else:
                yield document

    @contextmanager
    def _draft(self, folder: Path, before: Manifest | None) -> Iterator[Draft]:
        earlier = self._generations.current() if before else None
        draft = Draft(folder, analyzer=self._analyzer, stores=self._generations.writing_stores, earlier=earlier)
        try:
            yield draft
        finally:
            draft.close()

    def _check(self, folder: Path, sample: Sequence[Chunk], vectors: Vectors) -> None:
        library = open_library(folder, analyzer=self._analyzer, stores=self._generations.stores)
        try:
            check(library, sample, vectors)
        finally:
            library.close()


def is_the_same(before: Manifest, changes: Changes, left_out: Iterable[LeftOut]) -> bool:
    """Where nothing was read: whether there is nothing to publish."""
    return not changes.gone and noted(left_out) == noted(before.left_out)


def in_order(left_out: Iterable[LeftOut]) -> tuple[LeftOut, ...]:
    return tuple(sorted(left_out, key=lambda each: each.document))


def noted(left_out: Iterable[LeftOut]) -> Counter[tuple[str, str | None]]:
    """What of them is worth a generation: why only where it is a file's content. What a server or the system says may
    be another thing every time."""
    return Counter((each.document, None if each.size is None else each.reason) for each in left_out)


def check(library: Library, chunks: Sequence[Chunk], vectors: Vectors) -> None:
    """Raises CorruptIndexError unless the chunks stand in the new generation and its documents and are found.

    Search by vectors is approximate, and may miss one among many that are nearly equal: most must be found.
    """
    stored = library.store.get([chunk.id for chunk in chunks])
    whole = all(stored.get(chunk.id) == chunk and stands(chunk, library) for chunk in chunks)
    found = sum(library.store.nearest(vector, 1)[0][1] >= SAME_COSINE for vector in vectors)
    all_of = len(chunks)
    if not whole or found < all_of / 2:
        raise CorruptIndexError(
            f"The new index failed its check ({found} of {all_of} vectors found) and was not published. Try again; "
            "if that does not help, delete the vector cache in the data folder first."
        )


def stands(chunk: Chunk, library: Library) -> bool:
    text = library.texts.read(chunk.source.document)
    return text[chunk.span.start : chunk.span.end] == chunk.span.text


def entry_of(document: "Document", *, chunks: int) -> Entry:
    metadata = document.metadata
    return Entry(
        title=metadata["title"],
        modified=metadata["modified"],
        language=metadata["language"],
        size=metadata["size"],
        mtime_ns=metadata["mtime_ns"],
        sha256=metadata["sha256"],
        chunks=chunks,
        url=metadata["url"],
        author=metadata["author"],
        dated=metadata["dated"],
    )


def report(known: Manifest | None, made: Made, *, seconds: float) -> Report:
    before, after = known.documents if known else {}, made.manifest.documents
    added = {name: entry for name, entry in after.items() if name not in before}
    removed = {name: entry for name, entry in before.items() if name not in after}
    moved = renamed(added, removed)
    common = after.keys() & before.keys()
    updated = tuple(sorted(name for name in common if after[name].sha256 != before[name].sha256))
    return Report(
        added=tuple(sorted(added.keys() - {new for _, new in moved})),
        updated=updated,
        removed=tuple(sorted(removed.keys() - {old for old, _ in moved})),
        renamed=moved,
        unchanged=len(common) - len(updated),
        left_out=made.manifest.left_out,
        chunks=made.manifest.chunks,
        embedded=made.embedded,
        published=made.published,
        seconds=seconds,
    )


def nothing_to_index(seeds: Path, left_out: Sequence[LeftOut]) -> str:
    kinds = ", ".join(sorted(DOCUMENT_TYPES))
    if left_out:
        reasons = "; ".join(f"{each.document} {each.reason}" for each in left_out)
        return f"No document in {seeds} can be read: {reasons}. Add others ({kinds}); the index stays as it was."
    return f"The documents folder {seeds} holds no document. Add some ({kinds}); the index stays as it was."
