"""What admins are shown of the documents."""

from datetime import UTC, datetime

from bot.gaps import Asked, Gap
from bot.languages import ENGLISH, say_in
from bot.library_pages import (
    arrived_page,
    forgotten_page,
    gaps_page,
    progress_page,
    rebuilt_page,
    status_page,
)
from bot.spending import Spent, Today
from index.indexer import Report
from index.types import LeftOut
from tests.scripted import ScriptedAnswers

REPORT = Report(
    added=("inbox/a.md",),
    updated=("b.md",),
    removed=("c.md",),
    renamed=(("d.md", "e.md"),),
    unchanged=1000,
    left_out=(LeftOut("f.pdf", "holds no text"),),
    chunks=12345,
    embedded=3,
    published=True,
    seconds=2.34,
)
HOLDING = "Documents: 1,003, passages: 12,345. It took 2.3 s."


def test_what_arrived_is_told_with_what_did_not() -> None:
    page = arrived_page(["inbox/a.md"], [("x.exe", "I can't read it.")], REPORT, ENGLISH)
    assert page.text == (
        "Added\n• inbox/a.md\n\nNot taken\n• x.exe: I can't read it.\n\n"
        f"{HOLDING}\n\n/forget with a name removes a document again."
    )
    assert arrived_page([], [("x", "No.")], REPORT, ENGLISH).text == f"Not taken\n• x: No.\n\n{HOLDING}"


def test_a_rebuild_tells_everything() -> None:
    assert rebuilt_page(REPORT, ENGLISH).text == (
        "Added\n• inbox/a.md\n\nChanged\n• b.md\n\nRemoved\n• c.md\n\nRenamed\n• d.md → e.md\n\n"
        f"Left out\n• f.pdf: holds no text\n\n{HOLDING}"
    )
    nothing = Report((), (), (), (), 3, (), 9, 0, published=False, seconds=0.04)
    assert rebuilt_page(nothing, ENGLISH).text == ("Nothing had changed.\n\nDocuments: 3, passages: 9. It took 0.0 s.")


def test_a_long_list_ends_in_a_number() -> None:
    page = arrived_page([f"inbox/{number}.md" for number in range(25)], [], REPORT, ENGLISH)
    assert "• inbox/19.md\n… and 5 more.\n" in page.text


def test_a_forgotten_document_is_named() -> None:
    assert forgotten_page("inbox/a.md", REPORT, ENGLISH).text == f"I have forgotten inbox/a.md.\n\n{HOLDING}"


def test_progress_is_told_by_its_stage() -> None:
    said = [progress_page(stage, 1200, 5000, ENGLISH).text for stage in ("reading", "embedding", "other")]
    assert said == [
        "I am reading the documents: 1,200 of 5,000 …",
        "I am learning the passages: 1,200 of 5,000 …",
        "I am reading what is new …",
    ]


def test_the_status_tells_an_admin_what_is_left_out() -> None:
    status = ScriptedAnswers().status()
    counts = "Documents: 2\nPassages: 5\nLanguages: en\nAs of: 23 Nov 2024, 11:42"
    assert status_page(status, ENGLISH, to_admin=False).text == counts
    assert status_page(status, ENGLISH, to_admin=True).text == f"{counts}\n\nLeft out\n• photo.txt: it is not text"
    assert datetime(2024, 11, 23, tzinfo=UTC).strftime("%d") in status_page(status, say_in("ru"), to_admin=False).text


def test_the_status_tells_what_the_model_cost_between_the_counts_and_what_is_left_out() -> None:
    status, yours, in_all = ScriptedAnswers().status(), Spent(1000, 234, 2), Spent(20_000, 50, 9)
    told = Today(model="m", yours=yours, in_all=in_all, most_in_all=30_000, people=4)
    page = status_page(status, ENGLISH, to_admin=True, today=told).text
    assert page.split("\n\n")[1:] == [
        "Language model: m\nYour tokens today: 1,234\nAll tokens today: 20,050 of 30,000, people: 4",
        "Left out\n• photo.txt: it is not text",
    ]


def test_gaps_are_told_with_how_many_asked() -> None:
    gap = Gap((Asked("a", "When\nis it?", 1), Asked("b", "When is it?", 2), Asked("c", "When is it?", 2)))
    title = "Not answered, or voted down, in the last 7 days"
    assert gaps_page([gap], 7, ENGLISH).text == f"{title}\n• 3× (2 asked): When is it?"
    assert gaps_page([], 7, ENGLISH).text.startswith("In the last 7 days I answered every question")
