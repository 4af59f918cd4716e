"""Follow-up questions that cannot stand by themselves, completed from the question before: "And in 2021?", "Why?".

Careful rather than clever: only what holds no word with a meaning of its own, besides names and numbers, is completed.
"What about the lantern?" has a new subject, which the old one must not pollute. English and Russian.
"""

import re


def listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


ASKING = listed(
    "who whom whose when where why how many much long often come "
    "кто кого кому кем когда где куда откуда почему зачем сколько как"
)
"""Words that ask. What is asked with "what" alone has too many meanings to be guessed."""

POINTING = listed(
    "it that this these those he she they him her them there then so "
    "это этого этому этим он она оно они его её ее их ему ей им там туда оттуда тогда"
)
"""Words that mean something said before."""

PLACING = listed(
    "a an the and or in on at by for from to of with since until before after during "
    "и или в во на у к ко о об от до из с со по для после году года год"
)
"""Words that set a name or a number in its place."""

LINKING = listed(
    "is are was were do does did has have had be been say said happen happened exactly but "
    "а но же был была было были сказал сказала сказали случилось произошло именно"
)
"""Words that mean nothing without others."""

OPENING = re.compile(
    r"(?:(?:and |but )?(?:what|how) about|and|but|(?:а )?(?:что насч[её]т|как насч[её]т|как же)|а|и|но)\s+",
    re.IGNORECASE,
)
"""What begins a question that goes on from another."""

WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
YEAR = re.compile(r"\b(?:1\d|20)\d\d\b")
NAME = re.compile(r"(?:the )?[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)*")
PLACED = re.compile(
    r"\b(in|on|at|by|for|from|to|of|with|в|во|на|из|для|у|по) ((?:the )?[A-ZА-ЯЁ][\w'’-]+(?: [A-ZА-ЯЁ][\w'’-]+)*)"
)
ADVERBS = r"where|when|why|how|где|когда|почему|зачем|как|куда|откуда"
AUXILIARY = "did|does|do|is|are|was|were|has|have|had|can|could|will|would|should|must|may"
EXCHANGEABLE = re.compile(rf"(?:where|when|why|how)(?= (?:{AUXILIARY})\b)|(?:{ADVERBS})(?= [а-яё])", re.IGNORECASE)
"""What a question begins with where another adverb can take its place; not "How many …"."""


def standalone(question: str, before: str) -> str:
    """The question with what it lacks from the one before; as it is where it stands by itself, and in doubt."""
    if leans(before) or not WORD.search(before) or not leans(question):
        return question
    rest, earlier = opened(question), stripped(before)
    if ASKING & set(words_of(rest)):
        return f"{asked_again(rest, earlier)}?"
    return f"{exchanged(rest, earlier) or f'{earlier}, {rest}'}?"


def leans(question: str) -> bool:
    """Whether it says nothing without the question before it."""
    rest = opened(question)
    words = WORD.findall(rest)
    own = [word for word in words if is_name(word) or word[0].isdigit()]
    others = {word.lower() for word in words if word not in own}
    if not own:
        return bool(others & ASKING) and others <= ASKING | POINTING | PLACING | LINKING
    goes_on = rest != stripped(question) or words[0].lower() in PLACING
    return goes_on and others <= PLACING


def asked_again(asking: str, earlier: str) -> str:
    """ "Where?" takes the place of "When" in the question before; "Who said that?" is set before it."""
    words = words_of(asking)
    adverbs = [word for word in words if word in ASKING]
    first = EXCHANGEABLE.match(earlier)
    if first and len(adverbs) == 1 and re.fullmatch(ADVERBS, adverbs[0]) and not PLACING & set(words):
        return capital(adverbs[0]) + earlier[first.end() :]
    return f"{capital(asking)}: {earlier}"


def exchanged(rest: str, earlier: str) -> str | None:
    """The question before with its only year, its only name or the only name after that preposition exchanged; None
    where there is no telling what for."""
    if len(names_and_numbers(rest)) == 1 and (year := YEAR.search(rest)):
        return swapped(year[0], list(YEAR.finditer(earlier)), earlier)
    if placed := PLACED.fullmatch(rest):
        places = [each for each in PLACED.finditer(earlier) if each[1] == placed[1]]
        return swapped(placed[0], places, earlier)
    if NAME.fullmatch(rest):
        return swapped(rest, list(NAME.finditer(earlier, earlier.find(" ") + 1)), earlier)
    return None


def swapped(new: str, found: list[re.Match[str]], earlier: str) -> str | None:
    if len(found) != 1:
        return None
    return earlier[: found[0].start()] + new + earlier[found[0].end() :]


def opened(question: str) -> str:
    return OPENING.sub("", stripped(question), count=1)


def stripped(question: str) -> str:
    return " ".join(question.split()).rstrip("?!. ")


def words_of(text: str) -> list[str]:
    return [word.lower() for word in WORD.findall(text)]


def names_and_numbers(text: str) -> list[str]:
    return [word for word in WORD.findall(text) if is_name(word) or word[0].isdigit()]


def is_name(word: str) -> bool:
    return len(word) > 1 and word[0].isupper() and word.lower() not in ASKING | POINTING | PLACING | LINKING


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
