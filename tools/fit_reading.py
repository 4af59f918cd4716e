"""Fit the weights of index/reading.py and index/confidence.py on question sets, and print them with their figures.

    .venv/bin/pip install scikit-learn==1.9.1
    .venv/bin/python tools/fit_reading.py EVAL_FOLDER

EVAL_FOLDER holds, for each set, `docs/` and `questions.jsonl`, and `score.py`, whose notion of "a quote that holds the
answer" is used. Sentences: a conditional logit (which of the question's sentences holds the answer?), cross-validated
over documents. Confidence: logistic regression over answerable questions, the sets' own unanswerable ones, and those of
another set, weighted as a person's questions may be mixed. What is counted depends on the weights in the code: put the
new ones there and run it again until they stay. `--reader off` is for the weights that count where nothing was read.
"""

import argparse
import importlib.util
import json
import pathlib
import pickle
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize
from sklearn.metrics import roc_auc_score

from index import confidence, reading, reranking
from index.citations import choose, with_leads
from index.embedding import OnnxEmbedder
from index.generations import Generations
from index.indexer import Indexer
from index.lexical import Analyzer
from index.library import Library, open_library
from index.reader import OnnxReader
from index.reranking import COSINE_WEIGHT, READ_PASSAGES, bent
from index.retrieval import retrieve
from index.types import Passage

SETS = ("squad2", "xquad_en", "covidqa", "chunkeval", "clapnq")
QUOTED = ("squad2", "xquad_en", "clapnq")
FOREIGN = {"squad2": "clapnq", "xquad_en": "clapnq", "clapnq": "squad2", "covidqa": "squad2", "chunkeval": "clapnq"}
MOST = 900
"""Questions of a set, at most; a seventh as many foreign ones."""

MIXTURE = {"answerable": 0.78, "near": 0.07, "foreign": 0.15}
"""Of a person's questions: those that the documents answer, those on their topics that they don't, and others."""

FIXED = {"unknown_name": -1.8, "log_chunks": -0.2}
"""Weights that are set and not fitted: docs/decisions/0004 and 0008 tell why."""

FEWEST = 50
"""Answers from which a share is told."""

QUOTES = 3
RIDGE = 1e-3
BOUNDS = (0.3, 0.35, 0.38, 0.4, 0.45, 0.5, 0.6)

Question = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """A question read against some documents: features of its sentences, which of them answer, and of the whole."""

    set: str
    kind: str
    """One of MIXTURE's."""

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
    parser.add_argument("--reader", choices=["on", "off"], default="on")
    options = parser.parse_args()
    folder = options.folder
    scorer = load_scorer(folder / "score.py")
    with tempfile.TemporaryDirectory() as scratch:
        workshop = Workshop(pathlib.Path(scratch), scorer, reader=OnnxReader() if options.reader == "on" else None)
        questions = {
            name: sample(read_questions(folder / name), options.most) for name in {*SETS, *FOREIGN, *FOREIGN.values()}
        }
        if options.keep and options.keep.exists():
            asked = pickle.loads(options.keep.read_bytes())
        else:
            asked = list(all_asked(workshop, folder, questions, options.most))
            if options.keep:
                options.keep.write_bytes(pickle.dumps(asked))
    report_passages([each for each in asked if each.relevant.any()])
    report_sentences([each for each in asked if each.right.any()])
    meaning = ["coverage", "passage_cosine", "sentence_cosine"]
    models = {"READ": [*meaning, "odds"]} if options.reader == "on" else {"UNREAD": meaning, "WORDS_ONLY": ["coverage"]}
    for name, fitted in models.items():
        report_confidence(name, asked, fitted)


