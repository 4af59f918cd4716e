"""The parts put together from the settings: the only place in index/ that knows them."""

from functools import partial

from config import Settings
from index.answering import Answerer
from index.confidence import bounds_for
from index.embedding import OnnxEmbedder
from index.generations import Generations
from index.lexical import Analyzer
from index.library import CurrentLibrary, open_library
from index.manifest import Recipe
from index.reader import OnnxReader


def generations_of(settings: Settings) -> Generations:
    return Generations(settings.data_dir / "index")


def build_answerer(settings: Settings) -> Answerer:
    """Raises ModelError; that there is no index shows with the first question."""
    analyzer, embedder = Analyzer(), OnnxEmbedder()
    recipe = Recipe(embedder.fingerprint, embedder.dimension)
    open_folder = partial(open_library, analyzer=analyzer, recipe=recipe)
    library = CurrentLibrary(generations_of(settings), open_folder=open_folder)
    reader = OnnxReader() if settings.reader else None
    return Answerer(
        library=library,
        embedder=embedder,
        analyzer=analyzer,
        reader=reader,
        max_quotes=settings.max_quotes,
        bounds=bounds_for(settings.max_wrong),
    )
