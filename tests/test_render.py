from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot import texts
from bot.folding import fold, folded, shortened
from bot.languages import say_in
from bot.offers import offers
from bot.pages import MESSAGE_STYLES, Button, Page, Style, StyleKind, cuts, joined, split, styled, utf16_length
from bot.render import (
    AUTHOR_LENGTH,
    answer_page,
    author_of,
    beginning_of_answer,
    citation_page,
    note_line,
    sources_page,
    whole_answer,
)
from index.types import (
    Chunk,
    Citation,
    Disagreement,
    Fallback,
    NewerCited,
    NewerUncited,
    Note,
    Passage,
    Quote,
    Said,
    Source,
    Span,
    Writing,
)
from tests import scripted


def covered(page: Page, kind: StyleKind) -> list[str]:
    return [page.text[style.start : style.end] for style in page.styles if style.kind == kind]


def button_texts(page: Page) -> list[list[str]]:
    return [[button.text for button in row] for row in page.buttons]


FIRST = scripted.quote("keeping-the-light.txt", scripted.FIRST_LIT)
WRAPPED = scripted.quote("keeping-the-light.txt", scripted.STEPS)
LANTERN = scripted.quote("rules/harbour.md", scripted.LANTERN)


@pytest.mark.parametrize(
    ("document", "author", "shown"),
    [
        ("box.mbox", "Tom Holm <tom@example.org>", "Tom Holm"),
        ("a.EML", '"Holm, Tom" <tom@example.org>', "Holm, Tom"),
        ("a.eml", "tom@example.org", "tom@example.org"),
        ("a.eml", "Tom\nHolm", "Tom Holm"),
        ("ferry.md", "Holm, Tom", "Holm, Tom"),
        ("a.eml", None, ""),
        ("report.docx", "Administrator", ""),
        ("https://example.org/a.html", "cms@example.org", ""),
    ],
)
def test_who_wrote_it_is_said_where_that_is_said_of_a_person(document: str, author: str | None, shown: str) -> None:
    assert author_of(Source(document, "A title", author=author)) == shown


def test_a_long_author_is_shortened() -> None:
    assert len(author_of(Source("a.eml", "A title", author="Tom " * 1000))) <= AUTHOR_LENGTH


# The answer


def test_an_answer_shows_its_text_then_its_sources_in_an_expandable_quote() -> None:
    page = answer_page(scripted.answered("How many steps?", FIRST, LANTERN))
    assert page.text == (
        "Its lamp was lit for the first time in 1871. [1] Every boat shows a lantern after sunset. [2]\n\n"
        "Sources\n"
        "1  Keeping the light, p. 4, 17 May 2024: “Its lamp was lit for the first time in 1871.”\n"
        "2  Harbour rules: “Every boat shows a lantern after sunset.”"
    )
    (sources,) = covered(page, "expandable_quote")
    assert sources.startswith("Sources\n")
    assert sources.endswith("after sunset.”")
    assert covered(page, "bold") == ["Sources"]


def answering(part: str, whole: Quote) -> Quote:
    start = whole.span.start + whole.text.index(part)
    return replace(whole, answer=Span(part, start, start + len(part)))


def test_the_short_answer_stands_in_bold_above_its_quote() -> None:
    page = answer_page(scripted.answered("When was it lit?", answering("1871", FIRST), LANTERN))
    assert page.text.startswith("1871\n\nIts lamp was lit for the first time in 1871. [1] Every boat")
    assert covered(page, "bold") == ["1871", "Sources"]


def test_a_short_answer_over_two_lines_is_joined() -> None:
    page = answer_page(scripted.answered("?", answering("the\n212 steps", WRAPPED)))
    assert page.text.startswith("the 212 steps\n\nA keeper")


def test_a_short_answer_that_is_nearly_the_whole_quote_is_not_said_twice() -> None:
    page = answer_page(scripted.answered("?", answering("Its lamp was lit for the first time", FIRST)))
    assert page.text.startswith("Its lamp was lit for the first time in 1871. [1]\n\nSources")


def test_an_uncertain_answer_says_so_first() -> None:
    page = answer_page(replace(scripted.answered("?", FIRST), uncertain=True))
    assert page.text.startswith("I am not sure that this answers your question:\n\nIts lamp was lit")


