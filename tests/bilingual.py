"""A dictionary for a model: vectors in which an English word and the Russian one for the same are near each other.

`python tools/make_bilingual_model.py` makes the ONNX model beside the words from the same file.
"""

import hashlib
import re
from pathlib import Path

import numpy as np

from index.embedding import Vectors

MODEL = Path(__file__).parent / "models" / "bilingual"
DIMENSION = 64
UNKNOWN_WEIGHT = 0.05
"""Of a word that is not in the dictionary, beside one that is."""


def concepts() -> dict[str, str]:
    """For each word the first one of its line."""
    lines = (MODEL / "words.txt").read_text(encoding="utf-8").splitlines()
    known = [line.split() for line in lines if not line.startswith("#")]
    return {word: words[0] for words in known for word in words}


CONCEPTS = concepts()


def vector(text: str) -> Vectors:
    """The sum of the words' directions, not normalised."""
    total = np.full(DIMENSION, 1e-3)
    for word in re.findall(r"\w+", text.lower()):
        concept = CONCEPTS.get(word)
        total += direction(concept) + 0.2 * direction(word) if concept else UNKNOWN_WEIGHT * direction(word)
    return total.astype(np.float32)


def direction(word: str) -> Vectors:
    """A unit vector of the word's own."""
    seed = int(hashlib.sha256(word.encode()).hexdigest()[:8], 16)
    drawn = np.random.default_rng(seed).normal(size=DIMENSION)
    unit: Vectors = (drawn / np.linalg.norm(drawn)).astype(np.float32)
    return unit
