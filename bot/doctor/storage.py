"""What is kept: whether the data folder can be written and has room, and the bot's database opens."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bot.database import address_of, is_there
from bot.doctor import sentences
from bot.findings import Finding
from config import Settings
from index.errors import CitegramError
from index.manifest import sizes_below
from index.shared import SharedGenerations
from index.wiring import generations_of

FOLDER, SERVER, DATABASE = "data folder", "chroma server", "database"

BESIDES = 100_000_000
"""Bytes that a rebuild may need beside the index: for vectors, the bot's database, and what Chroma writes."""


def of_data_folder(settings: Settings) -> Iterator[Finding]:
    folder = settings.data_dir
    there = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        sentence = sentences.UNWRITABLE.format(folder=folder, reason=error.strerror)
        yield Finding(FOLDER, False, sentence, sentences.UNWRITABLE_ADVICE)
        return
    yield of_room(folder, free=shutil.disk_usage(there).free, held=held(settings), there=folder.exists())


def held(settings: Settings) -> int:
    """Bytes of the published generation."""
    try:
        return sum(sizes_below(generations_of(settings).current()).values())
    except (CitegramError, OSError):
        return 0


def of_room(folder: Path, *, free: int, held: int, there: bool = True) -> Finding:
    if free < held + BESIDES:
        sentence = sentences.NO_ROOM.format(free=megabytes(free), folder=folder, needed=megabytes(held + BESIDES))
        return Finding(FOLDER, False, sentence, sentences.NO_ROOM_ADVICE)
    sentence = sentences.DATA_FOLDER if there else sentences.DATA_FOLDER_TO_COME
    return Finding(FOLDER, True, sentence.format(folder=folder, free=megabytes(free)))


def megabytes(size: int) -> str:
    return f"{size // 10**6:,}"


def of_server(settings: Settings) -> Iterator[Finding]:
    """Nothing where the index is in the data folder. Raises IndexAwayError or IndexRefusedError."""
    generations = generations_of(settings)
    if isinstance(generations, SharedGenerations):
        started = time.monotonic()
        generations.heartbeat()
        seconds = time.monotonic() - started
        yield Finding(SERVER, True, sentences.SERVER.format(place=generations.server, seconds=seconds))


def of_database(settings: Settings) -> Iterator[Finding]:
    """Raises ConversationsError."""
    there = asyncio.run(is_there(address_of(settings)))
    yield Finding(DATABASE, True, sentences.DATABASE if there else sentences.DATABASE_TO_COME)
