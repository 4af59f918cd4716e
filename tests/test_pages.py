"""Web pages listed in urls.txt: fetched from a real server, kept when it fails, and never from this network."""

import asyncio
import gzip
import json
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from index.documents import File
from index.fetching import REDIRECTS, Resolve, Wire, is_public, resolved
from index.pages import FRESH_SECONDS, KEPT_SECONDS, WebPages, key_of, listed
from index.types import LeftOut
from tests.builders import HashEmbedder, an_indexer, plant
from tests.files import HTML, MADE

pytestmark = pytest.mark.timeout(60)


@dataclass
class Site:
    """A server on the loopback; `answers` says what a path gives, and `asked` what was asked for."""

    url: str = ""
    answers: dict[str, Callable[[web.Request], web.StreamResponse]] = field(default_factory=dict)
    asked: list[web.Request] = field(default_factory=list)

    def put(
        self, path: str, body: str | bytes = HTML, *, kind: str = "text/html", status: int = 200, **more: str
    ) -> str:
        content = body.encode() if isinstance(body, str) else body
        headers = {name.replace("_", "-"): value for name, value in more.items()}
        self.answers[path] = lambda _: web.Response(body=content, content_type=kind, status=status, headers=headers)
        return self.url + path

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        if request.path == "/slow":
            response = web.StreamResponse(headers={"Content-Type": "text/html"})
            await response.prepare(request)
            while True:
                await response.write(b"<p>more</p>")
                await asyncio.sleep(0.01)
        return self.answers[request.path](request) if request.path in self.answers else web.Response(status=404)


@pytest.fixture
def site() -> Iterator[Site]:
    """Runs in a thread of its own, since what fetches waits."""
    site, loop, ready = Site(), asyncio.new_event_loop(), threading.Event()

    async def start() -> web.AppRunner:
        application = web.Application()
        application.router.add_get("/{path:.*}", site.answer)
        runner = web.AppRunner(application)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        site.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        ready.set()
        return runner

    runner = None

    def serve() -> None:
        nonlocal runner
        runner = loop.run_until_complete(start())
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = threading.Thread(target=serve)
    thread.start()
    assert ready.wait(10)
    yield site
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


@dataclass
class Shelf:
    """A documents folder with a list, and the copies."""

    folder: Path
    most_bytes: int = 1_000_000
    seconds: float = 5.0
    resolve: Resolve = resolved

    @property
    def pages(self) -> WebPages:
        return WebPages(
            self.folder / "pages",
            is_allowed=lambda address: True,
            resolve=self.resolve,
            seconds=self.seconds,
            most_bytes=self.most_bytes,
        )

    def list(self, *addresses: str) -> None:
        (self.folder / "seeds").mkdir(exist_ok=True)
        (self.folder / "seeds" / "urls.txt").write_text("\n".join(addresses), encoding="utf-8")

    def bring(self, *, anew: bool = False) -> tuple[dict[str, File], dict[str, str]]:
        """Files and reasons by name."""
        files, told = self.pages.bring(self.folder / "seeds", anew=anew)
        return {file.name: file for file in files}, {each.document: each.reason for each in told}

    def age(self, address: str, **seconds: float) -> None:
        """Makes moments that are known of a copy that long ago."""
        known = self.folder / "pages" / f"{key_of(address)}.json"
        moments = {name: time.time() - each for name, each in seconds.items()}
        known.write_text(json.dumps(json.loads(known.read_text()) | moments))

    def reason(self, address: str) -> str:
        self.list(address)
        files, told = self.bring()
        assert files == {}
        return told[address]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def test_a_page_is_fetched_once_and_kept(site: Site, shelf: Shelf) -> None:
    address = site.put("/lighthouse")
    shelf.list("# what we read", "", f"{address}#part  # the lighthouse", address)
    files, told = shelf.bring()
    assert told == {}
    assert files == {address: File(address, files[address].path, address)}
    assert files[address].path.read_text() == HTML
    assert shelf.bring() == (files, {})
    assert len(site.asked) == 1
    assert site.asked[0].headers["User-Agent"] == "citegram"


