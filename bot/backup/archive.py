"""The file of a backup: a zip whose last member states what the others are.

A zip, for its directory tells what it holds before anything is unpacked, where a tar must be read to its end; and every
desktop opens it. Memory holds a piece of a member at a time.
"""

import hashlib
import json
import lzma
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Self

from bot.backup import sentences
from bot.errors import BackupError
from bot.version import VERSION

STATEMENT = "backup.json"
FORMAT = 1
"""Raised whenever an earlier version could not restore what a backup holds."""

PIECE = 1 << 20
MOST_STATEMENT_BYTES = 200 << 20
"""Some 200 bytes a file: a million of them."""

METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
UNREADABLE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError, OSError, ValueError,
)  # fmt: skip
MEMBERS = re.compile(r"(?:generation|seeds)/.+|pages/[^/]+|bot\.sqlite|vectors\.sqlite|backup\.json", re.DOTALL)
VERSIONS = re.compile(r"\d{1,6}(\.\d{1,6}){0,3}")


@dataclass(frozen=True, slots=True)
class Member:
    """A file in the backup."""

    size: int
    sha256: str
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Statement:
    """What a backup says of itself. `members` are by name, such as generation/manifest.json."""

    version: str
    made: datetime
    members: dict[str, Member]


class ArchiveWriter:
    """Writes members, and at the end what they are; a context manager, so that what failed is let go of."""

    def __init__(self, file: BinaryIO) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self._members: dict[str, Member] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failed: object) -> None:
        with suppress(OSError, ValueError):  # on a full disk its end cannot be written either
            self._zip.close()

    def put(self, name: str, source: BinaryIO) -> None:
        digest, size = hashlib.sha256(), 0
        with self._zip.open(name, "w", force_zip64=True) as member:
            while piece := source.read(PIECE):
                digest.update(piece)
                size += len(piece)
                member.write(piece)
        self._members[name] = Member(size, digest.hexdigest(), os.fstat(source.fileno()).st_mtime_ns)

    def finish(self) -> None:
        content = {
            "format": FORMAT,
            "version": VERSION,
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "members": {name: asdict(member) for name, member in self._members.items()},
        }
        self._zip.writestr(STATEMENT, json.dumps(content, ensure_ascii=False))
        self._zip.close()


class Archive:
    """A backup that is open for reading. Made by open_archive."""

    def __init__(self, path: Path, opened: zipfile.ZipFile) -> None:
        self.path = path
        self._zip = opened
        self.statement = self._stated()
        self._check_names()

    def below(self, part: str) -> list[str]:
        """The members of a part: a file of that name, or all in a folder of that name."""
        return [name for name in self.statement.members if name == part or name.startswith(f"{part}/")]

    def bytes_of(self, part: str) -> int:
        return sum(self.statement.members[name].size for name in self.below(part))

    def unpack(self, part: str, folder: Path) -> None:
        """What is below a folder of the backup into `folder`; or a single file, as `folder`. Whatever is there must be
        none of it. Raises BackupError where a member is not what is stated, and OSError."""
        for name in self.below(part):
            target = folder / name.removeprefix(part).lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            self._copy(name, target)

    def _copy(self, name: str, target: Path) -> None:
        stated, digest, left = self.statement.members[name], hashlib.sha256(), self.statement.members[name].size
        with target.open("xb") as file:
            for piece in self._pieces(name):
                left -= len(piece)
                digest.update(piece)
                if left < 0:
                    break
                file.write(piece)
        if left or digest.hexdigest() != stated.sha256:
            raise self._damaged(name)
        os.utime(target, ns=(stated.mtime_ns, stated.mtime_ns))

    def _stated(self) -> Statement:
        """Raises BackupError where it is no backup, or one that this version does not know."""
        try:
            if self._zip.getinfo(STATEMENT).file_size > MOST_STATEMENT_BYTES:
                raise self._damaged(STATEMENT)
            content = json.loads(b"".join(self._pieces(STATEMENT)))
            version, form = content["version"], int(content["format"])
            if not VERSIONS.fullmatch(version):
                raise ValueError(version)
        except (KeyError, ValueError, TypeError, RecursionError) as error:
            raise BackupError(sentences.NO_BACKUP.format(file=self.path)) from error
        if form > FORMAT or numbers(version) > numbers(VERSION):
            raise BackupError(sentences.NEWER.format(file=self.path, theirs=version, ours=VERSION))
        try:
            members = {name: Member(**member) for name, member in content["members"].items()}
            if not all(is_plain(member) for member in members.values()):
                raise ValueError("a size, a hash or a time is none")
            return Statement(version, datetime.fromisoformat(content["made"]), members)
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise self._damaged(STATEMENT) from error

    def _check_names(self) -> None:
        """The directory and the statement must tell of the same files, all of them such as a backup has, and below the
        folder that they are unpacked in."""
        infos = self._zip.infolist()
        names = [info.filename for info in infos]
        for name in (*names, *self.statement.members):
            if not (is_safe(name) and is_known(name)):
                raise BackupError(sentences.HOSTILE.format(file=self.path, name=name))
        if sorted(names) != sorted([*self.statement.members, STATEMENT]):
            raise self._damaged("its directory")
        for info in infos:
            kind = stat.S_IFMT(info.external_attr >> 16)
            if kind not in (0, stat.S_IFREG) or info.compress_type not in METHODS or info.flag_bits & 1:
                raise BackupError(sentences.HOSTILE.format(file=self.path, name=info.filename))
            if info.filename != STATEMENT and info.file_size != self.statement.members[info.filename].size:
                raise self._damaged(info.filename)

    def _damaged(self, what: str) -> BackupError:
        return BackupError(sentences.DAMAGED.format(file=self.path, what=what))

    def _pieces(self, name: str) -> Iterator[bytes]:
        """What a member holds. Raises BackupError where it cannot be read: by the errors of zipfile and of each of its
        methods (a damaged directory may name any), of a name that is no text, and of a place that is no place."""
        try:
            with self._zip.open(name) as member:
                while piece := member.read(PIECE):
                    yield piece
        except UNREADABLE as error:
            raise self._damaged(name) from error


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Raises BackupError where it cannot be read, is no backup, is damaged or was made by a newer version."""
    try:
        opened = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise BackupError(sentences.NO_BACKUP.format(file=path)) from error
    except OSError as error:
        raise BackupError(sentences.UNREADABLE.format(file=path, reason=error.strerror)) from error
    with opened:
        yield Archive(path, opened)


def is_safe(name: str) -> bool:
    """Whether it stays below the folder that it is unpacked in, on every system."""
    parts = name.split("/")
    return not any(part in ("", ".", "..") or "\0" in part for part in parts) and not re.match(r"\w:|\\", name)


def is_known(name: str) -> bool:
    """Whether a backup has such a member."""
    return MEMBERS.fullmatch(name) is not None


def is_plain(member: Member) -> bool:
    """Whether it is of the types it should be, whatever JSON held."""
    whole = all(type(each) is int and abs(each) < 1 << 63 for each in (member.size, member.mtime_ns))
    return whole and member.size >= 0 and isinstance(member.sha256, str)


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
