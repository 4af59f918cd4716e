"""Reads files for another process: a path in, an Extract or a reason out, pickled over its standard streams.

It runs as `python -m index.formats.worker MEGABYTES`, so that a file that crashes a library, hangs it or makes it take
all memory ends this process and no other.
"""

import sys
from pathlib import Path

from index.formats import books, mail, office, pdf, sheets, web
from index.formats.confinement import confine
from index.formats.extract import Extract, UnreadableError, readable
from index.formats.kinds import IN_WORKER
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
        send(outgoing, answer(Path(str(path))))


def answer(path: Path) -> Extract | str:
    """What the file says, or why it is left out."""
    try:
        with readable():
            return READERS[path.suffix.lower()](path.read_bytes())
    except UnreadableError as error:
        return str(error)


if __name__ == "__main__":
    main()
