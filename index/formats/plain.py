"""Plain text: as it stands."""

from index.formats.extract import Extract


def read(text: str) -> Extract:
    return Extract(text)