def test_anew_it_is_asked_for_news(site: Site, shelf: Shelf) -> None:
    address = site.put("/a", ETag='"1"', Last_Modified="Fri, 17 May 2024 10:00:00 GMT")
    shelf.list(address)
    files, _ = shelf.bring()
    before = files[address].path.stat().st_mtime_ns
    site.answers["/a"] = lambda request: web.Response(status=304)
    assert shelf.bring(anew=True) == (files, {})
    assert site.asked[1].headers["If-None-Match"] == '"1"'
    assert site.asked[1].headers["If-Modified-Since"] == "Fri, 17 May 2024 10:00:00 GMT"
    assert files[address].path.stat().st_mtime_ns == before
    site.put("/a", "oops", status=500)
    assert len(shelf.bring(anew=True)[1]) == 1
    site.answers["/a"] = lambda request: web.Response(status=304)
    assert shelf.bring(anew=True) == (files, {})
    site.put("/a", "<p>New.</p>")
    shelf.bring(anew=True)
    assert files[address].path.read_text() == "<p>New.</p>"


@pytest.mark.parametrize(
    ("body", "status", "reason"), [("oops", 500, "the server says 500"), (" \n", 200, "the server sends nothing")]
)
def test_the_last_good_copy_is_kept_when_a_fetch_fails(
    site: Site, shelf: Shelf, body: str, status: int, reason: str
) -> None:
    address = site.put("/a")
    shelf.list(address)
    files, _ = shelf.bring()
    site.put("/a", body, status=status)
    assert shelf.bring(anew=True) == (
        files, {address: f"could not be fetched ({reason}); the last good copy is kept"},
    )  # fmt: skip
    assert files[address].path.read_text() == HTML


def test_a_page_that_is_listed_no_longer_is_left_out_and_its_copy_removed_after_some_days(
    site: Site, shelf: Shelf
) -> None:
    first, second = site.put("/a"), site.put("/b")
    shelf.list(first, second)
    files, _ = shelf.bring()
    (shelf.folder / "pages" / "notes.txt").write_text("mine")
    shelf.list(second)
    assert shelf.bring() == ({second: files[second]}, {})
    assert files[first].path.exists()
    shelf.age(first, left=KEPT_SECONDS - 60)
    shelf.bring()
    assert files[first].path.exists()
    shelf.age(first, left=KEPT_SECONDS + 60)
    assert shelf.bring() == ({second: files[second]}, {})
    assert {path.stem for path in (shelf.folder / "pages").iterdir()} == {key_of(second), "notes"}


def test_a_list_that_was_away_for_a_moment_costs_no_copy(site: Site, shelf: Shelf) -> None:
    address = site.put("/a")
    shelf.list(address)
    files, _ = shelf.bring()
    (shelf.folder / "seeds" / "urls.txt").unlink()
    assert shelf.bring() == ({}, {})
    shelf.list("# nothing")
    assert shelf.bring() == ({}, {})
    shelf.list(address)
    shelf.age(address, tried=FRESH_SECONDS + 60)
    site.put("/a", "oops", status=500)
    assert shelf.bring()[0] == files
    (shelf.folder / "seeds" / "urls.txt").write_bytes(b"\0" * 9)
    assert shelf.bring()[0] == files


@pytest.mark.parametrize("content", [b"\0" * 9, b"\xff\xfeh\0t"], ids=["zeros", "cut"])
def test_a_list_that_cannot_be_read_is_told_and_its_pages_stay(site: Site, shelf: Shelf, content: bytes) -> None:
    address, other = site.put("/a"), site.put("/b")
    shelf.list(address, other)
    files, _ = shelf.bring()
    shelf.list(address)
    shelf.bring()
    (shelf.folder / "seeds" / "urls.txt").write_bytes(content)
    told = (
        "is not text (it looks binary); make it plain text that may be read, one address a line. Until then its pages "
    )
    assert shelf.bring(anew=True) == ({address: files[address]}, {"urls.txt": f"{told}stay as they are"})
    assert len(site.asked) == 2


