"""Whether two sentences of different documents answer the same with different numbers, dates or times. Pure.

Careful rather than clever: that documents disagree is said in our own words, so a wrong claim weighs more than many
missed ones. Two sentences disagree only where they say the same in the same words, but for one value; whatever might
make them speak of two things (another name, season, year, tense, a "not", an "another", a word in the place of a word)
keeps them apart. docs/decisions/0014 has the figures.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest

from index.sentences import INTRODUCES
from index.stated import values
from index.types import Passage, Span
from index.values import Kind, Precision, Value, differ
from index.words import FILLING, KINDS_OF_DOCUMENT, MATTERING, MONTHS, QUALIFYING, SAME, WAS

Stemmer = Callable[[str, str], str]
"""A word and its language to the form that all its forms share."""

ALIKE = 0.6
"""Words in both sentences, as a share of the words in either, at least."""

SHARED = 2
"""Words in both, at least, that mean something by themselves; what the value counts is one."""

WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
CELL = re.compile(r"\||\w: |\t")
"""Two of these and it is a row of a table: its columns may be other things in another table."""


DONE_ONCE = (
    r"founded|established|built|constructed|erected|born|invented|discovered|completed|inaugurated|incorporated|created|"
    r"launched|abolished|demolished|signed|ratified|основан\w*|учрежд\w+|постро\w+|возвед\w+|сооруж\w+|рожд[её]н\w*|"
    r"изобрет\w+|откры(?:т|та|то|ты)|создан\w*|заверш\w+|подписан\w*"
)
ONCE_DONE = re.compile(DONE_ONCE, re.IGNORECASE)
ONCE = re.compile(
    rf"\b(?:{DONE_ONCE}|founding|establishment|construction|died|birth|death|invention|discovery|completion|"
    r"inauguration|first|deadline|due|expir(?:es|ed|y)|основали|учредили|возвели|соорудили|родил\w+|умер\w*|смерт\w+|"
    r"изобрели|открыли|открыти\w+|создали|впервые|подписали|срок\w*|истека\w+)\b",
    re.IGNORECASE,
)
"""What happens once, or is set for one day. Of anything else, two dates may both be right."""

PRONOUN = re.compile(
    r"\W*(?:he|she|it|they|this|these|those|his|her|its|their|such|both|we|i|you|one|there|here|"
    r"он|она|оно|они|это|этот|эта|эти|его|её|ее|их|такой|такая|такие|мы|я|вы)\b",
    re.IGNORECASE,
)
"""How a sentence begins that does not say what it is about."""

PAST = {"en": re.compile(r"ed$"), "ru": re.compile(r"л[аои]?(?:с[ья])?$")}


@dataclass(frozen=True, slots=True)
class Word:
    """`stem` is the form that all its forms share; of words for the same, that of one of them."""

    text: str
    stem: str
    start: int
    end: int

    @property
    def lower(self) -> str:
        return self.text.lower()

    @property
    def is_name(self) -> bool:
        return self.text[0].isupper()


class Statement:
    """One sentence of a document, read for what can be compared."""

    def __init__(self, span: Span, passage: Passage, stemmer: Stemmer) -> None:
        self.span = span
        self.passage = passage
        self.language = passage.chunk.language
        self._stemmer = stemmer

    def stem(self, word: str) -> str:
        return self._stemmer(SAME.get(word.lower(), word), self.language)

    @cached_property
    def values(self) -> tuple[Value, ...]:
        return values(self.span.text, self.stem)

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """All but those of the values."""
        return tuple(
            Word(match[0], self.stem(match[0]), *match.span())
            for match in WORD.finditer(self.span.text)
            if not any(match.start() < value.end and value.start < match.end() for value in self.values)
        )

    @cached_property
    def content(self) -> tuple[Word, ...]:
        """The words that mean something by themselves."""
        return tuple(word for word in self.words if word.lower not in FILLING | MATTERING)

    @cached_property
    def stems(self) -> frozenset[str]:
        return frozenset(word.stem for word in self.content)

    @property
    def states(self) -> bool:
        """Whether it says by itself what it is about, and something that can be compared."""
        text = self.span.text
        return bool(
            self.values
            and not PRONOUN.match(text)
            and not text.endswith(("?", *INTRODUCES))
            and len(CELL.findall(text)) < 2
        )

    @property
    def above(self) -> str:
        """What its document and the headings say that it is about."""
        source = self.passage.source
        return " ".join((source.title, *self.passage.chunk.heading))


def statements_in(span: Span, passage: Passage, sentences: Sequence[Span], stemmer: Stemmer) -> list[Statement]:
    """Those of the passage's sentences that lie in the span."""
    within = (each for each in sentences if span.start <= each.start and each.end <= span.end)
    return [Statement(each, passage, stemmer) for each in within]


def disagreement(one: Statement, other: Statement) -> tuple[Value, Value] | None:
    """The two values that cannot both be right; None where they can, or the sentences may be about two things."""
    return differing(one, other) if about_the_same(one, other) else None


def differing(one: Statement, other: Statement) -> tuple[Value, Value] | None:
    """The two values in which sentences of the same words differ; None where they differ in anything else."""
    if one.language != other.language or not (one.states and other.states):
        return None
    pair = only_difference(one, other)
    return pair if pair and same_claim(one, other, pair) else None


