"""Values over a pipe between two processes of ours: pickled, with their length before them.

One of the two reads hostile files. What comes from it may be a text or an Extract, and nothing else is made of it.
"""

import io
import pickle
import struct
from typing import IO

LENGTH = struct.Struct("!Q")


EXTRACTS = {("index.formats.extract", "Extract"), ("index.formats.extract", "Part"), ("datetime", "date")}
"""What a pickled Extract names."""


class Narrow(pickle.Unpickler):
    """Makes nothing but what an Extract holds: a pickle may else call whatever it likes."""

    def find_class(self, module: str, name: str) -> object:
        if (module, name) not in EXTRACTS:
            raise pickle.UnpicklingError(f"{module}.{name} is no part of an Extract")
        return super().find_class(module, name)


def send(stream: IO[bytes], value: object) -> None:
    content = pickle.dumps(value)
    stream.write(LENGTH.pack(len(content)) + content)
    stream.flush()


def receive(stream: IO[bytes]) -> object:
    """None where the other side is gone, or sends what it should not."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    content = stream.read(length)
    if len(content) < length:
        return None
    try:
        return Narrow(io.BytesIO(content)).load()
    except (pickle.UnpicklingError, TypeError, AttributeError, ValueError, EOFError, IndexError):
        return None
