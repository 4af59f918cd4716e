"""Follow-up questions that cannot stand by themselves, completed from what was asked and answered before.

By rules; bot.completing lets a language model do it where there is one. A question that stands by itself stays letter
for letter as it is: a new subject must not be polluted by the old. Pure.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.leaning import ASKING, PLACING, WORD, Lean, is_name, is_own, lean, opened, stripped
from index.types import Answer
from index.words import listed

REMEMBERED = 5
"""Turns of a conversation that count for the next question."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What was asked, as it was understood, and what the documents said: the few words that answer, if they were found,
    and the quotes."""

    question: str
    short: str = ""
    quotes: tuple[str, ...] = ()

    @classmethod
    def of(cls, answer: Answer) -> "Turn":
        return cls(answer.question, short_of(answer), tuple(each.quote.text for each in answer.citations))


def standalone(question: str, turns: Sequence[Turn]) -> str:
    """The question so that it stands by itself, from the last one that does; `turns` are those before it, the latest
    last. As it is where it stands by itself, and in doubt."""
    known = [turn for turn in turns if is_complete(turn.question)]
    if not known:
        return question
    match lean(question):
        case Lean.ALL:
            return asked_again(opened(question), known)
        case Lean.QUESTION:
            return named_instead(question, known[-1])
        case Lean.SUBJECT:
            return with_subject(opened(question), known)
        case _:
            return with_owner(question, known[-1])


def is_complete(question: str) -> bool:
    return WORD.search(question) is not None and (bool(split_topic(question)[1]) or lean(question) is Lean.NOTHING)


# The topic: what a question is about that does not name it, in brackets behind it

TOPIC = re.compile(r"(?P<main>.*\S) \((?P<topic>[^()]+)\)\Z", re.DOTALL)
MOST_TOPIC = 300
"""Characters; a topic does not grow from turn to turn beyond that."""


def split_topic(question: str) -> tuple[str, str]:
    """What it asks, and its topic if it was given one."""
    found = TOPIC.fullmatch(question.strip())
    return (stripped(found["main"]), found["topic"]) if found else (stripped(question), "")


def about(question: str, topic: str) -> str:
    return f"{capital(question)}? ({topic})"


def topic_of(turns: Sequence[Turn]) -> str:
    """What the last question is about: its own topic or itself, with the last question that names something where it
    does not; and what was answered, where that is a name."""
    before = turns[-1]
    main, topic = split_topic(before.question)
    whole = topic or f"{lowered(plain(main))}?"
    if not topic and not names_in(main):
        whole = f"{named_before(turns[:-1])} {whole}".strip()
    answer = plain(before.short)
    names = [name[0] for name in names_in(answer, first=True)]
    told = not names or DATE.search(answer) or any(name in whole for name in names)
    if told or len(whole + answer) > MOST_TOPIC:
        return whole
    return f"{whole}{'' if whole.endswith('?') else ';'} {answer}"


DATE = re.compile(r"\b\d{4}\b")


def named_before(turns: Sequence[Turn]) -> str:
    for turn in reversed(turns):
        main, topic = split_topic(turn.question)
        if topic or names_in(main):
            return topic or f"{lowered(plain(main))}?"
    return ""


def plain(text: str) -> str:
    """Brackets of its own would be taken for a topic's."""
    return " ".join(text.replace("(", " ").replace(")", " ").split())


# "Why?"

ADVERBS = r"where|when|why|how|где|когда|почему|зачем|как|куда|откуда"
AUXILIARY = "did|does|do|is|are|was|were|has|have|had|can|could|will|would|should|must|may"
EXCHANGEABLE = re.compile(rf"(?:where|when|why|how)(?= (?:{AUXILIARY})\b)|(?:{ADVERBS})(?= [а-яё])", re.IGNORECASE)
"""What a question begins with where another adverb can take its place; not "How many …"."""