def test_what_has_to_be_told_about_the_citations_stands_above_all_else() -> None:
    answer = scripted.answered("When was it lit?", answering("1871", FIRST), LANTERN)
    sides = (Said(1, "1871"), Said(2, "sunset"))
    page = answer_page(replace(answer, uncertain=True, notes=(Disagreement(sides), NewerCited(2, (1,)))))
    assert page.text.startswith(
        "The documents disagree: [1] 1871, [2] sunset.\n\n[2] is from a newer document than [1].\n\n"
        "I am not sure that this answers your question:\n\nIts lamp"
    )
    assert covered(page, "bold") == ["Sources"]


@pytest.mark.parametrize(
    ("note", "english", "russian"),
    [
        (
            Disagreement((Said(1, "1871"), Said(2, "after\nsunset")), newest=2),
            "The documents disagree: [1] 1871, [2] after sunset. The newest is [2].",
            "В документах сказано разное: [1] 1871, [2] after sunset. Самый новый – [2].",
        ),
        (
            NewerCited(3, (1, 2), (Said(1, "1871"), Said(3, "1874"))),
            "[3] is from a newer document than [1], [2]: [1] 1871, [3] 1874.",
            "[3] – из более нового документа, чем [1], [2]: [1] 1871, [3] 1874.",
        ),
        (
            NewerUncited((1,), Source("Rules 2023.md", "Harbour\nrules"), date(2023, 5, 5)),
            "In the series of [1] there is a newer document: Harbour rules, Rules 2023.md, 5 May 2023.",
            "В том же ряду, что и [1], есть более новый документ: Harbour rules, Rules 2023.md, 5 мая 2023.",
        ),
        (
            NewerUncited((1,), Source("Rules 2023", "Rules 2023", modified=date(2026, 1, 1))),
            "In the series of [1] there is a newer document: Rules 2023.",
            "В том же ряду, что и [1], есть более новый документ: Rules 2023.",
        ),
    ],
)
def test_a_note_is_said_in_the_persons_language(note: Note, english: str, russian: str) -> None:
    assert note_line(note, say_in("en")) == english
    assert note_line(note, say_in("ru")) == russian


def test_a_short_answer_stays_where_a_newer_document_says_nothing_else() -> None:
    answer = scripted.answered("When was it lit?", answering("1871", FIRST))
    newer = NewerUncited((1,), Source("Light 2025.md", "Light 2025"))
    page = answer_page(replace(answer, notes=(newer,)))
    assert covered(page, "bold") == ["1871", "Sources"]
    assert covered(page, "code") == ["Light 2025.md"]


def test_no_chat_makes_a_link_of_a_title_or_a_heading() -> None:
    quote = scripted.quote("rules/harbour.md", scripted.LANTERN)
    source = replace(quote.source, title="Win at https://evil.example")
    chunk = replace(quote.passage.chunk, source=source, heading=("Ask @evil_helper", "README.md"))
    answer = scripted.answered("?", replace(quote, passage=replace(quote.passage, chunk=chunk)))
    for page in (answer_page(answer), citation_page(answer.citations[0])):
        assert "Win at https:\u2060//evil.\u2060example" in page.text
        assert "Ask @\u2060evil_helper › README.\u2060md" in page.text


def test_every_way_of_showing_an_answer_tells_what_has_to_be_told() -> None:
    note = Disagreement((Said(1, "1871"), Said(2, "sunset")))
    answer = replace(scripted.answered("When?", answering("1871", FIRST), LANTERN), notes=(note,))
    said = "The documents disagree: [1] 1871, [2] sunset."
    assert said in whole_answer(answer)
    assert said in beginning_of_answer(answer).text
    first, *_ = offers(answer, say_in("en"))
    assert said in first.page.text
    assert first.title == said


@pytest.mark.parametrize(
    ("writing", "said"),
    [
        (Writing("m", Fallback.SLOW), texts.MODEL_SLOW),
        (Writing("m", Fallback.SPENT), texts.MODEL_SPENT),
        (Writing("m", None, 100, 10, stopped=True), texts.MODEL_STOPPED),
    ],
)
def test_every_way_of_showing_an_answer_tells_why_no_model_wrote_it_or_not_to_the_end(
    writing: Writing, said: str
) -> None:
    for answer in (scripted.answered("When?", FIRST, LANTERN), scripted.abstained("When?", LANTERN)):
        told = replace(answer, writing=writing)
        for shown in (answer_page(told).text, beginning_of_answer(told).text, whole_answer(told)):
            assert shown.count(said) == 1
    long = scripted.answered("When?", *[scripted.quote("keeping-the-light.txt", scripted.LIGHTHOUSE)] * 40)
    page = beginning_of_answer(replace(long, writing=writing))
    assert said in page.text
    assert len(split(page)) == 1


