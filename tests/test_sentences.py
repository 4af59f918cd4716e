"""Where sentences begin and end, and that nothing falls between them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.sentences import lists, pieces, sentences

parts = st.sampled_from(
    [
        *(
            "The lamp burns. ",
            "Dr. Ash came at 5 p.m. ",
            "e.g. ",
            "Лампа горит. ",
            "«Да?» ",
            "灯塔。",
            "🙂! ",
            "?!",
            "…",
        ),
        *("- item\n", "1) first\n", "| a | b |\n", "|", "# Head\n", "> said\n"),
        *("\n\n", "\r\n", "\u00a0", "\u2028", "\f", "  "),
    ]
)
texts = st.one_of(st.text(max_size=80), st.lists(parts, max_size=12).map("".join))
languages = st.sampled_from(["en", "ru", "de", "zh", "xx"])


def read(text: str, language: str = "en") -> list[str]:
    return [text[start:end] for start, end in sentences(text, language)]


@given(text=texts, language=languages)
def test_pieces_cover_the_text_without_gap_or_overlap(text: str, language: str) -> None:
    cut = pieces(text, language)
    assert "".join(text[start:end] for start, end in cut) == text
    assert all(start < end for start, end in cut)


@given(text=texts, language=languages)
def test_sentences_lie_in_order_within_pieces_and_are_trimmed(text: str, language: str) -> None:
    found = sentences(text, language)
    assert found == sorted(found)
    for start, end in found:
        assert text[start:end] == text[start:end].strip() != ""
        assert sum(first <= start and end <= last for first, last in pieces(text, language)) == 1


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("It is lit. It burns! Does it?", "en", ["It is lit.", "It burns!", "Does it?"]),
        (
            "Dr. Ash met Mr. Oak at 5 p.m. yesterday. He left.",
            "en",
            ["Dr. Ash met Mr. Oak at 5 p.m. yesterday.", "He left."],
        ),
        ("It costs 3.50 crowns. Cheap, e.g. for ferries.", "en", ["It costs 3.50 crowns.", "Cheap, e.g. for ferries."]),
        ("The lamp\nburns oil. So\nit goes.", "en", ["The lamp\nburns oil.", "So\nit goes."]),
        ("Он родился в 1871 г. в Москве. Потом уехал.", "ru", ["Он родился в 1871 г. в Москве.", "Потом уехал."]),
        ("🙂 Hi 👩‍👩‍👧 there 🙂. Second 𝔘 one. Third", "en", ["🙂 Hi 👩‍👩‍👧 there 🙂.", "Second 𝔘 one.", "Third"]),
        ("灯塔矗立在北角。灯于一八七一年点亮。", "zh", ["灯塔矗立在北角。", "灯于一八七一年点亮。"]),
        ("End.\u00a0\n\nNext.\u2028", "en", ["End.", "Next."]),
        ("", "en", []),
        ("*** --- ...", "en", []),
    ],
)
def test_sentences(text: str, language: str, expected: list[str]) -> None:
    assert read(text, language) == expected


def test_a_line_of_a_list_stands_for_itself_without_its_mark() -> None:
    text = "Bring:\n- a lamp\n* a rope\n• bread\n1. a map\n2) a knife\n"
    assert read(text) == ["Bring:", "a lamp", "a rope", "bread", "a map", "a knife"]


def test_an_item_may_hold_several_sentences_and_go_on_in_the_next_line() -> None:
    assert read("- Take oil. Take\n  a match.\n- Go.") == ["Take oil.", "Take\n  a match.", "Go."]


def test_a_row_of_a_table_stands_for_itself() -> None:
    assert read("| Fare | Crowns |\n|---|---|\n| Bicycle | 0 |\n") == ["Fare | Crowns", "Bicycle | 0"]


def test_a_row_of_questions_and_answers_is_not_cut_between_them() -> None:
    row = "Row 2: Question: How much is it?; Answer: It costs five euros."
    assert read(row) == [row]
    assert read("Is it late? Yes, it is!, he said. So it is.") == ["Is it late?", "Yes, it is!, he said.", "So it is."]


def test_a_quoted_line_loses_its_mark() -> None:
    assert read("> The sea is calm.\n>Go out.\n") == ["The sea is calm.", "Go out."]


def test_headings_are_no_sentences_and_end_the_one_before() -> None:
    assert read("No stop here\n# The ferry\nIt crosses.\n### Fares ###\nFree.") == [
        "No stop here",
        "It crosses.",
        "Free.",
    ]


def test_a_number_or_hash_within_a_line_is_no_mark() -> None:
    assert read("Gate # 4 - and\n#1 as well - opens.") == ["Gate # 4 - and\n#1 as well - opens."]
    assert read("It opened in\n1871. That was May.") == ["It opened in\n1871.", "That was May."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It grows (2018) . Rye does too .", ["It grows (2018) .", "Rye does too ."]),
        ("(See it . Then go.", ["(See it .", "Then go."]),
        ("As seen by Reed et al., 2018 it grows.", ["As seen by Reed et al., 2018 it grows."]),
        ("So did Reed et al. Rye grew.", ["So did Reed et al. Rye grew."]),
    ],
)
def test_sentences_of_papers(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text, "en")] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bring:\n- a lamp\n- ropes\n\nCome early.", ["Bring:\n- a lamp\n- ropes"]),
        ("Bring:\n\n1. A lamp. It must burn.\n2) Ropes.\n", ["Bring:\n\n1. A lamp. It must burn.\n2) Ropes."]),
        ("Возьмите：\n* лампу\n\n## Дальше\n\n* верёвку", ["Возьмите：\n* лампу"]),
        ("Bring:\n\nA lamp.", []),
        ("He said: come.\n- a lamp", []),
        ("Bring a lamp.\n- and ropes", []),
        ("Bring:", []),
    ],
)
def test_a_list_goes_from_the_words_before_it_to_its_last_item(text: str, expected: list[str]) -> None:
    assert [text[start : ends[-1]] for start, ends in lists(text, sentences(text, "en")).items()] == expected


def test_where_each_item_of_a_list_ends() -> None:
    text = "Bring:\n- a lamp\n- two ropes"
    assert [text[:end] for end in lists(text, sentences(text, "en"))[0]] == ["Bring:\n- a lamp", text]
