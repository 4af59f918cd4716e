"""Answers through a gateway to language models that others wrote (LiteLLM), over the wire."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from config import Settings, load_settings
from index.types import Answer, Fallback
from index.wiring import build_answerer
from tests.litellm_proxy import LiteLlm, whole_environment
from tests.model_world import LIT, QUESTION
from tests.test_doctor import found

pytestmark = [
    pytest.mark.timeout(180),
    pytest.mark.skipif(not whole_environment(), reason="LiteLLM is not installed; `make litellm` does it"),
]

LIGHT, BRIDGE = "light-1", "bridge-1"
MODELS = {
    LIGHT: "The lamp was first lit in 1871. It cost a fortune in gold coins. Boats show a lantern after sunset.",
    BRIDGE: "The old bridge was opened on 4 May 1902.",
}
FIRST = "The lamp was first lit in 1871. [1]"


@pytest.fixture(scope="module")
def litellm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiteLlm]:
    with LiteLlm(tmp_path_factory.mktemp("litellm"), MODELS) as litellm:
        yield litellm


@pytest.fixture
def settings(litellm: LiteLlm, model_folders: dict[str, Path]) -> Settings:
    return load_settings(
        llm_base_url=litellm.url, llm_model=LIGHT, llm_api_key=litellm.key, reader=False, **model_folders
    )


def asked(settings: Settings, heard: list[str] | None = None) -> Answer:
    answerer = build_answerer(settings)
    try:
        return answerer.answer(QUESTION, hear=None if heard is None else heard.append)
    finally:
        answerer.close()


def fallback(answer: Answer) -> Fallback | None:
    assert answer.writing
    return answer.writing.fallback


def test_a_cited_answer_comes_bit_by_bit(settings: Settings) -> None:
    heard: list[str] = []
    answer = asked(settings, heard)
    assert heard[0] == FIRST
    assert answer.text == f"{FIRST} Boats show a lantern after sunset. [2]"
    assert [each.quote.text for each in answer.citations] == [LIT, "Every boat shows a lantern after sunset."]
    assert answer.writing
    assert (answer.writing.model, answer.writing.fallback, answer.writing.left_out) == (LIGHT, None, 1)


def test_a_wrong_key_is_refused_and_so_is_a_model_that_it_does_not_have(settings: Settings) -> None:
    wrong_key = load_settings(**settings.model_dump() | {"llm_api_key": "sk-of-somebody"})
    for wrong in (wrong_key, settings.model_copy(update={"llm_model": "nobody-1"})):
        answer = asked(wrong)
        assert answer.text.startswith(LIT)
        assert fallback(answer) is Fallback.REFUSED


def test_the_doctor_tries_it(settings: Settings) -> None:
    (finding,) = found("language model", settings.model_copy(update={"llm_model": BRIDGE}))
    assert (finding.ok, finding.sentence.startswith(f"{BRIDGE} wrote a cited answer in ")) == (True, True)


def test_a_gateway_that_has_gone_leaves_quotations(
    settings: Settings, tmp_path: Path, model_folders: dict[str, Path]
) -> None:
    with LiteLlm(tmp_path, MODELS) as own:
        there = settings.model_copy(update={"llm_base_url": own.url})
        assert fallback(asked(there)) is None
    answer = asked(there)
    assert answer.text.startswith(LIT)
    assert fallback(answer) is Fallback.UNREACHABLE
