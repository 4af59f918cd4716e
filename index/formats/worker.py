"""Reads files for another process: a path in, an Extract or a reason out, pickled over its standard streams.

It runs as `python -m index.formats.worker MEGABYTES`, so that a file that crashes a library, hangs it or makes it take
all memory ends this process and no other.
"""

import sys
from pathlib import Path

from index.formats import books, mail, office, pdf, sheets, web
from index.formats.confinement import confine
from index.formats.extract import TOO_MUCH_MEMORY, Extract, UnreadableError, readable
from index.formats.kinds import IN_WORKER, read_text
from index.formats.pipes import receive, send

READERS = {
    ".pdf": pdf.read,
    ".docx": office.read_docx,
    ".pptx": office.read_pptx,
    ".xlsx": sheets.read,
    ".html": web.read,
    ".htm": web.read,
    ".xhtml": web.read,
    ".epub": books.read,
    ".eml": mail.read_message,
    ".mbox": mail.read_box,
}
assert READERS.keys() == IN_WORKER


def main() -> None:
    confine(int(sys.argv[1]))
    incoming, outgoing = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # a library that prints must not spoil the answers
    while (path := receive(incoming)) is not None:
        try:
            send(outgoing, answer(Path(str(path))))
        except MemoryError:  # the answer is there, and there is no room to pack it
            send(outgoing, TOO_MUCH_MEMORY)


def answer(path: Path) -> Extract | str:
    """What the file says, or why it is left out."""
    suffix = path.suffix.lower()
    try:
        with readable():
            raw = path.read_bytes()
            return READERS[suffix](raw) if suffix in READERS else read_text(raw, suffix)
    except UnreadableError as error:
        return str(error)


if __name__ == "__main__":
    main()
