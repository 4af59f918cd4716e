"""A cited answer as a Markdown file: the question, the answer, and each source with its quote. Pure."""

import re

from bot import texts
from bot.conversations import KeptAnswer, KeptCitation
from bot.folding import fold_line
from bot.languages import Say
from bot.render import author_of, day_of, page_of
from index.types import MARKER

MARKUP = re.compile(r"([\\`*_<>\[\]#|~&])")
"""What Markdown would take for markup."""

FILE_NAME_CHARACTERS = 60


def markdown(kept: KeptAnswer, text: str, say: Say) -> str:
    """`text` is the answer's whole text, with its markers."""
    heading = f"# {literal(fold_line(kept.words))}\n\n" if kept.words else ""
    sources = "".join(source(number, each, say) for number, each in enumerate(kept.citations, start=1))
    below = f"\n## {say(texts.SOURCES)}\n{sources}" if sources else ""
    notes = "".join(f"{with_markers(note)}\n\n" for note in kept.notes)
    return f"{heading}{notes}{with_markers(text)}\n{below}"


def source(number: int, citation: KeptCitation, say: Say) -> str:
    """Title, document, page, author and date in a line; the quote as it stands in the document below it."""
    told = citation.source
    title = f"**{literal(fold_line(told.title or told.document))}**"
    linked = f"[{title}](<{told.url}>)" if told.url else title
    steps = (linked, f"`{told.document}`" if "`" not in told.document else literal(told.document))
    more = (page_of(told, say), author_of(told), day_of(told.modified, say))
    where = ", ".join(step for step in (*steps, *more) if step)
    quote = "\n".join(f"> {literal(line)}".rstrip() for line in citation.quote.splitlines())
    return f"\n\\[{number}\\] {where}\n\n{quote}\n"


def with_markers(text: str) -> str:
    """The text literally, but for its markers, which are plain enough."""
    markers = MARKER.finditer(text)
    pieces, end = [], 0
    for marker in markers:
        pieces += [literal(text[end : marker.start()]), marker[0]]
        end = marker.end()
    return "".join([*pieces, literal(text[end:])]).strip()


def literal(text: str) -> str:
    """As it is to be read: nothing in it is markup."""
    return MARKUP.sub(r"\\\1", text)


def file_name(kept: KeptAnswer) -> str:
    """Of the question's words."""
    words = "-".join(re.findall(r"\w+", kept.words.lower()))[:FILE_NAME_CHARACTERS].rstrip("-")
    return f"{words or 'answer'}.md"