def test_a_folder_in_the_place_of_the_list_is_told_and_its_pages_stay(site: Site, shelf: Shelf) -> None:
    address = site.put("/a")
    shelf.list(address)
    files, _ = shelf.bring()
    (shelf.folder / "seeds" / "urls.txt").unlink()
    (shelf.folder / "seeds" / "urls.txt").mkdir()
    found, told = shelf.bring()
    assert found == files
    assert told["urls.txt"].startswith("cannot be read (Is a directory); ")


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig"])
def test_a_list_is_read_in_any_encoding(site: Site, shelf: Shelf, encoding: str) -> None:
    address = site.put("/a")
    plant(shelf.folder / "seeds", {"urls.txt": ""})
    text = f"{address}\n# das Café am Leuchtturm, später\n"
    (shelf.folder / "seeds" / "urls.txt").write_bytes(text.encode(encoding))
    files, told = shelf.bring()
    assert list(files) == [address]
    assert told == {}


def test_a_redirect_is_followed_and_the_listed_address_stays_the_name(site: Site, shelf: Shelf) -> None:
    site.put("/new")
    address = site.put("/old", "", status=301, Location="/new")
    shelf.list(address)
    files, _ = shelf.bring()
    assert list(files) == [address]


def test_other_types_are_read_as_what_they_are(site: Site, shelf: Shelf) -> None:
    address = site.put("/minutes", MADE["minutes.pdf"], kind="application/pdf")
    shelf.list(address)
    files, _ = shelf.bring()
    assert files[address].path.suffix == ".pdf"


def test_pages_that_cannot_be_had(site: Site, shelf: Shelf) -> None:
    assert shelf.reason(f"{site.url}/gone") == "could not be fetched (the server says 404)"
    assert shelf.reason("http://127.0.0.1:1/a").startswith("could not be fetched (")
    assert shelf.reason("http://nowhere.invalid/a") == "could not be fetched (nowhere.invalid is not known)"
    assert shelf.reason(site.put("/photo", b"...", kind="image/png")) == "is of a type that is not read (image/png)"
    assert shelf.reason(site.put("/loop", "", status=302, Location="/loop")).endswith("(it sends from page to page)")
    assert len([each for each in site.asked if each.path == "/loop"]) == REDIRECTS + 1
    assert shelf.reason(site.put("/ftp", "", status=302, Location="ftp://127.0.0.1/x")) == "is no http or https address"


def test_a_page_that_is_too_large_or_never_ends(site: Site, tmp_path: Path) -> None:
    small = Shelf(tmp_path, most_bytes=1_000_000)
    assert small.reason(site.put("/large", b"x" * 1_000_001)) == "is larger than 1 MB"
    hasty = Shelf(tmp_path, seconds=0.3)
    started = time.monotonic()
    assert hasty.reason(f"{site.url}/slow") == "took more than 0.3 seconds"
    assert time.monotonic() - started < 20


def resolver(*addresses: str) -> Resolve:
    return lambda host, port: addresses


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
GZIP_NAME = b"\x1f\x8b\x08\x08" + bytes(6)
"""A gzip header that goes on with the name of a file."""


@contextmanager
def dripping(*, first: bytes) -> Iterator[tuple[str, threading.Event]]:
    """A server's address that sends so much, then a byte now and then for ever; and whether it was hung up on."""
    hung_up = threading.Event()

    def drip() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(first)
            try:
                while not hung_up.wait(0.02):
                    connection.sendall(b"a")
            except OSError:
                hung_up.set()

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=drip)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}/a", hung_up
        finally:
            hung_up.set()
            thread.join(10)


