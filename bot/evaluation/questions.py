"""A question file with what its owner expects: JSON lines, described in docs/eval.md."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.questions import QuestionFileError, fields_of, lines_of


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and what should come of it.

    `answers` are short texts, one of which a right quote holds; `evidence` are the sentences of the documents that
    say so; `doc_ids` name those documents. With `long_answers` a right quote need only overlap the evidence.
    """

    id: str
    text: str
    answers: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    doc_ids: tuple[str, ...] = ()
    answerable: bool = True
    long_answers: bool = False
    kind: str | None = None
    language: str | None = None


def read_questions(path: Path) -> tuple[Question, ...]:
    """The questions in order, at least one, each with an id of its own. Raises QuestionFileError."""
    questions: dict[str, Question] = {}
    for number, line in lines_of(path):
        question = parse(line, number, place=f"{path}, line {number}")
        if question.id in questions:
            raise QuestionFileError(
                f"{path}, line {number}: the id {question.id!r} is on an earlier line already. Give each its own."
            )
        questions[question.id] = question
    if not questions:
        raise QuestionFileError(f"The question file {path} holds no question.")
    return tuple(questions.values())


def parse(line: str, number: int, *, place: str) -> Question:
    """Whatever a line leaves out gets the default that docs/eval.md names."""
    content = fields_of(line, place)
    answers, evidence = (texts(content, name, place) for name in ("answers", "evidence"))
    answerable = flag(content, "answerable", place, default=bool(answers or evidence))
    if not answers and not evidence and (answerable or content.get("answerable") is None):
        raise QuestionFileError(
            f'{place}: neither answers nor evidence is given. Add one, or "answerable": false where nothing answers.'
        )
    long_answers = flag(content, "long_answers", place, default=not answers)
    if long_answers and answerable and not evidence:
        raise QuestionFileError(f"{place}: with long_answers the evidence is what counts, and none is given.")
    return Question(
        id=identity(content.get("id"), number, place),
        text=content["question"],
        answers=answers,
        evidence=evidence,
        doc_ids=texts(content, "doc_ids", place),
        answerable=answerable,
        long_answers=long_answers,
        kind=name_of(content, "kind", place),
        language=name_of(content, "language", place),
    )


def identity(value: Any, number: int, place: str) -> str:
    """The number of its line where it has no id."""
    if isinstance(value, dict | list | bool):
        raise QuestionFileError(f"{place}: id must be a text or a number.")
    return str(number if value is None else value)


def texts(content: dict[str, Any], name: str, place: str) -> tuple[str, ...]:
    """A list of texts; blank ones, which would stand in every quote, are passed over."""
    value = content.get(name) or []
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise QuestionFileError(f'{place}: {name} must be a list of texts, such as ["…"].')
    return tuple(each for each in value if each.strip())


def flag(content: dict[str, Any], name: str, place: str, *, default: bool) -> bool:
    value = content.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise QuestionFileError(f"{place}: {name} must be true or false.")
    return value


def name_of(content: dict[str, Any], name: str, place: str) -> str | None:
    value = content.get(name)
    if value is None or (isinstance(value, str) and value.strip()):
        return value.strip() if value else None
    raise QuestionFileError(f"{place}: {name} must be a word or two.")
