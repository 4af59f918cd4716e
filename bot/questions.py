"""A file of questions: JSON lines with `question` and, if they like, `id`."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from bot.answers import Answers
from index.errors import CitegramError, QuestionError
from index.types import Answer, Outcome


class QuestionFileError(CitegramError):
    """The file is missing or a line of it is no question; the text names the line."""

    exit_status: ClassVar[int] = 2


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    text: str
    id: str | None


def read_questions(path: Path) -> list[AskedQuestion]:
    """The questions in order; empty lines are passed over. Nothing is asked before the whole file is understood."""
    return [parse(line, f"{path}, line {number}") for number, line in lines_of(path)]


def lines_of(path: Path) -> list[tuple[int, str]]:
    """The lines that are not empty, each with its number in the file, counted from 1."""
    try:
        lines = path.read_bytes().decode("utf-8-sig").split("\n")
    except OSError as error:
        raise QuestionFileError(f"The question file {path} cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise QuestionFileError(f"The question file {path} is not UTF-8 text (byte {error.start}).") from error
    return [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]


def parse(line: str, place: str) -> AskedQuestion:
    content = fields_of(line, place)
    identity = content.get("id")
    return AskedQuestion(content["question"], None if identity is None else str(identity))


def fields_of(line: str, place: str) -> dict[str, Any]:
    """What the line says, `question` among it. Raises QuestionFileError, which begins with the place."""
    try:
        content = json.loads(line)
    except (ValueError, RecursionError):  # the latter where it is nested too deeply
        content = None
    if not isinstance(content, dict) or not isinstance(content.get("question"), str):
        raise QuestionFileError(f'{place}: not a question. Each line is JSON such as {{"id": "1", "question": "…"}}.')
    return content


def answer_or_reason(answers: Answers, question: str) -> Answer:
    """The answer; for a question that cannot be searched for, an abstention that says why."""
    try:
        return answers.answer(question)
    except QuestionError as error:
        return Answer(question, str(error), Outcome.ABSTAINED, 0.0)
