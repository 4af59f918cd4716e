"""Values over a pipe between two processes of ours: pickled, with their length before them.

One of the two reads hostile files. What comes from it may be a text or an Extract, and nothing else is made of it.
"""

import io
import pickle
import struct
from datetime import date
from typing import IO

from index.formats.extract import Extract, Part

LENGTH = struct.Struct("!Q")
MOST_BYTES = 200_000_000
"""Of a value. The longest text is 80 MB at most."""
MOST_PAGES = 1 << 31

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
    if length > MOST_BYTES:
        return None
    try:
        value = Narrow(io.BytesIO(stream.read(length))).load()
        return value if is_sound(value) else None
    except Exception:  # bytes that somebody chose may make pickle raise anything, MemoryError too
        return None


def is_sound(value: object) -> bool:
    """Whether it is a text or an Extract, and of the types that it should be throughout. May raise where it is not."""
    if isinstance(value, Extract):
        texts = (value.title, value.url, value.author)
        return (
            is_text(value.text)
            and all(text is None or is_text(text) for text in texts)
            and (value.dated is None or type(value.dated) is date)
            and type(value.parts) is tuple
            and all(is_part(part, len(value.text)) for part in value.parts)
        )
    return is_text(value)


def is_part(part: object, length: int) -> bool:
    return (
        isinstance(part, Part)
        and type(part.start) is int
        and 0 <= part.start <= length
        and type(part.heading) is tuple
        and all(is_text(heading) for heading in part.heading)
        and (part.page is None or (type(part.page) is int and 0 <= part.page < MOST_PAGES))
        and all(text is None or is_text(text) for text in (part.label, part.author))
        and (part.dated is None or type(part.dated) is date)
    )


def is_text(value: object) -> bool:
    """Whether it is one that can be stored. Raises UnicodeEncodeError where it holds half of a character."""
    return type(value) is str and value.encode() is not None
