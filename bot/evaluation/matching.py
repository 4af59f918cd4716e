"""When a text of the documents counts as holding what was expected."""

import math
import re
from collections.abc import Iterable
from pathlib import PurePath

ENOUGH = 0.5
"""The share of a quote's words that an evidence must have, where gold answers are whole sentences."""


def says(quote: str, answer: str) -> bool:
    """Whether the answer's words stand in the quote, in a row; signs and case are no matter."""
    wanted = words(answer)
    return bool(wanted) and f" {' '.join(wanted)} " in f" {' '.join(words(quote))} "


def overlaps(quote: str, evidence: str) -> bool:
    """Whether one stands within the other, or half of the quote's words stand in the evidence."""
    quoted, expected = one_line(quote), one_line(evidence)
    if not quoted:
        return False
    return quoted in expected or expected in quoted or shared(quoted, expected) >= ENOUGH


def shared(quote: str, evidence: str) -> float:
    """The share of the quote's words that are words of the evidence."""
    quoted, known = words(quote), set(words(evidence))
    return sum(word in known for word in quoted) / max(1, len(quoted))


def contains(passage: str, evidence: str) -> bool:
    """Whether the evidence stands in the passage, or its first or last half where a chunk's border cuts it."""
    text, wanted = one_line(passage), one_line(evidence)
    half = math.ceil(len(wanted) / 2)
    return any(part in text for part in (wanted, wanted[:half], wanted[-half:]))


def same_document(document: str, names: Iterable[str]) -> bool:
    """Whether a document is among those named, whatever folder each is said to lie in."""
    return PurePath(document).name in {PurePath(name).name for name in names}


def one_line(text: str) -> str:
    return " ".join(text.split())


def words(text: str) -> list[str]:
    return re.sub(r"[^\w\s]", " ", text.lower()).split()
