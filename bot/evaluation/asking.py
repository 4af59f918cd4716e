"""Asks every question, in order."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import PurePath

from bot.answers import Answers
from bot.evaluation.questions import Question
from bot.evaluation.runs import Run
from bot.evaluation.verdicts import Verdict, judge
from bot.progress import Progress, no_progress
from bot.questions import answer_or_reason

KEPT_TEXTS = 32
"""Documents whose text is kept between two questions, as quotes of one question often share them."""


def ask_all(questions: Sequence[Question], answers: Answers, *, now: datetime, progress: Progress = no_progress) -> Run:
    """A verdict for each question, also for one that cannot be searched for. Raises NoIndexError before the first."""
    index = answers.status().generation
    text_of = lru_cache(maxsize=KEPT_TEXTS)(lambda document: answers.text(document) or "")
    languages = {PurePath(document).name: language for document, language in answers.languages().items()}
    verdicts: list[Verdict] = []
    for question in questions:
        progress("asking", len(verdicts), len(questions))
        answer = answer_or_reason(answers, question.text)
        verdicts.append(judge(question, answer, text_of=text_of, languages=languages))
    progress("asking", len(verdicts), len(questions))
    return Run(now, index, tuple(verdicts))
