"""How a question leans on what was said before, if it does: "Why?", "And in 2021?", "How long is it?". Pure.

Careful rather than clever: a question that may stand by itself does. A pronoun leans only where nothing before it in
the question can be what it stands for: "How old was Chopin when he moved?" has its own. English and Russian.
"""

import re
from enum import Enum, auto
from itertools import pairwise

from index.words import listed


class Lean(Enum):
    """What a question lacks."""

    NOTHING = auto()
    ALL = auto()
    """It only asks: "Why?", "Who said that?"."""
    QUESTION = auto()
    """It only names something: "And in 2021?", "What about Brussels?"."""
    SUBJECT = auto()
    """It asks something of what was named before: "How long is it?", "How many died?"."""


ASKING = listed(
    "who whom whose when where why how many much long often come "
    "кто кого кому кем когда где куда откуда почему зачем сколько как"
)
"""Words that ask. What is asked with "what" alone has too many meanings to be guessed."""

POINTING = listed(
    "it that this that these those he she they him her them there then so "
    "это этого этому этим он она оно они его её ее их ему ей им там туда оттуда тогда"
)
"""Words that mean something said before."""

PLACING = listed(
    "a an the and or in on at by for from to of with since until before after during as "
    "и или в во на у к ко о об от до из с со по для за под при после году года год"
)
"""Words that set a name or a number in its place."""

LINKING = listed(
    "is are was were do does did has have had be been say said happen happened exactly but "
    "а но же был была было были сказал сказала сказали случилось произошло именно"
)
"""Words that mean nothing without others."""

MORE_ASKING = ASKING | listed(
    "what which что чего чему чем чей чья чьё чье чьи чьей чьего "
    "какой какая какое какие какого какому каким каком каких какую какими насколько"
)

AUXILIARIES = listed(
    "is are was were do does did has have had can could will would shall should must may might "
    "isn't aren't wasn't weren't don't doesn't didn't hasn't haven't hadn't can't couldn't won't wouldn't"
)

ADDRESSING = listed("i i'm me my you your yours we us our я меня мне мной мой вы вас вам ты тебя тебе мы нас нам")
"""Who talks is no subject of the documents."""

RUSSIAN_SUBJECTS = listed("он она оно они")
SUBJECTS = listed("it he she they") | RUSSIAN_SUBJECTS
OBJECTS = listed("it him them него нее неё ней нём нем ним них ними нею ему ей им")
OWNING = listed("his her its their hers theirs")
OWNING_OR_OBJECT = listed("его её ее их")
"""In Russian these are never the subject's own."""

SHOWING = listed("this these this's этот эта эти этого этой этих этом этим этими эту это")
PLACES = listed("there там туда оттуда")

POINTERS = SUBJECTS | OBJECTS | OWNING | OWNING_OR_OBJECT | SHOWING | PLACES

JOINING = listed(
    "and or but as when while after before since until because if that which what how why who whose where "
    "although though than whether "
    "и или но а когда пока после перед если что чтобы который которая которое которые которого которой где потому "
    "хотя чем"
)
"""What begins another clause, or names one thing more: what stands before it may be meant behind it."""

COMMON = MORE_ASKING | POINTING | PLACING | LINKING | AUXILIARIES | POINTERS | JOINING
"""Words that by themselves mean nothing."""
NEVER_NAMES = COMMON - {"may", "will"}

OPENING = re.compile(
    r"(?:(?:and |but )?(?:what|how) about|and|but|(?:а )?(?:что насч[её]т|как насч[её]т|как же)|а|и|но)\s+",
    re.IGNORECASE,
)
"""What begins a question that goes on from another."""

NEW_SUBJECT = re.compile(r"(?:а )?(?:что|как) (?:насч|же)", re.IGNORECASE)
"""Without articles, a thing that comes behind this may as well be a new one."""

WORD = re.compile(r"[^\W_]+(?:[-'’&][^\W_]+)*")

