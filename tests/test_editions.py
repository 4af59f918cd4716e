"""Series of documents, and which of two is the newer: by what they state and how they are named, never by the file."""

from datetime import date
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.editions import Edition, Editions, compared, name_of, names_edition
from index.types import Source

FILE_DATES = [date(2026, 11, 24), date(2020, 1, 1)]
"""Those of the files, which must not matter: the older edition has the newer file."""


def an_edition(document: str, title: str = "", stated: date | None = None, *, file: date = FILE_DATES[0]) -> Edition:
    return Edition(Source(document, title or document.rpartition(".")[0], modified=stated or file), stated)


def in_order(older: str, newer: str) -> tuple[bool, bool]:
    """Whether the names make the second a newer edition of the first, and the first of the second."""
    editions = Editions([an_edition(older), an_edition(newer, file=FILE_DATES[1])])
    return editions.is_newer_edition(newer, older), editions.is_newer_edition(older, newer)


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("Minutes 2023-04.md", "Minutes 2023-05.md"),
        ("minutes_2022_12.md", "minutes_2023_01.md"),
        ("minutes-20230405.txt", "minutes-20230406.txt"),
        ("Minutes 5 April 2023.docx", "Minutes 12 April 2023.docx"),
        ("Minutes April 2023.docx", "Minutes May 2023.docx"),
        ("Протокол апрель 2023.docx", "Протокол май 2023.docx"),
        ("report 05.04.2023.pdf", "report 01.05.2023.pdf"),
        ("report Q4 2022.pdf", "report Q1 2023.pdf"),
        ("Handbook v2.md", "Handbook v3.md"),
        ("Handbook v2.9.md", "Handbook v2.10.md"),
        ("Handbook version 2.md", "Handbook version 2.1.md"),
        ("2nd edition of the rules.md", "3rd edition of the rules.md"),
        ("Rules 2021.md", "Rules 2023.pdf"),
        ("rules2021.md", "rules2023.md"),
        ("Правила 2021 года.md", "Правила 2023 года.md"),
        ("2021/rules.md", "2023/rules.md"),
        ("2021/minutes 7.md", "2022/minutes 1.md"),
    ],
)
def test_names_that_differ_in_a_date_or_version_tell_which_is_newer(older: str, newer: str) -> None:
    assert in_order(older, newer) == (True, False)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Rules 2021.md", "Rules 2021.pdf"),
        ("Rules 2021.md", "Minutes 2023.md"),
        ("Rules.md", "Rules 2023.md"),
        ("2021.md", "2023.md"),
        ("a/Rules 2021.md", "b/Rules 2023.md"),
        ("Chapter 1.md", "Chapter 2.md"),
        ("Room 12 rules.md", "Room 14 rules.md"),
        ("глава 1.md", "глава 2.md"),
        ("Newsletter 12.md", "Newsletter 13.md"),
        ("ferry.md", "bakery.md"),
        ("Minutes 2023.md", "Minutes 2023-05.md"),
    ],
)
def test_other_names_tell_nothing(one: str, other: str) -> None:
    assert in_order(one, other) == (False, False)


@pytest.mark.parametrize(("one", "other"), [("doc1.md", "doc2.md"), ("Source 1.txt", "Source 2.txt"), ("a.md", "b.md")])
def test_documents_that_are_merely_counted_are_no_series(one: str, other: str) -> None:
    assert not Editions([an_edition(one), an_edition(other)]).of_one_series(one, other)


def test_titles_make_a_series_too() -> None:
    one, other = an_edition("x.pdf", "Rules of 2021"), an_edition("y.pdf", "Rules of 2023")
    assert Editions([one, other]).is_newer_edition("y.pdf", "x.pdf")


def test_of_numbers_alone_the_dates_stated_tell() -> None:
    old, new = an_edition("News 12.md", stated=date(2023, 4, 1)), an_edition("News 13.md", stated=date(2023, 5, 1))
    assert Editions([old, new]).is_newer_edition("News 13.md", "News 12.md")
    old, new = an_edition("News 12.md", stated=date(2023, 5, 1)), an_edition("News 13.md", stated=date(2023, 4, 1))
    assert not Editions([old, new]).is_newer_edition("News 13.md", "News 12.md")
    assert not Editions([old, new]).is_newer_edition("News 12.md", "News 13.md")


def test_where_name_and_stated_date_contradict_neither_is_believed() -> None:
    old, new = (
        an_edition("Rules 2021.md", stated=date(2024, 1, 9)),
        an_edition("Rules 2023.md", stated=date(2023, 1, 9)),
    )
    editions = Editions([old, new])
    assert not editions.is_newer_edition("Rules 2023.md", "Rules 2021.md")
    assert not editions.is_newer_edition("Rules 2021.md", "Rules 2023.md")
    assert editions.of_one_series("Rules 2021.md", "Rules 2023.md")


def test_the_newest_of_a_series_in_whatever_order_they_come() -> None:
    made = [an_edition(f"Rules {year}.md") for year in (2019, 2021, 2023)] + [an_edition("Minutes 2024.md")]
    for order in permutations(made):
        editions = Editions(order)
        newest = editions.newest("Rules 2019.md")
        assert newest is not None
        assert newest.source.document == "Rules 2023.md"
        assert editions.newest("Rules 2023.md") is None
        assert editions.newest("Minutes 2024.md") is None
        assert editions.newest("unknown.md") is None


def test_any_two_documents_are_compared_by_stated_date_then_by_name() -> None:
    editions = Editions(
        [
            an_edition("guide.md", stated=date(2023, 6, 5)),
            an_edition("Rules 2021.md"),
            an_edition("Notes 2023.md"),
            an_edition("plain.md", file=date(2030, 1, 1)),
        ]
    )
    assert editions.is_newer("guide.md", "Rules 2021.md")
    assert not editions.is_newer("Rules 2021.md", "guide.md")
    assert not editions.is_newer("guide.md", "Notes 2023.md")
    assert not editions.is_newer("Notes 2023.md", "guide.md")
    assert not editions.is_newer("plain.md", "guide.md")
    assert not editions.is_newer("guide.md", "plain.md")


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("What did mooring cost in 2021?", True),
        ("What did the minutes of 5 May say?", True),
        ("What does version 2 of the handbook say?", True),
        ("Сколько стоила стоянка в 2021 году?", True),
        ("What does mooring cost?", False),
        ("Which of the 12 boats is the fastest?", False),
    ],
)
def test_a_question_may_say_which_edition_it_is_about(question: str, named: bool) -> None:
    assert names_edition(question) is named


days = st.dates(date(1950, 1, 1), date(2099, 12, 31))


@given(one=days, other=days)
def test_dates_in_names_are_in_the_order_of_the_days(one: date, other: date) -> None:
    names = [name_of(f"minutes {each:%Y-%m-%d}") for each in (one, other)]
    assert names[0]
    assert names[1]
    assert names[0].series == names[1].series
    assert compared(names[0].date, names[1].date) == (one > other) - (one < other)


@given(text=st.text(max_size=60))
def test_any_name_is_read(text: str) -> None:
    name = name_of(text)
    assert name is None or name.marks
