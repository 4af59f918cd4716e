"""What the index says of a file that it leaves out, or of a question, in the language of whoever reads it.

The index speaks English. Its sentences are known again by their form, and what they name is put into the translation.
"""

import re

from bot import texts
from bot.languages import Say

FORMS = tuple(
    (sentence, re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(sentence)), re.DOTALL))
    for name, sentence in vars(texts).items()
    if name.startswith("REASON_")
)


def reason_in(reason: str, say: Say) -> str:
    """As it is where its form is not known."""
    for sentence, form in FORMS:
        if found := form.fullmatch(reason):
            return say(sentence, **{name: reason_in(named, say) for name, named in found.groupdict().items()})
    return reason
