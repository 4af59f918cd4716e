"""The settings: whether `.env` names any that there is not. Wrong values end every command before it begins."""

import difflib
from collections.abc import Iterator
from pathlib import Path

from dotenv import dotenv_values

from bot.doctor import sentences
from bot.findings import Finding
from config import Settings

NAME = "settings"
ALIKE = 0.8
"""Of difflib: LLM_BASEURL is .96 like LLM_BASE_URL. What is unlike every setting belongs to another program."""


def of_settings(settings: Settings) -> Iterator[Finding]:
    path = Path(str(settings.model_config["env_file"]))
    known = [name.upper() for name in Settings.model_fields]
    there = path.is_file()
    wrong = tuple(misspelt(dotenv_values(path, encoding="utf-8-sig"), known)) if there else ()
    yield from wrong
    if not wrong:
        yield Finding(NAME, True, sentences.SETTINGS.format(there="read" if there else "not there"))


def misspelt(named: "dict[str, str | None]", known: list[str]) -> Iterator[Finding]:
    for name in named:
        if name.upper() in known:
            continue
        for meant in difflib.get_close_matches(name.upper(), known, 1, ALIKE):
            sentence = sentences.NO_SUCH_SETTING.format(name=name)
            yield Finding(NAME, False, sentence, sentences.MISSPELT.format(meant=meant))