def test_an_answer_has_a_button_for_each_citation() -> None:
    page = answer_page(scripted.answered("?", FIRST, LANTERN))
    assert page.buttons == ((Button("1", "1"), Button("2", "2")),)


def test_ten_numbers_stand_in_two_rows() -> None:
    page = answer_page(scripted.answered("?", *[FIRST] * 10))
    assert [len(row) for row in page.buttons] == [8, 2]


def test_the_lines_of_a_hard_wrapped_quote_are_joined() -> None:
    page = answer_page(scripted.answered("?", WRAPPED))
    assert page.text.startswith("A keeper climbs the 212 steps every evening. [1]\n\nSources")
    assert "“A keeper climbs the 212 steps every evening.”" in page.text


def test_where_the_documents_are_silent_the_closest_quotes_stand_without_numbers() -> None:
    page = answer_page(scripted.abstained("?", LANTERN, FIRST))
    assert page.text.startswith("The documents don't say.\n\nWhat comes closest:\n\nHarbour rules\n“Every boat")
    assert covered(page, "quote") == [f"“{scripted.LANTERN}”", f"“{scripted.FIRST_LIT}”"]
    assert "[" not in page.text
    assert not page.buttons


def test_where_nothing_is_close_only_that_is_said() -> None:
    assert answer_page(scripted.abstained("?")) == Page("The documents don't say.")


# A citation


def test_a_citation_shows_its_quote_in_bold_where_it_stands() -> None:
    page = citation_page(Citation(2, WRAPPED), numbers=(1, 2, 3))
    head, _, body = page.text.partition("\n\n")
    assert head == "[2] Keeping the light\nkeeping-the-light.txt › The lamp › Its keeper › p. 4 › 17 May 2024"
    assert covered(page, "bold") == ["Keeping the light", "A keeper climbs the 212 steps every evening."]
    assert covered(page, "quote") == [body]
    assert body.startswith("Keeping the light\n\nThe lighthouse stands")
    assert "half a ton." in body


def test_the_open_citations_number_and_close_lead_back() -> None:
    page = citation_page(Citation(2, WRAPPED), numbers=(1, 2, 3))
    assert page.buttons == ((Button("1", "1"), Button("· 2 ·", "0"), Button("3", "3"), Button("Close", "0")),)


def test_without_numbers_a_citation_has_no_buttons() -> None:
    assert not citation_page(Citation(1, FIRST)).buttons


def test_a_source_with_an_address_is_a_link() -> None:
    page = citation_page(Citation(1, at_address(FIRST, "https://example.org/light")))
    assert [style.url for style in page.styles if style.kind == "link"] == ["https://example.org/light"]
    assert covered(page, "link") == ["Keeping the light"]


@given(
    before=st.text(max_size=300), text=st.text(min_size=1, max_size=300), after=st.text(max_size=300),
    limit=st.integers(120, 700),
)  # fmt: skip
def test_a_citation_is_always_one_message_and_shows_its_quote(before: str, text: str, after: str, limit: int) -> None:
    page = citation_page(Citation(1, quote_in(before, text, after)), limit=limit)
    assert utf16_length(page.text) <= limit
    bold = "".join(covered(page, "bold")[1:])
    shown, whole = " ".join(bold.split()), " ".join(fold(text).split())
    assert shown == whole or (shown.endswith("…") and whole.startswith(shown[:-1].rstrip()))


def test_of_a_long_context_what_is_nearest_the_quote_is_kept() -> None:
    page = citation_page(Citation(1, quote_in("far " * 3000 + "near ", "The quote.", " close" + " away" * 3000)))
    assert utf16_length(page.text) <= 4096
    assert "far near The quote. close away" in page.text
    assert covered(page, "quote")[0].startswith("…far")
    assert covered(page, "quote")[0].endswith("away…")
    assert len(page.text) > 4000


# The documents


