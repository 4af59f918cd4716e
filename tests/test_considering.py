"""What /why tells of a language model, in each language."""

import pytest

from bot.considering import written_line
from bot.languages import say_in
from index.types import Fallback, Writing

RUSSIAN = say_in("ru")
NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("writing", "english", "russian"),
    [
        (
            Writing("small-1", None, 1234, 87, left_out=2),
            "The language model small-1 read 1,234 tokens and wrote 87. 2 of its sentences were left out, or the "
            "document's own put in their place.",
            f"Языковая модель small-1 прочитала 1{NBSP}234 токена и написала 87. 2 её предложения опущены или заменены "
            "словами документа.",
        ),
        (
            Writing("small-1", None, 1, 0, left_out=1),
            "The language model small-1 read 1 token and wrote 0. 1 of its sentences was left out, or the document's "
            "own put in its place.",
            "Языковая модель small-1 прочитала 1 токен и написала 0. 1 её предложение опущено или заменено словами "
            "документа.",
        ),
        (
            Writing("small-1", Fallback.SLOW, 305, 12),
            "The language model small-1 read 305 tokens and wrote 12.",
            "Языковая модель small-1 прочитала 305 токенов и написала 12.",
        ),
        (
            Writing("small-1"),
            "The language model small-1 had been asked the same before, so this cost no tokens.",
            "Языковую модель small-1 об этом уже спрашивали, так что токенов это не стоило.",
        ),
    ],
)
def test_what_the_model_had_to_do_with_it(writing: Writing, english: str, russian: str) -> None:
    assert (written_line(writing), written_line(writing, RUSSIAN)) == (english, russian)


@pytest.mark.parametrize(
    "writing", [None, Writing("small-1", Fallback.UNREACHABLE), Writing("small-1", Fallback.SPENT)]
)
def test_where_it_had_nothing_to_do_with_it_nothing_is_said(writing: Writing | None) -> None:
    assert written_line(writing) == ""
