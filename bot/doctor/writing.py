"""The language model: it is asked a question that is nobody's, as every other is."""

from collections.abc import Iterator
from contextlib import closing

from pydantic import AnyHttpUrl

from bot.doctor import sentences
from bot.findings import Finding
from config import Settings
from index.lexical import Analyzer
from index.trial import Trial, try_out
from index.types import Fallback
from index.wiring import build_writer
from index.writer_anthropic import ADDRESS

NAME = "language model"

FAILURES = {
    Fallback.UNREACHABLE: (sentences.UNREACHABLE, sentences.UNREACHABLE_ADVICE),
    Fallback.REFUSED: (sentences.REFUSED, sentences.REFUSED_ADVICE),
    Fallback.LIMITED: (sentences.LIMITED, sentences.LIMITED_ADVICE),
    Fallback.SLOW: (sentences.SLOW, sentences.SLOW_ADVICE),
    Fallback.NONSENSE: (sentences.NONSENSE, sentences.NONSENSE_ADVICE),
}


def of_writer(settings: Settings) -> Iterator[Finding]:
    writer = build_writer(settings)
    if writer is None:
        yield Finding(NAME, True, sentences.NO_WRITER)
        return
    with closing(writer):
        trial = try_out(writer, analyzer=Analyzer())
    yield of_trial(trial, settings)


def of_trial(trial: Trial, settings: Settings) -> Finding:
    writing = trial.prose.writing
    spent = {"seconds": trial.seconds, "asked": writing.asked_tokens, "written": writing.written_tokens}
    if trial.prose.citations:
        return Finding(NAME, True, sentences.WRITES.format(model=writing.model, **spent))
    said_something = writing.fallback is Fallback.NONSENSE and writing.written_tokens > 0
    if writing.fallback is None or said_something:
        return Finding(NAME, False, sentences.FORMLESS.format(model=writing.model, **spent), sentences.FORMLESS_ADVICE)
    sentence, advice = FAILURES[writing.fallback]
    if writing.fallback is Fallback.REFUSED and not settings.llm_api_key:
        advice = sentences.KEYLESS_ADVICE
    where = sentences.place(settings.llm_base_url or AnyHttpUrl(ADDRESS))
    return Finding(NAME, False, sentence.format(model=writing.model, where=where, timeout=settings.llm_timeout), advice)
