"""An embedder that remembers the vectors of what it embedded lately: the sentences of passages that are often found."""

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

import numpy as np

from index.embedding import Embedder, Languages, Vectors

MOST = 8192
"""Texts: about 16 MB with the built-in model and sentences of a usual length."""


class RememberingEmbedder:
    """The vectors are those of the embedder itself; the texts least recently asked for go first. Safe to share among
    threads: two that ask for the same text at the same moment may both have it embedded."""

    def __init__(self, embedder: Embedder, *, most: int = MOST) -> None:
        self._embedder = embedder
        self._most = most
        self._lock = Lock()
        self._vectors: OrderedDict[str, Vectors] = OrderedDict()

    @property
    def fingerprint(self) -> str:
        return self._embedder.fingerprint

    @property
    def name(self) -> str:
        return self._embedder.name

    @property
    def dimension(self) -> int:
        return self._embedder.dimension

    @property
    def max_tokens(self) -> int:
        return self._embedder.max_tokens

    @property
    def languages(self) -> Languages:
        return self._embedder.languages

    def tokens(self, text: str) -> Sequence[object]:
        return self._embedder.tokens(text)

    def embed(self, texts: Sequence[str]) -> Vectors:
        known = self._known(texts)
        missing = list(dict.fromkeys(text for text in texts if text not in known))
        if missing:
            known |= zip(missing, self._embedder.embed(missing), strict=True)
            self._remember({text: known[text] for text in missing})
        return np.array([known[text] for text in texts], dtype=np.float32).reshape(len(texts), self.dimension)

    def embed_question(self, question: str) -> Vectors:
        """Not remembered: few are asked twice."""
        return self._embedder.embed_question(question)

    def _known(self, texts: Sequence[str]) -> dict[str, Vectors]:
        with self._lock:
            known = {text: self._vectors[text] for text in texts if text in self._vectors}
            for text in known:
                self._vectors.move_to_end(text)
        return known

    def _remember(self, vectors: dict[str, Vectors]) -> None:
        with self._lock:
            self._vectors |= {text: vector.copy() for text, vector in vectors.items()}  # a view holds all of its batch
            while len(self._vectors) > self._most:
                self._vectors.popitem(last=False)
