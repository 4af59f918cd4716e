"""Search by words, in several languages at once."""

import math
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import CorruptIndexError
from index.lexical import Analyzer, LexicalIndex
from index.types import Chunk, Source
from tests.builders import a_chunk

CHUNKS = [
    a_chunk("The keepers were climbing the stairs of the lighthouses.", key="en-keepers"),
    a_chunk("A keeper keeps the keys, and the keys open the gate.", key="en-keys"),
    a_chunk("Bread is made of rye.", key="en-bread"),
    a_chunk("Смотрители поднимались по лестницам маяков.", key="ru-keepers", language="ru"),
    a_chunk("Лестница маяка скользкая.", key="ru-stairs", language="ru"),
    a_chunk("Ang bahay ay malaki. Kumusta.", key="tl-house", language="tl"),
    a_chunk("Dom stoi na wzgórzu.", key="pl-house", language="pl"),
    a_chunk(
        "天文台位于城外的山上。望远镜于一九三一年安装。",
        key="zh-observatory",
        source=Source("天文台.txt", "天文台"),
        language="zh",
    ),
]


def build(folder: Path, chunks: Sequence[Chunk]) -> LexicalIndex:
    """Written, and opened again from the disk."""
    languages = {chunk.language for chunk in chunks}
    with LexicalIndex.create(folder, languages=languages, analyzer=Analyzer()).adding(chunks):
        pass
    return LexicalIndex.open(folder, languages=languages, analyzer=Analyzer())


@pytest.fixture(scope="module")
def lexical(tmp_path_factory: pytest.TempPathFactory) -> LexicalIndex:
    return build(tmp_path_factory.mktemp("words") / "lexical", CHUNKS)


def found(lexical: LexicalIndex, question: str) -> list[str]:
    return [key for key, _ in lexical.search(question, 10)]


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("Who climbs a stair?", "en-keepers"),
        ("LIGHTHOUSE", "en-keepers"),
        ("opening gates", "en-keys"),
        ("Кто поднимался по лестнице маяка и где смотритель?", "ru-keepers"),
        ("скользкие лестницы", "ru-stairs"),
        ("kumusta?", "tl-house"),
        ("WZGÓRZU", "pl-house"),
        ("望远镜是什么时候安装的？", "zh-observatory"),
    ],
)
def test_words_are_found_in_other_forms_where_the_language_has_a_stemmer(
    lexical: LexicalIndex, question: str, first: str
) -> None:
    assert found(lexical, question)[0] == first


def test_a_question_in_two_languages_finds_both(lexical: LexicalIndex) -> None:
    assert {"en-bread", "ru-stairs", "ru-keepers"} == set(found(lexical, "bread маяки"))


def test_scores_fall_and_the_limit_holds(lexical: LexicalIndex) -> None:
    hits = lexical.search("the keeper of the keys", 10)
    scores = [score for _, score in hits]
    assert scores == sorted(scores, reverse=True)
    assert min(scores) > 0
    assert lexical.search("the keeper of the keys", 1) == hits[:1]


def test_a_rare_word_weighs_more_than_a_common_one(lexical: LexicalIndex) -> None:
    assert found(lexical, "the the the rye")[0] == "en-bread"


@pytest.mark.parametrize("question", ["", "?!", "🙂", "zebra", '"', "text_en:rye", "rye OR -zebra", "+(-[", "*"])
def test_a_question_is_words_and_nothing_else(lexical: LexicalIndex, question: str) -> None:
    assert set(found(lexical, question)) == ({"en-bread"} if "rye" in question else set())


@given(question=st.text())
def test_any_question_can_be_searched_for(lexical: LexicalIndex, question: str) -> None:
    assert len(lexical.search(question.replace("\ud800", ""), 3)) <= 3


def test_rare_terms_weigh_more(lexical: LexicalIndex) -> None:
    weights = lexical.term_weights("the keys of the zebra", "en")
    assert list(weights) == ["the", "key", "of", "zebra"]
    assert weights["the"] < weights["key"] < weights["zebra"]
    assert weights["zebra"] == pytest.approx(math.log(1 + (len(CHUNKS) + 0.5) / 0.5))


IDS = tuple(chunk.id for chunk in CHUNKS)