@pytest.mark.parametrize(
    "first",
    [
        b"HTTP/1.1 200 OK\r\nX: ",
        HEAD + b"Content-Encoding: gzip\r\nContent-Length: 9999999\r\n\r\n" + GZIP_NAME,
        HEAD + b"Content-Length: 9999999\r\n\r\n",
    ],
    ids=["in the headers", "in a packed page's name", "in the page"],
)
def test_a_page_that_drips_is_given_up_and_hung_up_on(tmp_path: Path, first: bytes) -> None:
    with dripping(first=first) as (address, hung_up):
        assert Shelf(tmp_path, seconds=0.5).reason(address) == "took more than 0.5 seconds"
        assert hung_up.wait(10)


def test_a_handshake_that_drips_is_given_up_and_hung_up_on(tmp_path: Path) -> None:
    with dripping(first=b"\x16\x03\x03\x20\x00") as (address, hung_up):
        assert Shelf(tmp_path, seconds=0.5).reason(address.replace("http:", "https:")) == "took more than 0.5 seconds"
        assert hung_up.wait(10)


def test_a_connection_is_cut_also_when_tls_has_taken_it_over() -> None:
    class Stream:
        def get_extra_info(self, name: str) -> socket.socket:
            assert name == "socket"
            return ours

    wire = Wire()
    ours, theirs = socket.socketpair()
    theirs.settimeout(10)
    wire.trace("connection.connect_tcp.complete", {"return_value": Stream()})
    with theirs, socket.socket(fileno=ours.detach()) as taken_over:
        wire.cut()
        assert theirs.recv(1) == taken_over.recv(1) == b""
        wire.close()


def test_a_name_that_is_looked_up_for_ever_is_given_up(tmp_path: Path) -> None:
    over = threading.Event()

    def resolve(host: str, port: int) -> list[str]:
        over.wait(30)
        return []

    plant(tmp_path / "seeds", {"urls.txt": "http://slow.example/a\n"})
    pages = WebPages(tmp_path / "pages", resolve=resolve, seconds=0.3)
    assert pages.bring(tmp_path / "seeds") == ([], [LeftOut("http://slow.example/a", "took more than 0.3 seconds")])
    over.set()


def test_a_packed_page_that_nobody_asked_for_is_read(site: Site, shelf: Shelf) -> None:
    address = site.put("/a", gzip.compress(HTML.encode()), Content_Encoding="gzip")
    shelf.list(address)
    files, _ = shelf.bring()
    assert files[address].path.read_text() == HTML
    assert site.asked[0].headers["Accept-Encoding"] == "identity"


def test_a_packed_page_that_swells_or_is_cut_is_left_out(site: Site, shelf: Shelf) -> None:
    bomb = gzip.compress(bytes(50_000_000))
    tracemalloc.start()
    try:
        assert shelf.reason(site.put("/bomb", bomb, Content_Encoding="gzip")) == "is larger than 1 MB"
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10_000_000
    twice = site.put("/twice", gzip.compress(bomb), Content_Encoding="gzip, gzip")
    assert shelf.reason(twice) == "could not be fetched (it comes packed: gzip, gzip)"
    cut = site.put("/cut", gzip.compress(HTML.encode())[:-20], Content_Encoding="gzip")
    assert shelf.reason(cut) == "could not be fetched (it ends too early)"
    broken = site.put("/broken", HTML, Content_Encoding="gzip")
    assert shelf.reason(broken).startswith("could not be fetched (Error -3 ")


def test_what_nobody_foresaw_of_one_page_is_no_harm_to_the_others(site: Site, tmp_path: Path) -> None:
    def resolve(host: str, port: int) -> list[str]:
        if host == "huge.example":
            raise MemoryError
        return [host]

    good, astray = site.put("/good"), site.put("/astray", "", status=302, Location="http://[::1/")
    shelf = Shelf(tmp_path, resolve=resolve)
    shelf.list("http://huge.example/a", astray, good)
    files, told = shelf.bring()
    assert list(files) == [good]
    assert told["http://huge.example/a"] == "could not be fetched (MemoryError)"
    assert told[astray].startswith("could not be fetched (Invalid URL in location header")


