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
import pickle
import random
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from index import confidence, reading, reranking
from index.citations import choose, with_leads
from index.embedding import OnnxEmbedder
from index.generations import Generations
from index.indexer import Indexer
from index.lexical import Analyzer
from index.library import Library, open_library
from index.reader import OnnxReader
from index.reranking import READ_PASSAGES
from index.retrieval import retrieve
from index.types import Passage

SETS = ("squad2", "xquad_en", "covidqa", "clapnq")
FOREIGN = {"squad2": "clapnq", "clapnq": "squad2", "covidqa": "squad2", "chunkeval": "clapnq"}
ALONE = ("squad2", "xquad_en")
SET_WEIGHTS = {"squad2": 0.3, "covidqa": 0.3, "xquad_en": 0.5, "xquad_en alone": 0.2}
MOST = 900
"""Questions of a set, at most; a third of it foreign ones, a fortieth those of each document alone."""

MIXTURE = {"answerable": 0.8, "near": 0.1, "foreign": 0.1}
"""Of a person's questions: those that the documents answer, those on their topics that they don't, and others."""

FEWEST = 50
"""Answers from which a share is told."""

QUOTES = 3
RIDGE = 1e-3
BOUNDS = (0.3, 0.35, 0.38, 0.4, 0.45, 0.5, 0.6)

Question = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """A question read against some documents: features of its sentences, which of them answer, and of the whole."""

    group: str
    document: str
    answerable: bool
    sentences: np.ndarray
    right: np.ndarray
    held: bool
    """Whether one of the quotes that would be shown holds the answer."""
    whole: confidence.Features
    passages: np.ndarray
    relevant: np.ndarray


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--most", type=int, default=MOST, help="questions of a set, at most (900)")
    parser.add_argument("--keep", type=pathlib.Path, help="where the features are kept, to fit again without asking")
    options = parser.parse_args()
    folder = options.folder
    scorer = load_scorer(folder / "score.py")
    with tempfile.TemporaryDirectory() as scratch:
        workshop = Workshop(pathlib.Path(scratch), scorer)
        questions = {
            name: sample(read_questions(folder / name), options.most) for name in {*SETS, *FOREIGN, *FOREIGN.values()}
        }
        if options.keep and options.keep.exists():
            asked = pickle.loads(options.keep.read_bytes())
        else:
            asked = list(all_asked(workshop, folder, questions, options.most))
            if options.keep:
                options.keep.write_bytes(pickle.dumps(asked))
    sentence_rows = [each for each in asked if each.group in SETS and each.right.any()]
    report_passages([each for each in asked if each.group in SETS and each.relevant.any()])
    report_sentences(sentence_rows)
    names = (("WEIGHTS", range(7)), ("UNREAD_WEIGHTS", range(5)), ("WORDS_ONLY_WEIGHTS", (0, 3, 4)))
    for name, columns in names:
        report_confidence(name, asked, list(columns))


