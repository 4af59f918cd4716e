"""Whatever a chat may turn into a link. Pure."""

import re

ADDRESS = re.compile(
    r"\b\w{1,20}://\S+|\b[\w+-]{1,63}(?:\.[\w+-]{1,63}){0,5}@[\w-]{1,63}\.\w+|(?<!\w)@\w{4,}|"
    r"\b[\w-]{1,63}(?:\.[\w-]{1,63}){0,5}\.[^\W\d_]{2,24}\b(?:/\S*)?"
)
"""With a scheme, a mail address, a name with an @, words with dots between."""

TRAILING = ".,;:!?)]»”\"'"

JOINT = re.compile(r"[.:@]")
WORD_JOINER = "\u2060"
"""Shows as nothing; an address with one in it is none to a chat."""


def addresses(text: str) -> frozenset[str]:
    return frozenset(found.rstrip(TRAILING) for found in ADDRESS.findall(text))


def unlinked(text: str) -> str:
    """The text as it looks, with no address in it."""
    return ADDRESS.sub(lambda address: JOINT.sub(rf"\g<0>{WORD_JOINER}", address[0]), text)