def test_coverage_is_the_share_of_the_question_by_weight(lexical: LexicalIndex) -> None:
    weights = lexical.term_weights("keys keeper zebra", "en")
    of_keeper = weights["keeper"] / sum(weights.values())
    of_key = weights["key"] / sum(weights.values())
    covered = lexical.coverage("Keys? Keeper? Zebra?", IDS)
    assert covered["en-keys"] == pytest.approx(of_keeper + of_key)
    assert covered["en-keepers"] == pytest.approx(of_keeper)
    assert covered["en-bread"] == 0


def test_coverage_does_not_grow_with_repetition(lexical: LexicalIndex) -> None:
    assert lexical.coverage("keys", IDS)["en-keys"] == pytest.approx(1)
    assert lexical.coverage("keys keys keys", IDS)["en-keys"] == pytest.approx(1)


def test_coverage_is_told_of_the_chunks_that_are_asked_for(lexical: LexicalIndex) -> None:
    assert set(lexical.coverage("keeper", ["en-bread", "en-keys"])) == {"en-bread", "en-keys"}
    assert lexical.coverage("keeper", []) == {}


def test_coverage_is_counted_within_the_language_of_the_chunk(lexical: LexicalIndex) -> None:
    covered = lexical.coverage("bread маяки", IDS)
    assert 0.3 < covered["en-bread"] < 0.7
    assert 0.3 < covered["ru-stairs"] < 0.7


def test_words_above_a_chunk_cover_the_question_too(tmp_path: Path) -> None:
    chunk = a_chunk("It opens at nine.", key="en-hours", source=Source("a.md", "The museum"), heading=("Visits",))
    lexical = build(tmp_path / "lexical", [chunk, *CHUNKS])
    assert lexical.coverage("museum visit nine", ["en-hours"])["en-hours"] == pytest.approx(1)


def test_document_frequency_counts_chunks_of_a_language(lexical: LexicalIndex) -> None:
    assert lexical.document_frequency("keeper", "en") == 2
    assert lexical.document_frequency("key", "en") == 1
    assert lexical.document_frequency("zebra", "en") == 0
    assert lexical.document_frequency("keeper", "ru") == 0
    assert lexical.document_frequency("маяк", "ru") == 2
    assert lexical.document_frequency("keeper", "de") == 0


def test_languages_without_a_stemmer_share_a_field(lexical: LexicalIndex) -> None:
    assert lexical.fields == ("text_en", "text_ru", "text_xx", "text_zh")
    assert lexical.document_frequency("dom", "pl") == lexical.document_frequency("dom", "tl") == 1


def test_all_chunks_are_counted(lexical: LexicalIndex) -> None:
    assert lexical.count() == len(CHUNKS)


def test_an_index_of_one_language_knows_no_other(tmp_path: Path) -> None:
    lexical = build(tmp_path / "lexical", CHUNKS[:3])
    assert lexical.fields == ("text_en",)
    assert found(lexical, "маяк") == []


@pytest.mark.parametrize("content", [None, b"", b"{}", b"garbage"], ids=["missing", "empty", "object", "garbage"])
def test_a_folder_without_a_readable_index(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "lexical").mkdir()
        (tmp_path / "lexical" / "meta.json").write_bytes(content)
    with pytest.raises(CorruptIndexError, match="lexical cannot be read"):
        LexicalIndex.open(tmp_path / "lexical", languages=["en"], analyzer=Analyzer())


# Analyzer


@pytest.mark.parametrize(
    ("text", "language", "terms"),
    [
        ("The Keepers' lamps, 212 of them!", "en", ["the", "keeper", "lamp", "212", "of", "them"]),
        ("Маяки и маяка", "ru", ["маяк", "и", "маяк"]),
        ("Die Häuser", "de", ["die", "haus"]),
        ("Keepers", "xx", ["keepers"]),
        ("Keepers", "nonsense", ["keepers"]),
        ("ab " + "x" * 100 + " cd", "en", ["ab", "cd"]),
        ("", "en", []),
    ],
)
def test_terms(text: str, language: str, terms: list[str]) -> None:
    assert Analyzer().terms(text, language) == terms


def test_titles_and_headings_are_searched_and_count_less_than_the_text(tmp_path: Path) -> None:
    titled = a_chunk("It was built of red brick.", key="en-titled", heading=("The lighthouses", "The tower"))
    telling = a_chunk("The tower was built of red brick.", key="en-telling", start=100)
    silent = a_chunk("It was built of red brick.", key="en-silent", start=200)
    lexical = build(tmp_path / "lexical", [titled, telling, silent])
    assert found(lexical, "Who built a tower?") == ["en-telling", "en-titled", "en-silent"]
    assert found(lexical, "lighthouse") == ["en-titled"]