def all_asked(
    workshop: "Workshop", folder: pathlib.Path, questions: dict[str, list[Question]], most: int
) -> Iterable[Asked]:
    for name in SETS:
        library = workshop.library(sorted((folder / name / "docs").iterdir()))
        yield from workshop.ask(name, library, questions[name])
        yield from workshop.ask(name, library, foreign(questions[FOREIGN[name]], most // 7), foreign=True)
        library.close()


class Workshop:
    """Indexes documents and reads questions against them, as the product does."""

    def __init__(self, scratch: pathlib.Path, scorer: Any, *, reader: OnnxReader | None) -> None:
        self._scratch = scratch
        self._scorer = scorer
        self._reader = reader
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

    def ask(self, name: str, library: Library, questions: list[Question], *, foreign: bool = False) -> Iterable[Asked]:
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
                passages = np.array([(p.found.score + COSINE_WEIGHT * p.cosine, bent(p.odds)) for p in reread.passages])
                relevant = [question["answerable"] and self._is_relevant(question, p) for p in reread.ranked]
                quotes = with_leads(choose(candidates, limit=QUOTES))
                held = question["answerable"] and any(self._scorer.holds_answer(question, q.span.text) for q in quotes)
                kind = "answerable" if question["answerable"] else "foreign" if foreign else "near"
                yield Asked(
                    name, kind, document, question["answerable"], rows, np.array(right, dtype=bool), held, whole,
                    passages, np.array(relevant, dtype=bool),
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
            hits[each.set].append(1 / (1 + int(np.argmax(relevant))))
        print(f"reranking.ODDS_WEIGHT {weight}: first right, MRR where any is:", {
            name: (round(float(np.mean(np.array(x) == 1)), 4), round(float(np.mean(x)), 4)) for name, x in hits.items()
        })  # fmt: skip


def report_sentences(rows: list[Asked]) -> None:
    documents = sorted({(each.set, each.document) for each in rows})
    random.Random(0).shuffle(documents)
    fold = {document: number % 4 for number, document in enumerate(documents)}
    hits: dict[str, list[bool]] = {name: [] for name in SETS}
    for number in range(4):
        weights = fit_sentences([each for each in rows if fold[each.set, each.document] != number])
        for each in rows:
            if fold[each.set, each.document] == number:
                hits[each.set].append(bool(each.right[np.argmax(each.sentences @ weights)]))
    weights = fit_sentences(rows)
    print("reading weights", dict(zip(reading.Features._fields, weights.round(2).tolist(), strict=True)))
    print("  first sentence right, where any is (4-fold):", {name: round(np.mean(x), 3) for name, x in hits.items()})


def fit_sentences(rows: list[Asked]) -> np.ndarray:
    """Each set counts the same."""
    features = np.concatenate([each.sentences for each in rows])
    right = np.concatenate([each.right for each in rows])
    starts = np.cumsum([0, *(len(each.right) for each in rows)])[:-1]
    spread = features.std(axis=0) + 1e-9
    scaled = features / spread
    sizes = Counter(each.set for each in rows)
    counted = np.array([1 / sizes[each.set] / len(sizes) for each in rows])

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        scores = np.exp(np.clip(scaled @ weights, -60, 60))
        every, correct = np.add.reduceat(scores, starts), np.add.reduceat(scores * right, starts)
        lengths = np.diff([*starts, len(scores)])
        share = scores / np.repeat(every, lengths) - scores * right / np.repeat(correct, lengths)
        gradient = (share * np.repeat(counted, lengths)) @ scaled + 2 * RIDGE * weights
        return float(-counted @ np.log(correct / every) + RIDGE * weights @ weights), gradient

    return minimize(loss, np.zeros(features.shape[1]), jac=True, method="L-BFGS-B").x / spread


def report_confidence(name: str, asked: list[Asked], fitted: list[str]) -> None:
    columns = [confidence.Features._fields.index(each) for each in fitted]
    features = np.array([each.whole for each in asked], dtype=float)
    answerable = np.array([each.answerable for each in asked])
    sets = np.array([each.set for each in asked])
    coefficients, bias = fit_confidence(features, asked, columns)
    weights = confidence.Features(*np.round(coefficients, 2).tolist())
    print(f"confidence.{name}", weights._asdict(), round(bias, 2))
    report_wrong(probability(features, coefficients, bias), asked)
    for left_out in sorted(set(sets)):
        inside = sets == left_out
        rest = [each for each in asked if each.set != left_out]
        others, other_bias = fit_confidence(features[~inside], rest, columns)
        sure = probability(features[inside], others, other_bias)
        print(f"  {left_out}, left out of the fit:", figures_of(sure, answerable[inside]))


def probability(features: np.ndarray, coefficients: np.ndarray, bias: float) -> np.ndarray:
    return 1 / (1 + np.exp(-(features @ coefficients + bias)))


def mixture_weights(asked: list[Asked]) -> np.ndarray:
    """What each question counts for: as MIXTURE has the kinds, and within a kind each set the same."""
    groups = Counter((each.kind, each.set) for each in asked)
    sets_of = Counter(kind for kind, _ in groups)
    return np.array([MIXTURE[each.kind] / groups[each.kind, each.set] / sets_of[each.kind] for each in asked])


def fit_confidence(features: np.ndarray, asked: list[Asked], columns: list[int]) -> tuple[np.ndarray, float]:
    """Logistic regression over the columns, beside the weights that are FIXED; a coefficient for each feature."""
    answerable, weights = np.array([each.answerable for each in asked]), mixture_weights(asked)
    coefficients = np.array([FIXED.get(field, 0.0) for field in confidence.Features._fields])
    offset = features @ coefficients
    middle, spread = features[:, columns].mean(axis=0), features[:, columns].std(axis=0) + 1e-9
    scaled = (features[:, columns] - middle) / spread

    def loss(parameters: np.ndarray) -> float:
        odds = offset + scaled @ parameters[1:] + parameters[0]
        return float(
            weights @ np.logaddexp(0, np.where(answerable, -odds, odds)) + 2 * RIDGE * parameters[1:] @ parameters[1:]
        )

    found = minimize(loss, np.zeros(len(columns) + 1)).x
    coefficients[columns] = found[1:] / spread
    return coefficients, float(found[0] - coefficients[columns] @ middle)


def report_wrong(sure: np.ndarray, asked: list[Asked]) -> None:
    """Of the answers that are at least so sure, the share that is wrong, in the sets whose gold answers are short."""
    chosen = np.array([each.set in QUOTED for each in asked])
    weights, wrong = mixture_weights(asked), np.array([not each.held for each in asked])
    shares = {}
    for bound in (0.02, *np.arange(0.1, 0.95, 0.1), 0.93, 0.96, 0.98):
        given = (sure >= bound) & chosen
        if given.sum() >= FEWEST:
            shares[round(float(bound), 2)] = round(float((weights * wrong)[given].sum() / weights[given].sum()), 3)
    print("  wrong_shares", list(shares.items()))


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
