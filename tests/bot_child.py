"""The bot over answers that tell their question, as a process of its own: python -m tests.bot_child [--webhook]

A question with "hang" is never answered by the first process that hears it, one with "wait" not until the file "go" is
in the data folder.
"""

import asyncio
import logging
import sys
import threading
import time
from pathlib import Path

from bot.telegram.app import run
from bot.telegram.polling import poll
from bot.telegram.webhook import Webhook
from config import load_settings
from index.types import Answer, Outcome
from tests.scripted import FIRST_LIT, ScriptedAnswers, answered, quote

CITATIONS = answered("?", quote("keeping-the-light.txt", FIRST_LIT)).citations

settings = load_settings()


class TellingAnswers(ScriptedAnswers):
    def answer(self, question: str, **_: object) -> Answer:
        heard = settings.data_dir / "heard"
        if "hang" in question and not heard.exists():
            heard.touch()
            threading.Event().wait()
        if "wait" in question and not heard.exists():
            heard.touch()
            until_there(settings.data_dir / "go")
        return Answer(question, f"{told(question)} [1]", Outcome.ANSWERED, 0.9, CITATIONS)


def until_there(file: Path) -> None:
    while not file.exists():
        time.sleep(0.05)


def told(question: str) -> str:
    return f"The answer to “{question}”."


if __name__ == "__main__":
    logging.basicConfig(level=settings.log_level, format="%(levelname)s %(message)s")
    settings.data_dir.mkdir(exist_ok=True)
    hear = Webhook(settings).hear if "--webhook" in sys.argv else poll
    asyncio.run(run(settings, TellingAnswers(), hear=hear))