EMPTY_IT = re.compile(
    r"\b(?:does|did|do|will|would|can) it (?:take|cost|mean|matter|seem|appear)\b(?=.* (?:to|for|if|when|that)\b)"
    r"|\bit (?:takes?|took|costs?) \b"
    r"|\b(?:is|was|would|will) it (?:be )?(?:\w+ ){0,2}(?:to|that|how|why|when|if)(?= \w)"
    r"|\bit from .+ to\b|\bthis (?:year|season|month|week|century|decade)\b"
    r"|\bit (?:snow|rain|get (?:dark|light|cold|hot|warm))\b"
    r"|\bthere (?:is|are|was|were|be)\b|\b(?:is|are|was|were|be|been) there\b"
    r"|^(?:это )?(?:правда|верно)\b|\bэто (?:правда|верно|возможно)\b",
    re.IGNORECASE,
)
"""Words that point at nothing: "How long does it take to get there?", "How many steps are there?"."""

COUNTING = re.compile(
    r"(?:and )?how many (?:were|are|was|have|had|died|of (?:them|these|those)\b)"
    r"|(?:and )?how many [a-z]{3,}ed(?= *$| (?:in|on|at|by|from|to|there)\b)"
    r"|(?:and )?which (?:ones?|of (?:them|these|those))\b|(?:what|which) percent(?:age)? (?:was|were|is|are)\b"
    r"|.*\b(?:the|an?) (?:next|other|first|last|second|third|old|older|new|newer|biggest|smallest) ones?\b"
    r"|(?:а )?сколько (?:процентов |из )?(?:было|были|погибло|умерло)\b",
    re.IGNORECASE,
)
"""How many, or which: of what was named before."""

DROPPED = re.compile(r"[а-яё]+(?:лся|лась|лось|лись)", re.IGNORECASE)
"""Russian verbs whose subject may be left out."""

ANYONE_WORDS = 2

FRAGMENT_WORDS = 4
"""Of something that is only named. What is longer says more than a name."""


def lean(question: str) -> Lean:
    if only_asks(question):
        return Lean.ALL
    if only_names(question):
        return Lean.QUESTION
    return Lean.SUBJECT if lacks_subject(question) else Lean.NOTHING


def only_asks(question: str) -> bool:
    words = WORD.findall(opened(question))
    others = {word.lower() for word in words}
    return not any(map(is_own, words)) and bool(others & ASKING) and others <= ASKING | POINTING | PLACING | LINKING


def only_names(question: str) -> bool:
    """A name or number in its place, or, after an opening, a few words that neither ask nor say anything."""
    rest = opened(question)
    words = WORD.findall(rest)
    if not words:
        return False
    others = {word.lower() for word in words if not is_own(word)}
    goes_on = rest != stripped(question)
    if others <= PLACING:
        return len(others) < len(words) and (goes_on or words[0].lower() in PLACING)
    says = others & (MORE_ASKING | AUXILIARIES | LINKING | ADDRESSING | POINTERS | POINTING)
    asked = question.rstrip().endswith("?") and not NEW_SUBJECT.match(question.strip())
    return goes_on and asked and len(words) <= FRAGMENT_WORDS and not says


def lacks_subject(question: str) -> bool:
    rest = opened(question)
    words = [word.lower() for word in WORD.findall(rest)]
    if not is_asked(words) or set(words) & ADDRESSING:
        return False
    return points(rest) or counts(rest) or drops_subject(words)


def is_asked(words: list[str]) -> bool:
    return bool(set(words[:3]) & MORE_ASKING) or bool(words and words[0] in AUXILIARIES) or "ли" in words


def counts(rest: str) -> bool:
    """Which or how many of them, where nothing is named that they could be of."""
    return bool(COUNTING.match(rest)) and not named_in_place(rest)


