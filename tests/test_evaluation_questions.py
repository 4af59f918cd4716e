"""A question file with what is expected: its defaults, and the sentence for a line that is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.evaluation.questions import Question, read_questions
from bot.questions import QuestionFileError


def written(folder: Path, *lines: dict[str, Any] | str) -> Path:
    path = folder / "questions.jsonl"
    path.write_text("\n".join(each if isinstance(each, str) else json.dumps(each) for each in lines), encoding="utf-8")
    return path


def test_every_field(tmp_path: Path) -> None:
    line = {
        "id": 7, "question": "Where?", "answers": ["here"], "evidence": ["It is here."], "doc_ids": ["a.txt"],
        "answerable": True, "long_answers": True, "kind": "place", "language": "en", "split": "dev",
    }  # fmt: skip
    expected = Question("7", "Where?", ("here",), ("It is here.",), ("a.txt",), True, True, "place", "en")
    assert read_questions(written(tmp_path, line)) == (expected,)


def test_what_is_left_out_has_a_default(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {"question": "one?", "answers": ["1", " "]},
        "",
        {"question": "three?", "evidence": ["Three it is."], "answers": None},
        {"question": "four?", "answerable": False},
    )
    assert read_questions(path) == (
        Question("1", "one?", answers=("1",)),
        Question("3", "three?", evidence=("Three it is.",), long_answers=True),
        Question("4", "four?", answerable=False, long_answers=True),
    )


BAD = {
    "no object": ("[1]", "not a question"),
    "no question": ({"answers": ["x"]}, "not a question"),
    "nothing expected": ({"question": "?"}, "neither answers nor evidence is given"),
    "only blanks expected": ({"question": "?", "answers": [""], "answerable": True}, "neither answers nor evidence"),
    "answers in one text": ({"question": "?", "answers": "x"}, "answers must be a list of texts"),
    "numbers as answers": ({"question": "?", "answers": [7]}, "answers must be a list of texts"),
    "evidence": ({"question": "?", "evidence": {"a": 1}}, "evidence must be a list of texts"),
    "documents": ({"question": "?", "answers": ["x"], "doc_ids": "a.txt"}, "doc_ids must be a list of texts"),
    "answerable": ({"question": "?", "answers": ["x"], "answerable": "yes"}, "answerable must be true or false"),
    "long answers": ({"question": "?", "answers": ["x"], "long_answers": 1}, "long_answers must be true or false"),
    "long without evidence": ({"question": "?", "answers": ["x"], "long_answers": True}, "evidence is what counts"),
    "kind": ({"question": "?", "answers": ["x"], "kind": 3}, "kind must be a word or two"),
    "language": ({"question": "?", "answers": ["x"], "language": ["en"]}, "language must be a word or two"),
    "id": ({"question": "?", "answers": ["x"], "id": {}}, "id must be a text or a number"),
    "the same id": ({"question": "?", "answers": ["x"], "id": 1}, "the id '1' is on an earlier line already"),
}


@pytest.mark.parametrize(("line", "complaint"), BAD.values(), ids=BAD.keys())
def test_a_bad_line_is_named(tmp_path: Path, line: dict[str, Any] | str, complaint: str) -> None:
    path = written(tmp_path, {"question": "one?", "answers": ["1"]}, "", line)
    with pytest.raises(QuestionFileError) as caught:
        read_questions(path)
    assert str(caught.value).startswith(f"{path}, line 3: ")
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_without_questions(tmp_path: Path) -> None:
    with pytest.raises(QuestionFileError, match=r"holds no question\.$"):
        read_questions(written(tmp_path, "", ""))
