"""Files that are zip archives inside: opened only where what they hold can be held."""

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

from index.formats.extract import UnreadableError

MOST_BYTES = 500_000_000
"""Unpacked. A book or a presentation without its pictures has some millions."""

LOCKED = bytes.fromhex("d0cf11e0a1b11ae1")
"""How the Office of old begins a file, and the one of today a file with a password."""

MOST_FILES = 20_000


@contextmanager
def opened(raw: bytes, what: str) -> Iterator[zipfile.ZipFile]:
    """Raises UnreadableError where it is no archive, damaged, locked, or would unpack to too much."""
    if raw.startswith(LOCKED):
        raise UnreadableError(
            "has a password or is of the format of before 2007; save a copy without one, in today's format"
        )
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = archive.infolist()
            if len(members) > MOST_FILES or sum(each.file_size for each in members) > MOST_BYTES:
                raise UnreadableError(f"would unpack to more than {MOST_BYTES // 10**6} MB")
            yield archive
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError) as error:
        raise UnreadableError(f"is not {what} that can be read ({error})") from error


def check(raw: bytes, what: str) -> None:
    """For libraries that open the archive themselves."""
    with opened(raw, what):
        return
