"""Fit the weights of index/reading.py and index/confidence.py on question sets, and print them with their figures.

    .venv/bin/pip install scikit-learn==1.9.1
    .venv/bin/python tools/fit_reading.py EVAL_FOLDER

EVAL_FOLDER holds, for each set, `docs/` and `questions.jsonl`, and `score.py`, whose notion of "a quote that holds the
answer" is used. Sentences: a conditional logit (which of the question's sentences holds the answer?), cross-validated
over documents. Confidence: logistic regression over answerable questions, the sets' own unanswerable ones, questions
brought from another set, and both again over each document alone, as people begin with few documents.
"""

import argparse
import importlib.util
import json
import pathlib
import random
import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from index import confidence, reading
from index.embedding import OnnxEmbedder
from index.generations import Generations
from index.indexer import Indexer
from index.lexical import Analyzer
from index.library import Library, open_library
from index.retrieval import retrieve

SETS = ("squad2", "xquad_en", "covidqa", "clapnq")
FOREIGN = {"squad2": "clapnq", "clapnq": "squad2", "covidqa": "squad2", "chunkeval": "clapnq"}
ALONE = ("squad2", "xquad_en")
SET_WEIGHTS = {"squad2": 0.3, "covidqa": 0.3, "xquad_en": 0.5, "xquad_en alone": 0.2}
FOREIGN_QUESTIONS = 200
RIDGE = 1e-3

Question = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """A question read against some documents: features of its sentences, which of them answer, and of the whole."""

    group: str
    document: str
    answerable: bool
    sentences: np.ndarray
    right: np.ndarray
    whole: confidence.Features


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    folder = parser.parse_args().folder
    holds = load_scorer(folder / "score.py")
    with tempfile.TemporaryDirectory() as scratch:
        workshop = Workshop(pathlib.Path(scratch), holds)
        questions = {name: read_questions(folder / name) for name in {*SETS, *FOREIGN, *FOREIGN.values()}}
        asked = list(all_asked(workshop, folder, questions))
    sentence_rows = [each for each in asked if each.group in SETS and each.right.any()]
    report_sentences(sentence_rows)
    for name, columns in (("WEIGHTS", range(5)), ("WORDS_ONLY_WEIGHTS", (0, 3, 4))):
        report_confidence(name, asked, list(columns))


