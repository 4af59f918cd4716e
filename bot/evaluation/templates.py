"""Sentences turned into questions by rules that leave no choice: where a rule is not sure of its grammar, it drafts
nothing. English only.

Each rule takes a sentence without its full stop and gives the question and the words that answer it, which stand in the
sentence. Rules for verbs take a form back to its stem only where the documents use that stem themselves.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

Words = Collection[str]
"""Every word that the documents use within a sentence, as it is written there."""


@dataclass(frozen=True, slots=True)
class Draft:
    question: str
    answer: str


MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
YEAR = r"(?:1[0-9]{3}|20[0-9]{2})"
DATE = rf"(?:(?:\d{{1,2}} (?:{MONTH})|(?:{MONTH}) \d{{1,2}})(?:,? {YEAR})?|(?:{MONTH}) {YEAR}|{YEAR})\b"
NUMBER = (
    r"\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|"
    r"fifty|sixty|seventy|eighty|ninety|a hundred|a thousand"
)
NAME = r"(?!The |An? |In |On |At )[A-Z][a-zà-ÿ]+(?: (?:[A-Z]\.|de|van|von|der|la))*(?: [A-Z][a-zà-ÿ]+){1,3}"
"""Two to four capitalised words, as a person is called."""

THING = r"(?:(?:The|An?) )?[\w'’-]+(?: (?:of (?:the )?)?[\w'’-]+){0,4}?"
"""A subject of a few words."""

PLAIN = r"[^,;:()“”\"?!–—*_`\[\]|<>#]+"
"""A stretch of a sentence that nothing interrupts."""

IRREGULAR = {
    "began": "begin", "became": "become", "built": "build", "came": "come", "drew": "draw", "fell": "fall",
    "fought": "fight", "found": "find", "gave": "give", "grew": "grow", "held": "hold", "kept": "keep", "led": "lead",
    "left": "leave", "lost": "lose", "made": "make", "met": "meet", "rose": "rise", "sold": "sell", "sent": "send",
    "spoke": "speak", "taught": "teach", "took": "take", "went": "go", "won": "win", "wrote": "write",
}  # fmt: skip
PARTICIPLES = "|".join(
    (*IRREGULAR, "begun", "drawn", "given", "known", "seen", "shown", "taken", "written", "born", "lit")
)
STEMS = {
    "has": "have", "contains": "contain", "holds": "hold", "employs": "employ", "includes": "include",
    "covers": "cover", "comprises": "comprise", "houses": "house", "serves": "serve", "publishes": "publish",
}  # fmt: skip
AUXILIARY = "is|are|was|were|has|have|had|will|would|can|could|may|might|must"
FINITE = rf"\b(?:{AUXILIARY}|{'|'.join(IRREGULAR)}|used|died|\w{{3,}}ed)\b"
"""Verbs as they end a subject; a short word in -ed is as often a shed."""
MADE_BY_PEOPLE = (
    "wrote|written|discovered|invented|composed|designed|painted|directed|founded|built|proposed|introduced|published|"
    "created|developed|established|written|named|coined|described|drawn|launched|commissioned"
)
PEOPLE = (
    "actor|actress|architect|artist|author|chemist|composer|economist|engineer|historian|inventor|lawyer|mathematician|"
    "musician|novelist|painter|philosopher|physician|physicist|player|poet|politician|president|scientist|singer|writer|"
    "man|woman|king|queen|bishop|general|diplomat|minister|student|teacher|professor|theologian|leader|member"
)


def drafts_of(sentence: str, words: Words) -> Iterator[Draft]:
    """Every question that a rule can make of the sentence; none where it leans on what stands before it."""
    if not stands_alone(sentence):
        return
    body = PARENTHESIS.sub("", sentence.removesuffix("."))
    for rule in RULES:
        draft = rule(body, words)
        if draft and is_sound(draft):
            yield draft


PARENTHESIS = re.compile(r"\s*\([^()]*\)")
STANDING_ALONE = re.compile(r"[A-Z][^\n]{20,240}[a-z0-9%]\.\Z")
LEANING = re.compile(
    r"(?:He|She|It|They|We|I|You|His|Her|Its|Their|Our|My|This|That|These|Those|Here|Every|Any|No|Both|Such|Another|"
    r"Other|Others|However|But|And|Or|So|Also|Then|Thus|Hence|Therefore|Moreover|Instead|Yet|Later|Next|Finally|Once|"
    r"If|When|While|Although|Though|Because|Since|As|What|Which|Who|How|Why|Where|Some|Many|Most|Several|All|Each|One|"
    r"Two|Soon|Today|Now|Perhaps|Only|Not|Even|Additionally|Furthermore|Similarly|Meanwhile|Eventually|Originally|"
    r"Currently)\b"
)
"""Beginnings that lean on the sentence before."""

PRONOUN = re.compile(
    r"\b(?:he|she|they|him|them|his|her|their|we|our|us|you|your|I|my|this|these|those|latter|former)\b"
)
NO_SUBJECT = re.compile(
    rf"{FINITE}|\b(?:[Tt]here|also|to|not|that|who|which|only|ago|then|shown|known|given)\b|(?:ly|ing|time)$|"
    r"^(?:And|Or|In|On|At|By|For|From|To|With|After|Before|During|Under|Over|Of)\b|^An? (?:few|number|lot|variety)\b"
)
"""A subject with a verb or an adverb in it is cut wrongly."""

PREPOSITION = re.compile(r" (?:of|in|on|by|for|to|with|at|from|into|through|than|as|and|or)$")
GOING_ON = "which|who|whose|where|when|with|after|before|during|in|as|due|and (?:is|was|are|were|has|had)"
REST = rf"(?:, (?:{GOING_ON}|\w+ing|\w+ed) .+)?"
"""What follows a comma and a question can do without; not the rest of a list."""


def stands_alone(sentence: str) -> bool:
    """Whether someone who has read nothing else knows what it speaks of."""
    return bool(STANDING_ALONE.match(sentence)) and not LEANING.match(sentence) and not PRONOUN.search(sentence)


def is_sound(draft: Draft) -> bool:
    """A question of a readable length that does not give its own answer away."""
    return 4 <= len(draft.question.split()) <= 22 and draft.answer.lower() not in draft.question.lower()


# When


def when_passive(body: str, words: Words) -> Draft | None:
    """The lamp was lit in 1871 → When was the lamp lit?"""
    found = re.fullmatch(
        rf"({THING}) (was|were) ((?:\w+ed|{PARTICIPLES})(?: {PLAIN})?) (?:in|on) ({DATE})( by {PLAIN})?{REST}", body
    )
    if not found or not is_subject(found[1]) or has_verb(after_first(found[3])) or re.search(DATE, found[3]):
        return None
    return Draft(f"When {found[2]} {inside(found[1], words)} {found[3]}{found[5] or ''}?", found[4])


def when_active(body: str, words: Words) -> Draft | None:
    """In 1871, the old keeper left the cape → When did the old keeper leave the cape?"""
    head = re.fullmatch(rf"(?:In|On) ({DATE}),? ({PLAIN}){REST}", body)
    tail = re.fullmatch(rf"({PLAIN}) (?:in|on) ({DATE}){REST}", body)
    date, clause = (head[1], head[2]) if head else (tail[2], tail[1]) if tail else ("", "")
    parts = split_at_verb(clause, words)
    if not parts or re.search(DATE, clause):
        return None
    subject, stem, rest = parts
    return Draft(f"When did {inside(subject, words)} {stem}{rest}?", date)


# Who


def who_active(body: str, words: Words) -> Draft | None:
    """Marie Curie discovered radium → Who discovered radium?"""
    found = re.fullmatch(rf"({NAME}) ((?:{MADE_BY_PEOPLE}) {PLAIN}){REST}", body)
    return Draft(f"Who {found[2]}?", found[1]) if found and not has_verb(after_first(found[2])) else None


def who_passive(body: str, words: Words) -> Draft | None:
    """The old harbour was designed by Marie Curie in 1871 → By whom was the old harbour designed in 1871?"""
    made = rf"({THING}) (was|were) ({MADE_BY_PEOPLE}) by ({NAME})"
    found = re.fullmatch(rf"{made}((?: (?:in|on) (?:{DATE}))?){REST}", body)
    if not found or not is_subject(found[1]):
        return None
    return Draft(f"By whom {found[2]} {inside(found[1], words)} {found[3]}{found[5]}?", found[4])


# Where, how many, what


def where(body: str, words: Words) -> Draft | None:
    """The old harbour is located in Geneva → Where is the old harbour located?"""
    stands = re.fullmatch(rf"({THING}) (lie|stand|sit)s ((?:in|on|at|near|between|below|above) {PLAIN}){REST}", body)
    if stands and is_subject(stands[1]) and not has_verb(stands[3]):
        return Draft(f"Where does {inside(stands[1], words)} {stands[2]}?", stands[3])
    laid = rf"({THING}) (is|are|was|were) (located|situated|born|held|buried)"
    found = re.fullmatch(rf"{laid} ((?:in|on|at|near) (?:the )?[A-Z]{PLAIN}){REST}", body)
    if not found or not is_subject(found[1]) or has_verb(found[4]) or re.search(DATE, found[4]):
        return None
    return Draft(f"Where {found[2]} {inside(found[1], words)} {found[3]}?", found[4])


COUNTED = (
    rf"((?:about |over |more than |nearly )?(?:{NUMBER})) "
    r"((?:(?!million|billion|thousand)[a-z]+ )?(?!(?:as|is|was|has|its)\b)[a-z]+s)"
    rf"((?: (?:in|on|of|at|from|across|for|with|to|into) {PLAIN})?)"
)
"""A number, what there are so many of, and what is said of them."""


def how_many(body: str, words: Words) -> Draft | None:
    """The old tower has 212 steps → How many steps does the old tower have?"""
    found = re.fullmatch(rf"({THING}) ({'|'.join(STEMS)}) {COUNTED}{REST}", body)
    if not found or not is_subject(found[1]) or has_verb(found[5]):
        return None
    return Draft(f"How many {found[4]} does {inside(found[1], words)} {STEMS[found[2]]}{found[5]}?", found[3])


def how_many_there_are(body: str, words: Words) -> Draft | None:
    """There were three ships in the harbour → How many ships were there in the harbour?"""
    found = re.fullmatch(rf"There (are|were) {COUNTED}{REST}", body)
    if not found or not found[4] or found[4].startswith(" of") or has_verb(found[4]):
        return None
    return Draft(f"How many {found[3]} {found[1]} there{found[4]}?", found[2])


def how_many_then(body: str, words: Words) -> Draft | None:
    """The old keeper climbed 212 steps → How many steps did the old keeper climb?"""
    parts = split_at_verb(body, words)
    found = re.fullmatch(f" {COUNTED}{REST}", parts[2]) if parts else None
    if not parts or not found:
        return None
    return Draft(f"How many {found[2]} did {inside(parts[0], words)} {parts[1]}{found[3]}?", found[1])


def definition(body: str, words: Words) -> Draft | None:
    """A sextant is an instrument for measuring angles → What is a sextant?"""
    found = re.fullmatch(rf"({THING}) (is|was) (an? {PLAIN}){REST}", body)
    if not found or not is_subject(found[1]) or len(found[3].split()) < 4 or re.search("^The [^ ]+$| of ", found[1]):
        return None
    person = bool(re.match(rf"an? (?:[\w-]+ ){{0,3}}(?:{PEOPLE})\b", found[3]))
    if person != bool(re.search(rf"{NAME}$", found[1])):  # who or what? there is no telling
        return None
    asked = f"{'Who' if person else 'What'} {found[2]} {inside(found[1], words)}?"
    return Draft(asked, without_clause(found[3]))


RULES: tuple[Callable[[str, Words], Draft | None], ...] = (
    when_passive, when_active, who_active, who_passive, where, how_many, how_many_there_are, how_many_then,
    definition,
)  # fmt: skip


# Grammar


def split_at_verb(clause: str, words: Words) -> tuple[str, str, str] | None:
    """Subject, stem of the verb, and the rest with the blank before it; where there is one past verb and no other."""
    verbs = list(re.finditer(FINITE, clause))
    if len(verbs) != 1:
        return None
    subject, rest = clause[: verbs[0].start()].rstrip(), clause[verbs[0].end() :]
    stem = stem_of(verbs[0][0], words)
    if not stem or not re.fullmatch(THING, subject) or not is_subject(subject):
        return None
    return subject, stem, rest


def stem_of(past: str, words: Words) -> str | None:
    """ended → end, moved → move, stopped → stop, carried → carry: the only one of these that the documents use."""
    if past in IRREGULAR:
        return IRREGULAR[past]
    if not past.endswith("ed") or len(past) < 5:
        return None
    candidates = {past[:-2], past[:-1]}
    if past.endswith("ied"):
        candidates = {past[:-3] + "y"}
    elif past[-3] == past[-4]:
        candidates.add(past[:-3])
    known = [each for each in sorted(candidates) if each in words]
    return known[0] if len(known) == 1 else None


def without_clause(described: str) -> str:
    """Up to "that", "which" or the like, unless a preposition before it needs what follows."""
    shorter = re.match(r"an? [\w-]+(?: [\w-]+)+?(?= (?:that|which|who|whose|where)\b)", described)
    return described if not shorter or PREPOSITION.search(shorter[0]) else shorter[0]


def is_subject(text: str) -> bool:
    return not NO_SUBJECT.search(text[:1].upper() + text[1:])


def has_verb(text: str) -> bool:
    return bool(re.search(FINITE, text))


def after_first(text: str) -> str:
    return text.partition(" ")[2]


def inside(subject: str, words: Words) -> str:
    """The subject as it is written within a sentence: its first word in small letters where it is part of no name."""
    first, blank, rest = subject.partition(" ")
    is_name = rest[:1].isupper() or first in words or first.lower() not in words
    return (first if is_name and first not in ("The", "A", "An") else first.lower()) + blank + rest
