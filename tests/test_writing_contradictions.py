"""What else is cited where a language model wrote: the other side of a contradiction, and the newer document."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import load_settings
from index.answering import Answerer
from index.building import build_indexer
from index.stop import Stop
from index.types import Disagreement, NewerCited, Said
from index.wiring import build_answerer
from tests.builders import plant
from tests.llm import Gate, LlmServer, Reply, Request

MOORING = "How much does mooring cost a night?"
FERRY = "How often does the ferry cross the strait?"
OLD = "Mooring costs 40 euros a night."
NEW = "Mooring costs 55 euros a night."
DOCUMENTS = {
    "Rules 2021.md": f"# Harbour rules\n\nEvery boat shows a lantern after sunset. {OLD}\n",
    "Rules 2023.md": f"# Harbour rules\n\nNets are mended on the east quay. {NEW}\n",
    "timetable.md": "# Timetable\n\nThe ferry crosses the strait four times a day. A bicycle travels free of charge.\n",
    "guide.md": "# Visitor guide\n\nThe ferry crosses the strait six times a day. The bakery opens before dawn.\n",
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("contradictions")
    plant(folder / "seeds", DOCUMENTS)
    folders = {"seeds_dir": folder / "seeds", "data_dir": folder / "data"}
    build_indexer(load_settings(**folders)).sync()
    return folders


@pytest.fixture
def answerer(model: LlmServer, folders: dict[str, Path]) -> Iterator[Answerer]:
    settings = load_settings(llm_base_url=model.url, llm_model=model.model, llm_api_key=model.key, **folders)
    answerer = build_answerer(settings)
    yield answerer
    answerer.close()


def writes(model: LlmServer, *sentences: str, gate: Gate | None = None) -> None:
    """Each with the id of the passage in which it stands."""

    def reply(request: Request) -> Reply:
        said = " ".join(f"{each} [{passage_id(request, each)}]" for each in sentences)
        return Reply(f"QUOTES\nANSWER\n{said}", gate=gate)

    model.answer_by(reply)


def passage_id(request: Request, sentence: str) -> str:
    passages = re.findall(r'<passage id="(\w+)"[^>]*>(.*?)</passage>', request.text, re.DOTALL)
    return next((id for id, text in passages if sentence in text), "none")


def documents(answerer: Answerer, question: str) -> tuple[str, list[str]]:
    answer = answerer.answer(question)
    return answer.text, [each.quote.source.document for each in answer.citations]


def test_what_a_newer_document_says_instead_is_quoted_behind_it(model: LlmServer, answerer: Answerer) -> None:
    writes(model, OLD)
    answer = answerer.answer(MOORING)
    assert answer.text == f"{OLD} [1] “{NEW}” [2]"
    assert [each.quote.source.document for each in answer.citations] == ["Rules 2021.md", "Rules 2023.md"]
    assert answer.notes == (NewerCited(2, (1,), (Said(1, "40 euros"), Said(2, "55 euros"))),)
    used = {passage.source.document: fate.quotes for passage, fate in zip(answer.passages, answer.fates, strict=True)}
    assert (used["Rules 2021.md"], used["Rules 2023.md"]) == ((1,), (2,))


def test_so_is_what_contradicts_without_being_newer(model: LlmServer, answerer: Answerer) -> None:
    writes(model, "The ferry crosses the strait six times a day.")
    answer = answerer.answer(FERRY)
    assert answer.text == (
        "The ferry crosses the strait six times a day. [1] “The ferry crosses the strait four times a day.” [2]"
    )
    assert answer.notes == (Disagreement((Said(1, "six times"), Said(2, "four times"))),)


def test_what_the_model_cites_itself_is_not_quoted_again(model: LlmServer, answerer: Answerer) -> None:
    writes(model, OLD, NEW)
    assert documents(answerer, MOORING) == (f"{OLD} [1] {NEW} [2]", ["Rules 2021.md", "Rules 2023.md"])


def test_nothing_is_added_to_the_newest(model: LlmServer, answerer: Answerer) -> None:
    writes(model, "Nets are mended on the east quay.")
    assert documents(answerer, "Where are nets mended?")[1] == ["Rules 2023.md"]


def test_nothing_is_added_where_it_was_stopped(model: LlmServer, answerer: Answerer) -> None:
    gate, stop = Gate(), Stop()
    writes(model, OLD, "And more.", "And more.", gate=gate)
    gate.send(14)
    answer = answerer.answer(MOORING, hear=lambda _: stop.give(), stop=stop)
    assert answer.writing
    assert answer.writing.stopped
    assert answer.text == f"{OLD} [1]"
