"""Documents that give orders move no word of an answer, also where the model obeys them. docs/decisions/0016 has the
figures."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.console.paint import plain
from bot.followups import Turn, standalone
from bot.languages import ENGLISH
from bot.pages import Page
from bot.render import answer_page, citation_head, source_line
from bot.telegram.markup import to_entities
from config import Settings
from config.settings import load_settings
from index.answering import Answerer
from index.building import build_indexer
from index.orders import plain as plainly
from index.prose.offer import RULES, offer
from index.types import MARKER, Answer, Chunk, Fallback, Passage, Source, Span
from index.wiring import build_answerer
from tests.injected import QUOTED, Injected, injected, lay_out, saying
from tests.llm import LlmServer

INJECTED = [pytest.param(each, id=f"{each.kind}, {each.name}") for each in injected()]
OWN_ADDRESSES = {"https://birds.example/hide"}
"""Those that documents give as their own."""

MARKED = re.compile(r"(.*?)((?:\s*\[(?:\d+|\?)\])+)", re.DOTALL)
ESCAPES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
ADDRESSES = re.compile(r"\w+://\S+|\b[\w-]+\.(?:example|app|com)\b|@\w{4,}|\+?\d[\d -]{8,}\d", re.IGNORECASE)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folders = {"seeds_dir": tmp_path_factory.mktemp("seeds"), "data_dir": tmp_path_factory.mktemp("data")}
    lay_out(injected(), folders["seeds_dir"])
    report = build_indexer(load_settings(**folders)).sync()
    assert not report.left_out
    return folders


@pytest.fixture(scope="module")
def server() -> Iterator[LlmServer]:
    with LlmServer() as server:
        yield server
        assert not server.violations


@pytest.fixture(scope="module")
def settings(server: LlmServer, folders: dict[str, Path]) -> Settings:
    return load_settings(
        llm_base_url=server.url, llm_model=server.model, llm_api_key=server.key, reader=False, **folders
    )


@pytest.fixture(scope="module")
def answerers(settings: Settings) -> Iterator[list[Answerer]]:
    """One for each reply and each way with what is unsupported: an answer is kept, and not asked for again."""
    made = [
        build_answerer(settings.model_copy(update={"unsupported": way})) for way in ("remove", "mark", "remove", "mark")
    ]
    yield made
    for each in made:
        each.close()


Asked = Callable[[Injected], list[Answer]]


@pytest.fixture
def asked(server: LlmServer, answerers: list[Answerer]) -> Asked:
    """Its question answered by a model that obeys, and by one that half obeys; each with what is unsupported left out
    and marked."""

    def ask(each: Injected) -> list[Answer]:
        answers = []
        for answerer, reply in zip(answerers, (each.obeys, each.obeys, each.half, each.half), strict=True):
            server.answer_by(saying(reply, after=each.says))
            answers.append(answerer.answer(each.question))
        return answers

    return ask


@pytest.mark.parametrize("each", INJECTED)
def test_no_document_moves_a_word_of_the_answer(each: Injected, asked: Asked) -> None:
    answers = asked(each)
    for answer in answers:
        assert not each.shows_forbidden(answer.text)
        assert not repeated_rules(answer.text)
        assert not ADDRESSES.search(answer.text)
        assert stands(answer)
        assert not strange_links(answer_page(answer))
    assert all(tells(answer, each) for answer in answers[2:]), "what the document says is told all the same"


def tells(answer: Answer, each: Injected) -> bool:
    """Most of the words of the sentence that answers, from its document; the model's words, or by quotation."""
    words = set(re.findall(r"\w{4,}", each.says.lower()))
    told = words & set(re.findall(r"\w{4,}", answer.text.lower()))
    return len(told) >= 0.6 * len(words) and answer.citations[0].quote.source.document == each.name


def stands(answer: Answer) -> bool:
    """Whether every marked stretch of the text holds no word but those of the quotes that it is cited from."""
    quotes = {citation.number: citation.quote.text for citation in answer.citations}
    for said, marks in MARKED.findall(answer.text):
        cited = " ".join(quotes[int(number)] for number in MARKER.findall(marks)).lower()
        if not all(stem(word) in cited for word in re.findall(r"\w{4,}", said.lower())):
            return False
    return bool(quotes) or not MARKER.search(answer.text)


def stem(word: str) -> str:
    return word[: max(4, len(word) - 2)]


def repeated_rules(text: str) -> bool:
    rules, said = (re.findall(r"\w+", each.lower()) for each in (RULES, text))
    rows = {" ".join(rules[at : at + 5]) for at in range(len(rules) - 4)}
    return any(row in " ".join(said) for row in rows)


def strange_links(page: Page) -> list[str]:
    """What a chat would make a link of, beside the documents' own addresses and what stands in their quotes."""
    text = page.text
    for style in page.styles:
        if style.kind == "code":  # no chat looks for addresses there
            text = text[: style.start] + " " * (style.end - style.start) + text[style.end :]
    styled = [each.url for each in to_entities(page) if each.url]
    return [url for url in (*styled, *ADDRESSES.findall(QUOTED.sub("", text))) if url not in OWN_ADDRESSES]


@pytest.mark.parametrize("each", INJECTED)
def test_no_document_writes_what_parts_the_passages(each: Injected) -> None:
    source = Source(each.name, each.text[:100])
    chunk = Chunk("en-1", Span(each.text, 0, len(each.text)), source, (each.text[:200],))
    told = offer(each.question, [Passage(chunk, 1.0)]).messages()[1].content
    found = re.fullmatch(r'<passage id="\w{4}" title="(.*?)">\n(.*)\n</passage>\n\nQuestion: .*', told, re.DOTALL)
    assert found
    title, text = found.groups()
    assert not re.search(r"<\s*/?\s*[a-z|]", plainly(title + text), re.IGNORECASE)
    assert '"' not in title


def test_titles_headings_and_names_of_files_make_no_links(answerers: list[Answerer]) -> None:
    for each in injected():
        answer = answerers[0].answer(each.question, write=False)
        for citation in answer.citations:
            head = citation_head(citation, ENGLISH)
            assert not strange_links(head)
            assert not strange_links(source_line(citation, ENGLISH))
            assert not ESCAPES.search(plain(head))


@pytest.mark.parametrize("each", INJECTED)
def test_a_quotation_is_what_stands_there_and_a_follow_up_takes_no_orders(
    each: Injected, answerers: list[Answerer]
) -> None:
    answer = answerers[0].answer(each.question, write=False)
    assert stands(answer)
    for asking in ("Why?", "And in 2021?", "How long is it?", "А почему?"):
        assert not each.shows_forbidden(standalone(asking, [Turn.of(answer)]))


def test_a_model_that_a_document_silences_is_not_believed(server: LlmServer, answerers: list[Answerer]) -> None:
    rink = next(each for each in injected() if each.kind == "nothing found")
    server.answer_by(lambda request: "NOTHING FOUND")
    answer = answerers[2].answer(f"{rink.question} Please.")
    assert "November" in answer.text
    assert answer.writing
    assert answer.writing.fallback is Fallback.NONSENSE
