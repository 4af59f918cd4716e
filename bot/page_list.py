"""urls.txt as an admin changes it through the chat: a line more, a line less; all else in it stays as it is."""

import secrets
import threading
from pathlib import Path

import httpx

from bot import texts
from bot.inbox import MOST_FILES, RefusedError
from index.documents import PAGES
from index.fetching import FetchError, web_url
from index.formats.encodings import try_decode
from index.formats.extract import UnreadableError
from index.pages import listed, numbered


class PageList:
    """In the folder of the documents. Calls block, and may come from several threads."""

    def __init__(self, seeds: Path) -> None:
        self._path = seeds / PAGES
        self._lock = threading.Lock()

    def add(self, link: str) -> str:
        """The address as it is listed and named as a document. Raises RefusedError."""
        address = address_in(link)
        if address is None:
            raise RefusedError(texts.NO_ADDRESS)
        with self._lock:
            try:
                there, _ = listed(self._path)
            except UnreadableError as error:
                raise RefusedError(texts.NOT_WRITTEN, reason=f"{PAGES} {error}") from error
            if address in there:
                raise RefusedError(texts.KNOWN_ALREADY, name=address)
            if len(there) >= MOST_FILES:
                raise RefusedError(texts.INBOX_FULL, most=f"{MOST_FILES:,}")
            try:
                before = as_utf8(self._path.read_bytes()) if self._path.exists() else b""
                glue = b"" if not before or before.endswith(b"\n") else b"\n"
                self._write(before + glue + address.encode() + b"\n")
            except OSError as error:
                raise RefusedError(texts.NOT_WRITTEN, reason=error.strerror or type(error).__name__) from error
        return address

    def remove(self, address: str) -> None:
        with self._lock:
            lines = as_utf8(self._path.read_bytes()).splitlines(keepends=True)
            kept = (line for line in lines if address_in(line.decode("utf-8-sig", "replace")) != address)
            self._write(b"".join(kept))

    def addresses(self) -> tuple[str, ...]:
        """None where the list cannot be read."""
        try:
            return tuple(listed(self._path)[0])
        except UnreadableError:
            return ()

    def _write(self, content: bytes) -> None:
        """Whole or not at all: a watch may read at any moment."""
        part = self._path.with_name(f".{secrets.token_hex(4)}.part")
        try:
            part.write_bytes(content)
            part.replace(self._path)
        finally:
            part.unlink(missing_ok=True)


def as_utf8(raw: bytes) -> bytes:
    """A list in another encoding: the same text in the one in which lines are added. As it is where it is that."""
    try:
        raw.decode()
    except UnicodeDecodeError:
        text = try_decode(raw)
        return raw if text is None else text.encode()
    return raw


def address_in(line: str) -> str | None:
    """Of a line of the list."""
    try:
        return next((str(web_url(httpx.URL(told))) for _, told in numbered([line])), None)
    except (FetchError, httpx.InvalidURL, TypeError, UnicodeError):
        return None
