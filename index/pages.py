"""Web pages listed in urls.txt: fetched into the data folder, where the last good copy of each stays."""

import hashlib
import json
import re
import time
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import httpx

from index.documents import PAGES, File
from index.fetching import (
    MOST_BYTES,
    SECONDS,
    Fetcher,
    FetchError,
    IsAllowed,
    Resolve,
    is_public,
    resolved,
    web_url,
)
from index.formats.encodings import try_decode
from index.formats.extract import UnreadableError
from index.types import LeftOut

AT_ONCE = 8
"""How many are fetched at once."""

FRESH_SECONDS = 3600.0
"""A page is not asked for again sooner, whether it could be had or not, unless everything is read anew."""

KEPT_SECONDS = 7 * 86400.0
"""How long a copy lies on when its address has left the list: a list may be away for a moment, and come back."""

TYPES = {
    "text/html": ".html", "application/xhtml+xml": ".xhtml", "application/pdf": ".pdf", "text/plain": ".txt",
    "text/markdown": ".md", "text/csv": ".csv", "application/json": ".json", "application/epub+zip": ".epub",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}  # fmt: skip
KEY = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Copy:
    """What is known of a page: `file` is the last good copy, if there is one, `failed` why it could not be had when it
    was last tried. `etag` and `changed` are the server's, to ask for news with; `left` is when its address left the
    list."""

    address: str
    file: str | None
    tried: float
    etag: str | None = None
    changed: str | None = None
    left: float | None = None
    failed: str | None = None


class WebPages:
    """The copies in a folder; how they are fetched is the Fetcher's."""

    def __init__(
        self,
        folder: Path,
        *,
        is_allowed: IsAllowed = is_public,
        resolve: Resolve = resolved,
        seconds: float = SECONDS,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._folder = folder
        self._fetcher = Fetcher(is_allowed=is_allowed, resolve=resolve, seconds=seconds, most_bytes=most_bytes)

    def bring(self, seeds: Path, *, anew: bool = False) -> tuple[list[File], list[LeftOut]]:
        """A file for each listed page of which there is a copy, and what is to be said: of lines that are no address,
        of pages that could not be had, and of those of which an older copy is kept. Where the list cannot be read, all
        copies stand as they are. Those of pages that are listed no longer are removed after some days."""
        try:
            addresses, wrong = listed(seeds / PAGES)
        except UnreadableError as error:
            kept = [copy for copy in self._copies() if copy.left is None]
            return self._files(kept), [LeftOut(PAGES, str(error))]
        self._sort(addresses)
        if addresses:
            self._folder.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(AT_ONCE) as workers:
            copies = list(workers.map(lambda address: self._refreshed(address, anew=anew), addresses))
        failed = [
            LeftOut(copy.address, f"{copy.failed}; the last good copy is kept" if copy.file else copy.failed)
            for copy in copies
            if copy.failed
        ]
        return self._files(copies), [*wrong, *failed]

    def _refreshed(self, address: str, *, anew: bool) -> Copy:
        before = self._known(address)
        if before and not anew and 0 <= time.time() - before.tried < FRESH_SECONDS:
            return before
        try:
            return self._fetched(address, before)
        except FetchError as error:
            return self._remember(replace(before or Copy(address, None, 0), tried=time.time(), failed=str(error)))

    def _files(self, copies: Iterable[Copy]) -> list[File]:
        return [File(copy.address, self._folder / copy.file, copy.address) for copy in copies if copy.file]

    def _known(self, address: str) -> Copy | None:
        return self._read(self._folder / f"{key_of(address)}.json")

    def _read(self, path: Path) -> Copy | None:
        try:
            copy = Copy(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        return copy if copy.file is None or (self._folder / copy.file).exists() else None

    def _copies(self) -> list[Copy]:
        """All that there are, in a stable order."""
        paths = sorted(path for path in self._paths() if path.suffix == ".json")
        return [copy for copy in map(self._read, paths) if copy]

    def _paths(self) -> list[Path]:
        """Of the folder only what is named as the copies are."""
        paths = self._folder.iterdir() if self._folder.is_dir() else ()
        return [path for path in paths if KEY.fullmatch(path.name.partition(".")[0])]

    def _fetched(self, address: str, before: Copy | None) -> Copy:
        """The new copy, or the one before where the server says that nothing has changed."""
        conditions = {"If-None-Match": before.etag, "If-Modified-Since": before.changed} if before else {}
        fetched = self._fetcher.fetch(address, {name: value for name, value in conditions.items() if value})
        if fetched is None:
            assert before  # there were conditions
            return self._remember(replace(before, tried=time.time(), failed=None))
        if fetched.kind not in TYPES:
            raise FetchError(f"is of a type that is not read ({fetched.kind})")
        if not fetched.content.strip():
            raise FetchError("could not be fetched (the server sends nothing)")
        file = key_of(address) + TYPES[fetched.kind]
        write(self._folder / file, fetched.content)
        return self._remember(Copy(address, file, time.time(), fetched.etag, fetched.changed))

    def _remember(self, copy: Copy) -> Copy:
        write(self._folder / f"{key_of(copy.address)}.json", json.dumps(asdict(copy)).encode())
        return copy

    def _sort(self, addresses: Collection[str]) -> None:
        """Tells the copies whose pages are listed from those whose are not, and removes what has been among these too
        long."""
        now = time.time()
        kept = {key_of(address) for address in addresses}
        for copy in self._copies():
            left = None if copy.address in addresses else copy.left or now
            if left is None or (copy.file and now - left <= KEPT_SECONDS):
                kept.add(key_of(copy.address))
                self._remember(replace(copy, left=left))
        for path in self._paths():
            if path.name.partition(".")[0] not in kept:
                path.unlink()


def listed(path: Path) -> tuple[list[str], list[LeftOut]]:
    """The addresses of a list, one a line, each once; and its lines that are none. Raises UnreadableError."""
    try:
        text = try_decode(path.read_bytes())
    except FileNotFoundError:
        return [], []
    except OSError as error:
        raise unread(f"cannot be read ({error.strerror})") from error
    if text is None or "\0" in text:
        raise unread("is not text (it looks binary)")
    addresses, wrong = [], []
    for number, line in numbered(text.splitlines()):
        try:
            addresses.append(str(web_url(httpx.URL(line))))
        except (FetchError, httpx.InvalidURL, TypeError):
            wrong.append(LeftOut(PAGES, f"holds no web address in line {number}: {line[:80]}"))
    return list(dict.fromkeys(addresses)), wrong


def unread(reason: str) -> UnreadableError:
    return UnreadableError(
        f"{reason}; make it plain text that may be read, one address a line. Until then its pages stay as they are"
    )


def numbered(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Those that hold something, from 1; what stands behind a # is a comment."""
    for number, line in enumerate(lines, start=1):
        if told := re.sub(r"(^|\s)#.*", "", line).strip():
            yield number, told


def key_of(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()[:32]


def write(path: Path, content: bytes) -> None:
    """Written whole or not at all; untouched where it says the same, so that its time stays."""
    if path.exists() and path.read_bytes() == content:
        return
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    part.replace(path)
