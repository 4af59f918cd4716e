"""What /privacy tells: the truth, by the settings."""

import pytest

from bot import texts
from bot.languages import ENGLISH, LANGUAGES, say_in
from bot.pages import MESSAGE_UNITS
from bot.privacy import Policy, privacy_page
from config.settings import load_settings


def told(**overrides: object) -> str:
    return privacy_page(Policy.of(load_settings(**overrides)), ENGLISH).text


def test_how_long_things_are_kept_is_told() -> None:
    assert told().startswith("For 90 days I keep:\n• your questions and my answers to them")
    assert told(keep_days=1).startswith("For 1 day I keep:\n")


def test_each_sentence_is_told_once() -> None:
    lines = [line for line in told().splitlines() if line.startswith("•")]
    assert len(lines) == len(set(lines)) == 12


def test_where_a_question_goes_is_told() -> None:
    assert texts.GOES_NOWHERE in told()
    page = told(embed_base_url="https://me:s3cret@vectors.example.org:8443/v1", embed_model="e5")
    assert texts.GOES_NOWHERE not in page
    assert "the server vectors.example.org;" in page
    assert "s3cret" not in page


def test_that_a_language_model_is_sent_questions_is_told() -> None:
    model = {"llm_base_url": "https://me:s3cret@models.example.org/v1", "llm_model": "m"}
    page = told(**model)
    assert texts.GOES_NOWHERE not in page
    assert texts.GOES_TO_MODEL.format(host="models.example.org") in page
    assert "s3cret" not in page
    both = told(embed_base_url="https://vectors.example.org/v1", embed_model="e5", **model)
    assert texts.GOES_TO_SERVER.format(host="vectors.example.org") in both
    assert texts.GOES_TO_MODEL.format(host="models.example.org") in both


def test_a_log_with_words_is_told() -> None:
    assert texts.LOGS_WORDS in told(log_level="DEBUG")
    assert texts.LOGS_NO_WORDS not in told(log_level="DEBUG")
    assert texts.LOGS_WORDS not in told(log_level="INFO")
    assert texts.LOGS_NO_WORDS in told(log_level="INFO")


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_one_message_in_every_language(language: str) -> None:
    say = say_in(language)
    page = privacy_page(
        Policy(days=21, vectors_host="vectors.example.org", model_host="models.example.org", logs_words=True), say
    )
    assert say(texts.KEEPS_LANGUAGE) in page.text
    assert len(page.text) < MESSAGE_UNITS
    bold = [page.text[style.start : style.end] for style in page.styles]
    assert bold == [say.counted(texts.KEEPS_ONE_DAY, texts.KEEPS_DAYS, 21), say(texts.KEEPS_OTHERWISE)]
