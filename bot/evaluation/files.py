"""The files that `citegram eval` and `citegram feedback` read and write beside the questions."""

import json
import os
from pathlib import Path
from typing import Any, ClassVar

from index.errors import CitegramError


class FileError(CitegramError):
    """A file is missing or not as it should be; the text names it."""

    exit_status: ClassVar[int] = 2


class UnwritableError(CitegramError):
    """A file cannot be written where it should."""

    exit_status: ClassVar[int] = 1


def read_object(path: Path) -> dict[str, Any]:
    """A file that holds one JSON object. Raises FileError."""
    try:
        content = json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise FileError(f"{path} cannot be read ({error.strerror}).") from error
    except (ValueError, RecursionError) as error:
        raise FileError(f"{path} is not JSON.") from error
    if not isinstance(content, dict):
        raise FileError(f"{path} holds no JSON object.")
    return content


def check_writable(path: Path) -> None:
    """Told before hundreds of questions are asked in vain. Raises UnwritableError."""
    if path.is_dir() or not path.parent.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise UnwritableError(f"{path} cannot be written. Name a file in a folder that is there.")


def write_page(path: Path, page: str) -> None:
    """Raises UnwritableError."""
    try:
        path.write_bytes(page.encode(errors="backslashreplace"))  # a question may hold half of a surrogate pair
    except OSError as error:
        raise UnwritableError(f"{path} cannot be written ({error.strerror}).") from error
