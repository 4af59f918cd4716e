"""Files in a collection of a Chroma server, in pieces: what a generation's folder holds beside its chunks."""

import base64
import binascii
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from chromadb.errors import ChromaError

from index.chroma_server import ChromaServer
from index.errors import REBUILD, CorruptIndexError

BYTES = 9_000
"""Of a piece, before it becomes text: Chroma Cloud takes documents of 16,384 bytes, and base64 makes 4 of 3."""

AT_ONCE = 300
"""Pieces a call: as many as Chroma Cloud takes and gives."""

READ_BYTES = 1 << 20


class Pieces:
    """One collection with any number of files, each compressed."""

    def __init__(self, server: ChromaServer, name: str) -> None:
        self._server = server
        self._name = name

    def put(self, files: dict[str, Path]) -> None:
        """A new collection. How many pieces each file has is written last. Raises ChromaError."""
        collection: Any = self._server.create(self._name)
        counts = {}
        for file, path in files.items():
            counts[file] = 0
            for batch in batched(pieces(path)):
                numbers = range(counts[file], counts[file] + len(batch))
                with self._server.reached():
                    collection.add(
                        ids=[f"{file}-{number}" for number in numbers],
                        embeddings=[[float(number)] for number in numbers],  # there is no record without a vector
                        documents=batch,
                    )
                counts[file] += len(batch)
        self._server.change(collection.id, metadata=counts)

    def get(self, file: str, path: Path) -> None:
        """Writes it to the path. Raises CorruptIndexError where it is gone or not whole."""
        try:
            with path.open("wb") as written:
                expander = zlib.decompressobj()
                for piece in self._read(file):
                    written.write(expander.decompress(base64.b64decode(piece)))
                written.write(expander.flush())
                if not expander.eof:
                    raise CorruptIndexError(f"{file} of {self._name} is not whole. {REBUILD}")
        except (ChromaError, zlib.error, binascii.Error) as error:
            raise CorruptIndexError(f"{file} of {self._name} cannot be read ({error}). {REBUILD}") from error

    def _read(self, file: str) -> Iterator[str]:
        collection = self._server.collection(self._name)
        count = int((collection.metadata or {}).get(file, 0))
        for begin in range(0, count, AT_ONCE):
            ids = [f"{file}-{number}" for number in range(begin, min(begin + AT_ONCE, count))]
            with self._server.reached():
                found: Any = collection.get(ids=ids, include=["documents"])
            held = dict(zip(found["ids"], found["documents"], strict=True))
            with suppress(KeyError):  # what is missing shows at the end
                yield from [held[each] for each in ids]


def pieces(path: Path) -> Iterator[str]:
    """The file compressed, as base64."""
    compressor, waiting = zlib.compressobj(), b""
    with path.open("rb") as file:
        while block := file.read(READ_BYTES):
            waiting += compressor.compress(block)
            while len(waiting) >= BYTES:
                yield base64.b64encode(waiting[:BYTES]).decode()
                waiting = waiting[BYTES:]
    waiting += compressor.flush()
    for begin in range(0, len(waiting), BYTES):
        yield base64.b64encode(waiting[begin : begin + BYTES]).decode()


def batched(found: Iterator[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    for each in found:
        batch.append(each)
        if len(batch) == AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch
