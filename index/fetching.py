"""A web page over the network: in time, no larger than allowed, and never from this machine's own network."""

import ipaddress
import logging
import socket
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from queue import Empty, Queue
from typing import Any

import httpx

logger = logging.getLogger(__name__)

SECONDS, MOST_BYTES, REDIRECTS = 20.0, 20_000_000, 5
"""A page, at most: what it may take and hold, and how often it may send elsewhere."""

PIECE_BYTES = 65_536
"""How much of a packed page is expanded at once."""

HEADERS = {"User-Agent": "citegram", "Accept": "text/html, */*;q=0.5", "Accept-Encoding": "identity"}

IsAllowed = Callable[[str], bool]
"""Whether an IP address may be connected to."""

Resolve = Callable[[str, int], Sequence[str]]
"""The IP addresses of a host, best first. May raise OSError, UnicodeError."""


class FetchError(Exception):
    """A page that cannot be had; the text says why, in words for the list's owner."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a server gave; `kind` is the type that it states."""

    content: bytes
    kind: str
    etag: str | None
    changed: str | None


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


def resolved(host: str, port: int) -> list[str]:
    return [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class Wire:
    """The connections of one fetch, which another thread can cut: whoever reads from one is at its end at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: list[socket.socket] = []
        self._is_cut = False

    def trace(self, event: str, told: Mapping[str, Any]) -> None:
        """Hears from httpx. A duplicate is held: TLS takes the connection's own socket over."""
        if event == "connection.connect_tcp.complete":
            with self._lock:
                self._held.append(told["return_value"].get_extra_info("socket").dup())
                if self._is_cut:
                    shut(self._held[-1])

    def cut(self) -> None:
        with self._lock:
            self._is_cut = True
            for each in self._held:
                shut(each)

    def close(self) -> None:
        with self._lock:
            while self._held:
                self._held.pop().close()


def shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        logger.debug("it was closed by the other side")


class Fetcher:
    """`is_allowed` decides about each address that a page's host name stands for; `seconds` are for a page as a whole,
    from looking its host up to its last byte."""

    def __init__(
        self, *, is_allowed: IsAllowed = is_public, resolve: Resolve = resolved, seconds: float, most_bytes: int
    ) -> None:
        self._is_allowed = is_allowed
        self._resolve = resolve
        self._seconds = seconds
        self._most_bytes = most_bytes

    def fetch(self, address: str, conditions: Mapping[str, str]) -> Fetched | None:
        """None where the server says that by the conditions, which are headers, nothing has changed. Raises FetchError,
        whatever goes wrong.

        Every single read has a limit, but there may be any number of them, and none for looking up a name: what is not
        done in time is given up, its connection cut.
        """
        outcome: Queue[Fetched | FetchError | None] = Queue()
        wire = Wire()
        work = threading.Thread(target=lambda: outcome.put(self._outcome(address, conditions, wire)), daemon=True)
        work.start()
        try:
            told = outcome.get(timeout=self._seconds)
        except Empty:
            wire.cut()
            raise self._slow() from None
        if isinstance(told, FetchError):
            raise told
        return told

    def _outcome(self, address: str, conditions: Mapping[str, str], wire: Wire) -> Fetched | FetchError | None:
        try:
            return self._fetched(httpx.URL(address), conditions, wire)
        except FetchError as error:
            return error
        except httpx.TimeoutException:
            return self._slow()
        except httpx.HTTPError as error:
            return FetchError(f"could not be fetched ({str(error) or type(error).__name__})")
        except Exception as error:
            logger.debug("%s could not be fetched", address, exc_info=True)
            return FetchError(f"could not be fetched ({type(error).__name__})")
        finally:
            wire.close()

    def _slow(self) -> FetchError:
        return FetchError(f"took more than {self._seconds:g} seconds")

    def _fetched(self, url: httpx.URL, conditions: Mapping[str, str], wire: Wire) -> Fetched | None:
        with httpx.Client(trust_env=False, follow_redirects=False) as client:
            for _ in range(REDIRECTS + 1):
                with closing(self._asked(client, url, HEADERS | dict(conditions), wire)) as response:
                    if response.status_code in (301, 302, 303, 307, 308) and "location" in response.headers:
                        url = web_url(url.join(response.headers["location"]))
                        continue
                    if response.status_code == 304 and conditions:
                        return None
                    if response.status_code != 200:
                        raise FetchError(f"could not be fetched (the server says {response.status_code})")
                    kind = response.headers.get("content-type", "text/html").partition(";")[0].strip().lower()
                    etag, changed = response.headers.get("etag"), response.headers.get("last-modified")
                    return Fetched(self._content(response), kind, etag, changed)
        raise FetchError("could not be fetched (it sends from page to page)")

    def _asked(self, client: httpx.Client, url: httpx.URL, headers: dict[str, str], wire: Wire) -> httpx.Response:
        """Of the addresses that were looked at the first that answers, whatever the name may stand for a moment later;
        one that does not leaves time for the others."""
        addresses = self._addresses(url)
        timeout = httpx.Timeout(self._seconds, connect=self._seconds / max(1, len(addresses)))
        named = {"Host": url.netloc.decode()} | headers
        known = {"sni_hostname": url.raw_host.decode(), "trace": wire.trace}
        for number, address in enumerate(addresses, start=1):
            there = url.copy_with(host=address)
            request = client.build_request("GET", there, headers=named, timeout=timeout, extensions=known)
            try:
                return client.send(request, stream=True)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if number == len(addresses):
                    raise
        raise not_known(url)

    def _addresses(self, url: httpx.URL) -> list[str]:
        """As the system would try them."""
        try:
            found = list(dict.fromkeys(self._resolve(url.host, url.port or 0)))
        except (OSError, UnicodeError) as error:
            raise not_known(url) from error
        if not all(map(self._is_allowed, found)):
            raise FetchError(f"is not fetched: {url.host} is on this machine or in its private network")
        return found

    def _content(self, response: httpx.Response) -> bytes:
        """Packed only as a server may do that was asked not to; httpx would expand any number of layers at once."""
        packed = response.headers.get("content-encoding", "").strip().lower()
        pieces = self._limited(response.iter_raw())
        if packed in ("gzip", "x-gzip"):
            pieces = self._limited(expanded(pieces))
        elif packed not in ("", "identity"):
            raise FetchError(f"could not be fetched (it comes packed: {packed[:80]})")
        return b"".join(pieces)

    def _limited(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        size = 0
        for piece in pieces:
            size += len(piece)
            if size > self._most_bytes:
                raise FetchError(f"is larger than {self._most_bytes // 10**6} MB")
            yield piece


def not_known(url: httpx.URL) -> FetchError:
    return FetchError(f"could not be fetched ({url.host} is not known)")


def expanded(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """What was packed by gzip, little by little."""
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        for piece in pieces:
            rest = piece
            while rest:
                yield unpacking.decompress(rest, PIECE_BYTES)
                rest = unpacking.unconsumed_tail
    except zlib.error as error:
        raise FetchError(f"could not be fetched ({error})") from error
    if not unpacking.eof:
        raise FetchError("could not be fetched (it ends too early)")


def web_url(url: httpx.URL) -> httpx.URL:
    """Raises FetchError where it is neither http nor https, or carries a password."""
    if url.scheme not in ("http", "https") or not url.host or url.userinfo:
        raise FetchError("is no http or https address")
    return url.copy_with(fragment=None)
