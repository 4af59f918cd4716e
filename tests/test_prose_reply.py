"""A model's reply taken apart, in the form that was asked for and in those that models take it for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.prose.reply import Copied, Reply, Said, parse

SENTENCES = (Said("The lamp was lit in 1871.", ("bcdf",)), Said("It burns oil.", ("bcdf", "ghjk")))


@pytest.mark.parametrize(
    "text",
    [
        'QUOTES\n[bcdf] "lit in 1871"\nANSWER\nThe lamp was lit in 1871. [bcdf] It burns oil. [bcdf] [ghjk]',
        "QUOTES:\n- [bcdf] “lit in 1871”\n\nANSWER:\nThe lamp was lit in 1871 [bcdf]. It burns oil [bcdf][ghjk].",
        "**QUOTES**\n1. [bcdf]: «lit in 1871»\n**ANSWER:** The lamp was **lit** in 1871. [bcdf]\n"
        "It burns oil. [bcdf, ghjk]",
        "## Quotes\n* [bcdf] lit in 1871\n## Answer\n- The lamp was lit in 1871. [bcdf]\n"
        "- It burns oil. 【bcdf; ghjk】",
        "<think>[zzzz] Is it? ANSWER no.</think>QUOTES\n[bcdf] lit in 1871\nFinal answer:\n"
        "The lamp was `lit` in 1871.[bcdf] It burns oil.[bcdf] [ghjk] ",
        "```\nQUOTES\n[bcdf] 'lit in 1871'\nANSWER\nThe lamp was lit in 1871. [bcdf] "
        "It burns oil. [bcdf] [ghjk] [bcdf]\n```",
    ],
)
def test_the_form_in_all_its_decorations(text: str) -> None:
    assert parse(text) == Reply((Copied("bcdf", "lit in 1871"),), SENTENCES)


@pytest.mark.parametrize(
    "thoughts",
    [
        "<think>It burns gas. [bcdf]</think>",
        "It burns gas. [bcdf]\nANSWER\nOr so.</think>\n",
        "<thought>It burns gas. [bcdf]</thought>",
        "<THOUGHTS>It burns gas.</THOUGHTS>",
        "<thinking>It burns gas.</thinking> It burns coal. [bcdf]</thinking>",
    ],
)
def test_thoughts_are_no_part_of_the_answer(thoughts: str) -> None:
    text = f"{thoughts}The lamp was lit in 1871. [bcdf] It burns oil. [bcdf] [ghjk]"
    assert parse(text) == Reply((), SENTENCES)


def test_thoughts_that_do_not_end_are_all_there_is() -> None:
    assert parse("<thought>It burns gas. [bcdf]").said == ()


def test_without_headings_all_is_the_answer() -> None:
    assert parse("The lamp was lit in 1871. [bcdf] It burns oil. [bcdf] [ghjk]") == Reply((), SENTENCES)


def test_without_an_answers_heading_it_begins_behind_the_quotes() -> None:
    text = "QUOTES\n[bcdf] lit in 1871\n\nThe lamp was lit in 1871. [bcdf] It burns oil. [bcdf] [ghjk]"
    assert parse(text) == Reply((Copied("bcdf", "lit in 1871"),), SENTENCES)


def test_numbers_in_brackets_are_ids_that_nobody_gave() -> None:
    assert parse("The lamp was lit in 1871 [1].").said == (Said("The lamp was lit in 1871.", ("1",)),)


def test_of_a_link_the_words_stay() -> None:
    assert parse("See [the notice](https://evil.example/a(b)).").said == (Said("See the notice."),)


@pytest.mark.parametrize("text", ["NOTHING FOUND", "QUOTES\nANSWER\nNothing found.", "**NOTHING FOUND**"])
def test_a_model_that_declines(text: str) -> None:
    assert parse(text) == Reply(declined=True)


def test_abbreviations_and_decimals_end_no_sentence_and_russian_is_read() -> None:
    (only,) = parse("Dr. Reed paid 3.5 million. [bcdf]").said
    assert only == Said("Dr. Reed paid 3.5 million.", ("bcdf",))
    first, second = parse("Маяк зажгли в 1871 г. на мысе. [bcdf] Он горит. [ghjk]", "ru").said
    assert (first.ids, second.ids) == (("bcdf",), ("ghjk",))


@pytest.mark.parametrize(
    "text",
    [f"QUOTES{' ' * 20_000}x", f"{' ' * 20_000}x", "[a] " * 5_000, "**" * 10_000, "</think" * 5_000, "<think>" * 5_000],
)
def test_a_model_that_runs_wild_is_read_in_time(text: str) -> None:
    """At all: a pattern that goes back and forth would meet the time limit of the tests."""
    assert parse(text).copied == ()


def test_only_a_reply_that_declines_declines_and_nothing_invisible_is_said() -> None:
    (only,) = parse("Nothing found in the cellar was \u202eold\u200b. [bcdf]").said
    assert only == Said("Nothing found in the cellar was old.", ("bcdf",))


@given(st.text(alphabet=st.sampled_from('aZ1 .\n[]()*#`"<>/:QUOTESANSWER—“”\t-'), max_size=300))
def test_nonsense_raises_nothing_and_no_sentence_is_empty_or_cites(text: str) -> None:
    for said in parse(text).said:
        assert said.text.strip()
        assert len(set(said.ids)) == len(said.ids)
