"""What is new in an answer since it was last told: for questions that are watched.

Pure functions. A document is told by the hash of its content, so that a renamed one is no other.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from enum import Enum, auto

from index.types import Answer


@dataclass(frozen=True, slots=True)
class Told:
    """A quote as it was told: its words with white space folded, and the hash of its document."""

    quote: str
    document: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the one who watches knows: whether there was an answer, and what it cited."""

    answered: bool
    told: frozenset[Told] = frozenset()


class Kind(Enum):
    NOTHING = auto()
    NEW = auto()
    """The answer has new quotes, or is the first."""
    LOST = auto()
    """What was quoted is gone, and nothing else answers."""


@dataclass(frozen=True, slots=True)
class Change:
    """`numbers` are those of the new citations; `known` is what is known once the change has been told."""

    kind: Kind
    numbers: tuple[int, ...]
    known: Known


def known_from(answer: Answer, documents: Mapping[str, str]) -> Known:
    """What one knows who has read the answer. `documents` are hashes by path."""
    told = (Told(folded(each.quote.text), documents.get(each.quote.source.document, "")) for each in answer.citations)
    return Known(answer.answered, frozenset(told))


def change(known: Known, answer: Answer, *, documents: Mapping[str, str], earlier: Set[str]) -> Change:
    """`earlier` are the hashes of the documents that there were when what is known was told.

    A quote is new if its words were not told and its document is new or changed: another order of the same texts is no
    news. An answer is lost only if a document that was quoted has changed or gone, for else what was told still stands.
    """
    there = set(documents.values())
    still = frozenset(each for each in known.told if each.document in there)
    now = known_from(answer, documents)
    if there == earlier:
        return Change(Kind.NOTHING, (), known)
    if not answer.answered:
        lost = known.answered and still != known.told
        return Change(Kind.LOST, (), now) if lost else Change(Kind.NOTHING, (), known)
    numbers = new_quotes(known, answer, documents=documents, earlier=earlier)
    return Change(Kind.NEW if numbers else Kind.NOTHING, numbers, Known(answered=True, told=now.told | still))


def new_quotes(known: Known, answer: Answer, *, documents: Mapping[str, str], earlier: Set[str]) -> tuple[int, ...]:
    """By their numbers. All are new to one who had no answer."""
    words = {each.quote for each in known.told}
    return tuple(
        each.number
        for each in answer.citations
        if folded(each.quote.text) not in words
        and (not known.answered or documents.get(each.quote.source.document) not in earlier)
    )


def folded(text: str) -> str:
    return " ".join(text.split())
