"""Questions drafted from the documents, for their owner to correct: a few from each document, the same every time."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import cycle, islice, zip_longest
from typing import Any

from bot.answers import Answers
from bot.evaluation.matching import one_line
from bot.evaluation.templates import NAME, Draft, drafts_of
from bot.progress import Progress, no_progress
from index.errors import CitegramError
from index.kinds import kind_of
from index.sentences import sentences

LANGUAGE = "en"

UNANSWERABLE = 5
"""One draft in so many asks for what no document mentions."""

INVENTED = ("Velmora", "Tarquist", "Ostrandel", "Brellick", "Quenmark", "Haldovan", "Mirrowen", "Sarvelt", "Dunquire")
"""Names that could be anybody's or anything's; those that the documents lack are taken in turn."""

KNOWN = re.compile(rf"(?<![-'’.])\b(?:{NAME}|[A-Z][a-z]{{3,}})\b(?! (?:[A-Z]|of\b|and\b|de\b|von\b|van\b)|[-'’])")
"""A name in a question that ends where it seems to."""

BEFORE_NAME = re.compile(r"(?:^| )(?!(?:the|and|an?|or) )[a-z]+ $")

SHORTEST = 4
"""Words: "Who was Velmora?" would be too easy to decline."""

VAGUE = re.compile(r"^[\w ]+? (?:did|does|is|are|was|were) the [a-z]+ [a-z]")
"""Asks about "the ferry" as if there were one only: drafted where there is nothing better."""

WITHIN_SENTENCE = re.compile(r"(?<=[a-z,] )[A-Za-z]+\b")
"""A word that does not begin a sentence: written large there, it is a name."""

HEADED = re.compile(r".{,40}\n[A-Z]|(?s:.*)\n\s*\n")
"""What is likely a heading without a full stop, and the sentence below it."""


class NothingToDraftError(CitegramError):
    pass


@dataclass(frozen=True, slots=True)
class Drafted:
    """A question with the sentence it was made of. `document` is empty for one that nothing answers."""

    question: str
    answer: str = ""
    evidence: str = ""
    document: str = ""

    def line(self, key: str) -> dict[str, Any]:
        """As it stands in a question file."""
        given = bool(self.document)
        return {
            "id": key,
            "question": self.question,
            "answers": [self.answer] if given else [],
            "evidence": [self.evidence] if given else [],
            "doc_ids": [self.document] if given else [],
            "answerable": given,
        }


def draft(answers: Answers, number: int, *, progress: Progress = no_progress) -> list[dict[str, Any]]:
    """Up to `number` lines of a question file. Raises NothingToDraftError where no document is in English, or no
    sentence of one can be made a question."""
    languages = answers.languages()
    english = {name: answers.text(name) or "" for name, language in languages.items() if language == LANGUAGE}
    if not english:
        others = ", ".join(sorted(set(languages.values())))
        raise NothingToDraftError(f"Questions are drafted in English only, and the documents are in: {others}.")
    drafted = choose(english, number, progress=progress)
    if not drafted:
        raise NothingToDraftError("No sentence of the documents is of a kind that a question can be drafted from.")
    return [each.line(f"draft-{place}") for place, each in enumerate(drafted, start=1)]


def choose(texts: Mapping[str, str], number: int, *, progress: Progress = no_progress) -> list[Drafted]:
    """The answerable ones first, from each document in turn; then those that nothing answers."""
    words = {word for text in texts.values() for word in WITHIN_SENTENCE.findall(text)}
    by_document = []
    for place, (document, text) in enumerate(texts.items(), start=1):
        by_document.append(list(of_document(document, text, words)))
        progress("drafting", place, len(texts))
    found = unmistakable(list(in_turn([list(by_kind(each)) for each in by_document])))
    found.sort(key=lambda each: bool(VAGUE.search(each.question)))
    few = min(number, len(found)) // UNANSWERABLE
    answerable, unused = found[: number - few], found[number - few :]
    return answerable + list(islice(unanswerable(unused + answerable, texts.values()), few))


def of_document(document: str, text: str, words: Set[str]) -> Iterator[Drafted]:
    """At most one question for each sentence, which may run over several lines."""
    for start, end in sentences(text, LANGUAGE):
        sentence = text[start:end]
        if HEADED.match(sentence):
            continue
        made: Draft | None = next(drafts_of(one_line(sentence), words), None)
        answer = made and re.search(r"\s+".join(map(re.escape, made.answer.split())), sentence)
        if made and answer:
            yield Drafted(made.question, answer[0], sentence, document)


def by_kind(drafted: Sequence[Drafted]) -> Iterator[Drafted]:
    """One of each kind in turn, so that the first few are not all alike."""
    kinds: dict[str, list[Drafted]] = {}
    for each in drafted:
        kinds.setdefault(kind_of(each.question), []).append(each)
    return in_turn(list(kinds.values()))


def in_turn(lists: Sequence[Sequence[Drafted]]) -> Iterator[Drafted]:
    return (each for several in zip_longest(*lists) for each in several if each)


def unmistakable(drafted: Sequence[Drafted]) -> list[Drafted]:
    """Without those that two sentences lead to: which of the answers would be meant?"""
    times = Counter(each.question.lower() for each in drafted)
    return [each for each in drafted if times[each.question.lower()] == 1]


def unanswerable(drafted: Iterable[Drafted], texts: Iterable[str]) -> Iterator[Drafted]:
    """Questions about a name that no document has, in the place of one that they have; one for each such name."""
    everything = "\n".join(texts).lower()
    unknown = cycle([name for name in INVENTED if name.lower() not in everything])
    for each in drafted:
        if len(each.question.split()) > SHORTEST and (known := name_in(each.question)):
            for name in islice(unknown, 1):
                yield Drafted(each.question[: known.start()] + name + each.question[known.end() :])


def name_in(question: str) -> re.Match[str] | None:
    """The first name that stands by itself, so that another can take its place."""
    return next((each for each in KNOWN.finditer(question) if BEFORE_NAME.search(question[: each.start()])), None)
