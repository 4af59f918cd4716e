"""Follow-ups completed by a language model where there is one and it may help, else by the rules of bot.followups."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from bot.answers import Answers
from bot.followups import Turn, standalone
from bot.leaning import MORE_ASKING, POINTERS, WORD, Lean, is_own, lean, opened, stripped
from bot.rewording import LONGEST, messages, reworded
from index.stop import Stop
from index.types import Writing

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 10.0
"""An answer is still to come behind it."""

SHORT = 5
"""Words of a question without a name that may leave out what it is about."""

POINTING_WORDS = 8
"""Of a question with a pronoun. In a longer one it mostly means something in the question itself."""


@dataclass(frozen=True, slots=True)
class Completion:
    """The question so that it stands by itself; `writing` tells what a language model cost, where it was asked."""

    question: str
    writing: Writing | None = None


class Completing:
    """Safe to share among threads."""

    def __init__(self, answers: Answers, *, seconds: float = PATIENCE_SECONDS) -> None:
        self._answers = answers
        self._seconds = seconds

    def asks_model(self, question: str, turns: Sequence[Turn]) -> bool:
        return bool(turns and self._answers.writer_name) and may_lean(question, turns)

    def complete(
        self, question: str, turns: Sequence[Turn], *, write: bool = True, stop: Stop | None = None
    ) -> Completion:
        """From the `turns` before it, the latest last. By the rules where the model is not needed, where `write`
        forbids to ask it, and where nothing trustworthy comes of it.

        Takes as long as the model, at most PATIENCE_SECONDS, where `asks_model` says that it is asked. Raises the
        error of a `stop`.
        """
        by_rules = standalone(question, turns)
        if not (write and self.asks_model(question, turns)):
            return Completion(by_rules)
        spoken = self._answers.ask_model(messages(question, turns), seconds=self._seconds, stop=stop)
        if spoken is None:
            return Completion(by_rules)
        by_model = reworded(spoken.text, question, turns, stem=self._answers.stem)
        logger.debug("completed by %s", "the model" if by_model else "the rules")
        return Completion(by_model or by_rules, spoken.writing)


def may_lean(question: str, turns: Sequence[Turn]) -> bool:
    """Whether it leans on the turns as far as the rules know, or looks as such questions do that they don't know."""
    if len(question) > LONGEST:
        return False
    if lean(question) is not Lean.NOTHING or standalone(question, turns) != question:
        return True
    words = WORD.findall(opened(question))
    asks = question.rstrip().endswith("?") or any(word.lower() in MORE_ASKING for word in words[:1])
    if not words or not asks:
        return False
    points = any(word.lower() in POINTERS for word in words)
    names = any(map(is_own, words[1:])) or words[0][0].isdigit()
    goes_on = opened(question) != stripped(question)
    return goes_on or (points and len(words) <= POINTING_WORDS) or (not names and len(words) <= SHORT)
