"""A run as JSON: what `citegram eval --json` prints, and what `--against` and `--floors` read."""

from typing import Any

from bot.evaluation.calibration import reliability
from bot.evaluation.runs import Run, counts
from bot.evaluation.scoring import figures
from bot.evaluation.verdicts import Verdict

FORMAT = 1
"""Raised when an earlier record can no longer be compared."""


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
        "questions": [outcome(each) for each in run.verdicts],
    }


def group(verdicts: tuple[Verdict, ...]) -> dict[str, Any]:
    return {**counts(verdicts), "figures": dict(figures(verdicts))}


def outcome(verdict: Verdict) -> dict[str, Any]:
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
