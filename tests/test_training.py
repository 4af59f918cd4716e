"""The training script: what it learns from, and that a run of a few steps ends in a model that loads and answers."""

import gzip
import json
import random
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.reader import OnnxReader
from tests.builders import FERRY
from tests.command_line import ROOT
from tools.reader_course import FIRST, SECOND, Sources, gather
from tools.reader_examples import Example, elsewhere, exchanged, read_lines, read_squad, runs, without_answer

TRAINING = ROOT / ".venv-train" / "bin" / "python"
PASSAGE = "The mill burned in 1854. Anna Reed built it again in 1861. It grinds rye, and Tom Hale owns it."


def an_example(question: str, answer: str, passage: str = PASSAGE) -> Example:
    start = passage.index(answer)
    return Example(question, passage, (start, start + len(answer)), kind="made")


def row(question: str, answer: str | None, *, kind: str, source: str) -> dict[str, object]:
    start = None if answer is None else FERRY.index(answer)
    return {"context": FERRY, "question": question, "answer": answer, "start": start, "source": source, "kind": kind}


ROWS = {
    "train": [
        row("How often does it cross?", "four times a day", kind="span", source="nq-qed-dev"),
        row("When does the last one leave?", "nine in the evening", kind="span", source="timeqa-human"),
        row("Who owns the ferry?", None, kind="none", source="squad2-train"),
    ],
    "swap": [row("When does the last train leave?", None, kind="none", source="swap:squad2-train")],
    "sentence": [row("What of bicycles?", "A bicycle travels free of charge.", kind="sentence", source="selqa")],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, rows in ROWS.items():
        with gzip.open(tmp_path / f"{name}.jsonl.gz", "wt", encoding="utf-8") as lines:
            lines.writelines(json.dumps(each) + "\n" for each in rows)
    return tmp_path


def test_lines_become_examples(folder: Path) -> None:
    often, _, nobody = read_lines(folder / "train.jsonl.gz")
    assert often.answer is not None
    assert FERRY[slice(*often.answer)] == "four times a day"
    assert (often.whole_sentence, often.kind) == (False, "nq-qed-dev/span")
    assert nobody.answer is None
    (sentence,) = read_lines(folder / "sentence.jsonl.gz")
    assert sentence.whole_sentence


def test_squad_as_published(tmp_path: Path) -> None:
    questions = [
        {"question": " Who built it?", "answers": [{"text": "Anna Reed", "answer_start": 25}]},
        {"question": "Who sold it?", "answers": []},
    ]
    article = {"title": "Mill", "paragraphs": [{"context": PASSAGE, "qas": questions}]}
    (tmp_path / "squad.json").write_text(json.dumps({"data": [article]}), encoding="utf-8")
    (paragraph,) = read_squad(tmp_path / "squad.json")
    built, sold = paragraph.examples
    assert built.question == "Who built it?"
    assert built.answer is not None
    assert PASSAGE[slice(*built.answer)] == "Anna Reed"
    assert sold.answer is None


def test_without_its_answer_a_passage_keeps_its_other_sentences() -> None:
    made = without_answer(an_example("Who built it?", "Anna Reed"))
    assert made is not None
    assert made.passage == "The mill burned in 1854. It grinds rye, and Tom Hale owns it."
    assert made.answer is None
    assert without_answer(an_example("Who?", "Tom", "Tom came. Then he left.")) is None


def test_elsewhere_is_the_most_alike_paragraph_that_lacks_the_answer() -> None:
    others = [PASSAGE, "Anna Reed built the mill.", "Reed built a bridge.", "It rains."]
    made = elsewhere(an_example("Who built the mill?", "Anna Reed"), others, {"built": 1.0, "mill": 1.0})
    assert made is not None
    assert (made.passage, made.answer) == ("Reed built a bridge.", None)
    assert elsewhere(an_example("Who built it?", "Anna Reed"), [PASSAGE], {}) is None


@pytest.mark.parametrize(
    ("question", "answer", "expected"),
    [
        ("What did Anna Reed build?", "mill", {"What did Tom Hale build?", "What didn't Anna Reed build?"}),
        ("What burned in 1854?", "mill", {"What burned in 1861?"}),
        ("Who was the first owner?", "Tom Hale", {"Who was the last owner?"}),
    ],
)
def test_an_exchanged_question_asks_for_something_else(question: str, answer: str, expected: set[str]) -> None:
    made = [exchanged(an_example(question, answer), random.Random(seed)) for seed in range(12)]
    assert {each.question for each in made if each} == expected
    assert all(each.answer is None for each in made if each)


def test_what_cannot_be_exchanged_is_left() -> None:
    assert exchanged(an_example("Who owns it?", "Tom Hale"), random.Random(1)) is None


def test_texts_that_share_twelve_words_share_a_run() -> None:
    shared = "the mill burned in 1854 and anna reed built it again soon"
    assert set(runs(f"They say {shared}, as was told.")) & set(runs(f"Indeed, {shared.upper()}!"))
    assert not set(runs(shared)) & set(runs(shared.replace("anna", "tom")))


def test_the_second_course_teaches_what_the_first_did_not_and_what_people_wrote_again(folder: Path) -> None:
    sources = Sources(folder)
    first = gather(FIRST, sources, random.Random(1))
    assert Counter(each.kind for each in first)["squad2-train/none"] == 3
    second = gather(SECOND, sources, random.Random(1), seen=first)
    assert sorted({each.kind for each in second}) == ["squad2-train/none", "swap:squad2-train/none"]


def test_of_squad_each_question_is_used_as_the_course_says_and_none_is_seen_twice(folder: Path, tmp_path: Path) -> None:
    texts = [f"The mill number {n} burned in 1854. Anna Reed built it again. Tom Hale owns it." for n in range(9)]
    paragraphs = [
        {"context": text, "qas": [{"question": f"Who owns mill {n}?", "answers": [answer_in(text, "Tom Hale")]}]}
        for n, text in enumerate(texts)
    ]
    path = tmp_path / "squad.json"
    path.write_text(json.dumps({"data": [{"title": "Mills", "paragraphs": paragraphs}]}), encoding="utf-8")
    course = replace(
        FIRST, lines={}, answered=slice(0, 3), elsewhere=slice(3, 4), without=(slice(4, 6),), exchanged=slice(0, 2)
    )
    sources = Sources(folder, path)
    taught = gather(course, sources, random.Random(1))
    kinds = Counter(each.kind for each in taught)
    assert (kinds["squad/span"], kinds["squad/span:deleted"], kinds["squad/span:exchanged"]) == (3, 2, 2)
    later = gather(replace(course, answered=slice(0, 9)), sources, random.Random(2), seen=taught)
    answered = {each.question for each in taught if each.answer}
    assert not answered & {each.question for each in later if each.answer}
    assert len([each for each in later if each.answer]) == 9 - len(answered)


def test_a_paragraph_that_stands_in_a_measured_document_is_not_learnt_from(folder: Path, tmp_path: Path) -> None:
    text = "The mill on the hill burned in 1854, and then Anna Reed built it once again."
    questions = [{"question": "Who built it?", "answers": [answer_in(text, "Anna Reed")]}]
    path = tmp_path / "squad.json"
    path.write_text(
        json.dumps({"data": [{"title": "Mill", "paragraphs": [{"context": text, "qas": questions}]}]}), encoding="utf-8"
    )
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "measured.txt").write_text(f"It is told: {text.upper()}", encoding="utf-8")
    assert len(Sources(folder, path).paragraphs) == 1
    assert Sources(folder, path, (tmp_path / "docs",)).paragraphs == []


