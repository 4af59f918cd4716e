"""Pages as one text; tests/test_formats.py has them as PDF."""

import pytest

from index.formats.running import split_at_break, without_running_lines


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("The flood of", "1854 came.", ("", "1854 came.")),
        ("The flood", "of 1854 came. It went.", ("of 1854 came.", "It went.")),
        ("Die Flut", "überschwemmte alles. Dann ging sie.", ("überschwemmte alles.", "Dann ging sie.")),
        ("Потоп", "пришёл ночью. Утром ушёл.", ("пришёл ночью.", "Утром ушёл.")),
        ("She said", "it was so.\u201d He left.", ("it was so.\u201d", "He left.")),
        ("It costs", "about 4.50 crowns a day. Ask.", ("about 4.50 crowns a day.", "Ask.")),
        ("A list of", "boats\n\nThe swan is white.", ("boats", "The swan is white.")),
        ("It ended.", "and so on.", ("", "and so on.")),
        (
            "Text",
            "pokračuje zde. Čeština je krásná. Škola je zavřená.",
            ("pokračuje zde.", "Čeština je krásná. Škola je zavřená."),
        ),
        ("A list", ("of things " * 60).strip(), ("", ("of things " * 60).strip())),
        ("At", "3 p.m. it left.", ("", "3 p.m. it left.")),
        ("It did not end", "The next began.", ("", "The next began.")),
        ("It did not end", "", ("", "")),
        ("", "of nothing.", ("", "of nothing.")),
    ],
)
def test_what_a_page_ends_is_taken_from_the_next(before: str, after: str, expected: tuple[str, str]) -> None:
    assert split_at_break(before, after) == expected


def test_lines_at_the_edges_of_most_pages_run_along() -> None:
    pages = [f"Annual Report\nChapter {name}\nText {name}.\n- {number} -" for number, name in enumerate("abcd", 10)]
    assert without_running_lines(pages) == [f"Chapter {name}\nText {name}." for name in "abcd"]


@pytest.mark.parametrize(
    "pages",
    [
        ["Head\nA text.\n1", "Head\nAnother.\n2"],
        ["Yes.", "Yes.", "Yes.", "Yes."],
        [f"Invoice no. {n}\nCustomer Foo {n}\nWe deliver boxes.\nThey are red.\nTotal: {3 * n} EUR" for n in range(4)],
        [f"Day {n}\nThe ferry left.\nIt came back {n} times." for n in range(1, 5)],
        [f"Apple {n} {n * 7} EUR\n{n * 9}\nPear {n}\nPlum {n} 3 EUR\n{n * 11}" for n in range(1, 5)],
        ["Dear Anna\nfirst.\nYours", "Dear Ben\nsecond.\nB.", "Dear Clara\nthird.\nC.", "Dear Dora\nfourth.\nD."],
        ["a\nHead\nb\nc\nd", "e\nf\nHead\ng\nh", "i\nj\nk\nl\nm", "n\no\np\nq\nHead\nr"],
    ],
    ids=["two pages", "one-line pages", "invoices", "days", "tables", "different words", "within pages"],
)
def test_other_lines_stay(pages: list[str]) -> None:
    assert without_running_lines(pages) == pages
