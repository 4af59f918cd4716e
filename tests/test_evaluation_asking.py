"""Every question of a file is asked, in order, and its quotes are checked against the documents."""

from bot.evaluation.asking import ask_all
from bot.evaluation.questions import Question
from bot.evaluation.runs import Run
from bot.evaluation.verdicts import Fate
from tests.scripted import TEXTS, ScriptedAnswers
from tests.verdicts import MADE

QUESTIONS = (
    Question("lit", "When was the lamp lit?", ("1871",), ("Its lamp was lit for the first time in 1871.",)),
    Question("vague", "vague?", ("1871",)),
    Question("unknown", "unknown?", answerable=False),
)


class Shelf(ScriptedAnswers):
    """Its documents can be read; `missing` stands before the text of each as the index has it."""

    def __init__(self, missing: str = "") -> None:
        super().__init__()
        self.read: list[str] = []
        self._missing = missing

    def languages(self) -> dict[str, str]:
        return {"keeping-the-light.txt": "en", "rules/harbour.md": "de"}

    def text(self, document: str) -> str:
        self.read.append(document)
        return self._missing + TEXTS[document]


def asked(shelf: Shelf) -> tuple[Run, list[tuple[str, int, int]]]:
    told: list[tuple[str, int, int]] = []
    run = ask_all(QUESTIONS, shelf, now=MADE, progress=lambda *each: told.append(each))
    return run, told


def test_a_verdict_for_each_also_for_one_that_cannot_be_searched_for() -> None:
    shelf = Shelf()
    run, told = asked(shelf)
    assert shelf.asked == [each.text for each in QUESTIONS]
    assert [each.question.id for each in run.verdicts] == ["lit", "vague", "unknown"]
    assert [each.fate for each in run.verdicts] == [Fate.RIGHT, Fate.SILENT, Fate.DECLINED]
    assert (run.index, run.made) == ("20241123-114200", MADE)
    assert told == [("asking", done, 3) for done in range(4)]


def test_quotes_are_read_back_from_the_index() -> None:
    assert asked(Shelf())[0].figures["verbatim"] == 1
    assert asked(Shelf(missing="\n"))[0].figures["verbatim"] == 0


def test_a_text_is_read_once_for_several_quotes() -> None:
    shelf = Shelf()
    asked(shelf)
    assert sorted(shelf.read) == ["keeping-the-light.txt", "rules/harbour.md"]
