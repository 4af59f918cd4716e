"""The documents folder: what is in it, what the index left out, and what has changed since."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.console.sentences import counted
from bot.doctor import sentences
from bot.findings import Finding
from index.changes import compare
from index.documents import PAGES, File, find_files
from index.manifest import Manifest
from index.types import LeftOut

NAME = "documents"
NAMED = 5
"""Files that a sentence names, at most."""


def of_documents(seeds: Path, manifest: Manifest | None) -> Iterator[Finding]:
    """Raises SeedsError."""
    files = [file for file in find_files(seeds) if not file.path.is_dir()]
    if not files and not (seeds / PAGES).exists():
        yield Finding(NAME, False, sentences.NO_DOCUMENTS.format(folder=seeds), sentences.NO_DOCUMENTS_ADVICE)
        return
    yield Finding(NAME, True, sentences.DOCUMENTS.format(documents=counted(len(files), "document"), folder=seeds))
    if manifest:
        yield from of_left_out(manifest.left_out)
        yield from of_changed(changed(files, manifest))


def of_left_out(left_out: Sequence[LeftOut]) -> Iterator[Finding]:
    if left_out:
        reasons = listed([f"{each.document} {each.reason}" for each in left_out])
        sentence = sentences.LEFT_OUT.format(files=are(len(left_out)), reasons=reasons)
        yield Finding(NAME, False, sentence, sentences.LEFT_OUT_ADVICE)


def of_changed(names: Sequence[str]) -> Iterator[Finding]:
    if names:
        sentence = sentences.CHANGED.format(files=are(len(names)), names=listed(names))
        yield Finding(NAME, False, sentence, sentences.CHANGED_ADVICE)


def changed(files: Sequence[File], manifest: Manifest) -> list[str]:
    """The files that the next sync would take up or let go; web pages, which change elsewhere, are not among them."""
    changes = compare(files, manifest, now=time.time())
    known = {each.document for each in manifest.left_out}
    gone = {name for name in changes.gone if "://" not in name}
    return sorted(({file.name for file in changes.to_read} | gone) - known)


def are(number: int) -> str:
    return f"{counted(number, 'file')} {'is' if number == 1 else 'are'}"


def listed(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    return "; ".join((*names[:NAMED], *([sentences.AND_MORE.format(count=more)] if more > 0 else ())))
