"""A page of a PDF as a picture, with a quote marked."""

import io
from collections import Counter

import pytest
from PIL import Image
from pypdfium2 import PdfiumError

from index.formats.pictures import DOTS, MARKER, found, picture, squeezed
from tests.files import a_form, a_pdf

PAGES = [
    "The meeting began at nine. Everybody had come.\nThe keeper of the light-\nhouse spoke first and he",
    "went on for an hour.\nThe mayor spoke about the harbour.",
]
CONTENT = a_pdf(PAGES)


def marked(quote: str, *, page: int = 1, content: bytes = CONTENT) -> tuple[int, tuple[int, int, int, int]]:
    """How many dots have the marker's colour, and the box that they fill."""
    shown = Image.open(io.BytesIO(picture(content, page, quote))).convert("RGB")
    assert max(shown.size) == DOTS
    count = Counter(shown.get_flattened_data())[MARKER]
    mask = Image.new("1", shown.size)
    mask.putdata([dot == MARKER for dot in shown.get_flattened_data()])
    return count, mask.getbbox() or (0, 0, 0, 0)


def test_a_quote_is_marked_where_it_stands_and_the_rest_is_not() -> None:
    count, (left, top, right, bottom) = marked("The meeting began at nine.")
    whole, (_, _, farther, lower) = marked("The meeting began at nine. Everybody had come.")
    assert 0 < count < whole
    assert (right < farther, bottom == lower) == (True, True)
    assert 120 < left < 150  # 72 points of 842 are 137 dots of 1600
    assert bottom - top < 45


def test_a_quote_over_two_lines_and_a_hyphen_is_marked_in_both() -> None:
    _, (_, top, _, bottom) = marked("The keeper of the lighthouse spoke first")
    _, (_, first, _, lower) = marked("The keeper of the")
    assert top == first
    assert bottom > lower + 15


def test_of_a_quote_that_goes_on_over_the_page_its_part_is_marked() -> None:
    count, _ = marked("spoke first and he went on for an hour.")
    assert count > 0


def test_what_was_filled_into_a_form_is_marked() -> None:
    assert marked("Maria Holm", content=a_form("Name of the keeper:", "Maria Holm"))[0] > 0


@pytest.mark.parametrize("quote", ["Nobody said this.", "", "?"])
def test_what_does_not_stand_there_is_not_marked(quote: str) -> None:
    assert marked(quote)[0] == 0


def test_the_page_is_the_one_that_was_asked_for() -> None:
    assert marked("The mayor spoke about the harbour.", page=2)[0] > 0
    assert marked("The mayor spoke about the harbour.", page=1)[0] == 0


def test_a_page_that_is_not_there_and_a_file_that_is_none() -> None:
    with pytest.raises((PdfiumError, IndexError)):
        picture(a_pdf(PAGES), 3, "")
    with pytest.raises(PdfiumError):
        picture(b"no pdf", 1, "")


def test_a_few_letters_at_the_end_of_a_page_are_chance() -> None:
    assert found(squeezed("He went to the sea"), squeezed("The seaside is far away.")) == (0, 0)
