"""The times of files that still say what they said, where they are others than those in the published generation.

Nothing is published for a time alone: without this file beside the generations, what was touched once would be read
again at every sync. Only the writer knows of it.
"""

import json
import logging
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from index.manifest import MALFORMED, Entry, Manifest
from index.types import LeftOut

logger = logging.getLogger(__name__)

FILE_NAME = "STAMPS"

Seen = dict[str, dict[str, list[Any]]]


def refreshed(manifest: Manifest, root: Path) -> Manifest:
    """With the times that were seen last. One counts only with the content, or the reason, that it was seen with; a
    file that is missing or damaged says nothing."""
    try:
        told = json.loads((root / FILE_NAME).read_text(encoding="utf-8"))
        documents, left_out = told["documents"], told["left_out"]
        return replace(
            manifest,
            documents={name: of_document(entry, documents.get(name)) for name, entry in manifest.documents.items()},
            left_out=tuple(of_left_out(each, left_out.get(each.document)) for each in manifest.left_out),
        )
    except (OSError, *MALFORMED) as error:
        logger.debug("no times are remembered: %r", error)
        return manifest


def of_document(entry: Entry, told: list[Any] | None) -> Entry:
    mtime_ns, sha256 = told or (entry.mtime_ns, None)
    return replace(entry, mtime_ns=mtime_ns) if sha256 == entry.sha256 else entry


def of_left_out(file: LeftOut, told: list[Any] | None) -> LeftOut:
    size, mtime_ns, reason, again = told or (None, None, None, None)
    return replace(file, size=size, mtime_ns=mtime_ns, again=again) if reason == file.reason else file


def seen(documents: Mapping[str, Entry], left_out: Iterable[LeftOut]) -> Seen:
    """Ready for JSON."""
    return {
        "documents": {name: [entry.mtime_ns, entry.sha256] for name, entry in documents.items()},
        "left_out": {
            each.document: [each.size, each.mtime_ns, each.reason, each.again]
            for each in left_out
            if each.mtime_ns is not None
        },
    }


def remember(times: Seen, root: Path) -> None:
    """Where there is no room for it, the files are read again."""
    try:
        written = root / f"{FILE_NAME}.new"
        written.write_text(json.dumps(times, ensure_ascii=False), encoding="utf-8")
        written.replace(root / FILE_NAME)
    except OSError as error:
        logger.debug("the times are not remembered: %s", error)


def forget(root: Path) -> None:
    """When a generation is published that has them itself; what is left of them is only of no use."""
    with suppress(OSError):
        (root / FILE_NAME).unlink()
