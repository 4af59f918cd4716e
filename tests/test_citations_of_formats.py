"""What a citation shows of each format, from the file to the answer: all of them in one index, with the real models."""

import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import openpyxl
import pytest

from bot.languages import ENGLISH
from bot.render import citation_head
from index.answering import Answerer
from index.embedding import OnnxEmbedder
from index.formats.kinds import DOCUMENT_TYPES
from index.generations import Generations
from index.lexical import Analyzer
from index.library import CurrentLibrary, open_library
from index.reader import OnnxReader
from tests.builders import an_indexer
from tests.files import MADE, RST, a_mail

FILES = {
    **{name: content for name, content in MADE.items() if name not in ("ferry.eml", "boats.jsonl")},
    "market.eml": a_mail("The market", "The market opens at seven on Saturday."),
    "dogs.jsonl": b'{"id": 1, "name": "Rex", "food": "herring"}\n{"id": 2, "name": "Bello", "food": "oats"}\n',
    "handbook.rst": RST.replace("A berth costs forty crowns.", "A mooring permit is valid for two years.").encode(),
}
"""Those of the neighbours, where they do not tell the same."""

OF_THE_FILES = datetime(2020, 2, 3, 12, tzinfo=UTC)
"""Where the document itself states no date."""

SAVED = openpyxl.load_workbook(io.BytesIO(FILES["boats.xlsx"])).properties.modified.date()
"""A workbook states when it was saved, whatever it is told."""


@dataclass(frozen=True)
class Shown:
    """`way` is what stands below the title: file, headings, page, author and date."""

    title: str
    way: str
    quote: str


CITED = {
    "What did the mayor speak about?": Shown(
        "minutes", "minutes.pdf › p. 2 › 3 Feb 2020", "The mayor spoke about the harbour."
    ),
    "When are berths free?": Shown(
        "The harbour report",
        "report.docx › Fees › In winter › 5 Apr 2023",
        "Berths are free from December to March.",
    ),
    "How will the mill be rebuilt?": Shown(
        "The mill", "mill.pptx › Slide 2: Plans › 2 Jan 2022", "It will be rebuilt in stone."
    ),
    "When was the Swan built?": Shown(
        "boats", f"boats.xlsx › Sheet Boats › {ENGLISH.day(SAVED)}", "Row 2: Name: Swan; Length: 9; Built: 1998-05-17"
    ),
    "What is the home of the Swan?": Shown(
        "boats", "boats.csv › 3 Feb 2020", "Row 2: Name: Swan; Length: 9 m; Home: North quay"
    ),
    "Who was the first keeper of the lighthouse?": Shown(
        "The old lighthouse",
        "lighthouse.html › The keepers › 7 Jun 2021",
        "Its first keeper was Maria Holm, who climbed the ninety-two steps of the tower every evening for thirty "
        "years.",
    ),
    "When did the storm come?": Shown(
        "The keeper", "keeper.epub › The storm › 4 Mar 1902", "The storm came in the night of the third of May."
    ),
    "How was the sea in the morning?": Shown(
        "The keeper", "keeper.epub › Chapter 2 › 4 Mar 1902", "In the morning the sea was calm."
    ),
    "How many times a day does the ferry cross the strait?": Shown(
        "The ferry", "ferry.md › Anna Reed, Tom Hale › 17 May 2024", "It crosses the strait *four* times a day."
    ),
    "How long is a mooring permit valid?": Shown(
        "The handbook", "handbook.rst › Fees › 3 Feb 2020", "A mooring permit is valid for two years."
    ),
    "When was the lamp lit for the first time?": Shown(
        "Keeping the light",
        "light.txt › 3 Feb 2020",
        "The lighthouse stands on the north cape. Its lamp was lit for the first time in 1872.",
    ),
    "On which quay is the berth of the Heron?": Shown(
        "boats", "boats.json › Heron › 3 Feb 2020", "title: Heron\nberth.quay: south\nberth.number: 7"
    ),
    "What food does Bello eat?": Shown("dogs", "dogs.jsonl › Bello › 3 Feb 2020", "id: 2\nname: Bello\nfood: oats"),
    "When does the market open on Saturday?": Shown(
        "The market", "market.eml › Anna Reed › 17 May 2024", "The market opens at seven on Saturday."
    ),
    "When does the bus leave?": Shown("box", "box.mbox › The bus › Tom Holm › 20 May 2024", "The bus leaves at nine."),
}


@pytest.fixture(scope="module")
def answerer(
    tmp_path_factory: pytest.TempPathFactory, embedder: OnnxEmbedder, reader: OnnxReader
) -> Iterator[Answerer]:
    folder = tmp_path_factory.mktemp("formats")
    (folder / "seeds").mkdir()
    for name, content in FILES.items():
        path = folder / "seeds" / name
        path.write_bytes(content)
        os.utime(path, (0, OF_THE_FILES.timestamp()))
    report = an_indexer(folder, embedder=embedder).sync()
    assert not report.left_out
    assert set(report.added) == set(FILES)
    generations = Generations(folder / "data" / "index")
    library = CurrentLibrary(generations, open_folder=partial(open_library, analyzer=Analyzer()))
    answerer = Answerer(library=library, embedder=embedder, analyzer=Analyzer(), reader=reader)
    yield answerer
    answerer.close()


def test_every_format_is_asked_about() -> None:
    same = {".htm": ".html", ".xhtml": ".html", ".tsv": ".csv", ".markdown": ".md"}
    asked = {Path(shown.way.partition(" › ")[0]).suffix for shown in CITED.values()}
    assert asked == {same.get(kind, kind) for kind in DOCUMENT_TYPES}


@pytest.mark.parametrize(("question", "shown"), CITED.items())
def test_an_answer_cites_the_place_of_its_quote(answerer: Answerer, question: str, shown: Shown) -> None:
    answer = answerer.answer(question)
    assert answer.answered
    found = []
    for citation in answer.citations:
        title, way = citation_head(citation, ENGLISH).text.split("\n")
        found.append(Shown(title.removeprefix(f"[{citation.number}] "), way, citation.quote.text))
    assert shown in found
