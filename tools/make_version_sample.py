"""Makes tests/versions/VERSION: what this version keeps, small, for later versions to read (tests/test_versions.py).

Run it when a version is released, and again before that where what is kept has changed:
python -m tools.make_version_sample
"""

import asyncio
import shutil
import tempfile
import zipfile
from contextlib import closing
from pathlib import Path

import bot.telegram.app  # noqa: F401 (every table of the bot's)
from bot.backup.contents import places_of
from bot.backup.making import back_up
from bot.changes import Known
from bot.conversations import Conversations, KeptAnswer
from bot.database import default_url, open_database
from bot.feedback import Feedback
from bot.members import Members, Role
from bot.pages import Page
from bot.people import People
from bot.version import VERSION
from bot.watches import Watch, Watches
from config import load_settings
from index.building import build_indexer
from index.types import Answer
from index.wiring import build_answerer

ROOT = Path(__file__).parent.parent
QUESTION = "When was the lamp lit?"
DOCUMENTS = {
    "lamp.md": "# The lamp\n\nThe lamp of the harbour was lit in 1871. The keeper climbs 212 steps every evening.\n",
    "boats/rules.txt": "Every boat shows a lantern after sunset. Nets are mended on the east quay only.\n",
    "маяк.txt": "Маяк построили в 1868 году. Его видно за двадцать миль.\n",
}
CHAT, PERSON = 5_000_000_001, 5_000_000_001


def main() -> None:
    """data.zip is the folder as it lies; backup.zip is as `citegram backup` writes it."""
    folder = ROOT / "tests" / "versions" / VERSION
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as made:
        home = Path(made)
        fill(home)
        settings = load_settings(seeds_dir=home / "seeds", data_dir=home / "data")
        back_up(places_of(settings), folder / "backup.zip", vectors=True, seeds=True)
        with zipfile.ZipFile(folder / "data.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(home.rglob("*")):
                archive.write(path, path.relative_to(home))


def fill(home: Path) -> None:
    for name, text in DOCUMENTS.items():
        path = home / "seeds" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    settings = load_settings(seeds_dir=home / "seeds", data_dir=home / "data")
    build_indexer(settings).sync()
    with closing(build_answerer(settings)) as answerer:
        answer, generation = answerer.answer(QUESTION), answerer.status().generation
    asyncio.run(remember(home / "data", answer, generation))


async def remember(data: Path, answer: Answer, generation: str) -> None:
    """An answer with a vote on it, a member, a language, a watched question."""
    async with open_database(default_url(data)) as database:
        await Members(database).let_in(PERSON, Role.ADMIN, by=0)
        await People(database).speak(PERSON, "ru")
        kept = KeptAnswer("abc", CHAT, None, 42, Page(answer.text), replies=(43,), asker=PERSON, words=QUESTION)
        await Conversations(database).keep(kept)
        await Feedback(database).note("abc", answer)
        await Feedback(database).vote("abc", PERSON, good=True, question=QUESTION, asker=PERSON)
        watch = Watch(
            chat=CHAT, thread=None, message=42, person=PERSON, language="ru", words=QUESTION,
            known=Known(answered=False), generation=generation,
        )  # fmt: skip
        await Watches(database).keep(watch)


if __name__ == "__main__":
    main()
