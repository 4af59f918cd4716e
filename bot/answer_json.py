"""An answer as JSON: the shape that scripts may rely on (docs/json.md)."""

from typing import Any

from index.types import Answer, Disagreement, NewerCited, NewerUncited, Note, Passage, Quote, Writing


def answer_json(answer: Answer, *, question_id: str | None = None) -> dict[str, Any]:
    """`id` is there only where the question came with one. Offsets count characters of the extracted text."""
    identity = {} if question_id is None else {"id": question_id}
    return identity | {
        "question": answer.question,
        "outcome": str(answer.outcome),
        "text": answer.text,
        "confidence": round(answer.confidence, 4),
        "uncertain": answer.uncertain,
        "notes": [note_json(each) for each in answer.notes],
        "citations": [{"number": each.number} | quote_json(each.quote) for each in answer.citations],
        "closest": [quote_json(each) for each in answer.closest],
        "passages": [passage_json(each) for each in answer.passages],
        "seconds": round(answer.seconds, 4),
        "writing": writing_json(answer.writing) if answer.writing else None,
    }


def writing_json(writing: Writing) -> dict[str, Any]:
    return {
        "model": writing.model,
        "fallback": str(writing.fallback) if writing.fallback else None,
        "asked_tokens": writing.asked_tokens,
        "written_tokens": writing.written_tokens,
        "left_out": writing.left_out,
        "stopped": writing.stopped,
    }


def note_json(note: Note) -> dict[str, Any]:
    shared = {
        "numbers": list(note.numbers),
        "values": [{"number": side.number, "value": side.value} for side in note.sides],
    }
    match note:
        case Disagreement(newest=newest):
            return {"kind": "disagreement", **shared, "newest": newest, "document": None, "title": None, "date": None}
        case NewerCited(newer=newer):
            return {"kind": "newer", **shared, "newest": newer, "document": None, "title": None, "date": None}
        case NewerUncited(source=source, stated=stated):
            told = {"document": source.document, "title": source.title, "date": stated.isoformat() if stated else None}
            return {"kind": "newer_uncited", **shared, "newest": None, **told}


def quote_json(quote: Quote) -> dict[str, Any]:
    source = quote.source
    return {
        "quote": quote.text,
        "document": source.document,
        "title": source.title,
        "page": source.page,
        "page_label": source.label,
        "heading": list(quote.heading),
        "start": quote.span.start,
        "end": quote.span.end,
        "url": source.url,
        "author": source.author,
        "modified": source.modified.isoformat() if source.modified else None,
        "answer": quote.answer.text if quote.answer else None,
        "answer_start": quote.answer.start if quote.answer else None,
    }


def passage_json(passage: Passage) -> dict[str, Any]:
    return {
        "document": passage.source.document,
        "page": passage.source.page,
        "start": passage.span.start,
        "end": passage.span.end,
        "text": passage.span.text,
        "score": round(passage.score, 4),
    }
