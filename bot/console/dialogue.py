"""What the console does with each line: ask, open a citation, tell. It says everything through a Screen."""

import logging
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from bot.answers import Answers
from bot.completing import Completing
from bot.considering import considered, why_page
from bot.console import sentences
from bot.console.commands import Command, Name, Open, Question, Unknown, parse
from bot.console.waiting import Work
from bot.followups import REMEMBERED, Turn
from bot.pages import Page
from bot.render import answer_page, citation_page, sources_page, understood_page
from index.errors import CitegramError
from index.stop import Stop
from index.types import Answer, Citation
from index.writer import Hear

logger = logging.getLogger(__name__)


class Screen(Protocol):
    """Where a person reads: a terminal, or whatever stdout is connected to."""

    def show(self, page: Page) -> None: ...

    def say(self, text: str) -> None: ...

    def wait_for(self, work: Work) -> Answer:
        """The work's result or error. If the person stops it, what had been written by then, or KeyboardInterrupt."""
        ...


class Dialogue:
    """One person's conversation. It remembers the last answer, whose citations can be opened, and the last turns, from
    which a question may go on."""

    def __init__(self, answers: Answers, screen: Screen) -> None:
        self._answers = answers
        self._screen = screen
        self._completing = Completing(answers)
        self._last: Answer | None = None
        self._turns: deque[Turn] = deque(maxlen=REMEMBERED)

    def greet(self) -> None:
        self._or_excuse(lambda: self._screen.say(sentences.greeting(self._answers.status())))

    def handle(self, line: str) -> bool:
        """Do what the line asks for. False if the person wants to leave."""
        command = parse(line)
        if command is Name.QUIT:
            return False
        if command is not None:
            self._or_excuse(lambda: self._carry_out(command))
        return True

    def toolbar(self) -> str:
        with suppress(CitegramError):
            return sentences.toolbar(self._answers.status())
        return sentences.toolbar(None)

    def citations(self) -> tuple[Citation, ...]:
        """Those of the last answer."""
        return self._last.citations if self._last else ()

    def titles(self) -> tuple[str, ...]:
        """Those of the documents; none while there is no index to ask."""
        with suppress(CitegramError):
            return tuple(source.title for source in self._answers.sources())
        return ()

    def _carry_out(self, command: Command) -> None:
        match command:
            case Question(text):
                self._ask(text)
            case Open(number):
                self._open(number)
            case Unknown(word, nearest):
                self._screen.say(sentences.unknown_command(word, nearest))
            case Name.WHY:
                self._explain()
            case Name.NEW:
                self._start_over()
            case Name.SOURCES:
                self._screen.show(sources_page(self._answers.sources()))
            case Name.STATUS:
                self._screen.say(sentences.status(self._answers.status(), writer=self._answers.writer_name))
            case Name.HELP:
                self._screen.say(sentences.help_text())

    def _ask(self, question: str) -> None:
        turns = tuple(self._turns)
        self._last = self._screen.wait_for(lambda hear, stop: self._answered(question, turns, hear, stop))
        self._turns.append(Turn.of(self._last))
        head = understood_page(self._last.question) if self._last.question != question else Page("")
        self._screen.show(head + answer_page(self._last))

    def _answered(self, question: str, turns: tuple[Turn, ...], hear: Hear | None, stop: Stop) -> Answer:
        """To the question as it is understood, which takes its time where a language model completes it."""
        understood = self._completing.complete(question, turns, stop=stop).question
        return self._answers.answer(understood, hear=hear, stop=stop)

    def _explain(self) -> None:
        if self._last is None:
            self._screen.say(sentences.NOTHING_ANSWERED)
        else:
            last = self._last
            self._screen.show(why_page(last.question, considered(last), answered=last.answered, writing=last.writing))

    def _start_over(self) -> None:
        self._last = None
        self._turns.clear()
        self._screen.say(sentences.STARTED_OVER)

    def _open(self, number: int) -> None:
        citations = {citation.number: citation for citation in self.citations()}
        if self._last is None:
            self._screen.say(sentences.NOTHING_CITED)
        elif number not in citations:
            self._screen.say(sentences.no_such_citation(number, len(citations)))
        else:
            self._screen.show(citation_page(citations[number]))

    def _or_excuse(self, step: Callable[[], None]) -> None:
        """Take the step. If it fails, say why; the conversation goes on whatever happened."""
        try:
            step()
        except CitegramError as error:
            self._screen.say(str(error))
        except BrokenPipeError:
            raise
        except Exception:
            logger.exception("the console could not carry out a line")
            self._screen.say(sentences.BROKEN)
