"""The reader that ships with the project: where in a passage the answer stands, and whether it does."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import ModelError
from index.reader import BUILT_IN, LONGEST_ANSWER, OnnxReader, Reading
from tests.builders import FERRY


def short_answer(reader: OnnxReader, question: str, passage: str) -> str:
    (reading,) = reader.read(question, [passage])
    best = reading.best_span(0, len(passage))
    assert best is not None
    return passage[best[1] : best[2]]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How many times a day does the ferry cross?", "four"),
        ("When does the last crossing leave?", "nine"),
        ("What travels free of charge?", "bicycle"),
    ],
)
def test_it_finds_the_words_that_answer(reader: OnnxReader, question: str, answer: str) -> None:
    assert answer in short_answer(reader, question, FERRY)


def test_a_passage_that_answers_has_better_odds_than_one_that_does_not(reader: OnnxReader) -> None:
    other = "The baker grinds rye on a stone. Her shop opens at six, and the bread is gone by noon."
    holding, lacking = reader.read("When does the last crossing leave?", [FERRY, other])
    assert holding.best_odds() > lacking.best_odds() + 1


def test_what_is_read_beside_it_changes_nothing(reader: OnnxReader) -> None:
    question = "What does a bicycle pay?"
    (alone,) = reader.read(question, [FERRY])
    beside = reader.read(question, ["Rain.", FERRY, FERRY * 3])[1]
    np.testing.assert_array_equal(alone.starts, beside.starts)
    np.testing.assert_array_equal(alone.ends, beside.ends)


def test_a_long_question_and_a_long_passage_are_cut_not_refused(reader: OnnxReader) -> None:
    (reading,) = reader.read("why " * 2000, [FERRY * 50])
    assert len(reading.offsets) == len(reading.starts) == len(reading.ends)
    assert 0 < reading.offsets[-1][1] < len(FERRY * 50)
    assert reading.best_span(len(FERRY * 49), len(FERRY * 50)) is None


@pytest.mark.parametrize("passage", ["", " ", "🙂"])
def test_a_passage_of_nothing_answers_nothing(reader: OnnxReader, passage: str) -> None:
    (reading,) = reader.read("What is it?", [passage])
    assert reading.best_odds() <= 20


pieces = st.lists(st.tuples(st.floats(-9, 9, width=32), st.floats(-9, 9, width=32)), min_size=1, max_size=45)


@given(scores=pieces, first=st.integers(0, 44), length=st.integers(1, 45))
def test_the_best_span_is_the_best_of_all_that_are_allowed(
    scores: list[tuple[float, float]], first: int, length: int
) -> None:
    starts, ends = np.array(scores, dtype=np.float32).T
    offsets = np.array([(3 * i, 3 * i + 2) for i in range(len(scores))])
    found = Reading(offsets, starts, ends).best_span(3 * first, 3 * (first + length))
    inside = range(first, min(len(scores), first + length))
    allowed = {(i, j): starts[i] + ends[j] for i in inside for j in inside if 0 <= j - i < LONGEST_ANSWER}
    if not allowed:
        assert found is None
        return
    assert found is not None
    odds, start, end = found
    assert odds == max(allowed.values()) == allowed[start // 3, end // 3]


def test_a_damaged_model_is_told(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(BUILT_IN, tmp_path / "reader"))
    (folder / "tokenizer.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match=r"tokenizer\.json is damaged\. Restore it"):
        OnnxReader(folder)


def test_its_card_says_what_it_is() -> None:
    card = json.loads((BUILT_IN / "model.json").read_text(encoding="utf-8"))
    assert card["licence"] == "Apache-2.0"
    assert card["script"] == "tools/train_reader.py"
    assert (BUILT_IN / "model.onnx").stat().st_size < 50_000_000
    assert (BUILT_IN / "README.md").is_file()