def test_the_sources_are_listed_with_path_and_date() -> None:
    page = sources_page(tuple(scripted.SOURCES.values()))
    assert page.text == (
        "I answer from 2 documents:\n"
        "• Keeping the light · keeping-the-light.txt · 17 May 2024\n"
        "• Harbour rules · rules/harbour.md"
    )
    assert covered(page, "code") == ["keeping-the-light.txt", "rules/harbour.md"]


def test_a_long_list_of_sources_is_cut_and_says_so() -> None:
    page = sources_page([Source(f"{n}.txt", "") for n in range(100)], shown=3)
    assert page.text == "I answer from 100 documents:\n• 0.txt\n• 1.txt\n• 2.txt\n… and 97 more."


def test_no_documents_end_in_a_sentence() -> None:
    assert "no documents yet" in sources_page(()).text


# White space


def test_folding_joins_lines_and_keeps_paragraphs_and_lists() -> None:
    text = "One line\nand the next.\n\n\nA paragraph:\n- an item\n- another\n  item\n1. first\n"
    assert fold(text) == "One line and the next.\n\nA paragraph:\n- an item\n- another item\n1. first"


@given(st.text(max_size=200), st.data())
def test_a_mark_keeps_its_place_among_the_words(text: str, data: st.DataObject) -> None:
    mark = data.draw(st.integers(0, len(text)))
    whole, (moved,) = folded(text, marks=(mark,))
    assert "".join(whole[:moved].split()) == "".join(folded(text)[0][:moved].split())
    assert len("".join(whole[:moved].split())) == len("".join(text_as_shown(text[:mark]).split()))


def text_as_shown(text: str) -> str:
    return folded(text)[0]


@given(st.text(max_size=100), st.integers(1, 50))
@example("😀0", 1)
def test_a_shortened_text_begins_like_the_whole_and_fits(text: str, units: int) -> None:
    short = shortened(text, units=units)
    assert utf16_length(short) <= units
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))


def test_control_characters_cannot_reach_a_message() -> None:
    assert fold("a\x00b\ud83dc") == "a\ufffdb\ufffdc"


# Splitting

KINDS: list[StyleKind] = ["bold", "italic", "underline", "quote", "expandable_quote", "code", "link"]
WORDS = st.text(st.sampled_from("ab.!? \n😀👩‍👩‍👧é") | st.characters(exclude_categories=["Cs"]), max_size=400)


@st.composite
def styled_pages(draw: st.DrawFn) -> Page:
    text = draw(WORDS)
    ends = st.integers(0, len(text))
    spans = [sorted((draw(ends), draw(ends))) for _ in range(draw(st.integers(0, 8)))]
    styles = [Style(draw(st.sampled_from(KINDS)), start, end) for start, end in spans if start < end]
    return Page(text, tuple(styles), ((Button("1", "1"),),))


def looks(page: Page) -> list[tuple[str, frozenset[StyleKind]]]:
    """Each character that is not white space, with the styles over it."""
    return [
        (character, frozenset(style.kind for style in page.styles if style.start <= index < style.end))
        for index, character in enumerate(page.text)
        if not character.isspace()
    ]


def flat(parts: Iterable[Page]) -> list[tuple[str, frozenset[StyleKind]]]:
    return [look for part in parts for look in looks(part)]


@given(styled_pages(), st.integers(2, 200))
@settings(max_examples=300)
def test_the_parts_are_the_page(page: Page, limit: int) -> None:
    parts = split(page, limit=limit)
    assert flat(parts) == looks(page)
    assert all(utf16_length(part.text) <= limit for part in parts)
    assert all(part.text == part.text.strip() for part in parts)
    assert all(part.text for part in parts) or not page.text.strip()
    assert all(0 <= style.start < style.end <= len(part.text) for part in parts for style in part.styles)
    assert [part.buttons for part in parts] == [()] * (len(parts) - 1) + [page.buttons]


@given(styled_pages(), st.integers(20, 200))
@example(Page("000000000000\n𐀀𐀀𐀀𐀀", (Style("expandable_quote", 0, 14),)), 20)
@settings(max_examples=200)
def test_an_expandable_quote_that_fits_into_a_message_is_not_cut(page: Page, limit: int) -> None:
    quotes = [style for style in page.styles if style.kind == "expandable_quote"][:1]
    one_quote = replace(page, styles=tuple(quotes))
    pieces = [style for part in split(one_quote, limit=limit) for style in part.styles]
    if all(utf16_length(one_quote.text[quote.start : quote.end]) <= limit for quote in quotes):
        assert len(pieces) <= len(quotes)