def named_in_place(rest: str) -> bool:
    """A name after a word that places it; a year alone says when, not of what."""
    return bool(re.search(r"\b(?:in|at|of|on|from|by|into|for|в|на|из|у|от) (?:the )?[A-ZА-ЯЁ]", rest)) or "," in rest


def drops_subject(words: list[str]) -> bool:
    """ "Когда открылась снова?" """
    others = {word for word in words if word not in ASKING | POINTING | PLACING | LINKING | ADVERBS}
    return bool(others) and all(DROPPED.fullmatch(word) for word in others)


ADVERBS = listed("снова опять ещё еще потом позже раньше впервые сначала всё-таки наконец тут здесь")


def points(rest: str) -> bool:
    """Whether its first word that means something else finds nothing before it to mean."""
    text = EMPTY_IT.sub(" ", rest)
    words = WORD.findall(text)
    place = next((at for at, word in enumerate(words) if word.lower() in POINTERS), None)
    if place is None or not any(map(says_something, words)) or is_anyone(words[place:]):
        return False
    pointer, before = words[place].lower(), words[:place]
    if in_later_clause(text, words, place):
        return not any(map(has_meaning, before))
    follows = words[place + 1].lower() if place + 1 < len(words) else ""
    if pointer == "her" and (not follows or follows in PLACING):
        return not could_be_inner(before)
    if pointer in OWNING:
        return not any(map(has_meaning, before))
    if pointer in PLACES:
        return not any(map(is_name, words))
    if pointer in SHOWING or pointer in RUSSIAN_SUBJECTS:
        return not any(map(is_name, before))
    if pointer in SUBJECTS and not is_object(words, place):
        return not could_be_subject(words[:place])
    return not could_be_inner(before)


def says_something(word: str) -> bool:
    """ "Is it?" says nothing; "What happened to her?" and "Who is he?" do."""
    return has_meaning(word) or word.lower() in SAYING


SAYING = listed("happen happened said say he she him her his")


def is_anyone(words: list[str]) -> bool:
    """What they do in many words is what people do: "When do they throw fish at the market?"."""
    return words[0].lower() == "they" and sum(map(has_meaning, words)) > ANYONE_WORDS


def is_object(words: list[str], place: int) -> bool:
    """Of "it", which may be either."""
    return words[place].lower() == "it" and (place == len(words) - 1 or words[place + 1].lower() in PLACING)


def could_be_subject(before: list[str]) -> bool:
    """Whether what stands before a subject may be another clause, which names it: "What did Luther say he wanted?". One
    right behind its auxiliary is of the first: "What did it grant?"."""
    behind = not before or before[-1].lower() in AUXILIARIES | MORE_ASKING
    named = any(is_name(word) and not (after and has_meaning(after)) for word, after in pairwise([*before, ""]))
    return named or (not behind and any(map(has_meaning, before)))


def could_be_inner(before: list[str]) -> bool:
    """Whether what stands before an object may be another clause, which names it: "asked the duke to give him"."""
    return any(word.lower() in ("to", "that") for word in before[:-1]) and any(map(has_meaning, before))


def in_later_clause(text: str, words: list[str], place: int) -> bool:
    """Whether another clause, or another thing in a row, stands before it."""
    joined = any(word.lower() in JOINING for at, word in enumerate(words[:place]) if at > 1)
    begin = [match.start() for match in WORD.finditer(text)][place]
    return joined or "," in text[:begin]


def has_meaning(word: str) -> bool:
    return word.lower() not in COMMON


def is_own(word: str) -> bool:
    """A name or a number."""
    return is_name(word) or word[0].isdigit()


def is_name(word: str) -> bool:
    return len(word) > 1 and word[0].isupper() and word.lower() not in NEVER_NAMES


def opened(question: str) -> str:
    """Without what only says that it goes on."""
    whole = stripped(question)
    opening = OPENING.match(whole)
    return whole[opening.end() :] if opening else whole


def stripped(question: str) -> str:
    return " ".join(question.split()).rstrip("?!. ")
