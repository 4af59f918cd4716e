"""Which sentences of a reply may be shown, in whose words, and on what they stand.

A sentence is shown **as written** where a sentence of a passage plainly says the same: that one holds every word of it
that says anything, in about the same order, and no rule of index/prose/rules.py is broken. Where a passage speaks of
the same and it is not plain that it says the same, the passage's own sentence is **quoted** in its place: what was
right is not lost, and what was not is put right. What no passage speaks of is left out.

The documents whose passages a sentence names are looked at first, then the others: models mistake the passage more
often than the matter, but what another document says may be of something else, and is only quoted. Sentences that give
orders (index/orders.py), or would lead a reader away, are never shown as written: they are quoted, and only where they
are likely to be what is asked for.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum, auto
from functools import cache, cached_property, partial

from index.citations import POINTING, WORTH, fold
from index.orders import gives_orders, leads_away, ordering
from index.prose.facts import facts
from index.prose.finding import find
from index.prose.offer import Offer, repeats_rules
from index.prose.reply import Copied, Said
from index.prose.rules import (
    DENIES,
    LIMITS,
    MODAL,
    RULED,
    SMALL,
    beside,
    numbers_stand,
    out_of_order,
    own_words,
    words_of,
)
from index.reading import sentences_of
from index.types import Passage, Span

Terms = Callable[[str, str], list[str]]
"""The stems of a text in a language."""

Weights = Callable[[str, str], Mapping[str, float]]
"""The stems of a text in a language, each with its rarity."""

Likelihood = Callable[[str, Span], float]
"""Of a stretch of a document, how likely its best sentence answers the question, beside the best one of all: 0 to 1."""

PLAIN_ORDER = 0.5
"""Pairs of words that stand the other way round, at most: who relieves whom."""

AKIN = 0.35
"""Of a sentence's words by weight, held by one that speaks of the same and is quoted in its place."""

PREFERENCE = 0.01
"""For what the model copied."""

TRUSTED = 0.1
"""Of the best sentence's likelihood, for one that would lead a reader away: of seven with the address or telephone that
was asked for five had .11 to 1 of it, of seven with one that was not, none more than .02."""

LOOKED_AT = 3
"""Sentences of passages that a sentence is compared with closely: those that hold most of its words."""

NAME = re.compile(r"(?<=[\w,;:] )[^\W\d_a-zа-яё][\w'’-]+")
"""A capital that begins no sentence."""

HEADING = re.compile(r"^#.*", re.MULTILINE)

YES_OR_NO = re.compile(r"^(?:yes|no|да|нет)\s*[,.:;—–-]+\s*", re.IGNORECASE)


