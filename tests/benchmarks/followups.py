"""How well follow-ups are found: as they are asked, completed by the rules, and asked in full.

    .venv/bin/python -m tests.benchmarks.followups EVAL_FOLDER [--sets squad2 clapnq] [--indexes FOLDER] [--misses even]

EVAL_FOLDER holds the public sets; followups.jsonl beside this file has the conversations over their documents. What a
later turn must find is a passage of its document that holds its evidence; hit@5 counts those with one among the first
five, `quoted` those with the evidence in a quote. The conversations with an even number were looked at while the rules
were written, those with an odd one only counted. Turns that stand by themselves must not be changed, nor may the sets'
own questions, each asked after one about another document. `--indexes` keeps the indexes for the next run.
"""

import argparse
import json
import random
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.completing import may_lean
from bot.followups import Turn, standalone
from config import load_settings
from index.answering import Answerer
from index.building import build_indexer
from index.types import Answer
from index.wiring import build_answerer
from tests.benchmarks.asking import SEED, read_questions

CONVERSATIONS = Path(__file__).with_name("followups.jsonl")
FORMS = ("alone", "completed", "full")
TOP = 5

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A later turn: what became of it, and for each form whether the passage was among the first, and quoted."""

    number: int
    set: str
    question: str
    understood: str
    full: str
    hits: dict[str, bool]
    quoted: dict[str, bool]

    @property
    def half(self) -> str:
        return "odd" if self.number % 2 else "even"

    @property
    def stands(self) -> bool:
        return self.question == self.full


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sets", nargs="+", help="all that have conversations, unless given")
    parser.add_argument("--indexes", type=Path, help="where the indexes are kept")
    parser.add_argument("--misses", choices=("even", "odd"), help="show what was not found of this half")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        conversations = [each for each in read_conversations() if each["set"] in (options.sets or [each["set"]])]
        asked = list(ask_all(conversations, options.folder, options.indexes or Path(scratch)))
    for half in ("even", "odd"):
        tell(half, [each for each in asked if each.half == half])
    for name in dict.fromkeys(each.set for each in asked):
        tell(name, [each for each in asked if each.set == name])
    tell_changed(options.folder, sorted({each.set for each in asked}))
    for each in asked:
        if each.half == options.misses and (each.stands != (each.understood == each.question) or missed(each)):
            print(f"f{each.number:02} {each.question}\n    {each.understood}\n    {each.full}  {each.hits}")


def missed(asked: Asked) -> bool:
    return asked.hits["full"] and not asked.hits["completed"]


def read_conversations() -> list[Line]:
    return [json.loads(line) for line in CONVERSATIONS.read_text(encoding="utf-8").splitlines()]


def ask_all(conversations: Sequence[Line], folder: Path, indexes: Path) -> Iterator[Asked]:
    for name in dict.fromkeys(each["set"] for each in conversations):
        answerer = opened(folder / name / "docs", indexes / name)
        for conversation in conversations:
            if conversation["set"] == name:
                yield from ask(conversation, answerer)
        answerer.close()


def opened(documents: Path, data: Path) -> Answerer:
    settings = load_settings(seeds_dir=documents.resolve(), data_dir=data)
    build_indexer(settings).sync()
    return build_answerer(settings)


def ask(conversation: Line, answerer: Answerer) -> Iterator[Asked]:
    """The turns in their order, each completed from those before it as they were understood and answered."""
    turns: list[Turn] = []
    for place, turn in enumerate(conversation["turns"]):
        understood = standalone(turn["question"], turns)
        forms = dict(zip(FORMS, (turn["question"], understood, turn["full"]), strict=True))
        answers = {form: answerer.answer(form) for form in dict.fromkeys(forms.values())}
        turns.append(Turn.of(answers[understood]))
        if place and "evidence" in turn:
            yield Asked(
                number=int(conversation["id"].removeprefix("f")),
                set=conversation["set"],
                question=turn["question"],
                understood=understood,
                full=turn["full"],
                hits={name: is_hit(answers[form], turn) for name, form in forms.items()},
                quoted={name: is_quoted(answers[form], turn) for name, form in forms.items()},
            )


def is_hit(answer: Answer, turn: Line) -> bool:
    first = answer.passages[:TOP]
    return any(
        each.source.document == turn["doc_id"] and turn["evidence"] in squashed(each.span.text) for each in first
    )


def is_quoted(answer: Answer, turn: Line) -> bool:
    return any(turn["evidence"] in squashed(each.quote.text) for each in answer.citations)


def squashed(text: str) -> str:
    return " ".join(text.split())


def tell(title: str, asked: Sequence[Asked]) -> None:
    followups = [each for each in asked if not each.stands]
    standing = [each for each in asked if each.stands]
    changed = sum(each.understood != each.question for each in standing)
    hits = "  ".join(f"{form} {share(each.hits[form] for each in followups)}" for form in FORMS)
    quoted = "  ".join(f"{form} {share(each.quoted[form] for each in followups)}" for form in FORMS)
    print(f"{title:10} {len(followups):3} follow-ups  hit@{TOP}: {hits}  quoted: {quoted}", end="")
    print(f"  new subjects changed: {changed} of {len(standing)}", flush=True)


def share(flags: Iterable[bool]) -> str:
    counted = list(flags)
    return f"{sum(counted) / len(counted):.3f}" if counted else "  –  "


def tell_changed(folder: Path, sets: Iterable[str]) -> None:
    """Questions that stand by themselves, each after one about another document, answered rightly."""
    for name in sets:
        questions = read_questions(folder / name)
        before = random.Random(SEED).sample(questions, len(questions))
        others = [
            (question["question"], [as_turn(other)])
            for question, other in zip(questions, before, strict=True)
            if question["doc_ids"] != other["doc_ids"]
        ]
        changed = sum(standalone(question, turns) != question for question, turns in others)
        to_model = sum(may_lean(question, turns) for question, turns in others)
        print(f"{name:10} {len(others)} of its own questions after others, changed: {changed}, to a model: {to_model}")


def as_turn(question: Line) -> Turn:
    return Turn(question["question"], next(iter(question["answers"]), ""), tuple(question["evidence"]))


if __name__ == "__main__":
    main()
