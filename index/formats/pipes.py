"""Values over a pipe between two processes of ours: pickled, with their length before them."""

import pickle
import struct
from typing import IO

LENGTH = struct.Struct("!Q")


def send(stream: IO[bytes], value: object) -> None:
    content = pickle.dumps(value)
    stream.write(LENGTH.pack(len(content)) + content)
    stream.flush()


def receive(stream: IO[bytes]) -> object:
    """None where the other side is gone."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    content = stream.read(length)
    return pickle.loads(content) if len(content) == length else None
