"""Fusing what lexical and dense search found. Pure."""

from collections.abc import Container, Mapping, Sequence

Hits = Sequence[tuple[str, float]]
"""Chunk ids with their scores, best first."""

COSINE, COVERAGE, BM25 = 0.55, 0.35, 0.1
"""Of the sum; measured on the development halves (docs/decisions/0003): with these, once the reader has ordered the
first five, hit@1 and MRR are at least those of BM25 and of dense search on every set."""


def fuse(
    lexical: Hits, dense: Hits, *, coverage: Mapping[str, float], unreached: Container[str] = ()
) -> list[tuple[str, float]]:
    """All ids, best first, by the weighted sum of the cosine, how much of the question the chunk holds, and BM25 (as a
    share of the question's best).

    `coverage` is a share of the question, so that words weigh less where no chunk holds much of it; BM25's share is 1
    for the best however little that is. A chunk that one side did not find has nothing of BM25, and the last cosine of
    the dense list: it is at most that. Without dense hits BM25 stands alone, and the other way round. Equal sums keep
    the order of the ids.

    Of chunks whose language the question's words cannot reach (`unreached`) words tell nothing: such a one has the best
    of the others that are no nearer, so that it stands where its cosine puts it (docs/decisions/0007).
    """
    found, cosines = dict(lexical), dict(dense)
    best = max(found.values(), default=0.0) or 1.0
    shares = {key: found.get(key, 0.0) / best for key in sorted(found.keys() | cosines.keys())}
    if not found or not cosines:
        return ordered(shares if found else cosines)
    floor = min(cosines.values())
    words = {key: COVERAGE * coverage.get(key, 0.0) + BM25 * share for key, share in shares.items()}
    reached = {key: value for key, value in words.items() if key not in unreached}
    for key in words.keys() - reached.keys():
        farther = (value for other, value in reached.items() if cosines.get(other, floor) <= cosines[key])
        words[key] = max(farther, default=0.0)
    return ordered({key: COSINE * cosines.get(key, floor) + value for key, value in words.items()})


def ordered(scores: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))