def answer_in(text: str, answer: str) -> dict[str, object]:
    return {"text": answer, "answer_start": text.index(answer)}


@pytest.mark.skipif(not TRAINING.exists(), reason="training needs torch in .venv-train: make training")
@pytest.mark.timeout(900)
def test_a_few_steps_end_in_a_model_that_loads_and_answers_and_can_be_taught_more(folder: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    recipe = train(folder, first, "--examples", "6")
    assert recipe["examples"]["squad2-train unanswered"] == 3
    assert set(recipe["sources_sha256"]) == {"train.jsonl.gz", "sentence.jsonl.gz"}
    later = train(folder, second, "--start", first)
    assert later["after"] == recipe
    assert later["examples"] == {"squad2-train unanswered": 2, "swap:squad2-train unanswered": 1}
    before, after = (OnnxReader(each).read("How often does it cross?", [FERRY])[0] for each in (first, second))
    assert before.best_span(0, len(FERRY)) is not None
    # Taught with a small rate for one step from the same weights, it says nearly the same.
    assert not np.array_equal(before.starts, after.starts)
    assert np.corrcoef(before.starts, after.starts)[0, 1] > 0.9


def train(folder: Path, target: Path, *more: str | Path) -> dict[str, Any]:
    command: list[str | Path] = [TRAINING, "-m", "tools.train_reader", folder, "--target", target, *more]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "held out:" in ended.stdout
    recipe: dict[str, Any] = json.loads((target / "model.json").read_text(encoding="utf-8"))["recipe"]
    return recipe
