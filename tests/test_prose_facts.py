"""What a sentence claims: numbers in whatever form, addresses."""

import pytest

from index.prose.facts import facts, held, holds


def stands(sentence: str, text: str) -> bool:
    """Whether all numbers of a sentence are held by a text."""
    return all(holds(held(text), number) for number in facts(sentence).numbers)


@pytest.mark.parametrize(
    ("sentence", "text"),
    [
        ("It has four bells.", "There are 4 bells."),
        ("It cost £1,500,000.", "It cost 1.5 million pounds."),
        ("On 3 March 1871.", "It was lit on March 3, 1871."),
        ("In March 1871.", "On 3 March 1871 it was lit."),
        ("In 1871.", "On 3 March 1871 it was lit."),
        ("From 2019 to 2021.", "The works of 2019–2021."),
        ("At 4 pm.", "It closes at 16:00."),
        ("На 21 этаже.", "This is the 21st floor."),
        ("Part BF-407.", "The part BF-407."),
        ("It was long ago.", "No number here."),
    ],
)
def test_a_number_is_the_same_however_it_is_written(sentence: str, text: str) -> None:
    assert stands(sentence, text)


@pytest.mark.parametrize(
    ("sentence", "text"),
    [
        ("It has five bells.", "There are 4 bells."),
        ("On 4 March 1871.", "It was lit on March 3, 1871."),
        ("On 3 April 1871.", "It was lit on March 3, 1871."),
        ("It cost 15 million.", "It cost 1.5 million."),
        ("At 4 pm.", "It closes at 17:00."),
        ("On the 22nd floor.", "This is the 21st floor."),
        ("Part BF-408.", "The part BF-407."),
        ("From 2019 to 2022.", "The works of 2019–2021."),
    ],
)
def test_another_number_does_not_stand(sentence: str, text: str) -> None:
    assert not stands(sentence, text)


def test_addresses() -> None:
    found = facts("See https://a.example/x?y=1, www.b.example, me@c.example and evil.com. Not e.g. this.")
    assert found.addresses == {"https://a.example/x?y=1", "www.b.example", "me@c.example", "evil.com"}
