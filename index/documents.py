"""Files of the seeds folder as llama-index Documents: text, parts, title, date, language.

Of a .txt or .md file the text is the file as decoded, untouched, so that offsets count its characters; a byte order
mark is no part of it.
"""

import hashlib
import os
import re
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import py3langid
from pathspec import GitIgnoreSpec

from index.errors import SeedsError
from index.extraction import Extraction
from index.formats.extract import MOST_CHARACTERS, TOO_LONG, BrokenOffError, Extract, UnreadableError, readable
from index.formats.kinds import DOCUMENT_TYPES, FROM_TEXT, needs_worker, read_text
from index.types import LeftOut, Source

if TYPE_CHECKING:
    from llama_index.core.schema import Document

IGNORE, PAGES = ".citegramignore", "urls.txt"
"""Files of the documents folder that are no documents: what is left out of it, and which web pages belong to it."""

MOST_BYTES = 200_000_000
"""Of a file: what is larger is a database or a film."""

MOST_BYTES_OF_TEXT = 4 * MOST_CHARACTERS
"""Of a file that is text: no encoding takes more for a character."""

AGAIN_SECONDS = 3600.0
"""Until a file whose reading was broken off is read once more, though it is as it was. It may take two minutes then."""

LANGUAGE_SAMPLE = 20_000
"""Characters from which a document's language is told; more changes nothing and costs time."""

LANGUAGES = frozenset(
    "ar bg bn ca cs da de el en es et fa fi fr he hi hr hu hy id it ja ka kk ko lt lv mk ms".split()  # noqa: SIM905
    + "nl no pl pt ro ru sk sl sq sr sv ta te th tr uk ur vi zh".split()  # noqa: SIM905
)
"""What a document is taken to be in. Left free, py3langid took 9 of 597 short English ones for Occitan and the like."""

TITLE_LENGTH = 120
SENTENCE_END = re.compile(r"[.!?:;,…]$")


@dataclass(frozen=True, slots=True)
class File:
    """What a document is read from. `name` is the document's: the path below the documents folder, or the address of
    a web page, whose copy lies at `path`."""

    name: str
    path: Path
    url: str | None = None


def find_files(seeds: Path) -> list[File]:
    """As find_documents."""
    return [File(path.relative_to(seeds).as_posix(), path) for path in find_documents(seeds)]


def find_documents(seeds: Path) -> list[Path]:
    """Every file of a document type below `seeds`, in a stable order; hidden files and folders, the list of web pages,
    and what a file named .citegramignore in `seeds` names, are passed over.

    A folder below it that cannot be read, or that is a link, stands in the list itself: links are not followed, for
    they may lead round in a circle. Raises SeedsError where `seeds` is missing, is no
    folder or cannot be read, or the patterns cannot be.
    """
    if not seeds.is_dir():
        what = "is not a folder" if seeds.exists() else "does not exist"
        raise SeedsError(f"The documents folder {seeds} {what}. Create it, or point SEEDS_DIR or --seeds at yours.")
    closed: list[OSError] = []
    found = list(walk(seeds, ignored(seeds), on_error=closed.append))
    unreadable = [Path(error.filename) for error in closed]
    if seeds in unreadable:
        raise SeedsError(f"The documents folder {seeds} cannot be read. Check its permissions.")
    return sorted([*found, *unreadable], key=lambda path: path.parts)


def ignored(seeds: Path) -> GitIgnoreSpec:
    """The patterns of .citegramignore, as Git reads them; none where there is no such file."""
    path = seeds / IGNORE
    try:
        return GitIgnoreSpec.from_lines(path.read_text(encoding="utf-8-sig").splitlines() if path.exists() else ())
    except (OSError, ValueError) as error:
        raise SeedsError(f"{path} cannot be read ({error}). It holds patterns as .gitignore does, in UTF-8.") from error


def walk(seeds: Path, passed: GitIgnoreSpec, *, on_error: Callable[[OSError], None]) -> Iterator[Path]:
    for root, folders, files in os.walk(seeds, onerror=on_error):
        below = Path(root).relative_to(seeds).as_posix()
        inside = "" if below == "." else f"{below}/"
        seen = [name for name in folders if not name.startswith(".") and not passed.match_file(f"{inside}{name}/")]
        linked = [path for path in (Path(root, name) for name in seen) if path.is_symlink()]
        folders[:] = [name for name in seen if Path(root, name) not in linked]
        yield from linked
        for name in files:
            known = not name.startswith(".") and suffix_of(name) in DOCUMENT_TYPES
            if known and not passed.match_file(f"{inside}{name}") and f"{inside}{name}" != PAGES:
                yield Path(root, name)


