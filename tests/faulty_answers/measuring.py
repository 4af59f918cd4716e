"""The cases, what is shown of each, and how much of what should not be shown is."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from index.lexical import Analyzer
from index.library import Library
from index.prose.verification import without_yes_or_no
from index.types import Passage
from index.writer_server import openai_writer
from index.writing import Prose, write
from tests.llm import LlmServer, Request

HERE = Path(__file__).parent
DOCUMENTS = HERE / "documents"

ANY_VECTOR = np.full(384, 384**-0.5, dtype=np.float32)
"""All chunks are near enough to it where all are asked for."""

FALSE = ("altered_number", "altered_name", "unsupported")
"""Sentences that must not be shown at all; the others must not be shown as cited."""


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    cites: tuple[str, ...]
    label: str
    details: dict[str, Any] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Case:
    id: str
    language: str
    documents: tuple[str, ...]
    question: str
    quotes: tuple[tuple[str, str], ...]
    sentences: tuple[Sentence, ...]

    @property
    def is_apart(self) -> bool:
        """Of the half that nothing was tuned on."""
        return int(self.id) % 2 == 1

    def reply(self, ids: dict[str, str]) -> str:
        """What the model says, in the form that it is asked for; `ids` are the passages', by document."""
        quotes = "\n".join(f'[{ids.get(name, name)}] "{text}"' for name, text in self.quotes)
        answer = " ".join(
            f"{each.text}{''.join(f' [{ids.get(name, name)}]' for name in each.cites)}" for each in self.sentences
        )
        return f"QUOTES\n{quotes}\nANSWER\n{answer}"


@dataclass(frozen=True, slots=True)
class Answered:
    case: Case
    prose: Prose

    def shows(self, sentence: Sentence) -> bool:
        return shown_as(sentence) in self.prose.text

    def quoted(self, sentence: Sentence) -> bool:
        """Whether the words of a passage that it names, or of any where it names none, are shown in its place."""
        verdicts = [each for each in self.prose.verdicts if each.text == shown_as(sentence)]
        named = set(sentence.cites) or set(self.case.documents)
        return not self.shows(sentence) and any(
            evidence.passage.source.document in named for each in verdicts for evidence in each.evidence
        )

    def cited(self, sentence: Sentence) -> set[str]:
        """The documents that the sentence, as shown, is cited from."""
        verdicts = [each for each in self.prose.verdicts if each.text == shown_as(sentence)]
        return {evidence.passage.source.document for each in verdicts for evidence in each.evidence}


def cases() -> tuple[Case, ...]:
    lines = (HERE / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(as_case(json.loads(line)) for line in lines)


def as_case(line: dict[str, Any]) -> Case:
    sentences = tuple(Sentence(each["text"], tuple(each["cites"]), each["label"], each) for each in line["sentences"])
    quotes = tuple((each["passage"], each["text"]) for each in line["quotes"])
    return Case(line["id"], line["language"], tuple(line["documents"]), line["question"], quotes, sentences)


def shown_as(sentence: Sentence) -> str:
    """The sentence where it is shown as written."""
    return without_yes_or_no(" ".join(sentence.text.split()))


def saying(case: Case, passages: Sequence[Passage]) -> Callable[[Request], str]:
    """A model that says what a case says, naming the passages by the ids that it was given."""

    def reply(request: Request) -> str:
        told = request.messages[-1].content
        ids: dict[str, str] = {}
        for passage in passages:
            place = told.index(passage.span.text)
            opening = told.rindex('<passage id="', 0, place) + len('<passage id="')
            ids.setdefault(passage.source.document, told[opening : told.index('"', opening)])
        return case.reply(ids)

    return reply


def answered(all_cases: Iterable[Case], library: Library, analyzer: Analyzer) -> list[Answered]:
    """Every case, its documents' first passages offered, streamed over HTTP."""
    by_document: dict[str, list[Passage]] = {}
    every = [key for key, _ in library.store.nearest(ANY_VECTOR, library.manifest.chunks)]
    for chunk in library.store.get(every).values():
        by_document.setdefault(chunk.source.document, []).append(Passage(chunk, 1.0))
    told = []
    with LlmServer() as server:
        writer = openai_writer(server.url, model=server.model, key=server.key, timeout_seconds=20)
        for case in all_cases:
            passages = [each for name in case.documents for each in by_document[name]]
            server.answer_by(saying(case, passages))
            prose = write(
                case.question,
                passages,
                writer=writer,
                read=library.texts.read,
                weights=library.lexical.term_weights,
                analyzer=analyzer,
            )
            told.append(Answered(case, prose))
        writer.close()
    return told


@dataclass(frozen=True, slots=True)
class Measure:
    """By label, how many sentences there are, how many of them are shown, and in place of how many a quote is."""

    sentences: Counter[str]
    shown: Counter[str]
    quoted: Counter[str]
    wrongly_cited: int
    """Sentences that are shown as cited from a document that is not theirs."""

    def share(self, label: str) -> float:
        return self.shown[label] / self.sentences[label]


def measure(told: Iterable[Answered]) -> Measure:
    sentences: Counter[str] = Counter()
    shown: Counter[str] = Counter()
    quoted: Counter[str] = Counter()
    wrongly_cited = 0
    for answer in told:
        for sentence in answer.case.sentences:
            sentences[sentence.label] += 1
            quoted[sentence.label] += answer.quoted(sentence)
            if answer.shows(sentence):
                shown[sentence.label] += 1
                if sentence.label == "moved_quote" and sentence.details["true_in"] not in answer.cited(sentence):
                    wrongly_cited += 1
    return Measure(sentences, shown, quoted, wrongly_cited)