def test_a_host_with_several_addresses_is_asked_at_the_first_that_answers(site: Site, tmp_path: Path) -> None:
    site.put("/a")
    address = f"http://two.example:{site.url.rpartition(':')[2]}/a"
    for found in (["::1", "127.0.0.1"], ["127.0.0.3", "127.0.0.2", "127.0.0.1"], ["127.0.0.1", "127.0.0.3"]):
        shelf = Shelf(tmp_path, resolve=resolver(*found))
        shelf.list(address)
        files, told = shelf.bring(anew=True)
        assert (list(files), told) == ([address], {})
    assert [each.host for each in site.asked] == [address.split("/")[2]] * 3
    nowhere = Shelf(tmp_path / "other", resolve=resolver("127.0.0.2", "127.0.0.3"))
    nowhere.folder.mkdir()
    assert "Connection refused" in nowhere.reason(address)


def test_a_host_with_one_address_in_this_network_is_not_fetched_at_any(site: Site, tmp_path: Path) -> None:
    plant(tmp_path / "seeds", {"urls.txt": f"http://two.example:{site.url.rpartition(':')[2]}/a"})
    pages = WebPages(
        tmp_path / "pages",
        is_allowed=lambda address: address == "127.0.0.1",
        resolve=resolver("127.0.0.1", "127.0.0.2"),
    )
    _, (told,) = pages.bring(tmp_path / "seeds")
    assert told.reason == "is not fetched: two.example is on this machine or in its private network"
    assert not site.asked


def test_a_host_whose_name_is_not_ascii_is_asked_by_the_name_that_the_network_knows(site: Site, tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, resolve=resolver("127.0.0.1"))
    site.put("/a")
    port = site.url.rpartition(":")[2]
    shelf.list(f"http://bücher.example:{port}/a")
    files, told = shelf.bring()
    assert told == {}
    assert list(files) == [f"http://xn--bcher-kva.example:{port}/a"]
    assert site.asked[0].host == f"xn--bcher-kva.example:{port}"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "10.0.0.1", "169.254.169.254", "0.0.0.0", "2130706433"]
)
def test_this_machine_and_its_network_are_not_looked_into(site: Site, tmp_path: Path, host: str) -> None:
    plant(tmp_path / "seeds", {"urls.txt": f"http://{host}:{site.url.rpartition(':')[2]}/a\n"})
    files, (told,) = WebPages(tmp_path / "pages").bring(tmp_path / "seeds")
    assert files == []
    assert "is not fetched:" in told.reason
    assert not site.asked


def test_a_redirect_into_this_network_is_not_followed(site: Site, tmp_path: Path) -> None:
    """The server stands for one on the internet; the second address is looked at like the first."""
    plant(tmp_path / "seeds", {"urls.txt": site.put("/out", "", status=302, Location="http://127.0.0.2/secret")})
    pages = WebPages(tmp_path / "pages", is_allowed=lambda address: address == "127.0.0.1")
    files, (told,) = pages.bring(tmp_path / "seeds")
    assert files == []
    assert told.reason == "is not fetched: 127.0.0.2 is on this machine or in its private network"


def test_public_addresses() -> None:
    assert is_public("93.184.215.14")
    assert is_public("2606:2800:21f:cb07:6820:80da:af6b:8b2c")
    assert not any(
        map(is_public, ("192.168.1.1", "172.16.0.1", "100.64.0.1", "fe80::1", "fd00::1", "::ffff:127.0.0.1"))
    )
    assert is_public("64:ff9b::5db8:d70e")
    assert not any(map(is_public, ("64:ff9b::7f00:1", "64:ff9b::c0a8:101", "2002:7f00:1::", "224.0.0.1", "ff02::1")))


