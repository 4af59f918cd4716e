"""A small, strict server of OpenAI's embeddings on loopback, whose model knows a little English and Russian.

It answers in reverse order, each vector with its `index`, and in lengths other than 1, as servers may.
"""

import json
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any, Self

from tests import bilingual

MODEL, KEY = "bilingual-small", "sk-very-secret"
MAX_BATCH = 32
SLOW_SECONDS = 1.5

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """What comes instead of, or is done to, one answer."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    alter: Callable[[Answer], object] | None = None
    slow: bool = False
    drops: bool = False


class EmbeddingsServer:
    """`batches` are the inputs it was sent and answered; `attempts` counts every request. Without `key`, none is asked
    for."""

    def __init__(self, *, key: str | None = KEY, models: tuple[str, ...] = (MODEL,)) -> None:
        self.key = key
        self.models = models
        self.batches: list[list[str]] = []
        self.attempts = 0
        self._faults: deque[Fault] = deque()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), lambda *arguments: Handler(*arguments, server_of=self))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}/v1"

    @property
    def texts(self) -> list[str]:
        return [text for batch in self.batches for text in batch]

    def fail(
        self, status: int, *, times: int = 1, body: bytes = b'{"error": {"message": "no"}}', **headers: str
    ) -> None:
        """The next answers; an underscore in a header's name stands for a dash."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._faults += [Fault(status, named, body)] * times

    def answer(self, body: bytes) -> None:
        self._faults.append(Fault(body=body))

    def alter(self, change: Callable[[Answer], object]) -> None:
        self._faults.append(Fault(alter=change))

    def be_slow(self, times: int = 1) -> None:
        self._faults += [Fault(slow=True)] * times

    def drop(self, times: int = 1) -> None:
        """Closes the connection instead of answering."""
        self._faults += [Fault(drops=True)] * times

    def take_fault(self) -> Fault:
        return self._faults.popleft() if self._faults else Fault()

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


class RefusalError(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments: Any, server_of: EmbeddingsServer) -> None:
        self._embeddings = server_of
        super().__init__(*arguments)

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        self._embeddings.attempts += 1
        fault = self._embeddings.take_fault()
        if fault.drops:
            self.close_connection = True
            return
        if fault.slow:
            time.sleep(SLOW_SECONDS)
        if fault.body is not None:
            self._send(fault.status, fault.body, fault.headers)
            return
        try:
            answer = self._answer(raw)
        except RefusalError as refusal:
            self._send(refusal.status, json.dumps({"error": {"message": str(refusal)}}).encode(), {})
            return
        if fault.alter:
            fault.alter(answer)
        self._send(200, json.dumps(answer).encode(), {})

    def _answer(self, raw: bytes) -> Answer:
        if self.path != "/v1/embeddings":
            raise RefusalError(404, f"no such path: {self.path}")
        if self._embeddings.key and self.headers["Authorization"] != f"Bearer {self._embeddings.key}":
            raise RefusalError(401, f"Incorrect API key provided: {self.headers['Authorization']}")
        if self.headers["Content-Type"] != "application/json":
            raise RefusalError(415, "not JSON")
        body = json.loads(raw)
        if body.keys() != {"model", "input"}:
            raise RefusalError(400, f"unknown parameters among {sorted(body)}")
        if body["model"] not in self._embeddings.models:
            raise RefusalError(404, f"no such model: {body['model']}")
        texts = body["input"]
        if not isinstance(texts, list) or not all(isinstance(text, str) and text for text in texts):
            raise RefusalError(400, f"not a list of texts: {texts}")
        if not 1 <= len(texts) <= MAX_BATCH:
            raise RefusalError(422, f"a batch of {len(texts)}, and {MAX_BATCH} is the most")
        self._embeddings.batches.append(texts)
        vectors = [3 * bilingual.vector(text).astype(float) for text in texts]
        data = [{"object": "embedding", "index": i, "embedding": list(row)} for i, row in enumerate(vectors)]
        return {"object": "list", "model": body["model"], "data": data[::-1], "usage": {"total_tokens": len(texts)}}

    def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Type": "application/json", "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing on stderr."""