@given(styled_pages(), st.integers(20, 200))
@settings(max_examples=300)
def test_a_style_that_is_no_longer_than_half_a_part_is_not_cut(page: Page, limit: int) -> None:
    plain = replace(page, styles=tuple(style for style in page.styles if style.kind != "expandable_quote"))
    for start, end in cuts(plain, limit):
        for style in plain.styles:
            if start < style.start < end < style.end and plain.text[end : style.end].strip():
                assert utf16_length(plain.text[style.start : style.end]) > limit // 2


def test_a_quotation_moves_to_the_next_part_whole_after_the_last_sentence_before_it() -> None:
    page = Page("One two three. Four five ") + styled("six. Seven eight.", "quote")
    assert [part.text for part in split(page, limit=34)] == ["One two three.", "Four five six. Seven eight."]
    assert [covered(part, "quote") for part in split(page, limit=34)] == [[], ["six. Seven eight."]]


def test_a_cut_comes_behind_the_marker_of_a_whole_sentence() -> None:
    page = Page("One two three four. [1] Five six seven eight nine. [12] Ten eleven twelve.")
    assert [part.text for part in split(page, limit=32)] == [
        "One two three four. [1]",
        "Five six seven eight nine. [12]",
        "Ten eleven twelve.",
    ]


def test_a_quote_of_sources_moves_to_the_next_part_whole() -> None:
    sources = styled("Sources\n1  A book: “Some words.”\n2  A page: “Others.”", "expandable_quote")
    first, second = split(Page("An answer. [1]\n\n") + sources, limit=55)
    assert first == Page("An answer. [1]")
    assert covered(second, "expandable_quote") == [sources.text]


@given(st.integers(1, 400), st.integers(1, 3))
def test_no_part_has_more_styles_than_a_message_takes(count: int, length: int) -> None:
    page = joined(" ", [styled("x" * length, "bold")] * count)
    parts = split(page)
    assert flat(parts) == looks(page)
    assert all(len(part.styles) <= MESSAGE_STYLES for part in parts)


def test_a_page_that_fits_stays_whole() -> None:
    page = Page("One.\n\nTwo.", (Style("bold", 0, 4),), ((Button("1", "1"),),))
    assert split(page) == (page,)


def test_paragraphs_are_parted_first_then_sentences_then_words_then_anywhere() -> None:
    assert [part.text for part in split(Page("One two. Three.\n\nFour five."), limit=20)] == [
        "One two. Three.",
        "Four five.",
    ]
    assert [part.text for part in split(Page("One two three. Four five six."), limit=20)] == [
        "One two three.",
        "Four five six.",
    ]
    assert [part.text for part in split(Page("one two three four"), limit=10)] == ["one two", "three four"]
    assert [part.text for part in split(Page("abcdefgh"), limit=5)] == ["abcde", "fgh"]


def test_a_marker_stays_with_its_sentence() -> None:
    parts = split(Page("First sentence here. [1] Second sentence. [2]"), limit=24)
    assert [part.text for part in parts] == ["First sentence here. [1]", "Second sentence. [2]"]
    assert split(Page("First sentence here. [1] Second"), limit=22)[0].text == "First sentence"


def test_joined_emoji_and_accents_are_not_torn() -> None:
    family = "👩‍👩‍👧"
    parts = split(Page("xx" + family + "e\u0301"), limit=9)
    assert [part.text for part in parts] == ["xx", family, "e\u0301"]


def test_half_a_message_is_not_given_up_for_a_paragraph() -> None:
    parts = split(Page("Hi.\n\n" + "word " * 12), limit=30)
    assert len(parts[0].text) > 15


def at_address(quote: Quote, url: str) -> Quote:
    chunk = replace(quote.passage.chunk, source=replace(quote.source, url=url))
    return replace(quote, passage=Passage(chunk, 1.0))


def quote_in(before: str, text: str, after: str) -> Quote:
    whole = Span(before + text + after, 0, len(before + text + after))
    chunk = Chunk("c", whole, Source("d.txt", "A document", modified=date(2024, 1, 2)))
    return Quote(Span(text, len(before), len(before + text)), Passage(chunk, 1.0), whole)
