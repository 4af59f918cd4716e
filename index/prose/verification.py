"""Which sentences of a reply may be shown, in whose words, and on what they stand.

A sentence is shown **as written** where a sentence of a passage plainly says the same: that one, with the sentence
before it and what stands above it, holds every word of it that says anything, in about the same order; every number and
date, in the same unit, in turn and beside the same words; it denies the same; it adds no "all", "must" or "because".
One that joins two statements may stand on two.
Where a passage speaks of the same and it is not plain that it says the same, the passage's own sentence is **quoted**
in its place: what was right is not lost, and what was not is put right. What no passage speaks of is left out.

The documents whose passages a sentence names are looked at first, then the others: models mistake the passage more
often than the matter, but what another document says may be of something else, and is only quoted. What each rule costs
and keeps out: docs/decisions/0016-prose.md.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum, auto
from itertools import combinations

from index.citations import POINTING, fold
from index.prose.facts import Part, facts, held, holds, loose, ways
from index.prose.finding import find
from index.prose.offer import Offer
from index.prose.reply import Reply, Said
from index.sentences import sentences
from index.types import Passage, Span
from index.values import SIGNS, Kind, Precision, Value, values
from index.words import UNITS

Terms = Callable[[str, str], list[str]]
"""The stems of a text in a language."""

Weights = Callable[[str, str], Mapping[str, float]]
"""The stems of a text in a language, each with its rarity."""

RULED = frozenset({"en", "ru"})
"""Languages that have words for these rules; one in another is shown as written where it is the passage's own."""

PLAIN_ORDER = 0.5
"""Pairs of words that stand the other way round, at most: who relieves whom."""

AKIN = 0.35
"""Of a sentence's words by weight, held by one that speaks of the same and is quoted in its place."""

Number = tuple[frozenset[Part], ...]
KNOWN_UNITS = frozenset((*UNITS.values(), *SIGNS.values()))

LOOKED_AT = 3
"""Sentences of passages that a sentence is compared with closely: those that hold most of its words."""

MOST_STATEMENTS = 3

LEAST_WORDS = 3
"""Of a statement that may stand by itself: "The coordinator" and "Anna Reed" are none."""

STATEMENT = re.compile(r"[,;:—–]\s+|\s-\s|\s+(?=(?:and|but|while|whereas|although|not|а|и|но|хотя|тогда)\s)")
YES_OR_NO = re.compile(r"^(?:yes|no|да|нет)\b[,.:;—–-]*\s*", re.IGNORECASE)
DENIES = re.compile(
    r"\b(?:not|no|never|neither|nor|none|nobody|nothing|cannot|without|hardly|rarely|fail\w*|refus\w*|reject\w*|den(?:y|ie[sd])|lack\w*|"
    r"forb\w+|prohibit\w*|bann?\w*|unable|cancel\w*)\b|n['’]t\b|"
    r"\b(?:не|нет|ни|никогда|никто|ничего|без|нельзя|запре\w+|отказ\w+|отмен\w+)\b",
    re.IGNORECASE,
)
ALL = re.compile(
    r"\b(?:all|any|every|everyone|everything|always|never|ever|nobody|none|each|both|whole|entire|anywhere|anything|"
    r"first|largest|biggest|best|most|only)\b|"
    r"\b(?:все|всё|всех|всегда|никогда|любой|любая|любые|каждый|каждая|весь|вся|целиком|самый|самая|только)\b",
    re.IGNORECASE,
)
MEASURE = re.compile(
    r"\b(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|half|quarter|double|triple|twice|once|"
    r"hourly|daily|nightly|weekly|fortnightly|monthly|quarterly|yearly|annual|annually|noon|midday|midnight|morning|"
    r"afternoon|evening|night|spring|summer|autumn|winter|north|south|east|west|left|right|upper|lower|"
    r"mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|saturdays?|sundays?)\b|"
    r"\b(?:перв|втор|трет|четверт|четвёрт|пят|шест|седьм|восьм|девят|десят|последн|половин|вдвое|дважды|ежедневн|"
    r"еженедельн|ежемесячн|ежегодн|полдень|полночь|понедельник|вторник|сред[ауы]|четверг|пятниц|суббот|воскресень|"
    r"весн|лет[оа]м|осен|зим|\w+надцат[^ь]|(?:двадцат|тридцат)[^ь]|сороков|\w+десятый)|"
    r"\b(?:\w+teenth|eleventh|twelfth|\w+tieth|hundredth|thousandth)\b|[\u00b2\u00b3\u00b9\u00bc-\u00be\u2150-\u215e]",
    re.IGNORECASE,
)
"""Words that count, order or place, and may be exchanged like a number. In Russian their beginnings."""

