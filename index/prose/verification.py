"""Which sentences of a reply may be shown, in whose words, and on what they stand.

A sentence is shown **as written** where a sentence of a passage plainly says the same: that one holds every word of it
that says anything, in about the same order, and no rule of index/prose/rules.py is broken. Where a passage speaks of
the same and it is not plain that it says the same, the passage's own sentence is **quoted** in its place: what was
right is not lost, and what was not is put right. What no passage speaks of is left out.

The documents whose passages a sentence names are looked at first, then the others: models mistake the passage more
often than the matter, but what another document says may be of something else, and is only quoted.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum, auto

from index.citations import POINTING, fold
from index.prose.facts import facts
from index.prose.finding import find
from index.prose.offer import Offer
from index.prose.reply import Reply, Said
from index.prose.rules import (
    DENIES,
    LIMITS,
    MODAL,
    RULED,
    SMALL,
    beside,
    numbers_stand,
    out_of_order,
    words_of,
)
from index.sentences import sentences
from index.types import Passage, Span

Terms = Callable[[str, str], list[str]]
"""The stems of a text in a language."""

Weights = Callable[[str, str], Mapping[str, float]]
"""The stems of a text in a language, each with its rarity."""

PLAIN_ORDER = 0.5
"""Pairs of words that stand the other way round, at most: who relieves whom."""

AKIN = 0.35
"""Of a sentence's words by weight, held by one that speaks of the same and is quoted in its place."""

LOOKED_AT = 3
"""Sentences of passages that a sentence is compared with closely: those that hold most of its words."""

YES_OR_NO = re.compile(r"^(?:yes|no|да|нет)\s*[,.:;—–-]+\s*", re.IGNORECASE)


class Fault(StrEnum):
    """Why a sentence is not shown as it was written, in the order in which it is looked at."""

    NUMBER = auto()
    ADDRESS = auto()
    DENIAL = auto()
    ADDED = auto()
    DROPPED = auto()
    ORDER = auto()
    WORDS = auto()
    ELSEWHERE = auto()
    """Another document than it names plainly says the same: of something else, perhaps."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One or two whole sentences of a passage."""

    passage: Passage
    span: Span


