"""What kind of question it is, by the words it is put in. English only; every other language is OTHER."""

import re
from enum import StrEnum


class Kind(StrEnum):
    COMPARISON = "comparison"
    WHO = "who"
    WHEN = "when"
    WHERE = "where"
    HOW_MANY = "how many"
    YES_NO = "yes/no"
    LIST = "list"
    DEFINITION = "definition"
    WHY_HOW = "why/how"
    OTHER = "other"


COUNTED = "two|three|four|five|six|seven|eight|nine|ten|[2-9]|1[0-9]"
MEASURED = "many|much|old|long|far|tall|high|large|big|often|fast|deep|wide|heavy|few|close|near"
AUXILIARIES = (
    "is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|shall|should|may|might|must|"
    "isn't|aren't|wasn't|weren't|don't|doesn't|didn't|hasn't|haven't|can't|couldn't|won't|wouldn't"
)
KINDS_OF = "types?|kinds?|sorts?|forms|ways|factors|examples|reasons|things|parts|components|categories"

OWNERS = "the|his|her|its|their|my|your|our|this|that"
JOINED = "of|for|in|on|to|by|from|with"
PLACES = "country|city|town|place|state|region|continent|location|village|street"

COMPARED = (
    "more|less|fewer|better|worse|older|younger|newer|bigger|larger|greater|smaller|longer|shorter|higher|lower|taller|"
    "deeper|faster|slower|cheaper|dearer|earlier|later|sooner|closer|nearer|farther|further|warmer|hotter|colder|"
    "heavier|lighter|stronger|weaker|richer|poorer|busier|safer|easier|harder|same"
)
SUPERLATIVES = "most|least|best|worst|first|last|oldest|largest|biggest|highest|longest"

AT_THE_HEAD = {
    Kind.COMPARISON: (
        r"compare\b|.*\b(?:versus|vs)\b|.*\bdifferences? between\b|.*\bdiffers? from\b|.*\bdifferent from\b|"
        rf".*\b(?:{COMPARED})\b.*\bthan (?!\W?\d|any|normal|usual)|.*\b(?:{COMPARED})\b.*\bor\b|"
        rf".*\bor\b.*\b(?:{COMPARED})\b|.*\b(?:{SUPERLATIVES})\b.*,.*\bor\b|"
        r"(?:how )?(?:do|does|did)\b.+\bdiffer\W*$"
    ),
    Kind.DEFINITION: (
        r"define\b|(?:definition|meaning) of\b|what (?:is|was) (?:the )?(?:meaning|definition) of\b|what is meant by\b|"
        r"what (?:does|do|did) .+ (?:mean|stand for)\W*$|"
        rf"what(?:'s| is| are| was| were) (?:an? )?(?!(?:{OWNERS})\b)[\w'-]+(?: (?!(?:{JOINED})\b)[\w'-]+){{0,2}}\W*$"
    ),
    Kind.LIST: (
        rf"list\b|enumerate\b|name (?:all|the|some|{COUNTED})\b|(?:what|which) (?:other )?(?:{COUNTED})\b|"
        rf"(?:what|which) (?:are|were) (?:the|some|all)\b|(?:what|which) (?:{KINDS_OF}) of\b"
    ),
    Kind.YES_NO: rf"(?:{AUXILIARIES})\b",
}
"""Only where the question begins so, the first that fits."""

ANYWHERE = {
    Kind.HOW_MANY: rf"how (?:{MEASURED})\b|(?:what|which) (?:percentage|percent|proportion|number|amount|share)\b",
    Kind.WHEN: r"when\b|(?:what|which) (?:year|years|date|day|month|decade|century|time|season)\b",
    Kind.WHERE: rf"where\b|(?:what|which) (?:{PLACES})\b",
    Kind.WHO: r"(?:who|whom|whose|who's)\b|(?:what|which) (?:person|man|woman)\b",
    Kind.WHY_HOW: r"(?:why|how)\b|what (?:caused|causes)\b|what (?:is|was) the (?:reason|cause)\b|what reason\b",
}
"""Wherever it stands first: "In what year …", "The pact was signed by whom?"."""


def kind_of(question: str, language: str = "en") -> Kind:
    """The first kind whose words the question begins with, else the one whose words come first in it."""
    if language != "en":
        return Kind.OTHER
    asked = folded(question)
    for kind, words in AT_THE_HEAD.items():
        if re.match(words, asked):
            return kind
    found = {kind: match.start() for kind, words in ANYWHERE.items() if (match := re.search(rf"\b(?:{words})", asked))}
    return min(found, key=lambda kind: found[kind], default=Kind.OTHER)


def is_yes_or_no(question: str) -> bool:
    """Whether yes or no would answer, whatever else is asked: "Is it cheaper than the bus?" is a comparison too."""
    return bool(re.match(AT_THE_HEAD[Kind.YES_NO], folded(question)))


def folded(question: str) -> str:
    """In lower case on one line, without what stands before its first word."""
    return re.sub(r"^\W+", "", " ".join(question.lower().replace("’", "'").split()))
