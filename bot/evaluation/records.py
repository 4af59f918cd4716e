"""A run as JSON: what `citegram eval --json` prints, and what `--against` and `--floors` read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.evaluation.calibration import reliability
from bot.evaluation.files import FileError, read_object
from bot.evaluation.runs import Run, counts
from bot.evaluation.scoring import FIGURES, Figures, figures
from bot.evaluation.verdicts import Fate, Verdict

FORMAT = 1
"""Raised when an earlier record can no longer be compared."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is kept of a question."""

    question: str
    answerable: bool
    fate: Fate


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a later run is compared with: the figures, and what came of each question, by its id."""

    made: datetime
    figures: Figures
    outcomes: Mapping[str, Outcome]


def record(run: Run) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "made": run.made.isoformat(timespec="seconds"),
        "index": run.index,
        "answerable": counts(run.verdicts)["answerable"],
        "unanswerable": counts(run.verdicts)["unanswerable"],
        "figures": dict(run.figures),
        "by_kind": {kind: group(verdicts) for kind, verdicts in run.by_kind.items()},
        "by_language": {language: group(verdicts) for language, verdicts in run.by_language.items()},
        "reliability": [
            {
                "from": each.start,
                "to": each.end,
                "questions": each.questions,
                "confidence": round(each.confidence, 4),
                "answerable": round(each.answerable, 4),
            }
            for each in reliability(run.verdicts)
        ],
        "worst": [worst(each) for each in run.worst],
        "questions": [entry(each) for each in run.verdicts],
    }


def group(verdicts: tuple[Verdict, ...]) -> dict[str, Any]:
    return {**counts(verdicts), "figures": dict(figures(verdicts))}


def entry(verdict: Verdict) -> dict[str, Any]:
    question = verdict.question
    return {
        "id": question.id,
        "question": question.text,
        "kind": verdict.kind,
        "language": verdict.language,
        "answerable": question.answerable,
        "fate": str(verdict.fate),
        "confidence": verdict.confidence,
        "passage_rank": verdict.rank,
        "quote_rank": verdict.quote_rank,
        "seconds": verdict.seconds,
    }


def worst(verdict: Verdict) -> dict[str, Any]:
    question = verdict.question
    return {
        "id": question.id,
        "question": question.text,
        "fate": str(verdict.fate),
        "confidence": verdict.confidence,
        "answered": [{"quote": each.text, "document": each.document} for each in verdict.quotes if verdict.answered],
        "closest": [{"quote": each.text, "document": each.document} for each in verdict.quotes if not verdict.answered],
        "expected": {"answers": list(question.answers), "evidence": list(question.evidence)},
    }


def read_recorded(path: Path) -> Recorded:
    """What an earlier `citegram eval --json` printed. Raises FileError."""
    try:
        return recorded(read_object(path))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FileError(f"{path} is not what citegram eval --json prints. Make it anew with --json.") from error


def recorded(content: Mapping[str, Any]) -> Recorded:
    """Raises KeyError, TypeError, ValueError or AttributeError for what is no record of this format."""
    if content["format"] != FORMAT:
        raise ValueError(f"format {content['format']}")
    values = {name: content["figures"].get(name) for name in FIGURES}
    return Recorded(
        made=datetime.fromisoformat(content["made"]),
        figures={name: None if value is None else float(value) for name, value in values.items()},
        outcomes={
            str(each["id"]): Outcome(str(each["question"]), bool(each["answerable"]), Fate(each["fate"]))
            for each in content["questions"]
        },
    )
