"""Markdown: the text as it stands, its headings, and what its front matter says."""

import re
from itertools import accumulate, pairwise

from markdown_it import MarkdownIt

from index.formats.extract import Extract, day_of, in_one_line, parts_of
from index.formats.front_matter import end_of, front_matter_of

HEADING_LENGTH = 200


def read(text: str) -> Extract:
    """`title`, `date`, `url` and `author` of the front matter come before anything else that tells them."""
    headings = headings_of(text)
    told = front_matter_of(text)
    return Extract(
        text,
        tuple(parts_of(end_of(text), headings)),
        title=in_one_line(told.get("title")) or (headings[0][2] if headings else None),
        dated=day_of(told.get("date")),
        url=web_address(told.get("url")),
        author=in_one_line(told.get("author")),
    )


def web_address(value: object) -> str | None:
    """An http or https address; anything else is no link to show."""
    address = in_one_line(value)
    return address if address and re.fullmatch(r"https?://[^\s<>\"]+", address) else None


def headings_of(text: str) -> list[tuple[int, int, str]]:
    """Markdown headings as (offset of the line, level, text); code blocks, front matter and long lines are none.

    The offset counts characters of `text` as it is, whatever its line endings.
    """
    body = end_of(text)
    lines = (re.sub(r"[^\r\n]", " ", text[:body]) + text[body:]).splitlines(keepends=True)
    tokens = MarkdownIt().disable("inline").parse("".join(as_one_line(line) for line in lines))
    starts = list(accumulate(map(len, lines), initial=0))
    return [
        (starts[opening.map[0]], int(opening.tag[1:]), plain(inline.content))
        for opening, inline in pairwise(tokens)
        if opening.type == "heading_open" and opening.map and is_heading(inline.content)
    ]


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