def all_asked(workshop: "Workshop", folder: pathlib.Path, questions: dict[str, list[Question]]) -> Iterable[Asked]:
    for name in sorted({*SETS, *FOREIGN}):
        library = workshop.library(sorted((folder / name / "docs").iterdir()))
        if name in SETS:
            yield from workshop.ask(name, library, questions[name])
        if name in FOREIGN:
            yield from workshop.ask(f"foreign to {name}", library, foreign(questions[FOREIGN[name]], FOREIGN_QUESTIONS))
        library.close()
    for name in ALONE:
        for document in sorted((folder / name / "docs").iterdir()):
            own = [q for q in questions[name] if document.name in q["doc_ids"]]
            others = foreign([q for q in questions[name] if document.name not in q["doc_ids"]], len(own) // 2)
            library = workshop.library([document])
            yield from workshop.ask(f"{name} alone", library, sample(own, 60) + sample(others, 30))
            library.close()


class Workshop:
    """Indexes documents and reads questions against them, as the product does."""

    def __init__(self, scratch: pathlib.Path, holds_answer: Callable[[Question, str], bool]) -> None:
        self._scratch = scratch
        self._holds_answer = holds_answer
        self._embedder = OnnxEmbedder()
        self._analyzer = Analyzer()

    def library(self, documents: Iterable[pathlib.Path]) -> Library:
        seeds = pathlib.Path(tempfile.mkdtemp(dir=self._scratch))
        for document in documents:
            shutil.copy(document, seeds)
        generations = Generations(seeds / ".index")
        Indexer(
            seeds=seeds, generations=generations, vectors=self._scratch / "vectors.sqlite",
            embedder=self._embedder, analyzer=self._analyzer,
        ).sync()  # fmt: skip
        return open_library(generations.current(), analyzer=self._analyzer)

    def ask(self, group: str, library: Library, questions: list[Question]) -> Iterable[Asked]:
        for question in questions:
            text = question["question"]
            retrieved = retrieve(text, library=library, embedder=self._embedder)
            candidates = reading.read(
                text, retrieved, lexical=library.lexical, embedder=self._embedder, analyzer=self._analyzer
            )
            if candidates:
                right = [question["answerable"] and self._holds_answer(question, c.span.text) for c in candidates]
                whole = confidence.count(text, candidates, retrieved, chunks=library.manifest.chunks)
                document = (question["doc_ids"] or [""])[0]
                rows = np.array([c.features for c in candidates])
                yield Asked(group, document, question["answerable"], rows, np.array(right, dtype=bool), whole)


def report_sentences(rows: list[Asked]) -> None:
    documents = sorted({(each.group, each.document) for each in rows})
    random.Random(0).shuffle(documents)
    fold = {document: number % 4 for number, document in enumerate(documents)}
    hits: dict[str, list[bool]] = {name: [] for name in SETS}
    for number in range(4):
        weights = fit_sentences([each for each in rows if fold[each.group, each.document] != number])
        for each in rows:
            if fold[each.group, each.document] == number:
                hits[each.group].append(bool(each.right[np.argmax(each.sentences @ weights)]))
    weights = fit_sentences(rows)
    print("reading.WEIGHTS", dict(zip(reading.Features._fields, weights.round(2).tolist(), strict=True)))
    print("  first sentence right, where any is (4-fold):", {name: round(np.mean(x), 3) for name, x in hits.items()})


def fit_sentences(rows: list[Asked]) -> np.ndarray:
    features = np.concatenate([each.sentences for each in rows])
    right = np.concatenate([each.right for each in rows])
    starts = np.cumsum([0, *(len(each.right) for each in rows)])[:-1]
    spread = features.std(axis=0) + 1e-9
    scaled = features / spread

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        scores = np.exp(np.clip(scaled @ weights, -60, 60))
        every, correct = np.add.reduceat(scores, starts), np.add.reduceat(scores * right, starts)
        lengths = np.diff([*starts, len(scores)])
        share = scores / np.repeat(every, lengths) - scores * right / np.repeat(correct, lengths)
        gradient = share @ scaled / len(rows) + 2 * RIDGE * weights
        return float(-np.mean(np.log(correct / every)) + RIDGE * weights @ weights), gradient

    return minimize(loss, np.zeros(features.shape[1]), jac=True, method="L-BFGS-B").x / spread


def report_confidence(name: str, asked: list[Asked], columns: list[int]) -> None:
    features = np.array([each.whole for each in asked])[:, columns]
    answerable = np.array([each.answerable for each in asked])
    groups = np.array([each.group for each in asked])
    weights = np.array([SET_WEIGHTS.get(group, 1.0) for group in groups])
    fit = partial(fit_confidence, columns=columns)
    coefficients, bias = fit(features, answerable, weights)
    print(
        f"confidence.{name}",
        dict(zip(confidence.Features._fields, coefficients.round(2).tolist(), strict=True)),
        round(bias, 2),
    )
    for group in sorted(set(groups)):
        inside = groups == group
        others, other_bias = fit(features[~inside], answerable[~inside], weights[~inside])
        left_out = 1 / (1 + np.exp(-(features[inside] @ others[columns] + other_bias)))
        truth = answerable[inside]
        auroc = round(roc_auc_score(truth, left_out), 3) if truth.any() and not truth.all() else None
        kept = {
            t: [share(left_out[truth == side] >= t) for side in (True, False)] for t in (0.2, 0.25, 0.28, 0.3, 0.4, 0.5)
        }
        print(f"  {group}, left out of the fit: AUROC {auroc}; answered [answerable, not] at", kept)


def fit_confidence(
    features: np.ndarray, answerable: np.ndarray, weights: np.ndarray, *, columns: list[int]
) -> tuple[np.ndarray, float]:
    model = make_pipeline(StandardScaler(), LogisticRegression())
    model.fit(features, answerable, logisticregression__sample_weight=weights)
    scaler, logistic = model[0], model[-1]
    coefficients = logistic.coef_[0] / scaler.scale_
    every = np.zeros(len(confidence.Features._fields))
    every[columns] = coefficients
    return every, float(logistic.intercept_[0] - coefficients @ scaler.mean_)


def share(flags: np.ndarray) -> float | None:
    return round(float(flags.mean()), 2) if len(flags) else None


def read_questions(folder: pathlib.Path) -> list[Question]:
    return [json.loads(line) for line in (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines()]


def foreign(questions: list[Question], count: int) -> list[Question]:
    answerable = [question for question in questions if question["answerable"]]
    return [{**question, "answerable": False} for question in sample(answerable, count)]


def sample(questions: list[Question], count: int) -> list[Question]:
    return random.Random(1).sample(questions, min(count, len(questions)))


def load_scorer(path: pathlib.Path) -> Callable[[Question, str], bool]:
    spec = importlib.util.spec_from_file_location("score", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    holds: Callable[[Question, str], bool] = module.holds_answer
    return holds


if __name__ == "__main__":
    main()
