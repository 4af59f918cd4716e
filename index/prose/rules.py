"""What one sentence may not do to another that it claims to repeat. Pure; English and Russian.

Each rule looks at two texts: what a model says, and the sentence of a document that it is held against. Why these, and
what each keeps out: docs/decisions/0016-prose.md; a pair for each: tests/test_prose_verification.py.
"""

import re
from collections.abc import Sequence
from itertools import combinations

from index.prose.facts import Part, facts, held, holds, loose, stated, ways
from index.stated import SIGNS
from index.values import Kind, Precision, Value
from index.words import UNITS, listed

RULED = frozenset({"en", "ru"})
"""Languages that have words for these rules; one in another is shown as written where it is the passage's own."""

SMALL = listed(
    "a an the of in on at by for from to with and or but as is are was were be been has have had that which who it its "
    "their his her this these there than he she they them you your i we our do does did will would can must also into "
    "over per not no и в во на с со к о об от до по за у для при что это как же был была было были его её их не а но "
    "или из according accord addit addition both document exampl furthermor furthermore howev however instead mention "
    "moreov moreover note overal passag report say said specif state such therefor therefore thus согласн также кром "
    "однак документ"
)
"""Stems of words that say nothing of the matter by themselves."""

DENIES = re.compile(
    r"\b(?:not|no|never|neither|nor|none|nobody|nothing|cannot|without|hardly|rarely|fail\w*|refus\w*|reject\w*|"
    r"den(?:y|ie[sd])|lack\w*|forb\w+|prohibit\w*|bann?\w*|unable|cancel\w*)\b|n['’]t\b|"
    r"\b(?:не|нет|ни|никогда|никто|ничего|без|нельзя|запре\w+|отказ\w+|отмен\w+)\b",
    re.IGNORECASE,
)
MODAL = re.compile(
    r"\b(?:must|may|might|can|could|should|shall|need|needs|have to|has to|had to|allowed|required|"
    r"должн?[аоы]?|должен|может|могут|можно|нужно|надо|следует|обязан[аоы]?)\b",
    re.IGNORECASE,
)
LIMITS = re.compile(
    r"\b(?:if|unless|only|except|excluding|until|provided|when|while|whether|although|though|otherwise|or|"
    r"may|might|would|could|should|perhaps|probably|possibly|likely|about|nearly|almost|some|most|often|usually|partly|"
    r"sometimes|according|reported\w*|claim\w*|alleg\w*|believ\w*|said|says|plan\w*|propos\w*|hop(?:es?|ed)|expect\w*|"
    r"intend\w*|suspect\w*|say|tell\w*|told|state|inform\w*|answer|reply|write|speak|praise|если|только|лишь|кроме|пока|или|возможно|вероятно|около|почти|некотор\w+|обычно|часто|иногда|"
    r"по словам|сказал\w*|говор\w*|сообщ\w*|заяви\w*|утвержда\w*|план\w*|предлож\w*|наде\w+|ожида\w*)\b",
    re.IGNORECASE,
)
"""Words under which what a sentence says is not simply so, or is only to be said."""

STATEMENT = re.compile(r"[,;:—–]\s+|\s-\s|\s+(?=(?:and|but|while|whereas|although|not|а|и|но|хотя|тогда)\s)")

PUT_IN_A_MOUTH = re.compile(r"(?<=:)\s.*|[\"“«„]([^\"”»]*)[\"”»]", re.DOTALL)
"""What stands behind a colon or in quotation marks: somebody says it, or is to say it."""

Number = tuple[frozenset[Part], ...]
KNOWN_UNITS = frozenset((*UNITS.values(), *SIGNS.values()))


def words_of(pattern: re.Pattern[str], text: str) -> set[str]:
    return {word.lower() for word in pattern.findall(text)}


def numbers_stand(text: str, said: str) -> bool:
    """Whether all numbers of the text are said, in the same units, as bounds where they are, and in turn."""
    numbers = facts(text).numbers
    return (
        all(holds(held(said), number) for number in numbers)
        and bounded(text) == bounded(said)
        and same_units(text, said)
        and in_turn(numbers, facts(said).numbers)
        and in_turn(tuple(loose(text)), tuple(loose(said)))
    )


def bounded(text: str) -> bool:
    """Whether a number is a bound, or one of a range: "up to six months" is not "six months"."""
    return any(value.kind is Kind.NUMBER and value.precision is Precision.OPEN for value in stated(text))


def same_units(text: str, said: str) -> bool:
    """Whether no number that is said in one unit is given in another."""
    others = stated(said)
    for one in stated(text):
        alike = [other for other in others if set(one.readings) & set(other.readings)]
        if one.kind is Kind.NUMBER and alike and all(units_differ(one, other) for other in alike):
            return False
    return True


def units_differ(one: Value, other: Value) -> bool:
    known = one.unit in KNOWN_UNITS or other.unit in KNOWN_UNITS
    return known and bool(one.unit and other.unit) and one.unit != other.unit


def in_turn(numbers: Sequence[Number], said: Sequence[Number]) -> bool:
    """Whether the numbers come in the order in which they are said: 3-2 is not 2-3."""
    turn = 0
    for number in numbers:
        places = [place for place, other in enumerate(said) if set(number) & set(other)]
        later = [place for place in places if place >= turn]
        if places and not later:
            return False
        turn = later[0] + 1 if later else turn
    return True


def beside(text: str, said: str) -> list[str] | None:
    """The statements of a sentence in which the text's numbers stand, where it holds other numbers of their kind too:
    what the text says has to stand there. None where it holds no others, and [] where one stands among others."""
    own, kinds = held(text), {value.kind for value in stated(text)}
    if not any(value.kind in kinds and not any(way <= own for way in ways(value)) for value in stated(said)):
        return None
    found = [part for part in STATEMENT.split(said) if any(holds(held(part), n) for n in facts(text).numbers)]
    return [] if any(held(part) - own for part in found) else found


def own_words(text: str) -> str:
    """What a sentence says itself."""
    return PUT_IN_A_MOUTH.sub(" ", text)


def out_of_order(own: Sequence[str], said: Sequence[str]) -> float:
    """Of the pairs of words in both, the share that stands the other way round."""
    places = [said.index(term) for term in dict.fromkeys(own) if term in said]
    pairs = list(combinations(places, 2))
    return sum(first > second for first, second in pairs) / max(1, len(pairs))