class Fault(StrEnum):
    """Why a sentence is not shown as it was written, in the order in which it is looked at."""

    NUMBER = auto()
    NAME = auto()
    """Somebody or something that no passage speaks of."""
    ADDRESS = auto()
    DENIAL = auto()
    ADDED = auto()
    DROPPED = auto()
    ORDER = auto()
    WORDS = auto()
    ELSEWHERE = auto()
    """Another document than it names plainly says the same: of something else, perhaps."""
    ORDERED = auto()
    """What says the same gives orders, or would lead a reader away; or the model repeats what it was told to do."""


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
    orders: bool
    """It gives orders, or stands behind one that does."""
    leads_away: bool

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

    def __init__(
        self, offer: Offer, *, terms: Terms, weights: Weights, likelihood: Likelihood = lambda *_: 1.0
    ) -> None:
        self._offer, self._likelihood = offer, likelihood
        self._terms = cache(terms)
        self._weights = cache(partial(weights_of, weights=weights))
        self._places = cache(self._find)

    @cached_property
    def _by_id(self) -> dict[str, tuple[Sentence, ...]]:
        return {each.id: tuple(self._read(each.passage)) for each in self._offer.passages}

    def verdict(self, said: Said, copied: tuple[Copied, ...] = ()) -> Verdict:
        """What the model copied comes before what is as near."""
        text = without_yes_or_no(said.text)
        documents = {each.passage.source.document for id in said.ids for each in self._by_id.get(id, ())}
        every = [sentence for found in self._by_id.values() for sentence in found]
        heeded = [each for each in every if self._is_heeded(each)]
        named = [each for each in heeded if each.passage.source.document in documents]
        others = [each for each in heeded if each.passage.source.document not in documents]
        fault = Fault.WORDS
        for sought in (named, others):
            compared = [(self._fault(text, each), each) for each in self._nearest(text, sought, copied)]
            standing = next((each for wrong, each in compared if wrong is None), None)
            if standing:
                elsewhere = Fault.ELSEWHERE if sought is others and named else None
                return Verdict(text, (standing.evidence(),), elsewhere)
            akin = [(wrong, each) for wrong, each in compared if wrong and self._is_akin(text, each)]
            if akin:
                wrong, best = max(akin, key=lambda each: list(Fault).index(each[0]))
                return Verdict(text, (best.evidence(),), wrong)
            fault = next((wrong for wrong, _ in compared if wrong), fault)
        unheeded = (each for each in every if not self._is_heeded(each))
        obeyed = repeats_rules(text) or leads_away(text) or any(self._is_akin(text, each) for each in unheeded)
        return Verdict(text, (), Fault.ORDERED if obeyed else Fault.NAME if self._names_another(text) else fault)

    def copies(self, copied: tuple[Copied, ...]) -> tuple[Verdict, ...]:
        """The sentences in which stands what the model copied, each to be quoted."""
        found = (
            each
            for place in self._places(copied)
            for sentences in self._by_id.values()
            for each in sentences
            if self._is_heeded(each) and stands_in(each, (place,))
        )
        return tuple(Verdict(each.span.text, (each.evidence(),), Fault.WORDS) for each in found)

    @cached_property
    def ordered(self) -> bool:
        """Whether a document about the question gives orders: then nobody can tell why the model says what it says."""
        passages = [each.passage for each in self._offer.passages]
        about = {each.source for each in passages if self._likelihood(each.source.document, each.span) >= WORTH}
        sentences = [each for found in self._by_id.values() for each in found]
        return any(each.orders for each in sentences if each.passage.source in about) or any(
            gives_orders(text)
            for each in passages
            if each.source in about
            for text in (each.source.title, *each.chunk.heading, *HEADING.findall(each.span.text))
        )

    def prepare(self) -> None:
        """Reads the passages, as the first verdict else would."""
        self._by_id  # noqa: B018

    def _is_heeded(self, sentence: Sentence) -> bool:
        """Orders, and what would lead a reader away, only where they are likely to be what is asked for; never what is
        both."""
        if not (sentence.orders or sentence.leads_away):
            return True
        if sentence.orders and sentence.leads_away:
            return False
        return self._likelihood(sentence.passage.source.document, sentence.span) >= TRUSTED

    def _fault(self, text: str, sentence: Sentence) -> Fault | None:
        fault = self._plain_fault(text, sentence)
        return Fault.ORDERED if fault is None and (sentence.orders or sentence.leads_away) else fault

    def _plain_fault(self, text: str, sentence: Sentence) -> Fault | None:
        said, language = sentence.span.text, sentence.language
        if language not in RULED and fold(text) == fold(said) and not facts(text).addresses:
            return None
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
        if own and not set(own) & set(self._terms(own_words(said), language)):
            return Fault.DROPPED
        if out_of_order(own, sentence.terms) > PLAIN_ORDER:
            return Fault.ORDER
        return None if own and set(own) <= set(sentence.terms) and language in RULED else Fault.WORDS

    def _names_another(self, text: str) -> bool:
        known = {(each.language, term) for found in self._by_id.values() for each in found for term in each.wider}
        languages = {language for language, _ in known}
        terms = (
            {(each, term) for each in languages for term in self._terms(name, each)} for name in NAME.findall(text)
        )
        return any(not named & known for named in terms)

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

    def _nearest(self, text: str, sought: Sequence[Sentence], copied: tuple[Copied, ...]) -> list[Sentence]:
        places = self._places(copied)
        return sorted(sought, key=lambda each: -self._held(text, each) - PREFERENCE * stands_in(each, places))[
            :LOOKED_AT
        ]

    def _find(self, copied: tuple[Copied, ...]) -> tuple[tuple[Passage, int, int], ...]:
        """Where what was copied stands in the passages that it is said to be from."""
        found = ((self._offer.passage(each.id), each.text) for each in copied)
        places = ((passage, find(text, passage.span.text)) for passage, text in found if passage)
        return tuple((passage, *place) for passage, place in places if place)

    def _is_akin(self, text: str, sentence: Sentence) -> bool:
        """Whether it speaks of the same, and not only what stands above it does."""
        own = self._weights(text, sentence.language).keys() & set(sentence.terms)
        return bool(own) and self._held(text, sentence) >= AKIN

    def _held(self, text: str, sentence: Sentence) -> float:
        """How much of the text's weight the sentence and what is near it hold."""
        weights = self._weights(text, sentence.language)
        found = sum(weight for term, weight in weights.items() if term in sentence.wider)
        return found / (sum(weights.values()) or 1.0)

    def _read(self, passage: Passage) -> Iterator[Sentence]:
        language = passage.chunk.language
        above = self._terms(" ".join((passage.source.title, *passage.chunk.heading)), language)
        before: Span | None = None
        spans = sentences_of(passage)
        for span, orders in zip(spans, ordering(spans, passage.span), strict=True):
            terms = self._terms(span.text, language)
            earlier = self._terms(before.text, language) if before else []
            wary = leads_away(span.text, known=passage.source.url)
            yield Sentence(passage, span, before, tuple(terms), frozenset((*terms, *earlier, *above)), orders, wary)
            before = None if orders or wary else span


def stands_in(sentence: Sentence, places: Iterable[tuple[Passage, int, int]]) -> bool:
    start, end = (each - sentence.passage.span.start for each in (sentence.span.start, sentence.span.end))
    return any(passage is sentence.passage and first < end and start < last for passage, first, last in places)


def weights_of(text: str, language: str, *, weights: Weights) -> dict[str, float]:
    return {term: weight for term, weight in weights(text, language).items() if term not in SMALL}


def without_yes_or_no(text: str) -> str:
    """A yes or no says something of the question, which no document holds."""
    rest = YES_OR_NO.sub("", text)
    return rest[:1].upper() + rest[1:] if rest != text and rest else text
