"""The parts put together from the settings: the only place in index/ that knows them."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from config import Settings
from index.answering import Answerer
from index.chroma_server import Address, ChromaServer
from index.embedding import BUILT_IN, EVERY_LANGUAGE, Embedder, Languages, OnnxEmbedder
from index.embedding_fastembed import FastembedEmbedder
from index.embedding_folder import FolderEmbedder
from index.embedding_prefixes import PrefixedEmbedder, Prefixes, known_prefixes
from index.embedding_server import ServerEmbedder
from index.errors import ModelError
from index.following import FollowingLibrary
from index.generations import Generations
from index.lexical import Analyzer
from index.library import CurrentLibrary, Library, open_library
from index.manifest import recipe_of
from index.reader import OnnxReader
from index.shared import SharedGenerations
from index.writer import Writer
from index.writer_anthropic import anthropic_writer
from index.writer_server import openai_writer

NAME = re.compile(r"\w[\w.-]*/[\w.-]+")
"""A model's name as fastembed and Hugging Face have them: its owner's and its own."""


def generations_of(settings: Settings) -> Generations:
    """With CHROMA_URL those on that server, where nothing is asked for yet."""
    if address := server_of(settings):
        return SharedGenerations(settings.data_dir / "shared", server=ChromaServer(address), analyzer=Analyzer())
    return Generations(settings.data_dir / "index")


def server_of(settings: Settings) -> Address | None:
    """None where the index is in the data folder."""
    if settings.chroma_url is None:
        return None
    token = settings.chroma_token
    return Address(
        str(settings.chroma_url),
        token=token.get_secret_value() if token else None,
        tenant=settings.chroma_tenant,
        database=settings.chroma_database,
        prefix=settings.chroma_prefix,
    )


def build_answerer(settings: Settings) -> Answerer:
    """Raises ModelError; that there is no index shows with the first question."""
    analyzer, embedder = Analyzer(), build_embedder(settings)
    generations = generations_of(settings)
    open_generation = partial(open_library, analyzer=analyzer, recipe=recipe_of(embedder), stores=generations.stores)
    library = current_library(generations, open_folder=open_generation)
    reader = OnnxReader() if settings.reader else None
    return Answerer(
        library=library,
        embedder=embedder,
        analyzer=analyzer,
        reader=reader,
        max_quotes=settings.max_quotes,
        max_wrong=settings.max_wrong,
        writer=build_writer(settings),
        mark=settings.unsupported == "mark",
    )


def current_library(generations: Generations, *, open_folder: Callable[[Path], Library]) -> CurrentLibrary:
    if isinstance(generations, SharedGenerations):
        return FollowingLibrary(generations, open_folder=open_folder)
    return CurrentLibrary(generations, open_folder=open_folder)


def build_writer(settings: Settings) -> Writer | None:
    """None where there is no language model: answers are by quotation then. Raises ModelError."""
    model, seconds = settings.llm_model, settings.llm_timeout
    address = str(settings.llm_base_url) if settings.llm_base_url else None
    key = settings.llm_api_key.get_secret_value() if settings.llm_api_key else None
    if settings.llm_provider == "anthropic" and model and key:
        return anthropic_writer(address, model=model, key=key, timeout_seconds=seconds)
    if address and model:
        return openai_writer(address, model=model, key=key, timeout_seconds=seconds)
    return None


def build_embedder(settings: Settings) -> Embedder:
    """The model of EMBED_MODEL, each text marked as it wants it. Raises ModelError."""
    embedder = open_model(settings)
    prefixes = prefixes_of(settings, known_prefixes(embedder.name))
    return embedder if prefixes == Prefixes() else PrefixedEmbedder(embedder, prefixes)


def open_model(settings: Settings) -> Embedder:
    languages = languages_of(settings)
    if settings.embed_base_url and settings.embed_model:
        key = settings.embed_api_key
        return ServerEmbedder(
            str(settings.embed_base_url),
            model=settings.embed_model,
            key=key.get_secret_value() if key else None,
            languages=languages or EVERY_LANGUAGE,
        )
    if settings.embed_model in (None, BUILT_IN.name):
        return OnnxEmbedder(languages=languages)
    folder = Path(settings.embed_model).expanduser()
    if folder.is_dir():
        return open_folder(folder, languages)
    if not NAME.fullmatch(settings.embed_model):
        raise ModelError(f"There is no folder {folder}. EMBED_MODEL takes {takes('embed_model')}.")
    return FastembedEmbedder(
        settings.embed_model, cache=settings.data_dir / "models", languages=languages or EVERY_LANGUAGE
    )


def open_folder(folder: Path, languages: Languages | None) -> Embedder:
    """One with model.json is as tools/ makes them."""
    if (folder / "model.json").exists():
        return OnnxEmbedder(folder, languages=languages)
    return FolderEmbedder(folder, languages=languages or EVERY_LANGUAGE)


def takes(setting: str) -> str | None:
    return Settings.model_fields[setting].description


def languages_of(settings: Settings) -> Languages | None:
    """None where the model is to say it."""
    return EVERY_LANGUAGE if "*" in settings.embed_languages else settings.embed_languages or None


def prefixes_of(settings: Settings, known: Prefixes) -> Prefixes:
    asked = {"question": settings.embed_query_prefix, "passage": settings.embed_passage_prefix}
    return replace(known, **{name: prefix for name, prefix in asked.items() if prefix is not None})
