"""Which reader for which file, by the end of its name."""

from collections.abc import Callable, Mapping

from index.formats import markdown, plain, records, restructured, tables
from index.formats.encodings import decode
from index.formats.extract import MOST_CHARACTERS, TOO_LONG, Extract, UnreadableError

FROM_TEXT: Mapping[str, Callable[[str], Extract]] = {
    ".txt": plain.read,
    ".md": markdown.read,
    ".markdown": markdown.read,
    ".rst": restructured.read,
    ".csv": tables.read,
    ".tsv": tables.read,
    ".json": records.read,
    ".jsonl": records.read_lines,
}
"""Read from the decoded text."""

IN_WORKER = frozenset({".pdf", ".docx", ".pptx", ".xlsx", ".html", ".htm", ".xhtml", ".epub", ".eml", ".mbox"})
"""Read from the bytes in a process of its own: their libraries are large, and a damaged file may crash or hang them."""

AS_IT_STANDS = frozenset({".txt"})

LARGE = 200_000
"""Bytes of a text beyond which a process of its own reads it, unless it stays as it is: a Markdown file of nothing but
list items takes a thousand times its size in memory."""

DOCUMENT_TYPES = frozenset(FROM_TEXT) | IN_WORKER


def needs_worker(suffix: str, size: int) -> bool:
    """Whether a file of so many bytes is read in a process of its own."""
    return suffix in IN_WORKER or (size > LARGE and suffix not in AS_IT_STANDS)


def read_text(raw: bytes, suffix: str) -> Extract:
    """Of a type in FROM_TEXT. Raises UnreadableError, and whatever its reader raises."""
    text = decode(raw)
    if len(text) > MOST_CHARACTERS:
        raise UnreadableError(TOO_LONG)
    extract = FROM_TEXT[suffix](text)
    if not extract.text[extract.parts[0].start :].strip():
        raise UnreadableError("holds no text")
    return extract
