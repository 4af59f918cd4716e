"""A question to begin with, drafted from the documents, which the bot itself has answered from them.

Found once for each state of the index, while nobody waits.
"""

import asyncio
import logging

from bot.answers import Answers
from bot.evaluation.drafting import LANGUAGE, choose

logger = logging.getLogger(__name__)

DOCUMENTS = 12
"""Read at most, so that a large folder takes no longer."""

CHARACTERS = 40_000
"""Of each document, from its beginning. Drafting from 12 × 40,000 took half a second (2 busy cores, in a thread)."""

TRIES = 3
"""Drafts that are asked before the greeting does without an example."""

LONGEST = 90
"""Characters of a question that is read at a glance."""

WAIT_SECONDS = 1.0
"""A greeting waits so long for an example that is being looked for."""


class Examples:
    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._generation = ""
        self._finding: asyncio.Task[str | None] | None = None

    def refresh(self, generation: str) -> None:
        """Look for one in the documents as they are now, once for each generation of the index."""
        if generation == self._generation:
            return
        self._generation = generation
        self._finding = asyncio.create_task(asyncio.to_thread(find, self._answers))

    async def ready(self) -> str | None:
        """The example; None where there is none, or not yet."""
        if self._finding is None:
            return None
        await asyncio.wait((self._finding,), timeout=WAIT_SECONDS)
        return self._finding.result() if self._finding.done() else None


def find(answers: Answers) -> str | None:
    """A short question whose first quote holds the answer that it was drafted for. What goes wrong means that there is
    none: nobody asked for it."""
    try:
        languages = answers.languages()
        english = [document for document, language in languages.items() if language == LANGUAGE][:DOCUMENTS]
        drafted = choose({document: (answers.text(document) or "")[:CHARACTERS] for document in english}, 5 * TRIES)
        short = [each for each in drafted if each.document and len(each.question) <= LONGEST][:TRIES]
        return next((each.question for each in short if is_answered(answers, each.question, each.answer)), None)
    except Exception as error:
        logger.warning("no example for the greeting could be found (%s)", type(error).__qualname__)
        return None


def is_answered(answers: Answers, question: str, expected: str) -> bool:
    answer = answers.answer(question, write=False)
    return answer.answered and not answer.uncertain and expected in answer.citations[0].quote.text
