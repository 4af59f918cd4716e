"""Answers that a language model wrote, kept so that the same question costs no tokens again."""

from collections import OrderedDict
from threading import Lock
from typing import NamedTuple

from index.types import Answer

MOST = 200
"""Answers: about 5 MB with their passages."""


class Key(NamedTuple):
    """What an answer depends on."""

    question: str
    generation: str
    model: str


class AnswerCache:
    """In memory alone, and the least recently asked goes first. Safe to share among threads."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = Lock()
        self._answers: OrderedDict[Key, Answer] = OrderedDict()

    def get(self, key: Key) -> Answer | None:
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
            return self._answers.get(key)

    def put(self, key: Key, answer: Answer) -> None:
        with self._lock:
            self._answers[key] = answer
            self._answers.move_to_end(key)
            if len(self._answers) > self._most:
                self._answers.popitem(last=False)
