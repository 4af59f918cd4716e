"""What answers: the embedder, the reader, and the published index."""

import time
from collections.abc import Iterator
from functools import cached_property

from bot.console.sentences import counted, moment_of
from bot.doctor import sentences
from bot.findings import Finding
from config import Settings
from index.embedding import Embedder
from index.lexical import Analyzer
from index.library import open_library
from index.manifest import Manifest, recipe_of
from index.reader import OnnxReader
from index.wiring import build_embedder, generations_of

INDEX, EMBEDDER, READER = "index", "embedder", "reader"
QUESTION = "What is this about?"


class Engine:
    """Each part is built once, by whoever asks first; why it could not be is kept in its place."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def of_embedder(self) -> Iterator[Finding]:
        embedder = self._embedder
        if isinstance(embedder, Exception):
            raise embedder
        started = time.monotonic()
        vector = embedder.embed_question(QUESTION)
        seconds, name, dimension = time.monotonic() - started, embedder.name, embedder.dimension
        if vector.shape == (dimension,):
            yield Finding(EMBEDDER, True, sentences.EMBEDDER.format(name=name, dimension=dimension, seconds=seconds))
        else:
            sentence = sentences.UNFIT.format(name=name, length=vector.size, dimension=dimension)
            yield Finding(EMBEDDER, False, sentence, sentences.UNFIT_ADVICE)

    def of_reader(self) -> Iterator[Finding]:
        if not self._settings.reader:
            yield Finding(READER, True, sentences.READER_OFF)
            return
        reader = OnnxReader()
        started = time.monotonic()
        reader.read(QUESTION, [QUESTION])
        yield Finding(READER, True, sentences.READER.format(seconds=time.monotonic() - started))

    def of_index(self) -> Iterator[Finding]:
        manifest = self._manifest
        if isinstance(manifest, Exception):
            raise manifest
        yield Finding(
            INDEX,
            True,
            sentences.INDEX.format(
                documents=counted(len(manifest.documents), "document"),
                passages=counted(manifest.chunks, "passage"),
                moment=moment_of(manifest.published),
                model=manifest.model_name,
            ),
        )

    @property
    def manifest(self) -> Manifest | None:
        """Of the published index; None where it cannot be opened."""
        return self._manifest if isinstance(self._manifest, Manifest) else None

    @cached_property
    def _embedder(self) -> Embedder | Exception:
        try:
            return build_embedder(self._settings)
        except Exception as error:  # told where it is looked into
            return error

    @cached_property
    def _manifest(self) -> Manifest | Exception:
        """Without an embedder it is not known whether the index was made with this one; the rest is."""
        recipe = None if isinstance(self._embedder, Exception) else recipe_of(self._embedder)
        try:
            generations = generations_of(self._settings)
            folder = generations.current()
            library = open_library(folder, analyzer=Analyzer(), recipe=recipe, stores=generations.stores)
        except Exception as error:
            return error
        library.close()
        return library.manifest
