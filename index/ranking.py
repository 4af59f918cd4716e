"""Fusing what lexical and dense search found. Pure."""

from collections.abc import Container, Sequence

Hits = Sequence[tuple[str, float]]
"""Chunk ids with their scores, best first."""

DENSE_WEIGHT = 0.5
"""Of the sum; measured on the development halves with weights from 0.2 to 0.7 (docs/decisions/0003): with 0.5 hit@1
is above both BM25 and dense search on three of five sets, and within 2 points of the better on the others; equal RRF is
not."""


def fuse(
    lexical: Hits, dense: Hits, *, unreached: Container[str] = (), dense_weight: float = DENSE_WEIGHT
) -> list[tuple[str, float]]:
    """All ids, best first, by the weighted sum of cosine and BM25 score (as a share of the question's best).

    A chunk that one side did not find has nothing of BM25, and the last cosine of the dense list: it is at most that.
    Without dense hits BM25 stands alone, and the other way round. Equal sums keep the order of the ids.

    Of chunks whose language the question's words cannot reach (`unreached`) BM25 tells nothing: such a one has the best
    share among the others that are no nearer, so that it stands where its cosine puts it (docs/decisions/0007).
    """
    words, cosines = dict(lexical), dict(dense)
    best = max(words.values(), default=0.0) or 1.0
    floor = min(cosines.values(), default=0.0)
    weight = dense_weight if cosines and words else float(bool(cosines))
    shares = {key: score / best for key, score in words.items()}
    for key in [key for key in cosines if key in unreached]:
        farther = (share for other, share in shares.items() if cosines.get(other, floor) <= cosines[key])
        shares[key] = max(farther, default=0.0)
    scores = {
        key: weight * cosines.get(key, floor) + (1 - weight) * shares.get(key, 0.0)
        for key in sorted(words.keys() | cosines.keys())
    }
    return sorted(scores.items(), key=lambda item: -item[1])
