"""What the bot says, in each of its languages."""

import string
from datetime import date, timedelta

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from bot import texts
from bot.languages import DEFAULT, ENGLISH, LANGUAGES, LOCALES, say_in
from bot.telegram.profile import COMMANDS

PLURALS = {
    texts.ONE_DOCUMENT: texts.DOCUMENTS,
    texts.ONE_WATCH: texts.WATCHES,
    texts.DOCTOR_ONE_DOCUMENT: texts.DOCTOR_DOCUMENTS,
    texts.KEEPS_ONE_DAY: texts.KEEPS_DAYS,
    texts.DELETED_ANSWER: texts.DELETED_ANSWERS,
    texts.DELETED_VOTE: texts.DELETED_VOTES,
    texts.WHY_LEFT_OUT_ONE: texts.WHY_LEFT_OUT,
}
SENTENCES = [value for name, value in vars(texts).items() if name.isupper() and value not in PLURALS.values()]
TRANSLATED = sorted(LANGUAGES.keys() - {DEFAULT})


def catalogue(language: str) -> dict[str, Message]:
    with (LOCALES / f"{language}.po").open("rb") as source:
        read = read_po(source, locale=language)
    return {message.id if isinstance(message.id, str) else message.id[0]: message for message in read if message.id}


def blanks(sentence: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(sentence) if field is not None}


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_is_translated_and_nothing_else(language: str) -> None:
    translated = catalogue(language)
    assert set(translated) == set(SENTENCES)
    assert not [message.id for message in translated.values() if message.fuzzy]
    for sentence, message in translated.items():
        forms = [message.string] if isinstance(message.string, str) else list(message.string or ())
        assert all(forms), sentence
        if plural := PLURALS.get(sentence):
            assert [blanks(form) for form in forms] == [blanks(plural)] * len(forms), sentence
        else:
            assert blanks(forms[0]) == blanks(sentence), sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_telegram_shows_of_the_bot_fits(language: str) -> None:
    """Limits of setMyShortDescription, setMyDescription and BotCommand."""
    say = say_in(language)
    assert len(say(texts.SHORT_DESCRIPTION)) <= 120
    assert len(say(texts.DESCRIPTION)) <= 512
    assert all(len(say(meaning)) <= 256 for meaning in COMMANDS.values())


@pytest.mark.parametrize(
    ("tag", "language"),
    [("ru", "ru"), ("ru-RU", "ru"), ("RU", "ru"), ("en-GB", "en"), ("de", "en"), ("", "en"), (None, "en")],
)
def test_a_language_is_told_by_its_tag(tag: str | None, language: str) -> None:
    assert say_in(tag).language == language


def test_a_sentence_is_said_in_its_language_with_its_blanks_filled() -> None:
    assert ENGLISH(texts.AND_MORE, count=3) == "… and 3 more."
    assert say_in("ru")(texts.AND_MORE, count=3) == "… и ещё 3."


@pytest.mark.parametrize(
    ("count", "english", "russian"),
    [
        (1, "I answer from one document:", "Я отвечаю по 1 документу:"),
        (2, "I answer from 2 documents:", "Я отвечаю по 2 документам:"),
        (21, "I answer from 21 documents:", "Я отвечаю по 21 документу:"),
    ],
)
def test_a_number_has_the_form_of_its_language(count: int, english: str, russian: str) -> None:
    said = [say_in(tag).counted(texts.ONE_DOCUMENT, texts.DOCUMENTS, count) for tag in ("en", "ru")]
    assert said == [english, russian]


def test_a_large_number_is_written_in_its_language() -> None:
    assert [say_in(tag).number(1234567) for tag in ("en", "ru")] == ["1,234,567", "1\u00a0234\u00a0567"]


def test_a_day_is_written_in_its_language() -> None:
    assert ENGLISH.day(date(2026, 9, 5)) == "5 Sep 2026"
    assert say_in("ru").day(date(2026, 9, 5)) == "5 сент. 2026"


@pytest.mark.parametrize(
    ("span", "english", "russian"),
    [
        (timedelta(hours=23, minutes=59), "in 1 day", "через 1 день"),
        (timedelta(hours=21), "in 21 hours", "через 21 час"),
        (timedelta(hours=5, seconds=1), "in 6 hours", "через 6 часов"),
        (timedelta(minutes=50, seconds=1), "in 51 minutes", "через 51 минуту"),
        (timedelta(seconds=1), "in 1 minute", "через 1 минуту"),
    ],
)
def test_a_span_of_time_is_rounded_up(span: timedelta, english: str, russian: str) -> None:
    assert [say_in(tag).in_time(span) for tag in ("en", "ru")] == [english, russian]
