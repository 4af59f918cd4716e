"""From the sentences that stand to the text of an answer, numbered in the order in which its quotes appear. Pure."""

from collections.abc import Callable, Sequence

from index.citations import as_statement, read_back
from index.prose.verification import Evidence, Fault, Verdict
from index.types import Citation

UNSUPPORTED_MARK = "[?]"
"""Behind a sentence that is shown though no passage says it."""

MARKABLE = frozenset({Fault.DENIAL, Fault.ADDED, Fault.DROPPED, Fault.ORDER, Fault.WORDS})
"""A sentence with a number, a name or an address that stands nowhere is never shown."""


def compose(
    verdicts: Sequence[Verdict], read: Callable[[str], str], *, mark: bool = False
) -> tuple[str, tuple[Citation, ...]]:
    """The text and the citations; both empty where nothing stands. Nothing is shown twice.

    `read` gives a document's text by its path. With `mark` a sentence that no passage speaks of is kept, and marked.
    Raises ValueError where a quote is not what stands in its document.
    """
    if not any(verdict.evidence for verdict in verdicts):
        return "", ()
    numbers: dict[Evidence, int] = {}
    parts: list[str] = []
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
    cited = (
        Citation(number, read_back(each.span, each.passage, read(each.passage.source.document)))
        for each, number in numbers.items()
    )
    return " ".join(dict.fromkeys(parts)), tuple(cited)


def in_quotes(text: str) -> str:
    return f"“{as_statement(text)}”"