MODAL = re.compile(
    r"\b(?:must|may|might|can|could|should|shall|need|needs|have to|has to|had to|allowed|required|"
    r"должн?[аоы]?|должен|может|могут|можно|нужно|надо|следует|обязан[аоы]?)\b",
    re.IGNORECASE,
)

WHY = re.compile(
    r"\b(?:because|since|due|therefore|so that|as a result|thus|owing|caused|causing|led|reason|thanks to|in order)\b|"
    r"\b(?:потому|поэтому|из-за|так как|чтобы|вследствие|благодаря|причин\w*)\b",
    re.IGNORECASE,
)

SMALL = frozenset(
    "a an the of in on at by for from to with and or but as is are was were be been has have had that which who it its "  # noqa: SIM905
    "their his her this these there than he she they them you your i we our do does did will would can must also into "
    "over per not no и в во на с со к о об от до по за у для при что это как же был была было были его её их не а но "
    "или из according accord addit addition both document exampl furthermor furthermore howev however instead mention "
    "moreov moreover note overal passag report say said specif state such therefor therefore thus согласн также кром "
    "однак документ".split()
)
"""Stems of words that say nothing of the matter."""


class Fault(StrEnum):
    """Why a sentence is not shown as it was written, in the order in which it is looked at."""

    NUMBER = auto()
    NAME = auto()
    ADDRESS = auto()
    DENIAL = auto()
    ADDED = auto()
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
        fault: Fault | None = None
        for sought in (named, others):
            compared = [(self._fault(text, each), each) for each in self._nearest(text, sought)]
            standing = next((each for wrong, each in compared if wrong is None), None)
            if standing and (rival := self._rival(text, standing, sought)):
                return Verdict(text, (rival.evidence(),), Fault.NUMBER)
            if standing:
                wrong = Fault.ELSEWHERE if sought is others and named else None
                return Verdict(text, (standing.evidence(),), wrong)
            evidence = self._statements(text, sought)
            if evidence and (sought is named or not named):
                return Verdict(text, evidence)
            wrong, nearest = max(
                compared, key=lambda each: list(Fault).index(each[0] or Fault.WORDS), default=(None, None)
            )
            fault = fault or wrong
            if nearest and self._held(text, nearest) >= AKIN:
                return Verdict(text, (nearest.evidence(),), wrong)
        return Verdict(text, (), fault or Fault.WORDS)

    def _rival(self, text: str, standing: Sentence, sought: Sequence[Sentence]) -> Sentence | None:
        """A sentence that speaks of the same in more of its words, with another number of that kind: the number of the
        one that stands may be another thing's."""
        if not facts(text).numbers:
            return None
        words = {term for term in self._words(text, sought) if not term.isdigit()}
        best = max(sought, key=lambda each: len(words & set(each.terms)))
        more = len(words & set(best.terms)) > len(words & set(standing.terms))
        return best if more and competing(text, best.span.text) else None

    def _statements(self, text: str, sought: Sequence[Sentence]) -> tuple[Evidence, ...]:
        """What each statement of the sentence stands on; nothing where one of them does not stand."""
        parts = [part for part in STATEMENT.split(text) if part.strip()]
        if (
            not 2 <= len(parts) <= MOST_STATEMENTS
            or min(len(self._words(part, sought)) for part in parts) < LEAST_WORDS
        ):
            return ()
        found = [
            next((each for each in self._nearest(part, sought) if self._states(part, each)), None) for part in parts
        ]
        return tuple(dict.fromkeys(each.evidence() for each in found if each)) if all(found) else ()

    def _states(self, part: str, sentence: Sentence) -> bool:
        """Whether one statement of the sentence says by itself what the part says."""
        words = self._words(part, (sentence,))
        alone = (words & self._words(each, (sentence,)) for each in STATEMENT.split(sentence.span.text))
        return self._fault(part, sentence) is None and 2 * max(map(len, alone)) > len(words)

    def _words(self, text: str, sought: Sequence[Sentence]) -> set[str]:
        language = sought[0].language if sought else "en"
        return {term for term in self._terms(text, language) if term not in SMALL}

    def _nearest(self, text: str, sought: Sequence[Sentence]) -> list[Sentence]:
        return sorted(sought, key=lambda each: -self._held(text, each))[:LOOKED_AT]

    def _fault(self, text: str, sentence: Sentence) -> Fault | None:
        claimed, said = facts(text), sentence.span.text
        terms = self._terms(text, sentence.language)
        own = [term for term in terms if term not in SMALL and not term.isdigit()]
        if sentence.language not in RULED:
            return None if fold(text) in fold(said) else Fault.WORDS
        if not self._numbers_stand(text, sentence) or words_of(MEASURE, text) - words_of(MEASURE, said):
            return Fault.NUMBER
        if not all(set(self._terms(name, sentence.language)) <= sentence.wider for name in claimed.names):
            return Fault.NAME
        if claimed.addresses - {sentence.passage.source.url}:
            return Fault.ADDRESS
        if bool(DENIES.search(text)) != bool(DENIES.search(said)):
            return Fault.DENIAL
        if self._denied(text, sentence.language) - self._denied(said, sentence.language):
            return Fault.DENIAL
        added = any(words_of(pattern, text) - words_of(pattern, said) for pattern in (ALL, MODAL))
        if added or (WHY.search(text) and not WHY.search(said)):
            return Fault.ADDED
        if out_of_order(own, sentence.terms) > PLAIN_ORDER:
            return Fault.ORDER
        wanted, near = set(own), set(sentence.terms) if claimed.names else sentence.wider
        return None if wanted <= near and wanted & set(sentence.terms) else Fault.WORDS

    def _denied(self, text: str, language: str) -> set[str]:
        """What each denial denies: the next word that says anything."""
        following = (self._terms(text[found.end() : found.end() + 80], language) for found in DENIES.finditer(text))
        return {next((term for term in terms if term not in SMALL), "") for terms in following}

    def _numbers_stand(self, text: str, sentence: Sentence) -> bool:
        """Whether the sentence holds all numbers. Where it holds others of their kind, they must stand in statements
        that hold no others, half of the text's words, and all of those that the sentence holds anywhere: "30 minutes
        with a car and 10 on foot" does not say "30 on foot"."""
        numbers, own = facts(text).numbers, held(text)
        if not numbers:
            return True
        if not all(holds(held(sentence.span.text), number) for number in numbers):
            return False
        if bounded(text) != bounded(sentence.span.text) or not same_units(text, sentence.span.text):
            return False
        if not in_turn(numbers, facts(sentence.span.text).numbers):
            return False
        if not in_turn(tuple(loose(text)), tuple(loose(sentence.span.text))):
            return False
        if not competing(text, sentence.span.text):
            return True
        statements = [
            part for part in STATEMENT.split(sentence.span.text) if any(holds(held(part), n) for n in numbers)
        ]
        if any(held(part) - own for part in statements):
            return False
        words = {t for t in self._terms(text, sentence.language) if t not in SMALL and not t.isdigit()}
        beside = {term for part in statements for term in self._terms(part, sentence.language)}
        return 2 * len(words & beside) >= len(words) and words & set(sentence.terms) <= beside

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


