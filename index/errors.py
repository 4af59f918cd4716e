"""What can go wrong in the index, each in a sentence that says what the person in front can do.

CitegramError
├── QuestionError        the question cannot be searched for
├── WriterError          a language model does not write; what it says is told by the answer
├── StoppedError         whoever asked does not wait for the answer any more
└── IndexingError        the index cannot be built or opened
    ├── SeedsError           the folder of documents is missing or holds nothing to index
    ├── DataFolderError      the data folder cannot be written
    ├── IndexBusyError       another process is rebuilding
    ├── NoIndexError         nothing has been indexed yet
    ├── CorruptIndexError    the published generation cannot be read
    ├── OutdatedIndexError   the published generation was made in another way, by another version or model
    ├── IndexAwayError       the server that holds the index does not answer, which passes
    ├── IndexRefusedError    the server that holds the index lets this program not in, or is not trusted
    └── ModelError           a model's files are missing or damaged, or its server fails
"""

import errno

from index.types import Fallback, Writing

REBUILD = "Rebuild it with: citegram index --full"

DAMAGED = f"The index is damaged. {REBUILD}"

OUTDATED = "The index was made by another version or with another model. Bring it up to date with: citegram index"


FULL = ("No space left on device", "disk is full", "Disk quota exceeded")
"""As the operating system and SQLite say it, also through Chroma and tantivy."""


class CitegramError(Exception):
    """Its text is one sentence for the person in front: what is wrong and what to do."""


class QuestionError(CitegramError):
    pass


class WriterError(CitegramError):
    def __init__(self, reason: Fallback) -> None:
        super().__init__(f"The language model did not write: {reason}")
        self.reason = reason


class StoppedError(CitegramError):
    """`writing` tells what the language model had cost by then."""

    def __init__(self, writing: Writing | None = None) -> None:
        super().__init__("Stopped.")
        self.writing = writing


class IndexingError(CitegramError):
    pass


class SeedsError(IndexingError):
    pass


class DataFolderError(IndexingError):
    pass


class IndexBusyError(IndexingError):
    pass


class NoIndexError(IndexingError):
    pass


class CorruptIndexError(IndexingError):
    pass


class OutdatedIndexError(IndexingError):
    pass


class IndexAwayError(IndexingError):
    pass


class IndexRefusedError(IndexingError):
    pass


class ModelError(IndexingError):
    pass


def is_full(error: Exception) -> bool:
    """Whether there was no room on the disk."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return any(words in str(error) for words in FULL)


def unwritten(what: str, error: Exception) -> DataFolderError:
    """`what`, as a sentence begins, could not be written."""
    if is_full(error):
        return DataFolderError(
            f"The disk is full: {what[0].lower()}{what[1:]} could not be written. Make room, then try again; what was "
            "indexed before still answers."
        )
    reason = getattr(error, "strerror", None) or error
    return DataFolderError(
        f"{what} could not be written ({reason}). Make room, or the folder writable; what was indexed before still "
        "answers."
    )
