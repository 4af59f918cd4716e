"""Questions drafted from documents: their grammar, and that each is a line that the owner could keep."""

import json
from pathlib import Path

import pytest

from bot.evaluation.drafting import NothingToDraftError, choose, draft
from bot.evaluation.questions import read_questions
from bot.evaluation.templates import drafts_of
from tests.scripted import ScriptedAnswers

WORDS = {"climb", "install", "installed", "carry", "stop", "move", "old", "tower", "sextant", "navy", "lamp"}

MADE = [
    ("The old lamp was lit for the first time in 1871.", "When was the old lamp lit for the first time?", "1871"),
    (
        "The Harbour Museum was founded on 9 October 2004 by Anna Berg, who also paid for it.",
        "When was the Harbour Museum founded by Anna Berg?",
        "9 October 2004",
    ),
    (
        "In 1931, the navy installed a large telescope on the northern cape.",
        "When did the navy install a large telescope on the northern cape?",
        "1931",
    ),
    ("The old ferry company went out of business on 3 May 1985.", "When did the old ferry company go out of business?",
     "3 May 1985"),
    ("Marie Curie (1867–1934) discovered the element radium in her shed.", None, None),
    ("Marie Curie discovered the element radium in an old shed.", "Who discovered the element radium in an old shed?",
     "Marie Curie"),
    ("The northern lighthouse was designed by Anna Maria Berg in 1870.",
     "When was the northern lighthouse designed by Anna Maria Berg?", "1870"),
    ("The northern lighthouse was designed by Anna Maria Berg.", "By whom was the northern lighthouse designed?",
     "Anna Maria Berg"),
    ("The Harbour Museum is located in Lower Street, near the ferry.", None, None),
    ("The Harbour Museum is located in Lower Street.", "Where is the Harbour Museum located?", "in Lower Street"),
    ("The lighthouse stands on the northern cape of the island.", "Where does the lighthouse stand?",
     "on the northern cape of the island"),
    ("The old tower has 212 steps of grey stone.", "How many steps does the old tower have of grey stone?", "212"),
    ("There were three fishing boats in the harbour.", "How many fishing boats were there in the harbour?", "three"),
    ("The old keeper climbed 212 steps to the lamp.", "How many steps did the old keeper climb to the lamp?", "212"),
    ("A sextant is an instrument for measuring angles that sailors carry.", "What is a sextant?",
     "an instrument for measuring angles"),
    ("Anna Berg was a famous architect born in Velden.", "Who was Anna Berg?", "a famous architect born in Velden"),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "question", "answer"), MADE)
def test_a_sentence_and_the_question_made_of_it(sentence: str, question: str | None, answer: str | None) -> None:
    made = [(each.question, each.answer) for each in drafts_of(sentence, WORDS)][:1]
    assert made == ([(question, answer)] if question else [])


@pytest.mark.parametrize(
    "sentence",
    [
        "He was elected president of the harbour council in 1871.",
        "This old lamp was lit for the first time in 1871.",
        "However, the old lamp was lit for the first time in 1871.",
        "The old lamp was lit by their grandmother in 1871.",
        "The talks held in Geneva ended without a result in 1871.",
        "The old keeper glorped the lamp of the tower in 1871.",
        "the old lamp was lit for the first time in 1871.",
        "The old lamp was lit for the first time in 1871",
        "The city is a significant centre of research and trade.",
        "Southern Velden is a major port for the whole of the coast.",
        "Soon there was a store around the harbour in 1871.",
        "The library has more than two million volumes in the cellar.",
    ],
    ids=lambda sentence: sentence[:24],
)
def test_where_grammar_or_meaning_is_unsure_nothing_is_drafted(sentence: str) -> None:
    assert list(drafts_of(sentence, WORDS)) == []


# A folder of documents

HARBOUR = """# The harbour

The old lighthouse was designed by Anna Maria Berg. The first lamp was lit in 1871. The Harbour Museum was founded by
the town council in 1902. Velden Harbour was closed to large ships on 3 May 1985.

The old tower has 212
steps. A sextant is an instrument for measuring angles. The Harbour Museum stands below the northern cape.
"""
SCHOOL = """The school on the hill

The Velden School was opened in 1910. Karl Lind founded the town library in 1920. The first lamp was lit in 1875.
"""
BUILT = "The ferry was built in 1902. Velden Bridge was built in 1903."
RUSSIAN = "Телескоп установили в 1931 году."


