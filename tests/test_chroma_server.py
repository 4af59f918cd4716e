"""A Chroma server over HTTP: who is let in, and what is said when it is away, silent, or lets nobody in."""

import asyncio
import logging
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
import trustme
from chromadb.config import DEFAULT_DATABASE

from bot.outages import outlasted
from config import load_settings
from index.chroma_server import Address, ChromaServer
from index.errors import IndexAwayError, IndexRefusedError, StoppedError
from index.stop import Stop
from index.wiring import server_of
from tests.builders import SEEDS, HashEmbedder, plant
from tests.chroma_gate import TOKEN, CloudAddress, cloud, gate
from tests.chroma_server import Chroma
from tests.command_line import citegram
from tests.machines import Machine, until
from tests.postgres import free_port


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


# Who is let in


def test_a_token_is_shown_to_the_server(chroma: Chroma) -> None:
    with gate(chroma) as guarded:
        assert ChromaServer(Address(guarded.url, token=TOKEN)).time() > 0
    assert all(each["authorization"] == f"Bearer {TOKEN}" for each in guarded.came)


@pytest.mark.parametrize("token", [None, "another"])
def test_without_the_right_token_one_sentence_without_it(
    chroma: Chroma, token: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with gate(chroma) as guarded, pytest.raises(IndexRefusedError, match="CHROMA_TOKEN") as refused:
        ChromaServer(Address(guarded.url, token=token)).named("x")
    assert "401" in str(refused.value)
    assert "another" not in str(refused.value) + caplog.text


def test_the_cloud_gets_its_key_in_a_header_of_its_own() -> None:
    address = Address("https://api.trychroma.com", token=TOKEN)
    assert address.headers == {"x-chroma-token": TOKEN}
    assert Address("https://trychroma.com.example.org", token=TOKEN).headers == {"Authorization": f"Bearer {TOKEN}"}


def test_the_cloud_knows_tenant_and_database_by_the_key(chroma: Chroma) -> None:
    with cloud(chroma, DEFAULT_DATABASE) as there:
        server = ChromaServer(CloudAddress(there.url, token=TOKEN, prefix="known"))
        server.put("known-current", {"a": 1})
        assert server.named("known-") == {"known-current": {"a": 1}}
    assert ChromaServer(Address(chroma.url)).named("known-") == {"known-current": {"a": 1}}


@pytest.mark.parametrize("databases", [(), ("*",), ("one", "two")])
def test_a_key_of_the_cloud_that_opens_no_single_database_is_told(chroma: Chroma, databases: tuple[str, ...]) -> None:
    with cloud(chroma, *databases) as there, pytest.raises(IndexRefusedError, match="Set CHROMA_DATABASE"):
        ChromaServer(CloudAddress(there.url, token=TOKEN)).named("x")


def test_in_the_cloud_a_generation_is_a_fork_of_the_one_before(chroma: Chroma, tmp_path: Path) -> None:
    with cloud(chroma, DEFAULT_DATABASE) as there:
        address = CloudAddress(there.url, token=TOKEN, prefix="forked")
        writer = Machine(tmp_path / "writer", address=address, embedder=HashEmbedder())
        writer.sync(SEEDS)
        assert there.forks == 0
        (tmp_path / "writer" / "seeds" / "ferry.md").unlink()
        writer.sync({"mill.md": "# The mill\n\nThe mill grinds rye.\n"})
        assert there.forks == 1
        with writer.library() as library, library.borrow() as borrowed:
            assert borrowed.store.count() == borrowed.manifest.chunks
            assert borrowed.manifest.documents.keys() == {*SEEDS, "mill.md"} - {"ferry.md"}


def test_a_token_shows_in_no_repr() -> None:
    assert TOKEN not in repr(Address("https://example.org", token=TOKEN))


@pytest.mark.parametrize(("tenant", "database"), [("nobodys", None), (None, "nothing")])
def test_a_database_that_is_not_there_is_told(chroma: Chroma, tenant: str | None, database: str | None) -> None:
    with pytest.raises(IndexRefusedError, match="CHROMA_TENANT and CHROMA_DATABASE"):
        ChromaServer(Address(chroma.url, tenant=tenant, database=database)).named("x")


def test_a_database_of_ones_own(chroma: Chroma, tmp_path: Path) -> None:
    base = f"{chroma.url}/api/v2/tenants"
    post(base, '{"name": "ours"}')
    post(f"{base}/ours/databases", '{"name": "library"}')
    address = Address(chroma.url, tenant="ours", database="library")
    Machine(tmp_path / "one", address=address, embedder=HashEmbedder()).sync(SEEDS)
    other = Machine(tmp_path / "two", address=address, embedder=HashEmbedder())
    with other.library() as library, library.borrow() as borrowed:
        assert borrowed.manifest.documents.keys() == SEEDS.keys()
    assert "citegram-current" not in ChromaServer(Address(chroma.url)).named("citegram-")


def post(url: str, content: str) -> None:
    request = Request(url, data=content.encode(), headers={"Content-Type": "application/json"})
    urlopen(request).close()


def test_the_settings_make_the_address() -> None:
    assert server_of(load_settings()) is None
    address = server_of(
        load_settings(
            chroma_url="https://chroma.example.org:8443/behind",
            chroma_token=TOKEN,
            chroma_tenant="ours",
            chroma_database="library",
            chroma_prefix="bot-2",
        )
    )
    assert address == Address("https://chroma.example.org:8443/behind", TOKEN, "ours", "library", "bot-2")
    assert address.place == "https://chroma.example.org:8443"


# TLS


def test_an_index_behind_tls_with_a_certificate_of_ones_own_authority(chroma: Chroma, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    with gate(chroma, certificate=authority.issue_cert("127.0.0.1")) as guarded:
        settings: dict[str, str | Path] = {
            "CHROMA_URL": guarded.url,
            "CHROMA_TOKEN": TOKEN,
            "CHROMA_PREFIX": "behind-tls",
            "SSL_CERT_FILE": tmp_path / "authority.pem",
            "DATA_DIR": tmp_path / "data",
            "READER": "off",
        }
        indexed = citegram("index", "--seeds", plant(tmp_path / "seeds"), settings=settings)
        assert (indexed.status, indexed.errors) == (0, "")
        asked = citegram("ask", "When does the last crossing leave?", settings=settings)
        assert asked.output.startswith("The last crossing leaves at nine in the evening.")
    assert guarded.came
    assert all(each["authorization"] == f"Bearer {TOKEN}" for each in guarded.came)
    assert "behind-tls-current" in ChromaServer(Address(chroma.url)).named("behind-tls-")


@pytest.mark.parametrize(("trusted", "name"), [(False, "127.0.0.1"), (True, "chroma.example.org")])
def test_a_certificate_that_is_not_trusted_is_told_and_no_token_is_sent(
    chroma: Chroma, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool, name: str
) -> None:
    """Of an authority that nobody knows, and of another host."""
    authority = trustme.CA()
    (authority if trusted else trustme.CA()).cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    with gate(chroma, certificate=authority.issue_cert(name)) as guarded:
        with pytest.raises(IndexRefusedError, match=r"certificate .* is not trusted \(.+\).*SSL_CERT_FILE") as refused:
            ChromaServer(Address(guarded.url, token=TOKEN)).named("x")
        assert not guarded.came
    assert TOKEN not in str(refused.value)


@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_certificates_that_cannot_be_read_are_told(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "authority.pem"
    if content:
        file.write_bytes(content)
    settings: dict[str, str | Path] = {
        "CHROMA_URL": f"https://127.0.0.1:{free_port()}",
        "SSL_CERT_FILE": file,
        "DATA_DIR": tmp_path / "data",
    }
    ended = citegram("ask", "Who?", settings=settings)
    assert ended.status == 1
    assert ended.sentence.startswith("The certificates that SSL_CERT_FILE or SSL_CERT_DIR names cannot be read (")


def test_a_server_without_tls_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        threading.Thread(target=greet_in_plain, args=(listening,), daemon=True).start()
        with pytest.raises(IndexAwayError, match=r"(?i)ssl|tls"):
            ChromaServer(Address(f"https://127.0.0.1:{port}")).named("x")


def greet_in_plain(listening: socket.socket) -> None:
    """What speaks no TLS."""
    connection, _ = listening.accept()
    with connection:
        connection.recv(1000)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


# Away


def test_a_server_that_is_away_is_told_in_a_sentence() -> None:
    url = f"http://who:pass-word@127.0.0.1:{free_port()}"
    with pytest.raises(IndexAwayError, match=r"does not answer .*CHROMA_URL") as away:
        ChromaServer(Address(url, token=TOKEN)).named("x")
    assert "pass-word" not in str(away.value)


def test_a_silent_server_is_not_waited_for_for_ever(silent: str) -> None:
    with pytest.raises(IndexAwayError, match="silent"):
        ChromaServer(Address(silent), answer_seconds=0.3).named("x")


NO_ANSWERS = [(404, b"<html>No route"), (520, b"<html>Unknown"), (200, b"<html>We are at work"), (501, b""), (503, b"")]


@pytest.mark.parametrize("odd", NO_ANSWERS, ids=[str(status) for status, _ in NO_ANSWERS])
def test_a_worker_outlasts_what_is_no_answer_of_a_chroma_server(
    chroma: Chroma, tmp_path: Path, odd: tuple[int, bytes]
) -> None:
    """As of a proxy before one that is being exchanged."""
    prefix = f"odd-{odd[0]}"
    writer = Machine(tmp_path / "writer", address=Address(chroma.url, prefix=prefix), embedder=HashEmbedder())
    writer.sync(SEEDS)
    with gate(chroma) as guarded:
        address = Address(guarded.url, token=TOKEN, prefix=prefix)
        with Machine(tmp_path / "worker", address=address, embedder=HashEmbedder()).answerer() as answerer:
            answerer.status()
            guarded.odd, before = odd, len(guarded.came)
            with pytest.raises(IndexAwayError, match=r"is no Chroma server|cannot answer"):
                answerer.answer("When does the last crossing leave?")
            until(lambda: len(guarded.came) > before + 5)
            guarded.odd = None
            writer.sync({"mill.md": "# The mill\n\nThe mill grinds rye.\n"})
            until(lambda: answerer.status().generation == writer.generations().current().name)


async def test_a_question_waits_until_the_server_is_back() -> None:
    tries: list[int] = []

    def work() -> str:
        tries.append(1)
        if len(tries) < 3:
            raise IndexAwayError("It is away.")
        return "here"

    assert await outlasted(work) == "here"


async def test_a_question_does_not_wait_for_ever() -> None:
    def work() -> None:
        raise IndexAwayError("It is away.")

    with pytest.raises(IndexAwayError):
        await outlasted(work, seconds=1.5)


async def test_a_question_that_waits_can_be_stopped() -> None:
    stop, tried = Stop(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def work() -> None:
        loop.call_soon_threadsafe(tried.set)
        raise IndexAwayError("It is away.")

    waiting = asyncio.create_task(outlasted(work, stop=stop))
    await tried.wait()
    stop.give()
    with pytest.raises(StoppedError):
        await waiting


@pytest.mark.parametrize("command", [("index",), ("ask", "Who?"), ("status",)])
def test_a_command_says_that_the_server_is_away(command: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    settings: dict[str, str | Path] = {
        "CHROMA_URL": f"http://127.0.0.1:{free_port()}",
        "CHROMA_TOKEN": TOKEN,
        "DATA_DIR": tmp_path / "data",
        "SEEDS_DIR": tmp_path / "seeds",
        "LOG_LEVEL": "DEBUG",
    }
    ended = citegram(*command, settings=settings)
    assert ended.status == 1
    assert "The Chroma server at http://127.0.0.1" in ended.errors.splitlines()[-1]
    assert TOKEN not in ended.errors + ended.output


def test_the_doctor_says_whether_the_server_answers(chroma: Chroma, tmp_path: Path) -> None:
    for url, said in ((chroma.url, "answers in"), (f"http://127.0.0.1:{free_port()}", "does not answer")):
        settings: dict[str, str | Path] = {"CHROMA_URL": url, "DATA_DIR": tmp_path / "data", "CHROMA_PREFIX": "doctor"}
        ended = citegram("doctor", settings=settings)
        (line,) = (line for line in ended.output.splitlines() if "chroma server" in line)
        assert said in line
