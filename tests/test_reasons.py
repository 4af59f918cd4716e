"""What the index says, in the reader's language; none of its sentences is unknown to the bot."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import texts
from bot.languages import ENGLISH, say_in
from bot.library_pages import left_out_list
from bot.owner_texts import STOPPED
from bot.reasons import FORMS, failure_in, reason_in
from index import errors
from index.types import LeftOut
from tests.command_line import ROOT

RUSSIAN = say_in("ru")


PLACES = {
    "UnreadableError": 0, "BrokenOffError": 0, "EndedError": 0, "FetchError": 0, "QuestionError": 0, "LeftOut": 1,
}  # fmt: skip
"""Which argument of a call is a sentence for people."""


def said(path: Path) -> Iterator[str]:
    """The sentences that a module of the index gives as a reason or raises for a question, their blanks filled in."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            place = PLACES.get(node.func.id)
            if place is not None and len(node.args) > place and (sentence := literal(node.args[place])):
                yield sentence


def literal(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)
    return None


SAID = sorted({each for path in (ROOT / "index").rglob("*.py") for each in said(path)})


def test_there_are_as_many_as_one_would_think() -> None:
    assert len(SAID) > 30


@pytest.mark.parametrize("sentence", SAID)
def test_every_sentence_of_the_index_is_known(sentence: str) -> None:
    assert any(form.fullmatch(sentence) for _, form in FORMS), sentence
    assert reason_in(sentence, ENGLISH) == sentence
    assert reason_in(sentence, RUSSIAN) != sentence


@pytest.mark.parametrize(
    ("reason", "russian"),
    [
        ("is empty", "пуст"),
        ("is larger than 50 MB; split it", "больше 50 МБ; разделите его"),
        ("is not a Word document that can be read (no zip)", "не читается как документ Word (no zip)"),
        (
            "could not be fetched (the server says 404); the last good copy is kept",
            "не удалось загрузить (сервер отвечает 404); оставлена последняя удачная копия",
        ),
        ("is something new", "is something new"),
    ],
)
def test_what_it_names_is_put_into_the_translation(reason: str, russian: str) -> None:
    assert reason_in(reason, RUSSIAN) == russian


def test_a_list_of_files_left_out_is_in_russian() -> None:
    page = left_out_list([LeftOut("a.pdf", "is encrypted; save a copy without a password")], RUSSIAN)
    assert page.text == f"{RUSSIAN(texts.LEFT_OUT)}\n• a.pdf: зашифрован; сохраните копию без пароля"


FAILURES = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.IndexingError)]


@pytest.mark.parametrize("failure", FAILURES)
def test_no_failure_is_told_in_english_to_who_reads_russian(failure: type[errors.IndexingError]) -> None:
    error = failure("The folder /data is gone.")
    assert failure_in(error, ENGLISH) == "The folder /data is gone."
    assert not re.search("[a-z]", failure_in(error, RUSSIAN))


def test_kinds_of_failures_are_told_apart() -> None:
    told = {failure_in(failure("?"), RUSSIAN) for failure in FAILURES}
    assert len(told) == 6
    assert failure_in(errors.IndexingError(STOPPED), RUSSIAN) == RUSSIAN(texts.REASON_STOPPED)
