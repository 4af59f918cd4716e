"""What is told of the language model that wrote an answer."""

import pytest

from bot import texts
from bot.considering import why_page, written_line
from bot.languages import say_in
from index.types import Fallback, Writing


@pytest.mark.parametrize(
    ("writing", "line"),
    [
        (Writing("m", None, 1234, 87), "Written by m: 1,234 tokens read, 87 written."),
        (
            Writing("m", None, 1234, 87, left_out=1),
            "Written by m: 1,234 tokens read, 87 written. "
            "One of its sentences was left out, or the document's own put in its place.",
        ),
        (
            Writing("m", left_out=2),
            "Written by m when the same was asked before; it cost no tokens. "
            "2 of its sentences were left out, or the document's own put in their place.",
        ),
        (Writing("m", Fallback.SPENT), texts.MODEL_SPENT),
        (Writing("m", Fallback.SLOW, 1234, 0), f"{texts.MODEL_SLOW} Tokens: 1,234 read, 0 written."),
    ],
    ids=["written", "one left out", "known", "spent", "slow"],
)
def test_who_wrote_and_at_what_cost(writing: Writing, line: str) -> None:
    assert written_line(writing) == line


def test_it_is_told_in_russian() -> None:
    line = written_line(Writing("m", None, 1234, 87, left_out=2), say_in("ru"))
    assert line == (
        "Написано моделью m; токенов прочитано: 1\N{NO-BREAK SPACE}234, написано: 87. "
        "2 её предложения опущены или заменены словами документа."
    )


def test_it_stands_below_the_question() -> None:
    page = why_page("When?", (), answered=True, writing=Writing("m", None, 10, 2)).text
    assert page.startswith("I looked for: When?\n\nWritten by m: 10 tokens read, 2 written.\n\n")
    assert "ritten by" not in why_page("When?", (), answered=True).text
