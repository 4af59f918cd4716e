"""Bytes to text, whatever common encoding they are in."""

import re

import charset_normalizer

from index.formats.extract import UnreadableError

BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}

ENCODINGS = (
    "cp1252 cp1251 cp1250 cp1253 cp1254 cp1257 cp866 koi8_r shift_jis euc_jp gb18030 big5 euc_kr".split()  # noqa: SIM905
)
"""What a file that is no UTF is taken to be in; left free, lesser kin of these won on short texts."""

WHOLE_FOR_BROKEN = 20
"""Letters beyond ASCII that are whole in UTF-8, for each that is broken: no other encoding has so many by chance."""


def decode(raw: bytes) -> str:
    """The text of a file's bytes: by its byte order mark, as UTF-8, or in the encoding that fits best.

    Raises UnreadableError for an empty or binary file.
    """
    if not raw.strip():
        raise UnreadableError("is empty")
    if raw.startswith(b"%PDF-"):
        raise UnreadableError("is a PDF; give it a name that ends in .pdf")
    text = try_decode(raw)
    if text is None or "\0" in text:
        raise UnreadableError("is not text (it looks binary)")
    if not text.strip():
        raise UnreadableError("is empty")
    return text


def try_decode(raw: bytes) -> str | None:
    marked = next((encoding for mark, encoding in BYTE_ORDER_MARKS.items() if raw.startswith(mark)), None)
    try:
        return raw.decode(marked or "utf-8")
    except UnicodeDecodeError:
        if marked == "utf-16" or b"\0" in raw:
            return None
    text = mostly_utf8(raw)
    if text or marked:
        return text
    fitting = charset_normalizer.from_bytes(raw, cp_isolation=list(ENCODINGS))
    best = min(
        fitting, key=lambda match: (match.chaos, -match.coherence, ENCODINGS.index(match.encoding)), default=None
    )
    return raw.decode(best.encoding) if best else None


def mostly_utf8(raw: bytes) -> str | None:
    """A text of which a few letters are broken, as where it was cut off or glued together, with a mark in their
    place."""
    text = raw.decode("utf-8-sig", "replace")
    whole = sum(1 for _ in re.finditer(r"[^\x00-\x7f\ufffd]", text))
    return text if text.count("\ufffd") * WHOLE_FOR_BROKEN <= whole else None