def asked_again(asking: str, turns: Sequence[Turn]) -> str:
    """ "Where?" takes the place of "When" in the question before; "Who said that?" is about all of it."""
    earlier, topic = split_topic(turns[-1].question)
    words = words_of(asking)
    adverbs = [word for word in words if word in ASKING]
    first = EXCHANGEABLE.match(earlier)
    if first and len(adverbs) == 1 and re.fullmatch(ADVERBS, adverbs[0]) and not PLACING & set(words):
        again = capital(adverbs[0]) + earlier[first.end() :]
        return about(again, topic) if topic else f"{again}?"
    whole = f"{topic_of(turns)} {lowered(earlier)}?" if topic else topic_of(turns)
    return about(asking, whole if len(whole) < MOST_TOPIC else topic)


# "And in 2021?"

YEAR = re.compile(r"\b(?:1\d|20)\d\d\b")
NAME = re.compile(r"(?:the )?[A-Z][\w'’&-]*(?: (?:of (?:the )?)?[A-Z][\w'’&-]*)*")
PLACED = re.compile(
    r"\b(in|on|at|by|for|from|to|of|with|в|во|на|из|для|у|по) ((?:the )?[A-ZА-ЯЁ][\w'’-]+(?: [A-ZА-ЯЁ][\w'’-]+)*)"
)
DEFINITE = re.compile(r"\bthe ([a-z]+)\b")
ORDINAL = re.compile(r"\b(?:first|second|third|fourth|fifth|sixth|last)\b")


def named_instead(question: str, before: Turn) -> str:
    """What it names takes the place of its like in the question before; else it is added. A thing that is like nothing
    there is a new subject."""
    rest = opened(question)
    earlier, topic = split_topic(before.question)
    told = f"? ({topic})" if topic else "?"
    if again := exchanged(rest, earlier):
        return f"{again}{told}"
    if re.match(r"(?:the|an?) [a-z]", rest, re.IGNORECASE):
        return question
    return f"{earlier}, {rest}{told}"


def exchanged(rest: str, earlier: str) -> str | None:
    """The question before with its only year, its only name, the only name after that preposition, the only ordinal or
    the only thing exchanged; None where there is no telling what for."""
    if sum(map(is_own, WORD.findall(rest))) == 1 and (year := YEAR.search(rest)):
        return swapped(year[0], list(YEAR.finditer(earlier)), earlier)
    if placed := PLACED.fullmatch(rest):
        places = [each for each in PLACED.finditer(earlier) if each[1] == placed[1]]
        return swapped(placed[0], places, earlier)
    if ordinal := re.fullmatch(rf"(?:the )?({ORDINAL.pattern})(?: one)?", rest):
        return swapped(ordinal[1], list(ORDINAL.finditer(earlier)), earlier)
    if DEFINITE.fullmatch(rest):
        return swapped(rest, list(DEFINITE.finditer(earlier)), earlier)
    if NAME.fullmatch(rest):
        return swapped(rest, names_in(earlier), earlier)
    return None


def swapped(new: str, found: list[re.Match[str]], earlier: str) -> str | None:
    if len(found) != 1:
        return None
    return earlier[: found[0].start()] + new + earlier[found[0].end() :]


# "How long is it?"

PERSON = re.compile(r"\b(?:(he|she|him)|(his)|(her))\b", re.IGNORECASE)
THING = re.compile(r"\b(?:(it)|(its))\b", re.IGNORECASE)
ASKS_WHO = re.compile(r"(?:who|whom|whose)\b", re.IGNORECASE)
ASKS_WHICH = re.compile(r"(?:what|which)\b|.* (?:what|which) ", re.IGNORECASE)
PLACES = listed("in on at from near to into by with")


def with_subject(asking: str, turns: Sequence[Turn]) -> str:
    """The only name that a pronoun can mean in its place; else the topic behind the question."""
    before = turns[-1]
    earlier, topic = split_topic(before.question)
    for pronoun, name in ((PERSON, person_in(earlier, before)), (THING, thing_in(earlier, before))):
        found = list(pronoun.finditer(asking))
        if name and len(found) == 1 and not topic:
            named = asking[: found[0].start()] + form(name, found[0], asking) + asking[found[0].end() :]
            if lean(named) is Lean.NOTHING:
                return f"{capital(named)}?"
    return about(asking, topic_of(turns))


