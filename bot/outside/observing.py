"""Answers whose outcomes are counted."""

from collections.abc import Sequence

from bot.answers import Answers
from bot.outside.metrics import Metrics
from index.errors import QuestionError, StoppedError
from index.prose.offer import Message
from index.stop import Stop
from index.types import Answer, Status
from index.writer import Hear, Spoken


class ObservedAnswers:
    """As the answers behind it."""

    def __init__(self, answers: Answers, metrics: Metrics) -> None:
        self._answers = answers
        self._metrics = metrics
        self.stem, self.sources, self.languages = answers.stem, answers.sources, answers.languages
        self.text, self.fingerprints, self.close = answers.text, answers.fingerprints, answers.close

    @property
    def writer_name(self) -> str:
        return self._answers.writer_name

    def answer(
        self, question: str, *, write: bool = True, hear: Hear | None = None, stop: Stop | None = None
    ) -> Answer:
        try:
            answer = self._answers.answer(question, write=write, hear=hear, stop=stop)
        except QuestionError:
            self._metrics.questions.labels("refused").inc()
            raise
        except StoppedError as error:
            self._metrics.questions.labels("stopped").inc()
            self._metrics.wrote(error.writing)
            raise
        except Exception:
            self._metrics.questions.labels("failed").inc()
            raise
        return self._counted(answer)

    def known(self, question: str) -> Answer | None:
        known = self._answers.known(question)
        return known and self._counted(known)

    def ask_model(self, messages: Sequence[Message], *, seconds: float, stop: Stop | None = None) -> Spoken | None:
        spoken = self._answers.ask_model(messages, seconds=seconds, stop=stop)
        self._metrics.spent(spoken.writing if spoken else None)
        return spoken

    def status(self) -> Status:
        return self._answers.status()

    def _counted(self, answer: Answer) -> Answer:
        self._metrics.questions.labels(str(answer.outcome)).inc()
        self._metrics.wrote(answer.writing)
        return answer
