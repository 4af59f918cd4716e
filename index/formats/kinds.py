"""Which reader for which file, by the end of its name."""

from collections.abc import Callable, Mapping

from index.formats import markdown, plain, records, restructured, tables
from index.formats.extract import Extract

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
"""Read from the decoded text, here and now."""

IN_WORKER = frozenset({".pdf", ".docx", ".pptx", ".xlsx", ".html", ".htm", ".xhtml", ".epub", ".eml", ".mbox"})
"""Read from the bytes in a process of its own: their libraries are large, and a damaged file may crash or hang them."""

DOCUMENT_TYPES = frozenset(FROM_TEXT) | IN_WORKER
