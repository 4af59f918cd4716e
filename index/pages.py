"""Web pages listed in urls.txt: fetched into the data folder, where the last good copy of each stays."""

import hashlib
import ipaddress
import json
import re
import socket
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import httpx

from index.documents import PAGES, File
from index.formats.encodings import try_decode
from index.formats.extract import UnreadableError
from index.types import LeftOut

SECONDS, MOST_BYTES, REDIRECTS, AT_ONCE = 20.0, 20_000_000, 5, 8
"""A page, at most: what it may take and hold, how often it may send elsewhere; and how many are fetched at once."""

FRESH_SECONDS = 3600.0
"""A copy that is younger is not fetched again, unless everything is read anew."""

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
HEADERS = {"User-Agent": "citegram", "Accept": "text/html, */*;q=0.5"}

IsAllowed = Callable[[str], bool]
"""Whether an IP address may be connected to."""


class FetchError(Exception):
    """A page that cannot be had; the text says why, in words for the list's owner."""


@dataclass(frozen=True, slots=True)
class Copy:
    """What is known of the last good copy of a page. `etag` and `changed` are the server's, to ask for news with;
    `left` is when its address left the list."""

    address: str
    file: str
    tried: float
    etag: str | None = None
    changed: str | None = None
    left: float | None = None


NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Neither this machine nor its network: a list of pages must not look into them, nor through an IPv6 address that
    stands for an IPv4 one (NAT64, 6to4)."""
    found = ipaddress.ip_address(address)
    if found.is_multicast or not found.is_global:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        nat64 = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF) if found in NAT64 else None
        return all(each is None or each.is_global for each in (found.sixtofour, nat64))
    return True


class WebPages:
    """The copies in a folder. `is_allowed` decides about each address that a page's host name stands for."""

    def __init__(
        self, folder: Path, *, is_allowed: IsAllowed = is_public, seconds: float = SECONDS, most_bytes: int = MOST_BYTES
    ) -> None:
        self._folder = folder
        self._is_allowed = is_allowed
        self._seconds = seconds
        self._most_bytes = most_bytes

    def bring(self, seeds: Path, *, anew: bool = False) -> tuple[list[File], list[LeftOut]]:
        """A file for each listed page of which there is a copy, and what is to be said: of lines that are no address,
        of pages that could not be had, and of those of which an older copy is kept. Where the list cannot be read, all
        copies stand as they are. Those of pages that are listed no longer are removed after some days."""
        try:
            addresses, wrong = listed(seeds / PAGES)
        except UnreadableError as error:
            return [self._file(copy) for copy in self._copies() if copy.left is None], [LeftOut(PAGES, str(error))]
        self._sort(addresses)
        if addresses:
            self._folder.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(AT_ONCE) as workers:
            told = list(workers.map(lambda address: self._refreshed(address, anew=anew), addresses))
        files = [self._file(copy) for copy, _ in told if copy]
        failed = [
            LeftOut(address, f"{error}; the last good copy is kept" if copy else str(error))
            for address, (copy, error) in zip(addresses, told, strict=True)
            if error
        ]
        return files, [*wrong, *failed]

    def _refreshed(self, address: str, *, anew: bool) -> tuple[Copy | None, FetchError | None]:
        before = self._known(address)
        if before and not anew and time.time() - before.tried < FRESH_SECONDS:
            return before, None
        try:
            return self._fetched(address, before), None
        except FetchError as error:
            return before, error

    def _file(self, copy: Copy) -> File:
        return File(copy.address, self._folder / copy.file, copy.address)

    def _known(self, address: str) -> Copy | None:
        return self._read(self._folder / f"{key_of(address)}.json")

    def _read(self, path: Path) -> Copy | None:
        try:
            copy = Copy(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        return copy if (self._folder / copy.file).exists() else None

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
        headers = HEADERS | {name: value for name, value in conditions.items() if value}
        deadline = time.monotonic() + self._seconds
        with httpx.Client(timeout=self._seconds, trust_env=False, follow_redirects=False) as client:
            url = httpx.URL(address)
            for _ in range(REDIRECTS + 1):
                with self._asked(client, url, headers) as response:
                    if response.status_code in (301, 302, 303, 307, 308) and "location" in response.headers:
                        url = web_url(url.join(response.headers["location"]))
                        continue
                    if response.status_code == 304 and before:
                        return self._remember(replace(before, tried=time.time()))
                    if response.status_code != 200:
                        raise FetchError(f"could not be fetched (the server says {response.status_code})")
                    content = self._content(response, deadline)
                    return self._written(address, response, content)
        raise FetchError("could not be fetched (it sends from page to page)")

    def _asked(self, client: httpx.Client, url: httpx.URL, headers: dict[str, str]) -> "Asked":
        """Connects to the address that was looked at, whatever the name may stand for a moment later."""
        host = url.host
        try:
            found = {str(each[4][0]) for each in socket.getaddrinfo(host, url.port or 0, type=socket.SOCK_STREAM)}
        except (OSError, UnicodeError) as error:
            raise FetchError(f"could not be fetched ({host} is not known)") from error
        if not all(map(self._is_allowed, found)):
            raise FetchError(f"is not fetched: {host} is on this machine or in its private network")
        port = f":{url.port}" if url.port else ""
        named = {"Host": f"{host}{port}"} | headers
        request = client.build_request(
            "GET", url.copy_with(host=sorted(found)[0]), headers=named, extensions={"sni_hostname": host}
        )
        return Asked(client, request)

    def _content(self, response: httpx.Response, deadline: float) -> bytes:
        content = bytearray()
        try:
            for piece in response.iter_bytes():
                content += piece
                if len(content) > self._most_bytes:
                    raise FetchError(f"is larger than {self._most_bytes // 10**6} MB")
                if time.monotonic() > deadline:
                    raise FetchError(f"took more than {self._seconds:g} seconds")
        except httpx.HTTPError as error:
            raise FetchError(f"could not be fetched ({error or type(error).__name__})") from error
        return bytes(content)

    def _written(self, address: str, response: httpx.Response, content: bytes) -> Copy:
        kind = response.headers.get("content-type", "text/html").partition(";")[0].strip().lower()
        if kind not in TYPES:
            raise FetchError(f"is of a type that is not read ({kind})")
        file = key_of(address) + TYPES[kind]
        write(self._folder / file, content)
        return self._remember(
            Copy(address, file, time.time(), response.headers.get("etag"), response.headers.get("last-modified"))
        )

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
            if left is None or now - left <= KEPT_SECONDS:
                kept.add(key_of(copy.address))
                self._remember(replace(copy, left=left))
        for path in self._paths():
            if path.name.partition(".")[0] not in kept:
                path.unlink()


class Asked:
    """A response whose errors are sentences, closed at the end of the block."""

    def __init__(self, client: httpx.Client, request: httpx.Request) -> None:
        self._client = client
        self._request = request

    def __enter__(self) -> httpx.Response:
        try:
            self._response = self._client.send(self._request, stream=True)
        except httpx.HTTPError as error:
            raise FetchError(f"could not be fetched ({error or type(error).__name__})") from error
        return self._response

    def __exit__(self, *_: object) -> None:
        self._response.close()


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


def web_url(url: httpx.URL) -> httpx.URL:
    """Raises FetchError where it is neither http nor https, or carries a password."""
    if url.scheme not in ("http", "https") or not url.host or url.userinfo:
        raise FetchError("is no http or https address")
    return url.copy_with(fragment=None)


def key_of(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()[:32]


def write(path: Path, content: bytes) -> None:
    """Written whole or not at all; untouched where it says the same, so that its time stays."""
    if path.exists() and path.read_bytes() == content:
        return
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    part.replace(path)
