"""What the reader is taught, in two courses: how much of each source, and how fast.

The second goes on from what the first exported. It teaches what the first left out of its sources, and twice as large a
share of questions that look answerable and are not: beside every second question the same with something exchanged.
"""

import random
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tools.reader_examples import (
    Example,
    Paragraph,
    elsewhere,
    exchanged,
    rarities,
    read_lines,
    read_squad,
    runs,
    without_answer,
)


@dataclass(frozen=True, slots=True)
class Course:
    """`lines`: rows of each kind, at most. `answered`, `elsewhere`, `without`, `exchanged`: which of SQuAD's shuffled
    questions are used how; many stand beside their own unanswerable twin."""

    files: tuple[str, ...]
    lines: Mapping[str, int]
    times: int
    """How often a question of NATURAL is seen: they are rare and worth most."""
    answered: slice
    elsewhere: slice
    without: tuple[slice, ...]
    exchanged: slice
    examples: int
    rate: float
    frozen: int = 0
    """Layers from below that stay as they are."""


NATURAL = "squad2-train/none"
"""Unanswerable questions that people wrote."""

FIRST = Course(
    files=("train", "sentence"),
    lines={
        "squad2-train/none": 342, "nq-open-oracle/span": 1692, "neg:nq-open-oracle/none": 928, "nq-qed-dev/span": 1248,
        "neg:nq-qed-dev/none": 672, "timeqa-human/span": 981, "timeqa-human/none": 189, "neg:timeqa-human/none": 300,
        "timeqa-template-hard/span": 431, "timeqa-template-hard/none": 164, "timeqa-template-easy/span": 500,
        "cmu-qa-s08-10/span": 801, "neg:cmu-qa-s08-10/none": 448, "tatqa/span": 561, "neg:tatqa/none": 311,
        "hotpotqa/span": 91, "hotpotqa/none": 67, "fairytaleqa/span": 1500, "neg:fairytaleqa/none": 500,
        "molweni/span": 300, "molweni/none": 288, "medquad/sentence": 800, "neg:medquad/none": 400,
        "selqa/sentence": 2356, "neg:selqa/none": 743,
    },
    times=3,
    answered=slice(0, 26_000),
    elsewhere=slice(20_000, 30_000),
    without=(slice(14_000, 22_000), slice(30_000, 32_000)),
    exchanged=slice(0, 9_000),
    examples=25_000,
    rate=1.5e-4,
)  # fmt: skip
"""Noisy and far-off sources (Molweni, FairytaleQA, MedQuAD) get little room."""

SECOND = Course(
    files=("train", "sentence", "swap"),
    lines={
        "squad2-train/none": 342, "nq-open-oracle/span": 500, "neg:nq-open-oracle/none": 300, "nq-qed-dev/span": 300,
        "neg:nq-qed-dev/none": 200, "timeqa-human/span": 150, "cmu-qa-s08-10/span": 200, "medquad/sentence": 600,
        "neg:medquad/none": 300, "selqa/sentence": 600, "neg:selqa/none": 200, "hotpotqa/none": 30,
        "swap:squad2-train/none": 1264, "swap:squad1-train/none": 184, "swap:squad-train-tnlp/none": 116,
        "swap:squad-train-ecj/none": 300, "swap:nq-open-oracle/none": 28,
    },
    times=2,
    answered=slice(0, 8_500),
    elsewhere=slice(8_500, 10_500),
    without=(slice(10_500, 12_000),),
    exchanged=slice(0, 7_000),
    examples=15_000,
    rate=8e-5,
    frozen=2,
)  # fmt: skip

COURSES = {"first": FIRST, "second": SECOND}


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the examples come from. Paragraphs of SQuAD that share a run of 12 words with a text under `apart` are
    left out."""

    folder: Path
    squad: Path | None = None
    apart: tuple[Path, ...] = ()
    paragraphs: list[Paragraph] = field(default_factory=list, init=False, compare=False)

    def __post_init__(self) -> None:
        if self.squad:
            texts = [path.read_text("utf-8") for folder in self.apart for path in sorted(folder.rglob("*.txt"))]
            forbidden = {run for text in texts for run in runs(text)}
            kept = [each for each in read_squad(self.squad) if forbidden.isdisjoint(runs(each.text))]
            self.paragraphs.extend(kept)

    def files(self, course: Course) -> list[Path]:
        return [*(self.folder / f"{name}.jsonl.gz" for name in course.files), *([self.squad] if self.squad else [])]


def gather(course: Course, sources: Sources, chance: random.Random, *, seen: Iterable[Example] = ()) -> list[Example]:
    """What the course teaches, shuffled; nothing of what was seen before but NATURAL."""
    known = {(each.question, each.passage) for each in seen}
    by_kind: Mapping[str, list[Example]] = defaultdict(list)
    for name in course.files:
        for each in read_lines(sources.folder / f"{name}.jsonl.gz"):
            if each.kind == NATURAL or (each.question, each.passage) not in known:
                by_kind[each.kind].append(each)
    found: list[Example] = []
    for kind, most in course.lines.items():
        found += chance.sample(by_kind[kind], min(most, len(by_kind[kind])))
    found += by_kind[NATURAL] * (course.times - 1)
    if sources.paragraphs:
        found += from_squad(course, sources.paragraphs, chance, known)
    chance.shuffle(found)
    return found[: course.examples]


def from_squad(
    course: Course, paragraphs: list[Paragraph], chance: random.Random, known: Collection[tuple[str, str]]
) -> list[Example]:
    """Questions with their answers, and unanswerable ones made of them."""
    articles: Mapping[int, list[str]] = defaultdict(list)
    article_of: dict[str, int] = {}
    for paragraph in paragraphs:
        articles[paragraph.article].append(paragraph.text)
        article_of[paragraph.text] = paragraph.article
    asked = [e for paragraph in paragraphs for e in paragraph.examples if (e.question, e.passage) not in known]
    chance.shuffle(asked)
    rarity = rarities(paragraph.text for paragraph in paragraphs)
    made = [
        *(elsewhere(each, articles[article_of[each.passage]], rarity) for each in asked[course.elsewhere]),
        *(without_answer(each) for part in course.without for each in asked[part]),
        *(exchanged(each, chance) for each in asked[course.exchanged]),
    ]
    return [*asked[course.answered], *(each for each in made if each)]
