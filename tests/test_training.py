"""The training script: what it learns from, and that a run of a few steps ends in a model that loads and answers."""

import gzip
import json
import random
import subprocess
from pathlib import Path

import pytest

from index.reader import OnnxReader
from tests.builders import FERRY
from tests.command_line import ROOT
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


@pytest.mark.skipif(not TRAINING.exists(), reason="training needs torch in .venv-train: make training")
@pytest.mark.timeout(600)
def test_a_few_steps_end_in_a_model_that_loads_and_answers(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "reader"
    command: list[str | Path] = [TRAINING, "-m", "tools.train_reader", folder, "--target", target, "--examples", "6"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "held out:" in ended.stdout
    (reading,) = OnnxReader(target).read("How often does it cross?", [FERRY])
    assert reading.best_span(0, len(FERRY)) is not None
    recipe = json.loads((target / "model.json").read_text(encoding="utf-8"))["recipe"]
    assert recipe["examples"]["squad2-train unanswered"] == 3
    assert set(recipe["sources_sha256"]) == {"train.jsonl.gz", "sentence.jsonl.gz"}
