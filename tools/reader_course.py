"""What the reader is taught: how much of each source and of each kind that is made of it.

Every question of SQuAD is there with its paragraph alone and with the paragraphs beside it, as the product's passages
hold more than one; and beside it stand the unanswerable ones that are made of it (tools/reader_examples.py).
"""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from tools.reader_examples import (
    Example,
    Paragraph,
    answer_text,
    elsewhere,
    exchanged,
    rarities,
    read_lines,
    read_squad,
    renamed,
    runs,
    without_answer,
)

FILES = ("train", "sentence", "swap")

SHARES = {
    "squad/span": 0.35, "squad/span:beside": 0.65, "squad/span:elsewhere": 0.27, "squad/span:deleted": 0.25,
    "squad/span:exchanged": 0.25, "squad/span:renamed": 0.45, "squad/span:renamed alone": 0.6, "squad/span:far": 0.5,
    "squad2-train/none": 5.0, "swap:squad2-train/none": 1.0, "swap:squad1-train/none": 1.0,
    "swap:squad-train-ecj/none": 0.7, "swap:squad-train-tnlp/none": 0.5, "swap:nq-open-oracle/none": 1.0,
    "swap:nq-qed-dev/none": 1.0, "swap:cmu-qa-s08-10/none": 0.5, "swap:timeqa-human/none": 0.5,
    "neg:squad2-train/none": 0.5, "neg:squad1-train/none": 0.5, "neg:squad-train-ecj/none": 0.5,
    "nq-open-oracle/span": 1.0, "neg:nq-open-oracle/none": 1.0, "nq-qed-dev/span": 1.0, "neg:nq-qed-dev/none": 1.0,
    "timeqa-human/span": 1.0, "timeqa-human/none": 2.0, "neg:timeqa-human/none": 0.7, "timeqa-template-hard/span": 0.7,
    "timeqa-template-hard/none": 0.7, "timeqa-template-easy/span": 0.5, "cmu-qa-s08-10/span": 1.0,
    "neg:cmu-qa-s08-10/none": 1.0, "tatqa/span": 1.0, "neg:tatqa/none": 1.0, "hotpotqa/span": 1.0,
    "hotpotqa/none": 3.0, "neg:hotpotqa/none": 1.0, "fairytaleqa/span": 0.4, "neg:fairytaleqa/none": 0.25,
    "molweni/span": 0.15, "molweni/none": 1.0, "medquad/sentence": 0.3, "neg:medquad/none": 0.2,
    "selqa/sentence": 1.0, "neg:selqa/none": 1.0,
}  # fmt: skip
"""How often an example of each kind is seen in one pass: .3 is three in ten of them, drawn anew each time. Unanswerable
questions that people wrote are rare and worth most; noisy and far-off sources (Molweni, FairytaleQA, MedQuAD) get
little room. The training folder's spans of SQuAD are in SQuAD's own file."""

FAR = 0.2
"""Of SQuAD's questions, those that are also put to a paragraph of another article."""

FAR_TEXTS = 30
NAMES_NEAR = 0.6
"""How often another name is one of the same article."""

BESIDE = 2
"""Paragraphs on each side."""

Teach = Callable[[], Iterable[Example]]


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
            texts = [path.read_text("utf-8") for folder in self.apart for path in documents(folder)]
            forbidden = {run for text in texts for run in runs(text)}
            kept = [each for each in read_squad(self.squad) if forbidden.isdisjoint(runs(each.text))]
            self.paragraphs.extend(kept)

    def files(self) -> list[Path]:
        return [*(self.folder / f"{name}.jsonl.gz" for name in FILES), *([self.squad] if self.squad else [])]


def documents(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in (".txt", ".md"))


def courses(sources: Sources, seed: int) -> list[Teach]:
    """What is taught, in parts that can be made side by side: the training folder's lines, and each article."""
    articles: dict[int, list[Paragraph]] = {}
    for paragraph in sources.paragraphs:
        articles.setdefault(paragraph.article, []).append(paragraph)
    texts = [paragraph.text for paragraph in sources.paragraphs]
    rarity = rarities(texts)
    return [
        *(partial(lines, sources.folder / f"{name}.jsonl.gz") for name in FILES),
        *(
            partial(taught, article, texts, rarity, random.Random(f"{seed} {number}"))
            for number, article in articles.items()
        ),
    ]


def lines(path: Path) -> list[Example]:
    return [each for each in read_lines(path) if each.kind in SHARES]


def taught(
    article: Sequence[Paragraph], texts: Sequence[str], rarity: Mapping[str, float], chance: random.Random
) -> Iterator[Example]:
    """An article's questions with their answers, and unanswerable ones made of them. `texts` are all paragraphs."""
    own = [paragraph.text for paragraph in article]
    held = frozenset(own)
    others = [text for text in texts if text not in held]
    for paragraph in article:
        for asked in paragraph.examples:
            yield asked
            yield beside(replace(asked, kind=f"{asked.kind}:beside"), own)
            nearest = elsewhere(asked, own, rarity)
            if nearest:
                second = elsewhere(asked, [text for text in own if text != nearest.passage], rarity)
                yield from (beside(each, own, lacking=answer_text(asked)) for each in (nearest, second) if each)
            if others and chance.random() < FAR:
                far = elsewhere(asked, chance.sample(others, min(FAR_TEXTS, len(others))), rarity)
                yield from [replace(far, kind=f"{asked.kind}:far")] if far else []
            made = [without_answer(asked), exchanged(asked, chance), exchanged(asked, chance)]
            yield from dict.fromkeys(each for each in made if each)
            if others:
                yield from renamed(asked, [chance.choice(own if chance.random() < NAMES_NEAR else others)], chance)


def beside(example: Example, article: Sequence[str], *, lacking: str = "") -> Example:
    """The example with the paragraphs beside its own, as far as they lack a text."""
    place = article.index(example.passage)
    before, after = article[max(0, place - BESIDE) : place], article[place + 1 : place + 1 + BESIDE]
    if lacking:
        before, after = ([t for t in side if lacking.lower() not in t.lower()] for side in (before, after))
    return replace(example, before=tuple(before), after=tuple(after))
