"""JSON and JSON lines as text: a record a block, each value with the path of names that leads to it."""

import json
from collections.abc import Iterator

from index.formats.extract import Extract, UnreadableError, Writer, in_one_line

TITLES = ("title", "name", "subject", "headline", "question", "id")
DEEPEST = 50

QUESTIONS = {"question", "answers"}
"""What the records of a question file have. Answers found there would be the examiner's own."""


def read(text: str) -> Extract:
    """The objects of a list, or of the only list of them in an object, are records; anything else is one."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"is not valid JSON ({error})") from error
    lists = [name for name, each in value.items() if is_of_records(each)] if isinstance(value, dict) else []
    if len(lists) == 1:
        [name] = lists
        about = {other: each for other, each in value.items() if other != name}
        return written(value[name], about=about, path=name if about else "")
    return written(value if is_of_records(value) else [value])


def is_of_records(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(each, dict) for each in value)


def read_lines(text: str) -> Extract:
    records = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                records.append(json.loads(line))
            except (ValueError, RecursionError) as error:
                raise UnreadableError(f"is not valid JSON in line {number} ({error})") from error
    return written(records)


def written(records: list[object], *, about: object = None, path: str = "") -> Extract:
    """A part for each. `about` is what is said of them all, `path` the names that lead to them."""
    if all(isinstance(each, dict) and each.keys() >= QUESTIONS for each in records):
        raise UnreadableError("is a file of questions with answers, as `citegram eval` reads them, and no document")
    writer = Writer()
    writer.write(as_lines(about))
    for number, record in enumerate(records, start=1):
        if about or len(records) > 1:
            writer.part([title_of(record) or f"Record {number}"])
        writer.write(as_lines(record, path))
    return writer.extract()


def as_lines(value: object, path: str = "") -> str:
    return "\n".join(f"{name}: {told}" if name else told for name, told in flattened(value, path))


def title_of(record: object) -> str | None:
    if not isinstance(record, dict):
        return None
    found = (in_one_line(record.get(name)) for name in TITLES if isinstance(record.get(name), str | int))
    return next((title for title in found if title and len(title) <= 120), None)


def flattened(value: object, path: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """(path, value) pairs: `address.city`, and the same name again for each value of a list."""
    if depth > DEEPEST:
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from flattened(inner, f"{path}.{name}" if path else str(name), depth + 1)
    elif isinstance(value, list):
        if all(isinstance(each, str | int | float) for each in value):
            yield from flattened(", ".join(map(str, value)), path, depth + 1)
        else:
            for inner in value:
                yield from flattened(inner, path, depth + 1)
    elif value is not None and str(value).strip():
        yield path, str(value)
