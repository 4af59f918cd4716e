"""Quotes found again, however they were copied."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.prose.finding import find

TEXT = (
    'The "old" quay—built\n  in 1854—was the keeper’s pride. It was\u00a0rebuilt in ﬁve years. The mill burned twice.'
)


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("the “old” quay - built in 1854", None),
        ("The 'old' quay", None),
        (
            "The “old” quay-built in 1854-was the keeper's pride",
            'The "old" quay—built\n  in 1854—was the keeper’s pride',
        ),
        ('"It was rebuilt in five years."', "It was\u00a0rebuilt in ﬁve years."),
        (
            "built in 1854 … rebuilt in five years",
            "built\n  in 1854—was the keeper’s pride. It was\u00a0rebuilt in ﬁve years",
        ),
        (
            "was the keeper’s pride [...] burned twice.",
            "was the keeper’s pride. It was\u00a0rebuilt in ﬁve years. The mill burned twice.",
        ),
        ("rebuilt in five years ... built in 1854", None),
        ("rebuilt in six years", None),
        ("The … pride", None),
        ("", None),
        ("…", None),
    ],
)
def test_white_space_marks_and_dashes_are_one_and_words_are_not(quote: str, found: str | None) -> None:
    place = find(quote, TEXT)
    assert (TEXT[slice(*place)] if place else None) == found


@given(st.data())
def test_whatever_stands_there_is_found_where_it_stands(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(TEXT) - 20))
    end = data.draw(st.integers(start + 15, len(TEXT)))
    place = find(TEXT[start:end], TEXT)
    assert place
    assert TEXT[slice(*place)].strip(" \n\"'’") in TEXT[start:end]
