"""Files of the seeds folder as llama-index Documents: decoded text, title, date, language.

The text is the file as decoded, untouched, so that offsets count its characters; a byte order mark is no part of it.
"""

import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from itertools import accumulate, pairwise
from pathlib import Path

import charset_normalizer
import py3langid
from llama_index.core.schema import Document
from markdown_it import MarkdownIt

from index.errors import SeedsError
from index.types import LeftOut, Source

DOCUMENT_TYPES = frozenset({".txt", ".md"})
BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
LANGUAGE_SAMPLE = 20_000
"""Characters from which a document's language is told; more changes nothing and costs time."""

LANGUAGES = frozenset(
    "ar bg bn ca cs da de el en es et fa fi fr he hi hr hu hy id it ja ka kk ko lt lv mk ms".split()  # noqa: SIM905
    + "nl no pl pt ro ru sk sl sq sr sv ta te th tr uk ur vi zh".split()  # noqa: SIM905
)
"""What a document is taken to be in. Left free, py3langid took 9 of 597 short English ones for Occitan and the like."""

ENCODINGS = (
    "cp1252 cp1251 cp1250 cp1253 cp1254 cp1257 cp866 koi8_r shift_jis euc_jp gb18030 big5 euc_kr".split()  # noqa: SIM905
)
"""What a file that is no UTF is taken to be in; left free, lesser kin of these won on short texts."""

FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n.*?^---[ \t]*$", re.DOTALL | re.MULTILINE)

FRONT_TITLE = re.compile(r"^title:[ \t]*(\S.*?)[ \t]*\r?$", re.MULTILINE)

TITLE_LENGTH, HEADING_LENGTH = 120, 200
SENTENCE_END = re.compile(r"[.!?:;,…]$")


class UnreadableError(Exception):
    """A file that holds no text to index; the text says why, in words for its owner."""


def find_documents(seeds: Path) -> list[Path]:
    """Every file of a document type below `seeds`, in a stable order; hidden files and folders are passed over.

    A folder below it that cannot be read stands in the list itself. Raises SeedsError where `seeds` is missing, is no
    folder or cannot be read.
    """
    if not seeds.is_dir():
        what = "is not a folder" if seeds.exists() else "does not exist"
        raise SeedsError(f"The documents folder {seeds} {what}. Create it, or point SEEDS_DIR or --seeds at yours.")
    closed: list[OSError] = []
    found = sorted(walk(seeds, on_error=closed.append))
    unreadable = [Path(error.filename) for error in closed]
    if seeds in unreadable:
        raise SeedsError(f"The documents folder {seeds} cannot be read. Check its permissions.")
    return sorted([*found, *unreadable])


def walk(folder: Path, *, on_error: Callable[[OSError], None]) -> Iterator[Path]:
    for root, folders, files in os.walk(folder, onerror=on_error):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if not name.startswith(".") and Path(name).suffix.lower() in DOCUMENT_TYPES:
                yield Path(root, name)


def read_document(path: Path, *, seeds: Path) -> Document | LeftOut:
    """The document at `path`, or why it is left out; never an exception for what a file may hold."""
    name = path.relative_to(seeds).as_posix()
    if not is_unicode(name):
        return LeftOut(name.encode("utf-8", "replace").decode(), "has a name that is not valid UTF-8; rename it")
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # a pipe would never end
            raise UnreadableError("is no file that can be read")
        raw = path.read_bytes()
        modified = datetime.fromtimestamp(status.st_mtime, UTC).date()
    except OSError as error:
        return LeftOut(name, f"cannot be read ({error.strerror})")
    except (UnreadableError, ValueError) as error:
        return LeftOut(name, str(error))
    try:
        text = decode(raw)
    except UnreadableError as error:
        return LeftOut(name, str(error), status.st_size, status.st_mtime_ns)
    sha256 = hashlib.sha256(raw).hexdigest()
    return as_document(name, text, modified=modified, size=status.st_size, mtime_ns=status.st_mtime_ns, sha256=sha256)


