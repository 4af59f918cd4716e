"""From a question to ranked passages: both searches, fused, and only the best fetched."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from index.embedding import Embedder, Vectors
from index.errors import DAMAGED, CorruptIndexError
from index.library import Library
from index.ranking import Hits, fuse
from index.types import Passage, language_of_id

CANDIDATES = 50
"""Ids asked of each side before fusion."""

PASSAGES = 10


@dataclass(frozen=True, slots=True, eq=False)
class Retrieved:
    """The passages of a question, best first, and what finding them told.

    `vector` is the question's; None where no document is in a language that the embedder knows. `best_cosine` is that
    of the nearest chunk, 0 without a vector. `cosines` has one for each passage, by the id of its chunk: what dense
    search did not list counts with its last one.
    """

    passages: tuple[Passage, ...]
    vector: Vectors | None
    best_cosine: float
    cosines: Mapping[str, float] = field(default_factory=dict)

    @property
    def best_score(self) -> float:
        return self.passages[0].score if self.passages else 0.0


def retrieve(question: str, *, library: Library, embedder: Embedder, limit: int = PASSAGES) -> Retrieved:
    """At most `limit` passages. Dense search counts only for chunks in languages that the embedder knows.

    Raises CorruptIndexError where the two searches know of chunks that the store does not hold, or cannot be read.
    """
    any_known = any(language in embedder.languages for language in library.manifest.languages)
    vector = embedder.embed_question(question) if any_known else None
    dense = [] if vector is None else understood(library.store.nearest(vector, CANDIDATES), embedder)
    lexical = library.lexical.search(question, CANDIDATES)
    found = {key for key, _ in (*lexical, *dense)}
    coverage = library.lexical.coverage(question, found) if lexical and dense else {}
    ranked = fuse(lexical, dense, coverage=coverage, unreached=unreached(lexical, dense, embedder))[:limit]
    chunks = library.store.get([key for key, _ in ranked])
    if len(chunks) < len(ranked):
        raise CorruptIndexError(DAMAGED)
    passages = tuple(Passage(chunks[key], score) for key, score in ranked)
    known, last = dict(dense), dense[-1][1] if dense else 0.0
    cosines = {key: known.get(key, last) for key, _ in ranked}
    return Retrieved(passages, vector, best_cosine=dense[0][1] if dense else 0.0, cosines=cosines)


def understood(hits: Hits, embedder: Embedder) -> list[tuple[str, float]]:
    return [(key, cosine) for key, cosine in hits if language_of_id(key) in embedder.languages]


def unreached(lexical: Hits, dense: Hits, embedder: Embedder) -> frozenset[str]:
    """The chunks of languages in which no word of the question was found, as when it was asked in another one.

    None where words were found in a language that the embedder does not know: those chunks have no cosine to compare.
    """
    reached = {language_of_id(key) for key, _ in lexical}
    if not all(language in embedder.languages for language in reached):
        return frozenset()
    return frozenset(key for key, _ in dense if language_of_id(key) not in reached)
