"""The parts put together from the settings: the only place in index/ that knows them."""

from functools import partial

from config import Settings
from index.answering import Answerer
from index.embedding import OnnxEmbedder
from index.generations import Generations
from index.lexical import Analyzer
from index.library import CurrentLibrary, open_library


def generations_of(settings: Settings) -> Generations:
    return Generations(settings.data_dir / "index")


def build_answerer(settings: Settings) -> Answerer:
    """Raises ModelError; that there is no index shows with the first question."""
    analyzer = Analyzer()
    library = CurrentLibrary(generations_of(settings), open_folder=partial(open_library, analyzer=analyzer))
    return Answerer(library=library, embedder=OnnxEmbedder(), analyzer=analyzer, max_quotes=settings.max_quotes)
