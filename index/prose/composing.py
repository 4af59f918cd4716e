"""From the sentences that stand to the text of an answer, numbered in the order in which its quotes appear. Pure."""

from collections.abc import Callable, Iterable, Sequence

from index.citations import as_statement, context
from index.prose.verification import Evidence, Fault, Verdict
from index.types import Citation, Quote

UNSUPPORTED_MARK = "[?]"
"""Behind a sentence that is shown though no passage says it."""

MARKABLE = frozenset({Fault.DENIAL, Fault.ADDED, Fault.ORDER, Fault.WORDS})
"""A sentence with a number, a name or an address that stands nowhere is never shown."""


def compose(
    verdicts: Sequence[Verdict], read: Callable[[str], str], *, mark: bool = False
) -> tuple[str, tuple[Citation, ...]]:
    """The text and the citations; both empty where nothing stands.

    `read` gives a document's text by its path. With `mark` a sentence that no passage speaks of is kept, and marked.
    Raises ValueError where a quote is not what stands in its document.
    """
    if not any(verdict.evidence for verdict in verdicts):
        return "", ()
    numbers: dict[Evidence, int] = {}
    parts = []
    for verdict in verdicts:
        if verdict.stands:
            marks = [numbers.setdefault(each, len(numbers) + 1) for each in verdict.evidence]
            parts.append(" ".join((as_statement(verdict.text), *(f"[{number}]" for number in sorted(marks)))))
        elif verdict.evidence:
            for each in verdict.evidence:
                if each not in numbers:  # else it was quoted, or told, before
                    numbers[each] = len(numbers) + 1
                    parts.append(f"{in_quotes(each.span.text)} [{numbers[each]}]")
        elif mark and verdict.fault in MARKABLE:
            parts.append(f"{as_statement(verdict.text)} {UNSUPPORTED_MARK}")
    return " ".join(parts), tuple(citations(numbers, read))


def in_quotes(text: str) -> str:
    return f"“{as_statement(text)}”"


def citations(numbers: dict[Evidence, int], read: Callable[[str], str]) -> Iterable[Citation]:
    for evidence, number in numbers.items():
        span, text = evidence.span, read(evidence.passage.source.document)
        if text[span.start : span.end] != span.text:
            raise ValueError(f"{evidence.passage.source.document} does not hold the quote at [{span.start}:{span.end}]")
        yield Citation(number, Quote(span, evidence.passage, context(text, span)))
