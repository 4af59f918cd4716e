"""What the Tab key completes: commands, the last answer's citations, document titles."""

import re
from collections.abc import Callable, Iterable, Iterator

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from bot.console.commands import MEANINGS
from bot.console.sentences import beginning
from index.types import Citation

WORD_START = re.compile(r"(?<!\S)\S")


class LineCompleter(Completer):
    """Asks for the citations and titles anew each time, because both change while the console is open."""

    def __init__(self, *, citations: Callable[[], Iterable[Citation]], titles: Callable[[], Iterable[str]]) -> None:
        self._citations = citations
        self._titles = titles

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        before = document.text_before_cursor
        if before.startswith("/"):
            yield from commands(before, self._citations())
        else:
            yield from titles(before, self._titles())


def commands(before: str, citations: Iterable[Citation]) -> Iterator[Completion]:
    """The commands and citation numbers that begin as the line does."""
    named = [(name.value, meaning) for name, meaning in MEANINGS.items()]
    for word, meaning in [*((f"/{item.number}", beginning(item.quote.text)) for item in citations), *named]:
        if word.startswith(before.lower()):
            yield Completion(word, start_position=-len(before), display_meta=meaning)


def titles(before: str, known: Iterable[str]) -> Iterator[Completion]:
    """The titles that continue the end of the line, or hold a word that continues the line's last word."""
    for title in sorted(set(known)):
        if typed := typed_part(before, title):
            yield Completion(title, start_position=-len(typed))


def typed_part(before: str, title: str) -> str:
    """The end of the line that `title` would replace; empty where the title does not fit."""
    ends = [before[word.start() :] for word in WORD_START.finditer(before)]
    for end in ends:
        if title.lower().startswith(end.lower()):
            return end
    last = ends[-1].strip() if ends and not before[-1].isspace() else ""
    return last if last and any(word.startswith(last.lower()) for word in title.lower().split()) else ""
