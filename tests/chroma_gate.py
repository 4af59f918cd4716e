"""What stands before a Chroma server in tests: a proxy that asks for a token, and Chroma Cloud as far as it differs."""

import json
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import UUID

from chromadb.config import DEFAULT_DATABASE, DEFAULT_TENANT
from trustme import LeafCert

from index.chroma_server import Address, ChromaServer
from tests.chroma_server import Chroma

TOKEN = "ck-very-secret-1234"


class Gate(ThreadingHTTPServer):
    """A proxy before a Chroma server, which lets in who brings the header, and keeps what headers came. With a
    certificate it speaks TLS."""

    daemon_threads = True

    def __init__(self, behind: str, *, asks_for: tuple[str, str], certificate: LeafCert | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Guard)
        self.behind = behind
        self.asks_for = asks_for
        self.came: list[dict[str, str]] = []
        self.odd: tuple[int, bytes] | None = None
        """What is answered instead, to everything or to requests for paths with a part."""
        self.part = ""
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.server_address[1]}"
        if certificate:
            tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            certificate.configure_cert(tls)
            self.socket = tls.wrap_socket(self.socket, server_side=True)

    def answered(self, path: str, content: bytes) -> bytes | None:
        """What it says by itself."""
        return None


class Guard(BaseHTTPRequestHandler):
    server: Gate
    protocol_version = "HTTP/1.1"

    def pass_on(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.came.append({name.lower(): value for name, value in self.headers.items()})
        name, value = self.server.asks_for
        if self.headers.get(name) != value:
            self.answer(401, b"who are you?")
            return
        if known := self.server.answered(self.path, content):
            self.answer(200, known)
            return
        if self.server.odd and self.server.part in self.path:
            self.answer(*self.server.odd)
            return
        request = Request(self.server.behind + self.path, data=content or None, method=self.command)
        request.add_header("Content-Type", "application/json")
        try:
            answered = urlopen(request)
        except HTTPError as error:
            answered = error
        with answered:
            self.answer(answered.status, answered.read())

    do_GET = do_POST = do_PUT = do_DELETE = pass_on  # noqa: N815

    def answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@contextmanager
def gate(chroma: Chroma, *, certificate: LeafCert | None = None) -> Iterator[Gate]:
    asks_for = ("Authorization", f"Bearer {TOKEN}")
    with Gate(chroma.url, asks_for=asks_for, certificate=certificate) as server, serving(server):
        yield server


@contextmanager
def serving(server: Gate) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


class CloudAddress(Address):
    """Chroma Cloud as far as it differs, at an address of this machine."""

    @property
    def is_cloud(self) -> bool:
        return True


class Cloud(Gate):
    """It knows by the key who asks for what, and copies collections by itself."""

    def __init__(self, behind: str, *, databases: Sequence[str]) -> None:
        super().__init__(behind, asks_for=("x-chroma-token", TOKEN))
        self.databases = list(databases)
        self.forks = 0
        self._behind = ChromaServer(Address(behind))

    def answered(self, path: str, content: bytes) -> bytes | None:
        if path.endswith("/auth/identity"):
            identity = {"user_id": "u", "tenant": DEFAULT_TENANT, "databases": self.databases}
            return json.dumps(identity).encode()
        if path.endswith("/fork"):
            return self._forked(UUID(path.split("/")[-2]), json.loads(content)["new_name"])
        return None

    def _forked(self, forked: UUID, name: str) -> bytes:
        self.forks += 1
        (named,) = (each for each in self._behind.named("") if self._behind.collection(each).id == forked)
        rows = self._behind.collection(named).get(include=["embeddings", "documents", "metadatas"])
        self._behind.create(name).add(rows["ids"], rows["embeddings"], rows["metadatas"], rows["documents"])
        base = f"{self.behind}/api/v2/tenants/{DEFAULT_TENANT}/databases/{DEFAULT_DATABASE}"
        with urlopen(f"{base}/collections/{name}") as told:
            return bytes(told.read())


@contextmanager
def cloud(chroma: Chroma, *databases: str) -> Iterator[Cloud]:
    with Cloud(chroma.url, databases=databases) as server, serving(server):
        yield server