def only_difference(one: Statement, other: Statement) -> tuple[Value, Value] | None:
    """The only two values that differ, where every other is in both, or counts what only one of them counts."""
    pairs = []
    measures = {value.measure for value in (*one.values, *other.values)}
    for measure in measures:
        mine = [value for value in one.values if value.measure == measure]
        theirs = [value for value in other.values if value.measure == measure]
        if len(mine) == len(theirs) == 1:
            if differ(mine[0], theirs[0]):
                pairs.append((mine[0], theirs[0]))
            elif Precision.OPEN in (mine[0].precision, theirs[0].precision) and mine[0].text != theirs[0].text:
                return None
        elif [value.readings for value in mine] != [value.readings for value in theirs] and (
            (mine and theirs) or measure[0] is not Kind.NUMBER
        ):
            return None
    return pairs[0] if len(pairs) == 1 else None


def same_claim(one: Statement, other: Statement, pair: tuple[Value, Value]) -> bool:
    """Whether they say the same, but for the values."""
    mine, theirs = one.stems, other.stems
    shared, lone = mine & theirs, mine ^ theirs
    counted = int(bool(pair[0].unit))
    if (mine - theirs and theirs - mine) or len(shared) + counted < SHARED or not shared:
        return False
    if len(shared) < ALIKE * len(mine | theirs) or mattering(one) != mattering(other):
        return False
    if pair[0].kind is Kind.DATE and not (ONCE.search(one.span.text) and ONCE.search(other.span.text)):
        return False
    if pair[0].kind is Kind.NUMBER and not pair[0].unit and word_before(one, pair[0]) != word_before(other, pair[1]):
        return False
    alone = [(each, word) for each in (one, other) for word in each.content if word.stem in lone]
    return (
        not any(narrows(word) or leads(word, shared, each) for each, word in alone)
        and same_tense(one, other, shared)
        and first_of(one, shared) == first_of(other, shared)
        and names_in_order(one, shared) == names_in_order(other, shared)
    )


def narrows(word: Word) -> bool:
    """Whether it says for when, for whom or of which it holds, or names somebody."""
    return word.lower in QUALIFYING or word.lower in MONTHS or word.is_name or word.text[0].isdigit()


def leads(word: Word, shared: frozenset[str], statement: Statement) -> bool:
    """Whether it stands right before a word of both, as "old" in "the old bridge": it may be another bridge."""
    following = next((each for each in statement.words if each.start >= word.end), None)
    touching = following and not statement.span.text[word.end : following.start].strip()
    return bool(touching and following and following.stem in shared)


def mattering(statement: Statement) -> frozenset[str]:
    """ "Was founded" is no other time than "founded"."""
    pairs = zip_longest(statement.words, statement.words[1:])
    told = (
        word.lower for word, after in pairs if not (word.lower in WAS and after and ONCE_DONE.fullmatch(after.text))
    )
    return frozenset(told) & MATTERING


def word_before(statement: Statement, value: Value) -> str:
    """What a number without a unit follows tells what it is the number of; at the beginning it follows nothing, and
    may be any number."""
    before = (word.lower for word in reversed(statement.words) if word.end <= value.start)
    return next(before, str(statement.span))


def same_tense(one: Statement, other: Statement, shared: frozenset[str]) -> bool:
    past = PAST.get(one.language)
    if past is None:
        return True
    return all(
        bool(past.search(mine.lower)) == bool(past.search(theirs.lower))
        for mine in one.content
        for theirs in other.content
        if mine.stem == theirs.stem and mine.stem in shared and mine.lower not in SAME
    )


def first_of(statement: Statement, shared: frozenset[str]) -> str:
    return next((word.stem for word in statement.content if word.stem in shared), "")


def names_in_order(statement: Statement, shared: frozenset[str]) -> list[str]:
    """The names of both, but for the first word of the sentence."""
    return [word.stem for word in statement.content if word.is_name and word.stem in shared and word.start]


def about_the_same(one: Statement, other: Statement) -> bool:
    """Whether nothing above the two sentences says that they are about two things."""
    if times_above(one) != times_above(other) or qualifiers_above(one) != qualifiers_above(other):
        return False
    return not (named_alone(one, other) and named_alone(other, one))


def times_above(statement: Statement) -> list[tuple[object, ...]]:
    """The dates in the headings: what stands under "2019" holds for 2019."""
    headings = " ".join(statement.passage.chunk.heading)
    return [value.readings for value in values(headings, statement.stem) if value.kind is Kind.DATE]


def qualifiers_above(statement: Statement) -> frozenset[str]:
    return frozenset(word.lower() for word in WORD.findall(statement.above)) & (QUALIFYING | MONTHS.keys())


def named_alone(one: Statement, other: Statement) -> frozenset[str]:
    """What the one's title and headings name that is neither a sort of document nor stands with the other."""
    beside = f"{other.above} {other.passage.source.document} {other.passage.span.text}"
    known = {other.stem(word) for word in WORD.findall(beside)}
    plain = {word for word in WORD.findall(one.passage.span.text) if word.islower()}
    nameless = plain | KINDS_OF_DOCUMENT | FILLING
    names = (word for word in WORD.findall(one.above) if word[0].isupper() and word.lower() not in nameless)
    return frozenset(map(one.stem, names)) - known
