"""The training script: what it learns from, and that a run of a few steps ends in a model that loads and answers."""

import gzip
import json
import random
import subprocess
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.reader import OnnxReader
from tests.builders import FERRY
from tests.command_line import ROOT
from tools.reader_course import SHARES, Sources, courses
from tools.reader_encoding import MOST_PIECES, Rows, batches, drawn, encode, encode_all, joined, rows_of, tokenizer
from tools.reader_examples import (
    Example,
    alike,
    elsewhere,
    exchanged,
    read_lines,
    read_squad,
    renamed,
    runs,
    without_answer,
)

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


def test_with_another_name_in_both_it_is_answered_still_and_with_one_in_either_it_is_not() -> None:
    asked = an_example("When did Anna Reed build it again?", "1861")
    for seed in range(12):
        both, alone = renamed(asked, ["The mayor was Ida Holm."], random.Random(seed))
        assert both.question == "When did Ida Holm build it again?"
        assert both.passage == PASSAGE.replace("Anna Reed", "Ida Holm")
        assert both.answer is not None
        assert both.passage[slice(*both.answer)] == "1861"
        assert alone.answer is None
        assert (alone.question == asked.question) != (alone.passage == asked.passage)
        assert (alone.question, alone.passage) in {(both.question, PASSAGE), (asked.question, both.passage)}


@pytest.mark.parametrize(
    ("question", "answer", "other"),
    [
        ("Who built it?", "Anna Reed", "The mayor was Ida Holm."),  # names nobody
        ("What did Ida Holm build?", "mill", "The mayor was Eli Dunn."),  # the passage lacks the name
        ("When did Anna Reed build it?", "1861", "The mayor was ill."),  # there is no other name
        ("Who is Anna Reed?", "Anna Reed", "The mayor was Ida Holm."),  # the name is the answer
    ],
)
def test_what_cannot_be_renamed_is_left(question: str, answer: str, other: str) -> None:
    assert renamed(an_example(question, answer), [other], random.Random(1)) == ()


def test_a_year_becomes_a_year_and_a_name_of_two_words_one_of_two() -> None:
    assert alike("1854", ["3", "1861", "12,000"]) == ["1861"]
    assert alike("Anna Reed", ["Tom", "Ida Holm"]) == ["Ida Holm"]
    assert alike("Anna Reed", ["Tom"]) == ["Tom"]


def test_of_the_training_folder_is_taught_what_has_a_share(folder: Path) -> None:
    kinds = [[each.kind for each in part()] for part in courses(Sources(folder), seed=1)]
    assert kinds == [
        ["nq-qed-dev/span", "timeqa-human/span", "squad2-train/none"],
        ["selqa/sentence"],
        ["swap:squad2-train/none"],
    ]


def test_of_squad_each_question_stands_beside_what_is_made_of_it(folder: Path, tmp_path: Path) -> None:
    sources = Sources(folder, squad_of(tmp_path, articles=8))
    parts = courses(sources, seed=1)[3:]
    assert len(parts) == 8
    kinds = Counter(each.kind for part in parts for each in part())
    assert kinds["squad/span"] == kinds["squad/span:beside"] == kinds["squad/span:deleted"] == 24
    assert kinds["squad/span:elsewhere"] == 48
    assert 12 < kinds["squad/span:renamed"] == kinds["squad/span:renamed alone"] <= 24
    assert 0 < kinds["squad/span:far"] < 24
    assert set(kinds) <= set(SHARES)
    for each in parts[0]():
        assert (each.answer is None) == (each.kind not in {"squad/span", "squad/span:beside", "squad/span:renamed"})


def test_beside_a_passage_that_lacks_the_answer_stands_none_that_holds_it(folder: Path, tmp_path: Path) -> None:
    (first, *_) = courses(Sources(folder, squad_of(tmp_path, articles=2)), seed=1)[3:]
    made = list(first())
    beside = [each for each in made if each.kind == "squad/span:beside"]
    assert [(len(each.before), len(each.after)) for each in beside] == [(0, 2), (1, 1), (2, 0)]
    answers = {each.question: each.passage[slice(*each.answer)] for each in beside if each.answer}
    for each in made:
        if each.kind == "squad/span:elsewhere":
            assert not any(answers[each.question] in text for text in (*each.before, each.passage, *each.after))


def squad_of(folder: Path, *, articles: int) -> Path:
    """Three mills an article, each built by somebody else."""
    data = [
        {"title": f"Mills {place}", "paragraphs": [mill(f"{place}{number}") for number in range(3)]}
        for place in range(articles)
    ]
    path = folder / "squad.json"
    path.write_text(json.dumps({"data": data}), encoding="utf-8")
    return path


def mill(number: str) -> dict[str, object]:
    text = f"The mill of Old Tom{number} burned in 1854. Later Anna Reed{number} built it again. It grinds rye there."
    question = {
        "question": f"Who built the mill of Old Tom{number}?",
        "answers": [answer_in(text, f"Anna Reed{number}")],
    }
    return {"context": text, "qas": [question]}


def test_an_encoded_answer_is_where_it_stands_whatever_is_beside_it() -> None:
    asked = replace(an_example("Who built it?", "Anna Reed"), before=(FERRY,) * 4, after=(FERRY,) * 4)
    for seed in range(20):
        encoded = encode(asked, random.Random(seed))
        assert encoded is not None
        assert tokenizer().decode(encoded.ids[encoded.first : encoded.last + 1]) == "anna reed"
        assert tokenizer().decode(encoded.ids[1 : encoded.head - 1]) in {"who built it?", "who built it"}
        assert len(encoded.ids) - encoded.head - 1 <= MOST_PIECES
        assert encoded.ids[encoded.head - 1] == encoded.ids[-1] == tokenizer().token_to_id("[SEP]")


