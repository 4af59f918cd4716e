"""The languages the bot speaks: the sentences of bot/texts.py as they are, in English, or translated.

Translations are gettext catalogues in bot/locales, read as they stand: nothing has to be compiled.
"""

import gettext
import io
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from babel.dates import format_date, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

LOCALES = Path(__file__).with_name("locales")

DEFAULT = "en"
LANGUAGES = {DEFAULT: "English", "ru": "Русский"}
"""By ISO 639-1 code, each under its own name."""

DAY = "d MMM y"
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


class Say:
    """What the bot says, in one language; made by `say_in`."""

    def __init__(self, language: str, translations: gettext.NullTranslations) -> None:
        self.language = language
        self._translations = translations

    def __call__(self, sentence: str, **values: object) -> str:
        """One of bot.texts, with its {blanks} filled in."""
        return self._translations.gettext(sentence).format(**values)

    def counted(self, one: str, many: str, count: int, **values: object) -> str:
        """The form of two sentences of bot.texts that fits the number, which is {count} in both."""
        return self._translations.ngettext(one, many, count).format(count=count, **values)

    def number(self, value: int) -> str:
        """With its thousands apart: 1,234."""
        return str(format_decimal(value, locale=self.language))

    def day(self, value: date) -> str:
        """A short date: 5 Nov 2026."""
        return str(format_date(value, DAY, locale=self.language))

    def in_time(self, span: timedelta) -> str:
        """From now on, in whole hours or, if it is less than one, minutes, rounded up: in 5 hours."""
        unit = HOUR if span > HOUR else MINUTE
        whole = -(-span // unit) * unit
        return str(format_timedelta(whole, threshold=1, add_direction=True, locale=self.language))


@cache
def say_in(language: str | None) -> Say:
    """By an IETF language tag, as Telegram has it for most people ("ru", "en-GB"); English for any other."""
    code = (language or DEFAULT).lower().partition("-")[0]
    return Say(code, translations(code)) if code in LANGUAGES else say_in(DEFAULT)


def translations(code: str) -> gettext.NullTranslations:
    if code == DEFAULT:
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with (LOCALES / f"{code}.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale=code))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


ENGLISH = say_in(DEFAULT)
