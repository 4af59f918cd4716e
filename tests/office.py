"""A folder of documents with its index, and who uses them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from index.answering import Answerer
from index.embedding import Embedder
from index.generations import Generations
from index.indexer import Indexer, Report
from index.lexical import Analyzer
from index.library import CurrentLibrary, Library, open_library
from index.types import Source
from tests.builders import HashEmbedder

LOAVES = "Loaves come out of the oven before dawn."


@dataclass
class Office:
    """A folder of documents, its index, and who uses them."""

    folder: Path
    embedder: HashEmbedder

    @property
    def seeds(self) -> Path:
        return self.folder / "seeds"

    @property
    def generations(self) -> Generations:
        return Generations(self.folder / "data" / "index")

    def sync(self, *, full: bool = False, embedder: Embedder | None = None) -> Report:
        return self.indexer(embedder or self.embedder).sync(full=full)

    def indexer(self, embedder: Embedder) -> Indexer:
        return Indexer(
            seeds=self.seeds,
            generations=self.generations,
            vectors=self.folder / "data" / "vectors.sqlite",
            embedder=embedder,
            analyzer=Analyzer(),
        )

    def library(self) -> Library:
        return open_library(self.generations.current(), analyzer=Analyzer())

    def sources(self) -> dict[str, Source]:
        library = self.library()
        library.close()
        return {source.document: source for source in library.manifest.sources()}

    @contextmanager
    def answerer(self) -> Iterator[Answerer]:
        """A reader who has just come."""
        library = CurrentLibrary(self.generations, open_folder=partial(open_library, analyzer=Analyzer()))
        answerer = Answerer(library=library, embedder=self.embedder, analyzer=Analyzer())
        try:
            yield answerer
        finally:
            answerer.close()

    def best_quote(self, question: str) -> str:
        """The sentence that comes first, whether it answers or is only the closest."""
        with self.answerer() as answerer:
            answer = answerer.answer(question)
        return next(each.text for each in (*(citation.quote for citation in answer.citations), *answer.closest))

    def still_answers(self) -> bool:
        return self.best_quote("When do loaves come out of the oven?") == LOAVES