def test_what_answers_nothing_is_encoded_with_the_middle_of_its_own_paragraph() -> None:
    asked = Example("Who sold it?", PASSAGE, None, before=(FERRY,) * 9, after=(FERRY,) * 9)
    for seed in range(20):
        encoded = encode(asked, random.Random(seed))
        assert encoded is not None
        assert (encoded.first, encoded.last) == (0, 0)
        assert "1861" in tokenizer().decode(encoded.ids)


def test_an_answer_longer_than_a_passage_may_be_is_left_out() -> None:
    passage = "rye " * (MOST_PIECES + 20)
    assert encode(Example("What?", passage, (0, len(passage) - 1)), random.Random(1)) is None


def rows(lengths: Sequence[int], kind: str) -> Rows:
    asked = [Example("What?", "rye " * length, None, kind=kind) for length in lengths]
    return rows_of(asked, random.Random(1))


def test_a_pass_sees_of_each_kind_its_share() -> None:
    both = joined([rows([3] * 10, "often"), rows([3] * 10, "seldom")])
    seen = drawn(both, {"often": 2.5, "seldom": 0.3}, np.random.default_rng(1))
    kinds = Counter(both.kinds[both.codes[number]] for number in seen)
    assert kinds == {"often": 25, "seldom": 3}
    assert set(Counter(seen[both.codes[seen] == both.kinds.index("often")]).values()) == {2, 3}


def test_batches_hold_every_chosen_row_once_and_no_more_pieces_than_allowed() -> None:
    some = rows(list(range(5, 200, 3)), "any")
    chosen = np.arange(len(some.codes))
    made = batches(some, chosen, 500, np.random.default_rng(1))
    assert sorted(number for batch in made for number in batch) == list(chosen)
    for batch in made:
        width = -(-int(some.lengths[batch].max()) // 16) * 16
        assert len(batch) == 1 or width * len(batch) <= 500


def test_examples_made_by_several_processes_are_the_same_each_time(folder: Path, tmp_path: Path) -> None:
    sources = Sources(folder, squad_of(tmp_path, articles=3))
    once, again = (joined(encode_all(courses(sources, seed=1), 1)) for _ in range(2))
    assert once.kinds == again.kinds
    np.testing.assert_array_equal(once.ids, again.ids)
    np.testing.assert_array_equal(once.columns, again.columns)


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
def test_a_few_steps_end_in_a_model_that_loads_and_answers(folder: Path, tmp_path: Path) -> None:
    squad = squad_of(tmp_path, articles=1)
    recipe = train(folder, tmp_path / "made", "--squad", squad, "--teachers", "1", "--steps", "2")
    assert recipe["examples"]["squad2-train/none"] == 1
    assert recipe["examples"]["squad/span"] == 3
    assert set(recipe["sources_sha256"]) == {"train.jsonl.gz", "sentence.jsonl.gz", "swap.jsonl.gz", "squad.json"}
    assert [each["steps"] for each in (*recipe["teachers"], recipe["student"])] == [2, 2]
    (read,) = OnnxReader(tmp_path / "made").read("How often does it cross?", [FERRY])
    assert read.best_span(0, len(FERRY)) is not None
    assert np.isfinite(read.starts).all()


@pytest.mark.skipif(not TRAINING.exists(), reason="training needs torch in .venv-train: make training")
@pytest.mark.timeout(300)
def test_the_network_that_is_taught_says_what_the_exported_one_says() -> None:
    """Also with its weights rounded: what the student is taught with is what ships."""
    ended = subprocess.run([TRAINING, "-c", SAME], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    apart, rounded, levels = map(float, ended.stdout.split())
    assert apart < 1e-4
    assert rounded < 1e-4
    assert levels <= 129


SAME = """
import tempfile, pathlib, torch
import tools.reader_network as network
from tools.export_reader import export
from tools.reader_weights import weights_of
network.precision = lambda device: torch.float32
pupil = network.Pupil(torch.device("cpu"))
ids, types = torch.randint(1000, 20000, (3, 32)), torch.zeros(3, 32, dtype=torch.long)
mask, types[:, 9:] = torch.ones_like(ids), 1
mask[1, 20:] = 0
with torch.no_grad():
    taught = network.scores_of(pupil.weights(), ids, mask, types)
    apart = (taught - pupil.reader()(ids, mask, types))[mask.bool()].abs().max().item()
with tempfile.TemporaryDirectory() as folder:
    export(pupil.reader(), pathlib.Path(folder), recipe={})
    shipped = weights_of(pathlib.Path(folder))
rounded = pupil.weights(rounded=True)
name = "encoder.encoder.layer.3.intermediate.dense.weight"
print(apart, (rounded[name] - shipped[name]).abs().max().item(), rounded[name][0].unique().numel())
"""


def train(folder: Path, target: Path, *more: str | Path) -> dict[str, Any]:
    command: list[str | Path] = [TRAINING, "-m", "tools.train_reader", folder, "--target", target, *more]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "held out" in ended.stdout
    recipe: dict[str, Any] = json.loads((target / "model.json").read_text(encoding="utf-8"))["recipe"]
    return recipe
