"""Other embedding models, end to end: from the settings to an answer in another language than the question."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from config import Settings, load_settings
from index.building import build_indexer
from index.embedding import BUILT_IN, EVERY_LANGUAGE, OnnxEmbedder
from index.embedding_prefixes import PrefixedEmbedder
from index.embedding_server import PROBE
from index.errors import ModelError, OutdatedIndexError
from index.indexer import Report
from index.types import Answer
from index.wiring import build_answerer, build_embedder
from tests import bilingual
from tests.builders import plant
from tests.command_line import citegram
from tests.embeddings_server import KEY, MODEL, EmbeddingsServer

QUESTION = "When was the telescope installed?"
QUOTE, DOCUMENT = "Телескоп установили в 1931 году.", "обсерватория.txt"

Configure = Callable[..., Settings]


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddingsServer]:
    with EmbeddingsServer(models=(MODEL, "bilingual-e5-small", "another")) as server:
        yield server


@pytest.fixture
def configure(tmp_path: Path) -> Configure:
    """Settings for a folder with the three documents."""
    plant(tmp_path / "seeds")
    (tmp_path / "data").mkdir()

    def settings(**values: object) -> Settings:
        return load_settings(seeds_dir=tmp_path / "seeds", data_dir=tmp_path / "data", **values)

    return settings


def on(server: EmbeddingsServer, **values: object) -> dict[str, object]:
    return {"embed_base_url": server.address, "embed_model": MODEL, "embed_api_key": server.key} | values


def sync(settings: Settings) -> Report:
    return build_indexer(settings).sync()


def ask(settings: Settings, question: str = QUESTION) -> Answer:
    with closing(build_answerer(settings)) as answerer:
        return answerer.answer(question)


# An answer in another language


@pytest.mark.parametrize("reader", [True, False])
def test_a_question_is_answered_from_a_document_in_another_language(
    server: EmbeddingsServer, configure: Configure, reader: bool
) -> None:
    settings = configure(**on(server), reader=reader)
    assert sync(settings).chunks == 4
    answer = ask(settings)
    assert answer.passages[0].source.document == DOCUMENT
    assert answer.citations[0].quote.text == QUOTE


@pytest.mark.parametrize("reader", [True, False])
def test_and_the_other_way_round(server: EmbeddingsServer, configure: Configure, reader: bool) -> None:
    settings = configure(**on(server), reader=reader)
    sync(settings)
    answer = ask(settings, "Бесплатно ли перевозят велосипед?")
    assert answer.passages[0].source.document == "ferry.md"
    assert answer.citations[0].quote.text == "A bicycle travels free of charge."


def test_with_the_built_in_model_it_is_not(configure: Configure) -> None:
    sync(configure())
    answer = ask(configure())
    assert not answer.answered
    assert DOCUMENT not in {passage.source.document for passage in answer.passages}


def test_in_a_language_that_is_not_stated_words_alone_count(server: EmbeddingsServer, configure: Configure) -> None:
    settings = configure(**on(server), embed_languages="en")
    sync(settings)
    assert DOCUMENT not in {passage.source.document for passage in ask(settings).passages}


def test_from_the_command_line(server: EmbeddingsServer, configure: Configure) -> None:
    made = configure()
    environment: dict[str, str | Path] = {
        "SEEDS_DIR": made.seeds_dir,
        "DATA_DIR": made.data_dir,
        "EMBED_BASE_URL": server.address,
        "EMBED_MODEL": MODEL,
        "EMBED_API_KEY": KEY,
        "LOG_LEVEL": "DEBUG",
    }
    indexed, asked = citegram("index", settings=environment), citegram("ask", QUESTION, settings=environment)
    assert (indexed.status, asked.status) == (0, 0)
    assert QUOTE in asked.output
    assert f"embedder {MODEL}" in " ".join(citegram("status", settings=environment).output.split())
    assert KEY not in indexed.output + indexed.errors + asked.output + asked.errors


def test_from_a_folder(configure: Configure, tmp_path: Path) -> None:
    settings = configure(embed_model=str(bilingual.MODEL))
    sync(settings)
    answer = ask(settings)
    assert answer.passages[0].source.document == DOCUMENT
    assert answer.citations[0].quote.text == QUOTE
    shutil.copytree(bilingual.MODEL, tmp_path / "bilingual")
    moved = configure(embed_model=str(tmp_path / "bilingual"))
    assert ask(moved).answered
    with pytest.raises(OutdatedIndexError):
        ask(configure())


# What an index belongs to


def test_another_model_outdates_the_index_until_it_is_built_anew(
    server: EmbeddingsServer, configure: Configure
) -> None:
    sync(configure())
    settings = configure(**on(server))
    with pytest.raises(OutdatedIndexError, match="citegram index"):
        ask(settings)
    report = sync(settings)
    assert (report.published, report.embedded) == (True, report.chunks)
    assert ask(settings).answered
    with pytest.raises(OutdatedIndexError):
        ask(configure(**on(server, embed_model="another")))
    with pytest.raises(OutdatedIndexError):
        ask(configure())
    assert sync(configure()).embedded == 0


def test_the_model_is_the_same_at_another_address_and_with_another_key(
    server: EmbeddingsServer, configure: Configure
) -> None:
    sync(configure(**on(server)))
    with EmbeddingsServer(key="sk-another") as elsewhere:
        settings = configure(**on(elsewhere))
        assert ask(settings).answered
        assert not sync(settings).published
        assert elsewhere.texts.count(PROBE) == 2


def test_prefixes_are_sent_and_belong_to_the_index_where_they_change_it(
    server: EmbeddingsServer, configure: Configure
) -> None:
    e5 = on(server, embed_model="bilingual-e5-small")
    begin = len(server.texts)
    sync(configure(**e5))
    ask(configure(**e5))
    sent = [text for text in server.texts[begin:] if text != PROBE]
    assert [text for text in sent if not text.startswith("passage: ")] == [f"query: {QUESTION}"]
    assert ask(configure(**e5, embed_query_prefix="question:")).answered
    assert f"question: {QUESTION}" in server.texts
    plain = configure(**e5, embed_passage_prefix="none")
    with pytest.raises(OutdatedIndexError):
        ask(plain)
    assert sync(plain).embedded == 4
    assert not server.texts[-1].startswith("passage: ")


def test_other_languages_outdate_the_index_and_cost_no_vector(server: EmbeddingsServer, configure: Configure) -> None:
    sync(configure(**on(server)))
    fewer = configure(**on(server), embed_languages="en,ru")
    with pytest.raises(OutdatedIndexError):
        ask(fewer)
    assert sync(fewer).embedded == 0
    assert ask(fewer).answered


def test_a_server_that_fails_leaves_the_index_as_it_was(server: EmbeddingsServer, configure: Configure) -> None:
    settings = configure(**on(server))
    sync(settings)
    plant(settings.seeds_dir, {"new.txt": "The gate is green."})
    indexer = build_indexer(settings)
    server.fail(400)
    with pytest.raises(ModelError):
        indexer.sync()
    assert ask(settings).answered
    assert sync(settings).embedded == 1


# Which model a setting means


@pytest.mark.parametrize("name", [None, BUILT_IN.name])
def test_the_built_in_model(configure: Configure, name: str | None) -> None:
    embedder = build_embedder(configure(embed_model=name))
    assert isinstance(embedder, OnnxEmbedder)
    assert (embedder.name, embedder.languages) == (BUILT_IN.name, frozenset({"en"}))


def test_a_folder_of_our_own_kind(configure: Configure, tmp_path: Path) -> None:
    shutil.copytree(BUILT_IN, tmp_path / "mine")
    embedder = build_embedder(configure(embed_model=str(tmp_path / "mine")))
    assert isinstance(embedder, OnnxEmbedder)
    assert embedder.languages == frozenset({"en"})
    assert (
        build_embedder(configure(embed_model=str(tmp_path / "mine"), embed_languages="*")).languages is EVERY_LANGUAGE
    )


def test_a_folder_of_a_published_model(configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    shutil.copytree(bilingual.MODEL, tmp_path / "multilingual-e5-tiny")
    embedder = build_embedder(configure(embed_model="~/multilingual-e5-tiny"))
    assert (embedder.name, embedder.languages) == ("multilingual-e5-tiny", EVERY_LANGUAGE)
    assert isinstance(embedder, PrefixedEmbedder)
    assert not isinstance(build_embedder(configure(embed_model=str(bilingual.MODEL))), PrefixedEmbedder)


@pytest.mark.parametrize("name", ["/nowhere/model", "./model", "~/model", "../model"])
def test_a_folder_that_is_not_there(configure: Configure, name: str) -> None:
    with pytest.raises(ModelError, match=r"There is no folder .*model\. EMBED_MODEL takes a model's folder"):
        build_embedder(configure(embed_model=name))


def test_languages_that_are_set_come_before_those_that_the_model_states(configure: Configure) -> None:
    assert build_embedder(configure(embed_languages="en, de")).languages == frozenset({"en", "de"})
    assert build_embedder(configure(embed_languages="*")).languages is EVERY_LANGUAGE