def test_lines_that_are_no_address(tmp_path: Path) -> None:
    path = tmp_path / "urls.txt"
    path.write_text("https://example.org/a\nexample.org\nfile:///etc/passwd\nhttps://me:secret@example.org/\n")
    addresses, wrong = listed(path)
    assert addresses == ["https://example.org/a"]
    assert [each.reason.partition(":")[0] for each in wrong] == [
        f"holds no web address in line {number}" for number in (2, 3, 4)
    ]
    assert listed(tmp_path / "none.txt") == ([], [])


def test_pages_are_indexed_beside_the_files(site: Site, shelf: Shelf) -> None:
    plant(shelf.folder / "seeds")
    address = site.put("/lighthouse")
    gone = f"{site.url}/gone"
    shelf.list(address, gone)
    indexer = an_indexer(shelf.folder, embedder=HashEmbedder(), pages=shelf.pages)
    report = indexer.sync()
    assert address in report.added
    assert "urls.txt" not in report.added
    assert report.left_out == (LeftOut(gone, "could not be fetched (the server says 404)"),)
    assert not indexer.sync().published
    shelf.list()
    assert indexer.sync().removed == (address,)


def test_a_page_that_could_not_be_had_is_not_asked_for_again_within_the_hour(site: Site, shelf: Shelf) -> None:
    address = site.put("/a", "oops", status=500)
    shelf.list(address)
    dead: tuple[dict[str, File], dict[str, str]] = ({}, {address: "could not be fetched (the server says 500)"})
    assert shelf.bring() == shelf.bring() == dead
    shelf.age(address, tried=FRESH_SECONDS - 60)
    assert shelf.bring() == dead
    assert len(site.asked) == 1
    shelf.age(address, tried=FRESH_SECONDS + 60)
    assert shelf.bring() == dead
    assert shelf.bring(anew=True) == dead
    assert len(site.asked) == 3
    shelf.list()
    shelf.bring()
    shelf.list(address)
    site.put("/a")
    files, told = shelf.bring()
    assert (list(files), told) == ([address], {})
    site.put("/a", "oops", status=500)
    kept = {address: "could not be fetched (the server says 500); the last good copy is kept"}
    assert shelf.bring(anew=True) == shelf.bring() == (files, kept)
    assert len(site.asked) == 5
    site.put("/a")
    assert shelf.bring(anew=True) == shelf.bring() == (files, {})


def test_a_page_that_was_tried_in_the_future_is_asked_for_again(site: Site, shelf: Shelf) -> None:
    """The clock was set back."""
    address = site.put("/a")
    shelf.list(address)
    shelf.bring()
    shelf.age(address, tried=-1000 * FRESH_SECONDS)
    shelf.bring()
    assert len(site.asked) == 2


def test_another_reason_why_a_page_cannot_be_had_is_told_and_nothing_published(site: Site, shelf: Shelf) -> None:
    plant(shelf.folder / "seeds")
    address = site.put("/a", "oops", status=500)
    shelf.list(address)
    indexer = an_indexer(shelf.folder, embedder=HashEmbedder(), pages=shelf.pages)
    assert indexer.sync().published
    site.put("/a", "oops", status=503)
    shelf.age(address, tried=FRESH_SECONDS + 60)
    report = indexer.sync()
    assert report.left_out == (LeftOut(address, "could not be fetched (the server says 503)"),)
    assert not report.published
    shelf.list()
    assert indexer.sync().published


def test_a_copy_is_fresh_for_an_hour(site: Site, shelf: Shelf) -> None:
    address = site.put("/a")
    shelf.list(address)
    shelf.bring()
    for age, asked in ((FRESH_SECONDS - 60, 1), (FRESH_SECONDS + 60, 2)):
        shelf.age(address, tried=age)
        shelf.bring()
        assert len(site.asked) == asked