def suffix_of(name: str) -> str:
    """As Path(name).suffix.lower(), at a tenth of the time: folders may hold many files."""
    stem, dot, suffix = name.rpartition(".")
    return f"{dot}{suffix}".lower() if stem else ""


def read_documents(files: Iterable[File]) -> "Iterator[Document | LeftOut]":
    """Each document, or why it is left out, in order."""
    with Extraction() as extraction:
        for file in files:
            yield read_document(file, extraction=extraction)


def read_document(file: File, *, extraction: Extraction) -> "Document | LeftOut":
    """The document, or why it is left out; never an exception for what a file may hold."""
    name, path = file.name, file.path
    if not is_unicode(name):
        return LeftOut(name.encode("utf-8", "replace").decode(), "has a name that is not valid UTF-8; rename it")
    try:
        status = path.stat()
        if path.is_symlink() and stat.S_ISDIR(status.st_mode):
            return LeftOut(name, "is a link to a folder, which is not followed; put the folder itself here")
        if not stat.S_ISREG(status.st_mode):  # a pipe would never end
            return LeftOut(name, "is no file that can be read")
        modified = datetime.fromtimestamp(status.st_mtime, UTC).date()
        if status.st_size > MOST_BYTES:
            raise UnreadableError(f"is larger than {MOST_BYTES // 10**6} MB; split it")
        raw = path.read_bytes()
        extract = read(path, raw, extraction)
        extract = replace(extract, url=file.url) if file.url else extract
    except OSError as error:
        return LeftOut(name, f"cannot be read ({error.strerror})")
    except UnreadableError as error:
        again = time.time() + AGAIN_SECONDS if isinstance(error, BrokenOffError) else None
        return LeftOut(name, str(error), status.st_size, status.st_mtime_ns, again)
    except (ValueError, OverflowError) as error:
        return LeftOut(name, str(error))
    sha256 = hashlib.sha256(raw).hexdigest()
    return as_document(
        name, extract, modified=modified, size=status.st_size, mtime_ns=status.st_mtime_ns, sha256=sha256
    )


def read(path: Path, raw: bytes, extraction: Extraction) -> Extract:
    """Raises UnreadableError, OSError; nothing else, whatever the file holds."""
    suffix = path.suffix.lower()
    if not raw.strip():
        raise UnreadableError("is empty")
    if suffix in FROM_TEXT and len(raw) > MOST_BYTES_OF_TEXT:
        raise UnreadableError(TOO_LONG)
    if needs_worker(suffix, len(raw)):
        return extraction.read(path)
    with readable():
        return read_text(raw, suffix)


def is_unicode(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def as_document(name: str, extract: Extract, *, modified: date, size: int, mtime_ns: int, sha256: str) -> "Document":
    """A llama-index Document whose metadata is what a Source needs, with its parts, the language and what tells its
    file. The date that the file itself states comes before that of the file."""
    from llama_index.core.schema import Document

    text = extract.text
    return Document(
        id_=name,
        text=text,
        metadata={
            "document": name,
            "title": (extract.title or title_of(name, text))[:TITLE_LENGTH],
            "modified": (extract.dated or modified).isoformat(),
            "url": extract.url,
            "author": extract.author,
            "dated": extract.dated is not None,
            "parts": [asdict(part) for part in extract.parts],
            "language": language_of(text),
            "size": size,
            "mtime_ns": mtime_ns,
            "sha256": sha256,
        },
    )


def source_of(document: "Document") -> Source:
    told = document.metadata
    modified = date.fromisoformat(told["modified"])
    return Source(told["document"], told["title"], url=told["url"], modified=modified, author=told["author"])


def language_of(text: str) -> str:
    """ISO 639-1 code of the likeliest of LANGUAGES, by py3langid."""
    ranked = py3langid.rank(text[:LANGUAGE_SAMPLE])
    return next(str(language) for language, _ in ranked if language in LANGUAGES)


def title_of(name: str, text: str) -> str:
    """Of a document that does not say it: a lone first line of a text file, else the file's name in words."""
    path = Path(name)
    first, _, rest = text.strip().partition("\n")
    first = first.strip()
    alone = not rest.split("\n", 1)[0].strip()
    is_text = path.suffix.lower() == ".txt"
    if is_text and alone and rest and len(first) <= TITLE_LENGTH and not SENTENCE_END.search(first):
        return first
    return re.sub(r"[_\s]+", " ", path.stem).strip() or name