def all_asked(
    workshop: "Workshop", folder: pathlib.Path, questions: dict[str, list[Question]], most: int
) -> Iterable[Asked]:
    for name in sorted({*SETS, *FOREIGN}):
        library = workshop.library(sorted((folder / name / "docs").iterdir()))
        if name in SETS:
            yield from workshop.ask(name, library, questions[name])
        if name in FOREIGN:
            yield from workshop.ask(f"foreign to {name}", library, foreign(questions[FOREIGN[name]], most // 3))
        library.close()
    for name in ALONE:
        for document in sorted((folder / name / "docs").iterdir()):
            own = [q for q in questions[name] if document.name in q["doc_ids"]]
            others = foreign([q for q in questions[name] if document.name not in q["doc_ids"]], len(own))
            library = workshop.library([document])
            yield from workshop.ask(f"{name} alone", library, sample(own, most // 40) + sample(others, most // 80))
            library.close()


class Workshop:
    """Indexes documents and reads questions against them, as the product does."""

    def __init__(self, scratch: pathlib.Path, scorer: Any) -> None:
        self._scratch = scratch
        self._scorer = scorer
        self._reader = OnnxReader()
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
            reread = reranking.rerank(text, retrieved, reader=self._reader)
            candidates = reading.read(
                text, reread, lexical=library.lexical, embedder=self._embedder, analyzer=self._analyzer
            )
            if candidates:
                right = [
                    question["answerable"] and self._scorer.holds_answer(question, c.span.text) for c in candidates
                ]
                whole = confidence.count(text, candidates, reread, chunks=library.manifest.chunks)
                document = (question["doc_ids"] or [""])[0]
                rows = np.array([c.features for c in candidates])
                passages = np.array([(p.share, p.odds) for p in reread.passages])
                relevant = [question["answerable"] and self._is_relevant(question, p) for p in reread.ranked]
                quotes = with_leads(choose(candidates, limit=QUOTES))
                held = question["answerable"] and any(self._scorer.holds_answer(question, q.span.text) for q in quotes)
                yield Asked(
                    group, document, question["answerable"], rows, np.array(right, dtype=bool), held, whole, passages,
                    np.array(relevant, dtype=bool),
                )  # fmt: skip

    def _is_relevant(self, question: Question, passage: Passage) -> bool:
        return bool(
            self._scorer.is_relevant(question, {"document": passage.source.document, "text": passage.span.text})
        )


def report_passages(rows: list[Asked]) -> None:
    """How often the first passage is a relevant one, by the weight of the reader's odds."""
    for weight in (0.0, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 1.0):
        hits: dict[str, list[float]] = {name: [] for name in SETS}
        for each in rows:
            order = np.argsort(-(each.passages[:READ_PASSAGES] @ np.array([1.0, weight])), kind="stable")
            relevant = [*each.relevant[order], *each.relevant[READ_PASSAGES:]]
            hits[each.group].append(1 / (1 + int(np.argmax(relevant))))
        print(f"reranking.ODDS_WEIGHT {weight}: first right, MRR where any is:", {
            name: (round(float(np.mean(np.array(x) == 1)), 4), round(float(np.mean(x)), 4)) for name, x in hits.items()
        })  # fmt: skip


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
    report_wrong(1 / (1 + np.exp(-(features @ coefficients[columns] + bias))), asked)
    for group in sorted(set(groups)):
        inside = groups == group
        others, other_bias = fit(features[~inside], answerable[~inside], weights[~inside])
        left_out = 1 / (1 + np.exp(-(features[inside] @ others[columns] + other_bias)))
        print(f"  {group}, left out of the fit:", figures_of(left_out, answerable[inside]))


def report_wrong(sure: np.ndarray, asked: list[Asked]) -> None:
    """Of the answers given at each bound, the share that is wrong, for a person's mixture of questions."""
    kinds = np.array(["answerable" if e.answerable else "foreign" if " " in e.group else "near" for e in asked])
    weights = np.array([MIXTURE[kind] / (kinds == kind).sum() for kind in kinds])
    wrong = np.array([not each.held for each in asked])
    pairs, lowest = [], 1.0
    for bound in np.arange(0.02, 0.98, 0.02):
        given = sure >= bound
        if given.sum() >= FEWEST:
            lowest = min(lowest, float((weights * wrong)[given].sum() / weights[given].sum()))
            pairs.append((round(float(bound), 2), round(lowest, 3)))
    print("  confidence.WRONG_SHARES", pairs)


def figures_of(sure: np.ndarray, answerable: np.ndarray) -> dict[str, Any]:
    """How well the probabilities tell the answerable from the rest, and how true they are."""
    figures: dict[str, Any] = {"ece": round(calibration_error(sure, answerable), 3)}
    if answerable.any() and not answerable.all():
        cut = np.sort(sure[answerable])[int(0.1 * answerable.sum())]
        figures |= {
            "auroc": round(roc_auc_score(answerable, sure), 3),
            "reject@90": share(sure[~answerable] < cut),
        }
    figures["answered at"] = {
        bound: [share(sure[answerable == side] >= bound) for side in (True, False)] for bound in BOUNDS
    }
    return figures


def calibration_error(sure: np.ndarray, answerable: np.ndarray) -> float:
    """Ten bins of equal width: the mean distance of stated and true shares, by how many fall into each (ECE)."""
    bins = np.minimum((sure * 10).astype(int), 9)
    return float(
        sum(abs(sure[bins == b].mean() - answerable[bins == b].mean()) * (bins == b).mean() for b in set(bins))
    )


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


def load_scorer(path: pathlib.Path) -> Any:
    spec = importlib.util.spec_from_file_location("score", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