def form(name: str, found: re.Match[str], asking: str) -> str:
    """The name as the pronoun stands there: of "her", only what follows tells whether she owns something."""
    owns = found.lastindex == 2 or (found.lastindex == 3 and owned(asking[found.end() :]))
    return f"{name}'s" if owns else name


def owned(following: str) -> bool:
    first = WORD.search(following)
    return first is not None and first[0].lower() not in PLACING | ASKING


def person_in(earlier: str, before: Turn) -> str:
    """Who was asked for, where the answer is a name; else the only one named."""
    if ASKS_WHO.match(earlier):
        return before.short if before.short and NAME.fullmatch(before.short) else ""
    names = names_in(earlier)
    return re.sub(r"['’]s?\b.*", "", names[0][0]) if len(names) == 1 else ""


def thing_in(earlier: str, before: Turn) -> str:
    """The only one named, where nothing else was asked for and it does not only say where or whose."""
    names = names_in(earlier)
    if len(names) != 1 or ASKS_WHICH.match(earlier):
        return ""
    name, ahead, behind = names[0][0], words_of(earlier[: names[0].start()]), earlier[names[0].end() :]
    placed = bool(ahead) and ahead[-1] in PLACES
    goes_on = re.match(VERB, behind) is not None
    return name if goes_on and not placed and not re.search(r"['’]s?\b", name) else ""


VERB = re.compile(
    r"\Z| (?:\w+(?:ed|[^s]es)|born|built|begin|end|start|take|have|mean|open|close|come|go|fall|become|lie|get|stand)\b"
    r"| (?:in|on|at|by|for|from|to|of|with|since|until|before|after|during|as)\b"
)
"""What follows a name that is no part of a longer one, as in "the Amazon rainforest"."""


# "Who was the model?"

SHORT = 7
"""Words of a question that may leave out whose the thing is that it asks about."""

THE = re.compile(r"\bthe (?:[a-z]+ )?([a-z]{3,})\b")


def with_owner(question: str, before: Turn) -> str:
    """A thing that is not said whose it is, but stands in what was just quoted or named, belongs there."""
    earlier, topic = split_topic(before.question)
    things = set(THE.findall(stripped(question)))
    words = WORD.findall(stripped(question))
    if not things or len(words) > SHORT or any(map(is_own, words[1:])):
        return question
    names = [name[0] for name in names_in(earlier)]
    heads = {name.split()[-1].lower() for name in names}
    told = {word for quote in before.quotes for word in words_of(quote)}
    known = things & (heads | (told - set(words_of(earlier))))
    subject = topic or ", ".join(names)
    return about(stripped(question), subject) if known and subject else question


def names_in(text: str, *, first: bool = False) -> list[re.Match[str]]:
    """The names; what begins a question is none unless `first`."""
    begin = 0 if first else max(0, text.find(" ") + 1)
    return [each for each in NAME_OF_ANY.finditer(text, begin) if any(map(is_name, WORD.findall(each[0])))]


NAME_OF_ANY = re.compile(r"(?:the )?[A-ZА-ЯЁ][\w'’&-]*(?:(?: of(?: the)?)? [A-ZА-ЯЁ0-9][\w'’&-]*)*")


def words_of(text: str) -> list[str]:
    return [word.lower() for word in WORD.findall(text)]


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def lowered(text: str) -> str:
    """As it stands within a sentence; a capital there would be taken for a name's."""
    first = WORD.match(text)
    return text if first is None or is_name(first[0]) else text[:1].lower() + text[1:]


def short_of(answer: Answer) -> str:
    """The few words of the first quote that answer."""
    first: Iterable[str] = (each.quote.answer.text for each in answer.citations[:1] if each.quote.answer)
    return " ".join(next(iter(first), "").split())
