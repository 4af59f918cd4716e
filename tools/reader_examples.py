"""What the reader learns from: a question, a passage, and where in it the answer stands, or that it does not.

Two sources: the gzipped JSON lines of a training folder (`{question, context, answer, start, source, kind}`, kind being
span, sentence or none) and SQuAD 1.1's own file. Unanswerable questions are rare in both, so four more kinds are made
here: the same question with another paragraph of its article, with its passage less the sentence that answers, with a
name, number or opposite exchanged in the question, and with another name in either the question or the passage. With
that name in both it is answered still: what is taught is to compare, not that the name looks out of place.
"""

import gzip
import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from index.sentences import sentences

NAME = re.compile(r"(?<![.!?] )(?<!^)\b(?:[A-Z][\w'’-]+|[A-Z]\.)(?:\s+(?:of |the |de |von )?[A-Z][\w'’-]+)*")
NUMBER = re.compile(r"\b\d[\d.,]*\d\b|\b\d\b")
WORD = re.compile(r"\w+")

OPPOSITES = dict(
    pair
    for a, b in [
        ("first", "last"), ("largest", "smallest"), ("largest", "smallest"), ("biggest", "smallest"),
        ("highest", "lowest"), ("most", "least"), ("oldest", "youngest"), ("longest", "shortest"), ("best", "worst"),
        ("before", "after"), ("above", "below"), ("north", "south"), ("northern", "southern"), ("east", "west"),
        ("eastern", "western"), ("increase", "decrease"), ("increased", "decreased"), ("rise", "fall"),
        ("more", "fewer"), ("higher", "lower"), ("early", "late"), ("earliest", "latest"), ("won", "lost"),
        ("win", "lose"), ("began", "ended"), ("begin", "end"), ("start", "stop"), ("started", "stopped"),
        ("supported", "opposed"), ("support", "oppose"), ("allowed", "forbade"), ("male", "female"),
        ("father", "mother"), ("son", "daughter"), ("king", "queen"), ("old", "new"), ("major", "minor"),
        ("maximum", "minimum"), ("public", "private"), ("accepted", "rejected"), ("inside", "outside"),
        ("gained", "lost"), ("arrived", "left"), ("birth", "death"), ("born", "buried"), ("built", "destroyed"),
        ("summer", "winter"), ("positive", "negative"), ("agreed", "refused"), ("can", "cannot"), ("is", "isn't"),
        ("was", "wasn't"), ("did", "didn't"), ("does", "doesn't"), ("are", "aren't"), ("were", "weren't"),
    ]
    for pair in ((a, b), (b, a))
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Example:
    """`answer` is the span of `passage` that answers, None where none does; `whole_sentence` says that any part of
    the span may be meant. `before` and `after` are the paragraphs beside the passage that are read with it."""

    question: str
    passage: str
    answer: tuple[int, int] | None
    whole_sentence: bool = False
    kind: str = ""
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


def read_lines(path: Path) -> list[Example]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [from_row(json.loads(line)) for line in lines]


def from_row(row: dict[str, Any]) -> Example:
    answer = None if row["answer"] is None else (row["start"], row["start"] + len(row["answer"]))
    return Example(row["question"], row["context"], answer, row["kind"] == "sentence", f"{row['source']}/{row['kind']}")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of an article of SQuAD's file, with the questions on it."""

    article: int
    text: str
    examples: tuple[Example, ...]


def read_squad(path: Path) -> list[Paragraph]:
    """SQuAD 1.1 or 2.0, as published."""
    found = []
    for number, article in enumerate(json.loads(path.read_text(encoding="utf-8"))["data"]):
        for paragraph in article["paragraphs"]:
            text = paragraph["context"]
            examples = tuple(
                Example(
                    q["question"].strip(), text, first_answer(q), kind="squad/span" if q["answers"] else "squad/none"
                )
                for q in paragraph["qas"]
            )
            found.append(Paragraph(number, text, examples))
    return found


def first_answer(question: dict[str, Any]) -> tuple[int, int] | None:
    if not question["answers"]:
        return None
    first = question["answers"][0]
    return first["answer_start"], first["answer_start"] + len(first["text"])


def answer_text(example: Example) -> str:
    return example.passage[slice(*example.answer)] if example.answer else ""


def elsewhere(example: Example, others: Sequence[str], rarity: Mapping[str, float]) -> Example | None:
    """The question with the most alike of the other paragraphs that lacks the answer."""
    asked = words(example.question)
    lacking = [text for text in others if text != example.passage and answer_text(example).lower() not in text.lower()]
    if not lacking:
        return None
    nearest = max(lacking, key=lambda text: sum(rarity.get(word, 0.0) for word in asked & words(text)))
    return replace(example, passage=nearest, answer=None, kind=f"{example.kind}:elsewhere")


def without_answer(example: Example) -> Example | None:
    """The question with its passage less every sentence that holds the answer."""
    answer = answer_text(example).lower()
    kept = [
        example.passage[s:e] for s, e in sentences(example.passage, "en") if answer not in example.passage[s:e].lower()
    ]
    if len(kept) < 2:
        return None
    return replace(example, passage=" ".join(kept), answer=None, kind=f"{example.kind}:deleted")


def exchanged(example: Example, chance: random.Random) -> Example | None:
    """The passage with its question turned into one that it most likely does not answer."""
    for way in chance.sample(WAYS, len(WAYS)):
        question = way(example, chance)
        if question is not None and question != example.question:
            return replace(example, question=question, answer=None, kind=f"{example.kind}:exchanged")
    return None


def renamed(example: Example, others: Sequence[str], chance: random.Random) -> tuple[Example, ...]:
    """With a name or number of the question turned into one of another text: in question and passage, where it is
    answered still, and in one of them alone, where it is not. Nothing where the passage lacks it."""
    if not example.answer:
        return ()
    start, end = example.answer
    answer = answer_text(example).lower()
    found = [
        (pattern, match.group())
        for pattern in (NAME, NUMBER)
        for match in pattern.finditer(example.question)
        if match.group().lower() not in answer and answer not in match.group().lower()
    ]
    chance.shuffle(found)
    for pattern, old in found:
        whole = re.compile(rf"(?<!\w){re.escape(old)}(?!\w)")
        new = another_name(old, pattern, example, others, chance)
        if new and whole.search(example.passage):
            passage, question = whole.sub(new, example.passage), whole.sub(new, example.question)
            shift = (len(new) - len(old)) * len(whole.findall(example.passage[:start]))
            span = (start + shift, end + shift)
            if passage[slice(*span)] == answer_text(example):
                alone = (question, example.passage) if chance.random() < ASKED_ALONE else (example.question, passage)
                return (
                    replace(example, question=question, passage=passage, answer=span, kind=f"{example.kind}:renamed"),
                    replace(
                        example, question=alone[0], passage=alone[1], answer=None, kind=f"{example.kind}:renamed alone"
                    ),
                )
    return ()


def another_name(
    old: str, pattern: re.Pattern[str], example: Example, others: Sequence[str], chance: random.Random
) -> str | None:
    known = (example.question + " " + example.passage).lower()
    found = [name for name in pattern.findall(chance.choice(others)) if name.lower() not in known]
    names = alike(old, found)
    return chance.choice(names) if names else None


def alike(old: str, others: Sequence[str]) -> Sequence[str]:
    """Those of as many words, or digits: "in 1858" may become "in 1912", but "in 3" is told at a glance. All others,
    if no name is of that kind."""
    if old[0].isdigit():
        return [each for each in others if len(each) == len(old)]
    return [each for each in others if len(each.split()) == len(old.split())] or others


def exchange_name(example: Example, chance: random.Random) -> str | None:
    return exchange(NAME, example, chance)


def exchange_number(example: Example, chance: random.Random) -> str | None:
    return exchange(NUMBER, example, chance)


def exchange(pattern: re.Pattern[str], example: Example, chance: random.Random) -> str | None:
    asked = list(pattern.finditer(example.question))
    if not asked:
        return None
    taken = (example.question + " " + answer_text(example)).lower()
    others = sorted({m.group() for m in pattern.finditer(example.passage) if m.group().lower() not in taken})
    if not others:
        return None
    old = chance.choice(asked)
    new = chance.choice(alike(old.group(), others) or others)
    return example.question[: old.start()] + new + example.question[old.end() :]


def exchange_opposite(example: Example, chance: random.Random) -> str | None:
    asked = [m for m in WORD.finditer(example.question) if m.group() in OPPOSITES]
    if not asked:
        return None
    # Content words rather than a verb's negation, where there is a choice.
    best = [m for m in asked if not OPPOSITES[m.group()].endswith("n't")] or asked
    old = chance.choice(best)
    return example.question[: old.start()] + OPPOSITES[old.group()] + example.question[old.end() :]


WAYS = (exchange_name, exchange_number, exchange_opposite)

ASKED_ALONE = 0.3
"""How often the other name stands in the question and not in the passage."""


@lru_cache(maxsize=100_000)
def words(text: str) -> frozenset[str]:
    return frozenset(word for word in WORD.findall(text.lower()) if len(word) > 2)


def rarities(texts: Iterable[str]) -> dict[str, float]:
    counts = Counter(word for text in texts for word in words(text))
    return {word: 1 / count for word, count in counts.items()}


def runs(text: str, length: int = 12) -> Iterator[int]:
    """Hashes of every run of `length` words: two texts that share one share a passage."""
    held = WORD.findall(text.lower())
    return (hash(tuple(held[i : i + length])) for i in range(len(held) - length + 1))
