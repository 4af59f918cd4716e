"""From kept answers to figures: what score.py says of each method, and what stands behind citegram's confidence."""

import importlib.util
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.asking import Question, Run, read_questions
from tests.benchmarks.methods import CITEGRAM, METHODS, Line, Method

Figures = dict[str, float | None]
"""As score.py names them; None where a method yields nothing of the kind."""

OF_QUOTES = ("quote@1", "quote@3", "correct", "silent", "invented", "verbatim", "quotes_per_answer")
OF_CONFIDENCE = ("auroc", "reject@90")

MOST_WORDS = 70
"""Of a quote, as score.py has it: what is longer is a passage."""

BINS = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """One question and citegram's answer.

    `right`: answerable, and a quote holds the answer, be it one that is only shown as the closest.
    """

    answerable: bool
    right: bool
    answered: bool
    sure: float


@dataclass(frozen=True, slots=True)
class SetFigures:
    """A set: what was run, each method's figures by its key, and every answer of citegram's."""

    name: str
    run: Run
    methods: dict[str, Figures]
    judged: tuple[Judged, ...]

    @property
    def whole(self) -> bool:
        return self.run.asked == self.run.of


def read_set(folder: Path, kept: Path, scorer: Any) -> SetFigures:
    """`folder` holds the set's questions and documents, `kept` what asking.run_set left."""
    run = Run(**json.loads((kept / "run.json").read_text(encoding="utf-8")))
    answers = read_lines(kept / f"{CITEGRAM.key}.jsonl")
    asked = {line["id"] for line in answers}
    questions = [question for question in read_questions(folder) if question["id"] in asked]
    methods = {}
    for method in METHODS:
        lines = answers if method is CITEGRAM else read_lines(kept / f"{method.key}.jsonl")
        methods[method.key] = claimed(method, scorer.score(questions, lines, folder / "docs"))
    return SetFigures(folder.name, run, methods, tuple(judge(questions, answers, scorer)))


def claimed(method: Method, scored: Figures) -> Figures:
    """The figures without those of a kind that the method yields nothing of."""
    silent_on = (() if method.quotes else OF_QUOTES) + (() if method.sure else OF_CONFIDENCE)
    return {name: None if name in silent_on else value for name, value in scored.items()}


def judge(questions: Iterable[Question], answers: Iterable[Line], scorer: Any) -> Iterable[Judged]:
    by_id = {line["id"]: line for line in answers}
    for question in questions:
        line = by_id[question["id"]]
        quotes = [each["quote"] for each in line["citations"] or line["closest"]]
        held = any(scorer.holds_answer(question, quote) for quote in quotes if len(quote.split()) <= MOST_WORDS)
        answerable = question["answerable"]
        yield Judged(answerable, answerable and held, line["outcome"] == "answered", line["confidence"])


def answered_correctly(judged: Sequence[Judged]) -> float | None:
    """The share of the answerable that is answered, with a quote that holds the answer."""
    return share(each.answered and each.right for each in judged if each.answerable)


def invented(judged: Sequence[Judged]) -> float | None:
    """The share of the unanswerable that is answered all the same."""
    return share(each.answered for each in judged if not each.answerable)


def correct_within(judged: Sequence[Judged], limit: float) -> float | None:
    """The largest share of the answerable answered correctly by a bound that lets at most `limit` be invented."""
    unanswerable = sorted((each.sure for each in judged if not each.answerable), reverse=True)
    if not unanswerable:
        return None
    allowed = int(limit * len(unanswerable) + 1e-9)
    bound = unanswerable[allowed] if allowed < len(unanswerable) else -1.0
    return share(each.right and each.sure > bound for each in judged if each.answerable)


def wrong_at(judged: Sequence[Judged], coverage: float) -> float | None:
    """The share of wrong answers if only the surest `coverage` of all questions were answered."""
    surest = sorted(judged, key=lambda each: -each.sure)[: round(coverage * len(judged))]
    return share(not each.right for each in surest)


def calibration_error(judged: Sequence[Judged]) -> float:
    """ECE: how far the stated share of answerable ones is from the true in ten equal bins, in the mean over all."""
    bins: dict[int, list[Judged]] = {}
    for each in judged:
        bins.setdefault(min(int(each.sure * BINS), BINS - 1), []).append(each)
    distances = [abs(sum(each.sure - each.answerable for each in inside)) for inside in bins.values()]
    return sum(distances) / len(judged)


def share(flags: Iterable[bool]) -> float | None:
    counted = list(flags)
    return sum(counted) / len(counted) if counted else None


def read_lines(path: Path) -> list[Line]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def load_scorer(path: Path) -> Any:
    """The sets' own score.py as a module."""
    spec = importlib.util.spec_from_file_location("score", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
