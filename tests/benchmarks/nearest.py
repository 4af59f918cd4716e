"""Sentences by their cosine to a question: what stands for a reader where a method has none."""

from collections.abc import Sequence

import numpy as np

from index.embedding import Embedder, Vectors


class SentenceVectors:
    """Remembers the vector of every sentence it was asked for; whoever is timed asks beforehand."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, Vectors] = {}

    def learn(self, texts: Sequence[str]) -> None:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(new, self._embedder.embed(new), strict=True))

    def ranked(self, texts: Sequence[str], question: Vectors) -> list[tuple[int, float]]:
        """The number and the cosine of each text, the nearest to the question first."""
        self.learn(texts)
        if not texts:
            return []
        cosines = np.array([self._known[text] for text in texts]) @ question
        return [(int(row), float(cosines[row])) for row in np.argsort(-cosines, kind="stable")]
