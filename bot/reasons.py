"""What the index says of a file that it leaves out, of a question or of a failure, in the language of whoever reads it.

The index speaks English. Its sentences are known again by their form, and what they name is put into the translation.
"""

import re

from bot import texts
from bot.languages import ENGLISH, Say
from index.errors import (
    DataFolderError,
    IndexAwayError,
    IndexBusyError,
    IndexingError,
    IndexRefusedError,
    ModelError,
    SeedsError,
)

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


FAILURES = {
    SeedsError: texts.FAILED_SEEDS,
    DataFolderError: texts.FAILED_DATA,
    IndexBusyError: texts.FAILED_BUSY,
    ModelError: texts.FAILED_MODEL,
    IndexAwayError: texts.FAILED_AWAY,
    IndexRefusedError: texts.FAILED_AWAY,
}


def failure_in(error: IndexingError, say: Say) -> str:
    """The error's own sentence in English; in another language what kind of failure it is, in a sentence of ours."""
    told = reason_in(str(error), say)
    if say.language == ENGLISH.language or told != str(error):
        return told
    return say(next((sentence for kind, sentence in FAILURES.items() if isinstance(error, kind)), texts.FAILED_INDEX))