class Folder(ScriptedAnswers):
    """Documents with a language each."""

    def __init__(self, *documents: tuple[str, str, str]) -> None:
        super().__init__()
        self._documents = {name: (language, text) for name, language, text in documents}

    def languages(self) -> dict[str, str]:
        return {name: language for name, (language, _) in self._documents.items()}

    def text(self, document: str) -> str:
        return self._documents[document][1]


TOWN = Folder(("harbour.md", "en", HARBOUR), ("town/school.txt", "en", SCHOOL), ("ru.txt", "ru", RUSSIAN))


@pytest.mark.parametrize("number", [1, 4, 5, 8, 50])
def test_every_draft_is_a_line_that_eval_reads_and_whose_answer_stands_in_the_document(
    tmp_path: Path, number: int
) -> None:
    lines = draft(TOWN, number)
    assert 0 < len(lines) <= number
    path = tmp_path / "drafts.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    for question in read_questions(path):
        assert question.text.endswith("?")
        if question.answerable:
            (answer,), (evidence,), (document,) = question.answers, question.evidence, question.doc_ids
            assert answer in evidence
            assert evidence in TOWN.text(document)
        else:
            assert (question.answers, question.evidence, question.doc_ids) == ((), (), ())


def test_one_in_five_asks_about_a_name_that_no_document_has() -> None:
    lines = draft(TOWN, 5)
    assert [line["answerable"] for line in lines] == [True] * 4 + [False]
    question = lines[-1]["question"]
    swapped = next(word.strip("?") for word in question.split() if word.strip("?") in ("Velmora", "Tarquist"))
    assert swapped not in HARBOUR + SCHOOL + RUSSIAN
    known = Folder(("harbour.md", "en", HARBOUR + "\nVelmora is far."), ("school.txt", "en", SCHOOL))
    assert "Velmora" not in draft(known, 5)[-1]["question"]


def test_documents_take_turns_and_within_each_the_kinds() -> None:
    bridge = "Velden Bridge was built in 1903. Velden Church was built in 1904. Velden Church has two tall towers."
    drafted = choose({"a.txt": bridge, "b.txt": bridge.replace("Velden", "Lindau")}, 4)
    assert [(each.document, each.question) for each in drafted] == [
        ("a.txt", "When was Velden Bridge built?"),
        ("b.txt", "When was Lindau Bridge built?"),
        ("a.txt", "How many tall towers does Velden Church have?"),
        ("b.txt", "How many tall towers does Lindau Church have?"),
    ]


def test_the_same_drafts_come_every_time() -> None:
    assert draft(TOWN, 8) == draft(TOWN, 8)


def test_what_could_be_any_comes_after_what_is_named() -> None:
    asked = [each.question for each in choose({"a.txt": BUILT}, 2)]
    assert asked == ["When was Velden Bridge built?", "When was the ferry built?"]


def test_a_question_with_two_answers_is_not_drafted() -> None:
    assert not [line for line in draft(TOWN, 50) if "first lamp" in line["question"]]
    alone = choose({"harbour.md": HARBOUR}, 50)
    assert [each.answer for each in alone if "first lamp" in each.question] == ["1871"]


def test_an_answer_keeps_the_line_breaks_of_its_document() -> None:
    (steps,) = [each for each in choose({"harbour.md": HARBOUR}, 50) if "steps" in each.question]
    assert (steps.question, steps.answer, steps.evidence) == (
        "How many steps does the old tower have?", "212", "The old tower has 212\nsteps."
    )  # fmt: skip


def test_documents_in_other_languages_alone_are_told() -> None:
    with pytest.raises(NothingToDraftError, match=r"drafted in English only, and the documents are in: de, ru\.$"):
        draft(Folder(("a.txt", "ru", RUSSIAN), ("b.txt", "de", "Der Hafen.")), 3)


def test_documents_without_such_a_sentence_are_told() -> None:
    with pytest.raises(NothingToDraftError, match="No sentence of the documents"):
        draft(Folder(("a.txt", "en", "Hello there.")), 3)
