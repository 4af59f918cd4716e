"""The inbox: a folder below the documents for what admins send through the chat, under names that are safe."""

import re
import secrets
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import chain, count
from pathlib import Path, PurePosixPath

from bot import texts
from index.formats.kinds import DOCUMENT_TYPES

INBOX = "inbox"

MOST_FILES = 1000
"""In the inbox."""

MOST_BYTES = 20 * 1024 * 1024
"""Of a file: no bot can fetch a larger one (getFile of the Bot API)."""

NAME_CHARACTERS, NAME_BYTES = 100, 200
"""Of a name: what fits a line, and what a file system takes (commonly 255 bytes) with room for a number."""

SUFFIX_CHARACTERS = 10
"""What is longer is no suffix, but a name with a dot in it."""

SEPARATORS = re.compile(r"[/\\]")
UNSAFE = re.compile(r'[<>:"|?*]')
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
"""What Windows takes for something else than a file, with whatever suffix."""


class RefusedError(Exception):
    """What was sent is not kept; `sentence` of bot.texts with its `values` says why."""

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.values = values


def safe_name(name: str) -> str:
    """The name without folders, control characters, dots at its ends and all else that a file system may take ill;
    its suffix stays."""
    last = SEPARATORS.split(unicodedata.normalize("NFC", name))[-1]
    visible = "".join(" " if unicodedata.category(each).startswith("C") else each for each in last)
    tidy = " ".join(UNSAFE.sub("_", visible).split()).lstrip(". ").rstrip(". ")
    suffix = PurePosixPath(tidy).suffix
    if len(suffix) > SUFFIX_CHARACTERS:
        suffix = ""
    stem = cut(tidy.removesuffix(suffix), NAME_CHARACTERS - len(suffix), NAME_BYTES - len(suffix.encode()))
    safe = f"{stem or 'document'}{suffix}"
    return f"_{safe}" if RESERVED.match(safe) else safe


def cut(text: str, characters: int, size: int) -> str:
    """The beginning of the text, within so many characters and bytes."""
    return text[:characters].encode()[:size].decode(errors="ignore").rstrip(". ")


def matching(part: str, names: Iterable[str]) -> tuple[str, ...]:
    """The names that are meant: the one that is called so, with or without its folder, else all that hold the part."""
    wanted, known = part.strip().casefold(), tuple(names)
    exactly = tuple(name for name in known if wanted in (name.casefold(), name.casefold().removeprefix(f"{INBOX}/")))
    return exactly or tuple(name for name in known if wanted and wanted in name.casefold())


class Inbox:
    """Below the folder of the documents. Calls block, and may come from several threads."""

    def __init__(self, seeds: Path, *, most_files: int = MOST_FILES) -> None:
        self._folder = seeds / INBOX
        self._most_files = most_files
        self._lock = threading.Lock()

    def check(self, name: str, *, size: int) -> None:
        """Raises RefusedError for a file of a type or size that is not kept."""
        if PurePosixPath(name).suffix.lower() not in DOCUMENT_TYPES:
            raise RefusedError(texts.UNKNOWN_TYPE, types=", ".join(sorted(DOCUMENT_TYPES)))
        if size > MOST_BYTES:
            raise RefusedError(texts.TOO_LARGE, most=MOST_BYTES // 1024**2)

    def store(self, name: str, content: bytes) -> str:
        """The document's path below the folder of the documents. Raises RefusedError.

        The file appears whole or not at all: until then it has a hidden name, which neither a sync nor a watch sees.
        """
        self.check(name, size=len(content))
        with self._lock:
            try:
                return self._stored(name, content)
            except OSError as error:
                raise RefusedError(texts.NOT_WRITTEN, reason=error.strerror or type(error).__name__) from error

    def _stored(self, name: str, content: bytes) -> str:
        self._folder.mkdir(parents=True, exist_ok=True)
        there = list(self._files())
        for path in there:
            if path.stat().st_size == len(content) and path.read_bytes() == content:
                raise RefusedError(texts.KNOWN_ALREADY, name=path.name)
        if len(there) >= self._most_files:
            raise RefusedError(texts.INBOX_FULL, most=f"{self._most_files:,}")
        path = self._folder / free_name(name, {path.name.casefold() for path in there})
        part = path.with_name(f".{secrets.token_hex(4)}.part")
        try:
            part.write_bytes(content)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        return f"{INBOX}/{path.name}"

    def remove(self, document: str) -> None:
        """By its path below the folder of the documents; one that is gone already is no error."""
        with self._lock:
            (self._folder / document.removeprefix(f"{INBOX}/")).unlink(missing_ok=True)

    def documents(self) -> tuple[str, ...]:
        return tuple(f"{INBOX}/{name}" for name in sorted(path.name for path in self._files()))

    def _files(self) -> Iterator[Path]:
        for path in self._folder.iterdir() if self._folder.is_dir() else ():
            if path.is_file() and not path.name.startswith("."):
                yield path


def free_name(name: str, taken: set[str]) -> str:
    """The name, with a number where another file has it. `taken` is casefolded: many file systems tell no case."""
    path = PurePosixPath(name)
    names = chain([name], (f"{path.stem} ({number}){path.suffix}" for number in count(2)))
    return next(each for each in names if each.casefold() not in taken)
