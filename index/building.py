"""The indexer put together from the settings, apart from wiring so that asking need not load what reads documents."""

from config import Settings
from index.indexer import Indexer
from index.lexical import Analyzer
from index.pages import WebPages
from index.wiring import build_embedder, generations_of


def build_indexer(settings: Settings) -> Indexer:
    """Raises ModelError."""
    return Indexer(
        seeds=settings.seeds_dir,
        generations=generations_of(settings),
        vectors=settings.data_dir / "vectors.sqlite",
        embedder=build_embedder(settings),
        analyzer=Analyzer(),
        pages=WebPages(settings.data_dir / "pages"),
    )