def is_unicode(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def decode(raw: bytes) -> str:
    """The text of a file's bytes: by its byte order mark, as UTF-8, or in the encoding that fits best.

    Raises UnreadableError for an empty or binary file.
    """
    if not raw.strip():
        raise UnreadableError("is empty")
    if raw.startswith(b"%PDF-"):
        raise UnreadableError("is a PDF; only text files are read")
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
        if marked or b"\0" in raw:
            return None
    fitting = charset_normalizer.from_bytes(raw, cp_isolation=list(ENCODINGS))
    best = min(
        fitting, key=lambda match: (match.chaos, -match.coherence, ENCODINGS.index(match.encoding)), default=None
    )
    return raw.decode(best.encoding) if best else None


def as_document(name: str, text: str, *, modified: date, size: int, mtime_ns: int, sha256: str) -> Document:
    """A llama-index Document whose metadata is what a Source needs, with the language and what tells its file."""
    return Document(
        id_=name,
        text=text,
        metadata={
            "document": name,
            "title": title_of(name, text),
            "modified": modified.isoformat(),
            "language": language_of(text),
            "size": size,
            "mtime_ns": mtime_ns,
            "sha256": sha256,
        },
    )


def source_of(document: Document) -> Source:
    metadata = document.metadata
    return Source(metadata["document"], metadata["title"], modified=date.fromisoformat(metadata["modified"]))


def language_of(text: str) -> str:
    """ISO 639-1 code of the likeliest of LANGUAGES, by py3langid."""
    ranked = py3langid.rank(text[:LANGUAGE_SAMPLE])
    return next(str(language) for language, _ in ranked if language in LANGUAGES)


def title_of(name: str, text: str) -> str:
    """What Markdown's front matter says, else its first heading; a lone first line of a text file; else the file's name
    in words."""
    path = Path(name)
    markdown = path.suffix.lower() == ".md"
    if markdown and (titled := FRONT_TITLE.search(text, 0, front_matter(text))):
        return titled[1].strip("\"'")[:TITLE_LENGTH]
    headings = headings_of(text) if markdown else []
    if headings:
        return headings[0][2]
    first, _, rest = text.strip().partition("\n")
    first = first.strip()
    alone = not rest.split("\n", 1)[0].strip()
    if not markdown and alone and rest and len(first) <= TITLE_LENGTH and not SENTENCE_END.search(first):
        return first
    return re.sub(r"[_\s]+", " ", path.stem).strip() or name


def headings_of(text: str) -> list[tuple[int, int, str]]:
    """Markdown headings as (offset of the line, level, text); code blocks, front matter and long lines are none.

    The offset counts characters of `text` as it is, whatever its line endings.
    """
    body = front_matter(text)
    lines = (re.sub(r"[^\r\n]", " ", text[:body]) + text[body:]).splitlines(keepends=True)
    tokens = MarkdownIt().disable("inline").parse("".join(as_one_line(line) for line in lines))
    starts = list(accumulate(map(len, lines), initial=0))
    return [
        (starts[opening.map[0]], int(opening.tag[1:]), plain(inline.content))
        for opening, inline in pairwise(tokens)
        if opening.type == "heading_open" and opening.map and is_heading(inline.content)
    ]


def front_matter(text: str) -> int:
    """Where the front matter of a Markdown file ends: the block between lines of `---` at its very beginning."""
    matched = FRONT_MATTER.match(text)
    return matched.end() if matched else 0


def is_heading(content: str) -> bool:
    """A paragraph underlined by accident, or a line of data, is none."""
    return bool(content.strip()) and "\n" not in content and len(content) <= HEADING_LENGTH


def as_one_line(line: str) -> str:
    """The line as the parser counts lines: ended by \\n alone. Python also breaks at form feeds and the like."""
    body = line.rstrip("\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029")
    return body + "\n"


def plain(markdown: str) -> str:
    """A heading's text in one line, without emphasis and link marks."""
    without_links = re.sub(r"\[([^\[\]]*)\]\([^)]*\)", r"\1", markdown)
    return " ".join(re.sub(r"[*`]|(?<!\w)_|_(?!\w)", "", without_links).split())
