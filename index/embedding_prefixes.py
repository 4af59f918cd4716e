"""The words by which some models want questions and passages marked."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.embedding import Embedder, Vectors

BGE_QUERY = "Represent this sentence for searching relevant passages: "
INSTRUCT_QUERY = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: "


@dataclass(frozen=True, slots=True)
class Prefixes:
    """What stands before a question and before a passage, the white space behind it included."""

    question: str = ""
    passage: str = ""


FAMILIES = (
    (r"\be5\b.*\binstruct\b", Prefixes(question=INSTRUCT_QUERY)),
    (r"\be5\b", Prefixes("query: ", "passage: ")),
    (r"\bnomic embed text\b", Prefixes("search_query: ", "search_document: ")),
    (r"\bbge (small|base|large) en\b", Prefixes(question=BGE_QUERY)),
    (r"\bbge (small|base|large) zh\b", Prefixes(question="为这个句子生成表示以用于检索相关文章：")),
)
"""As the models' own cards ask for them; the names are compared in lower case, with spaces between their parts."""


def known_prefixes(name: str) -> Prefixes:
    """Those of the family that a model's name tells; none for others."""
    words = re.sub(r"[^a-z0-9]+", " ", name.lower())
    return next((prefixes for family, prefixes in FAMILIES if re.search(family, words)), Prefixes())


class PrefixedEmbedder:
    """An embedder whose model is given each text with its prefix.

    The fingerprint holds the passages' alone: another prefix for questions leaves an index as it is.
    """

    def __init__(self, embedder: Embedder, prefixes: Prefixes) -> None:
        self._embedder = embedder
        self._prefixes = prefixes
        self.name = embedder.name
        self.dimension = embedder.dimension
        self.languages = embedder.languages
        self.max_tokens = embedder.max_tokens - len(embedder.tokens(prefixes.passage))
        self.fingerprint = embedder.fingerprint
        if prefixes.passage:
            self.fingerprint += f"-{hashlib.sha256(prefixes.passage.encode()).hexdigest()[:8]}"

    def tokens(self, text: str) -> Sequence[object]:
        return self._embedder.tokens(text)

    def embed(self, texts: Sequence[str]) -> Vectors:
        return self._embedder.embed([self._prefixes.passage + text for text in texts])

    def embed_question(self, question: str) -> Vectors:
        return self._embedder.embed_question(self._prefixes.question + question)