def same_units(text: str, said: str) -> bool:
    """Whether no number that is said in one unit is given in another."""
    others = values(said)
    return all(
        any(set(one.readings) & set(other.readings) and not units_differ(one, other) for other in others)
        for one in values(text)
        if one.kind is Kind.NUMBER and any(set(one.readings) & set(other.readings) for other in others)
    )


def units_differ(one: Value, other: Value) -> bool:
    known = one.unit in KNOWN_UNITS or other.unit in KNOWN_UNITS
    return known and bool(one.unit and other.unit) and one.unit != other.unit


def in_turn(numbers: Sequence[Number], said: Sequence[Number]) -> bool:
    """Whether the numbers come in the order in which they are said: 3-2 is not 2-3."""
    turn = 0
    for number in numbers:
        places = [place for place, other in enumerate(said) if place >= turn and set(number) & set(other)]
        if places:
            turn = places[0] + 1
        elif any(set(number) & set(other) for other in said):
            return False
    return True


def bounded(text: str) -> bool:
    """Whether a number is a bound, or one of a range: "up to six months" is not "six months"."""
    return any(value.kind is Kind.NUMBER and value.precision is Precision.OPEN for value in values(text))


def competing(text: str, said: str) -> bool:
    """Whether something is said of another value of a kind that the text names: 30 minutes, and 10 trips."""
    own, kinds = held(text), {value.kind for value in values(text)}
    return any(value.kind in kinds and not any(way <= own for way in ways(value)) for value in values(said))


def words_of(pattern: re.Pattern[str], text: str) -> set[str]:
    return {word.lower() for word in pattern.findall(text)}


def out_of_order(own: Sequence[str], said: Sequence[str]) -> float:
    """Of the pairs of words in both, the share that stands the other way round."""
    places = [said.index(term) for term in dict.fromkeys(own) if term in said]
    pairs = list(combinations(places, 2))
    return sum(first > second for first, second in pairs) / max(1, len(pairs))
