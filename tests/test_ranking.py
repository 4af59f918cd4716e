"""The laws of fusing two rankings."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from index.ranking import BM25, COSINE, COVERAGE, fuse

Hits = list[tuple[str, float]]


def ranked(scores: dict[str, float]) -> Hits:
    return sorted(scores.items(), key=lambda hit: -hit[1])


keys = st.sampled_from([f"en-{letter}" for letter in "abcdefgh"])
lexical_hits = st.dictionaries(keys, st.integers(1, 400).map(lambda n: n / 10)).map(ranked)
dense_hits = st.dictionaries(keys, st.integers(-20, 100).map(lambda n: n / 100)).map(ranked)
shares = st.dictionaries(keys, st.integers(1, 100).map(lambda n: n / 100))


@given(lexical=lexical_hits, dense=dense_hits, coverage=shares)
def test_every_chunk_comes_once_best_first(lexical: Hits, dense: Hits, coverage: dict[str, float]) -> None:
    fused = fuse(lexical, dense, coverage=coverage)
    assert sorted(key for key, _ in fused) == sorted({key for key, _ in lexical + dense})
    assert [score for _, score in fused] == sorted((score for _, score in fused), reverse=True)


@given(lexical=lexical_hits, dense=dense_hits, coverage=shares, data=st.data())
def test_the_order_of_equal_hits_changes_nothing(
    lexical: Hits, dense: Hits, coverage: dict[str, float], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(lexical)), data.draw(st.permutations(dense))
    assert fuse(*shuffled, coverage=coverage) == fuse(lexical, dense, coverage=coverage)


@given(lexical=lexical_hits, dense=dense_hits, coverage=shares)
def test_a_chunk_that_is_first_in_everything_is_first(lexical: Hits, dense: Hits, coverage: dict[str, float]) -> None:
    assume(lexical and dense)
    first = lexical[0][0]
    words = dict(lexical) | {first: lexical[0][1] + 0.1}
    cosines = dict(dense) | {first: max(cosine for _, cosine in dense) + 0.01}
    assert fuse(ranked(words), ranked(cosines), coverage=coverage | {first: 1.0})[0][0] == first


@given(lexical=lexical_hits, dense=dense_hits, coverage=shares, rise=st.floats(0.01, 1), data=st.data())
def test_a_chunk_that_rises_in_one_thing_does_not_fall(
    lexical: Hits, dense: Hits, coverage: dict[str, float], rise: float, data: st.DataObject
) -> None:
    assume(lexical and dense)
    before = [key for key, _ in fuse(lexical, dense, coverage=coverage)]
    words, cosines, held = dict(lexical), dict(dense), dict.fromkeys(before, 0.0) | coverage
    side = data.draw(st.sampled_from([words, cosines, held]))
    risen = data.draw(st.sampled_from(sorted(side.keys() & set(before))))
    side[risen] += rise
    scores = dict(fuse(ranked(words), ranked(cosines), coverage=held))
    for below in before[before.index(risen) + 1 :]:
        assert scores[risen] >= scores[below] - 1e-9


def test_words_weigh_less_where_no_chunk_holds_much_of_the_question() -> None:
    lexical, dense = [("words", 9.0), ("meaning", 3.0)], [("meaning", 0.6), ("words", 0.3)]
    assert fuse(lexical, dense, coverage={"words": 0.9, "meaning": 0.1})[0][0] == "words"
    assert fuse(lexical, dense, coverage={"words": 0.2, "meaning": 0.1})[0][0] == "meaning"


@given(lexical=lexical_hits)
def test_words_stand_alone_where_nothing_else_was_found(lexical: Hits) -> None:
    fused = fuse(lexical, [], coverage={})
    assert [key for key, _ in fused] == [key for key, _ in sorted(lexical, key=lambda hit: (-hit[1], hit[0]))]
    assert [score for _, score in fused[:1]] == [1.0] * bool(lexical)


@given(dense=dense_hits)
def test_meaning_stands_alone_where_no_word_was_found(dense: Hits) -> None:
    assert dict(fuse([], dense, coverage={})) == pytest.approx(dict(dense))


# Chunks in a language that the question's words cannot reach

foreign_hits = st.dictionaries(
    st.sampled_from([f"ru-{letter}" for letter in "abcd"]), st.integers(-20, 100).map(lambda n: n / 100), min_size=1
)


@given(lexical=lexical_hits, dense=dense_hits, foreign=foreign_hits, coverage=shares)
def test_where_words_cannot_tell_the_nearer_chunk_comes_first(
    lexical: Hits, dense: Hits, foreign: dict[str, float], coverage: dict[str, float]
) -> None:
    assume(lexical)
    cosines = dict(dense) | foreign
    scores = dict(fuse(lexical, ranked(cosines), coverage=coverage, unreached=frozenset(foreign)))
    floor = min(cosines.values())
    for own, cosine in foreign.items():
        for other in scores:
            if cosines.get(other, floor) < cosine:
                assert scores[own] > scores[other]


@given(lexical=lexical_hits, dense=dense_hits, foreign=foreign_hits, coverage=shares)
def test_chunks_that_words_reach_keep_their_order(
    lexical: Hits, dense: Hits, foreign: dict[str, float], coverage: dict[str, float]
) -> None:
    both = ranked(dict(dense) | foreign)
    plain = fuse(lexical, both, coverage=coverage)
    fused = fuse(lexical, both, coverage=coverage, unreached=frozenset(foreign))
    assert [hit for hit in fused if hit[0] not in foreign] == [hit for hit in plain if hit[0] not in foreign]


def test_words_in_common_do_not_outweigh_a_near_meaning() -> None:
    lexical, dense = [("en-the", 0.4)], [("ru-telescope", 0.7), ("en-the", 0.1)]
    coverage = {"en-the": 1.0}
    assert fuse(lexical, dense, coverage=coverage)[0][0] == "en-the"
    scores = dict(fuse(lexical, dense, coverage=coverage, unreached={"ru-telescope"}))
    own = COVERAGE + BM25
    assert scores == pytest.approx({"ru-telescope": COSINE * 0.7 + own, "en-the": COSINE * 0.1 + own})


def test_nothing_and_nothing_is_nothing() -> None:
    assert fuse([], [], coverage={}) == []


def test_a_chunk_that_dense_search_did_not_find_has_at_most_its_last_cosine() -> None:
    fused = dict(fuse([("a", 10.0), ("b", 5.0)], [("b", 0.8), ("c", 0.2)], coverage={"a": 0.7, "b": 0.3}))
    expected = {
        "a": COSINE * 0.2 + COVERAGE * 0.7 + BM25,
        "b": COSINE * 0.8 + COVERAGE * 0.3 + BM25 / 2,
        "c": COSINE * 0.2,
    }
    assert fused == pytest.approx(expected)


def test_equal_sums_keep_the_order_of_the_ids() -> None:
    assert [key for key, _ in fuse([("b", 1.0), ("a", 1.0), ("c", 1.0)], [], coverage={})] == ["a", "b", "c"]