@dataclass(frozen=True, slots=True)
class Verdict:
    """A sentence, what it stands on, and the first thing that is wrong with it.

    Without a fault it may be shown as written. With one its evidence is to be quoted instead; without evidence, nothing
    is.
    """

    text: str
    evidence: tuple[Evidence, ...]
    fault: Fault | None = None

    def __post_init__(self) -> None:
        if not self.evidence and not self.fault:
            raise ValueError("a sentence that stands on nothing has a fault")

    @property
    def stands(self) -> bool:
        return self.fault is None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a passage. `wider` are its terms with those of the sentence before and of what stands above."""

    passage: Passage
    span: Span
    before: Span | None
    terms: tuple[str, ...]
    wider: frozenset[str]
    copied: bool
    """The model quoted from it."""

    @property
    def language(self) -> str:
        return self.passage.chunk.language

    def evidence(self) -> Evidence:
        """With the sentence before where it begins with a pronoun."""
        pointing = POINTING.get(self.language)
        if self.before is None or pointing is None or not pointing.match(self.span.text):
            return Evidence(self.passage, self.span)
        start, end = self.before.start, self.span.end
        return Evidence(self.passage, Span(self.passage.span.cut(start, end), start, end))


class Verifier:
    """For the passages of one offer."""

    def __init__(self, offer: Offer, reply: Reply, *, terms: Terms, weights: Weights) -> None:
        self._terms, self._weights = terms, weights
        self._by_id = {each.id: tuple(self._read(each.passage, each.id, reply)) for each in offer.passages}

    def verdict(self, said: Said) -> Verdict:
        text = without_yes_or_no(said.text)
        documents = {each.passage.source.document for id in said.ids for each in self._by_id.get(id, ())}
        every = [sentence for found in self._by_id.values() for sentence in found]
        named = [each for each in every if each.passage.source.document in documents]
        others = [each for each in every if each.passage.source.document not in documents]
        fault = Fault.WORDS
        for sought in (named, others):
            nearest = sorted(sought, key=lambda each: -self._held(text, each))[:LOOKED_AT]
            compared = [(self._fault(text, each), each) for each in nearest]
            standing = next((each for wrong, each in compared if wrong is None), None)
            if standing:
                elsewhere = Fault.ELSEWHERE if sought is others and named else None
                return Verdict(text, (standing.evidence(),), elsewhere)
            akin = [(wrong, each) for wrong, each in compared if wrong and self._held(text, each) >= AKIN]
            if akin:
                wrong, best = max(akin, key=lambda each: list(Fault).index(each[0]))
                return Verdict(text, (best.evidence(),), wrong)
            fault = next((wrong for wrong, _ in compared if wrong), fault)
        return Verdict(text, (), fault)

    def _fault(self, text: str, sentence: Sentence) -> Fault | None:
        said, language = sentence.span.text, sentence.language
        if language not in RULED:
            return None if fold(text) in fold(said) else Fault.WORDS
        own = [term for term in self._terms(text, language) if term not in SMALL and not term.isdigit()]
        if not numbers_stand(text, said) or not self._stands_beside_numbers(own, text, sentence):
            return Fault.NUMBER
        if facts(text).addresses - {sentence.passage.source.url}:
            return Fault.ADDRESS
        if bool(DENIES.search(text)) != bool(DENIES.search(said)):
            return Fault.DENIAL
        if self._denied(text, language) - self._denied(said, language):
            return Fault.DENIAL
        if words_of(MODAL, text) - words_of(MODAL, said):
            return Fault.ADDED
        if words_of(LIMITS, said) - words_of(LIMITS, text):
            return Fault.DROPPED
        if out_of_order(own, sentence.terms) > PLAIN_ORDER:
            return Fault.ORDER
        return None if own and set(own) <= set(sentence.terms) else Fault.WORDS

    def _stands_beside_numbers(self, own: Sequence[str], text: str, sentence: Sentence) -> bool:
        """ "30 minutes with a car and 10 on foot" does not say "30 on foot"."""
        statements = beside(text, sentence.span.text)
        if statements is None:
            return True
        near = {term for part in statements for term in self._terms(part, sentence.language)}
        return set(own) & set(sentence.terms) <= near

    def _denied(self, text: str, language: str) -> set[str]:
        """What each denial denies: the next word that says anything."""
        following = (self._terms(text[found.end() : found.end() + 80], language) for found in DENIES.finditer(text))
        return {next((term for term in terms if term not in SMALL), "") for terms in following}

    def _held(self, text: str, sentence: Sentence) -> float:
        """How much of the text's weight the sentence and what is near it hold; what was copied comes before."""
        weights = {t: w for t, w in self._weights(text, sentence.language).items() if t not in SMALL}
        found = sum(weight for term, weight in weights.items() if term in sentence.wider)
        return found / (sum(weights.values()) or 1.0) + 0.01 * sentence.copied

    def _read(self, passage: Passage, id: str, reply: Reply) -> Iterator[Sentence]:
        text, begin, language = passage.span.text, passage.span.start, passage.chunk.language
        copied = [place for each in reply.copied if each.id == id and (place := find(each.text, text))]
        above = self._terms(" ".join((passage.source.title, *passage.chunk.heading)), language)
        before: Span | None = None
        for start, end in sentences(text, language):
            span = Span(text[start:end], begin + start, begin + end)
            terms = self._terms(span.text, language)
            earlier = self._terms(before.text, language) if before else []
            quoted = any(first < end and start < last for first, last in copied)
            yield Sentence(passage, span, before, tuple(terms), frozenset((*terms, *earlier, *above)), quoted)
            before = span


def without_yes_or_no(text: str) -> str:
    """A yes or no says something of the question, which no document holds."""
    rest = YES_OR_NO.sub("", text)
    return rest[:1].upper() + rest[1:] if rest != text and rest else text
