"""The same question of the same index costs no tokens again."""

from dataclasses import replace
from pathlib import Path

import pytest

from config.settings import load_settings
from index.answer_cache import AnswerCache, Key
from index.answering import Answerer
from index.building import build_indexer
from index.types import Fallback
from index.wiring import build_answerer
from tests import llm
from tests.llm import LlmServer
from tests.model_world import QUESTION, saying
from tests.scripted import TEXTS, abstained

SAID = "The lamp was first lit in 1871. [{light}]"


def test_it_is_answered_from_memory_at_no_cost(model: LlmServer, model_answerer: Answerer) -> None:
    model.answer_by(saying(SAID))
    first, second = model_answerer.answer(QUESTION), model_answerer.answer(f" {QUESTION}\n")
    assert first.writing
    assert second.writing
    assert first.writing.tokens > 100
    assert second.writing.tokens == 0
    assert len(model.requests) == 1
    shared = {"question": "", "seconds": 0.0, "writing": None}
    assert replace(second, **shared) == replace(first, **shared)  # type: ignore[arg-type]
    assert second.question == f" {QUESTION}\n"


def test_another_question_is_asked(model: LlmServer, model_answerer: Answerer) -> None:
    model.answer_by(saying(SAID))
    model_answerer.answer(QUESTION)
    model_answerer.answer("What does the keeper do?")
    assert len(model.requests) == 2


def test_a_failure_is_not_kept(model: LlmServer, model_answerer: Answerer) -> None:
    model.fail(llm.ServerError())
    model.answer_by(saying(SAID))
    answers = [model_answerer.answer(QUESTION) for _ in range(2)]
    assert [each.writing and each.writing.fallback for each in answers] == [Fallback.UNREACHABLE, None]


def test_quotation_is_neither_kept_nor_answered_from_it(model: LlmServer, model_answerer: Answerer) -> None:
    model.answer_by(saying(SAID))
    assert model_answerer.answer(QUESTION, write=False).writing is None
    assert not model.requests
    model_answerer.answer(QUESTION)
    assert len(model.requests) == 1
    assert model_answerer.answer(QUESTION, write=False).writing is None


def test_a_new_generation_is_asked_anew(model: LlmServer, tmp_path: Path) -> None:
    model.answer_by(lambda request: llm.Reply("The lamp was first lit in 1871."))
    folders = {"seeds_dir": tmp_path / "seeds", "data_dir": tmp_path / "data"}
    folders["seeds_dir"].mkdir()
    light = folders["seeds_dir"] / "light.txt"
    light.write_text(TEXTS["keeping-the-light.txt"], encoding="utf-8")
    settings = load_settings(
        llm_base_url=model.url, llm_model=model.model, llm_api_key=model.key, reader=False, **folders
    )
    indexer = build_indexer(settings)
    indexer.sync()
    answerer = build_answerer(settings)
    answerer.answer(QUESTION)
    light.write_text(f"{TEXTS['keeping-the-light.txt']}\nThe tower is white.\n", encoding="utf-8")
    indexer.sync()
    answerer.answer(QUESTION)
    answerer.answer(QUESTION)
    answerer.close()
    assert len(model.requests) == 2


@pytest.mark.parametrize(("most", "known"), [(2, {"b", "c"}), (3, {"a", "b", "c"})])
def test_the_least_recently_asked_goes_first(most: int, known: set[str]) -> None:
    cache = AnswerCache(most)
    keys = {name: Key(name, "1", "m") for name in "abc"}
    for name in "ab":
        cache.put(keys[name], abstained(name))
    cache.get(keys["a"])
    cache.get(keys["b"])
    cache.put(keys["c"], abstained("c"))
    assert {name for name in "abc" if cache.get(keys[name])} == known


def test_each_model_has_its_own() -> None:
    cache = AnswerCache()
    cache.put(Key("a", "1", "m"), abstained("a"))
    assert cache.get(Key("a", "1", "n")) is None
    assert cache.get(Key("a", "2", "m")) is None
