"""White space and length of what is shown, for display only: a quote itself is never changed."""

import re
from collections.abc import Sequence

from bot.pages import MESSAGE_UNITS, fitting, utf16_length
from index.addresses import unlinked

UNSHOWABLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
"""Control characters and halves of characters, which Telegram refuses."""

SPACE = re.compile(r"\s{2,}|[^\S ]")
"""All but a single space, which stays as it is."""

KEPT_LINE = re.compile(r"(?:[-*+•–] |\d{1,3}[.)] |#{1,6} |\||>)")
"""A line that begins so is an item of a list, a heading, a table's row or a quote: it stays a line."""


def fold(text: str) -> str:
    """The text with the lines of a paragraph joined; paragraphs and lists stay."""
    return folded(text)[0].strip()


def fold_line(text: str) -> str:
    """All of it in one line."""
    return " ".join(UNSHOWABLE.sub("\ufffd", text).split())


def named_line(title: str) -> str:
    """A title or heading, of which no chat makes a link: links are those that a document gives as its own address."""
    return unlinked(fold_line(title))


def folded(text: str, *, marks: Sequence[int] = ()) -> tuple[str, list[int]]:
    """The text with the lines of a paragraph joined, and where the marked offsets have come to stand in it."""
    text = UNSHOWABLE.sub("\ufffd", text)
    pieces: list[str] = []
    moved = list(marks)
    taken = 0
    for run in SPACE.finditer(text):
        piece = space_between(run[0], text[run.end() : run.end() + 8])
        pieces += text[taken : run.start()], piece
        taken = run.end()
        for index, mark in enumerate(marks):
            moved[index] -= max(0, min(mark, run.end()) - run.start() - len(piece))
    return "".join([*pieces, text[taken:]]), moved


def space_between(space: str, following: str) -> str:
    if space.count("\n") > 1:
        return "\n\n"
    return "\n" if "\n" in space and KEPT_LINE.match(following) else " "


def shortened(text: str, characters: int = MESSAGE_UNITS, *, units: int = MESSAGE_UNITS) -> str:
    """The beginning of the text, ending at a word and with an ellipsis if it had to be cut."""
    if len(text) <= characters and utf16_length(text) <= units:
        return text
    if units <= 0:
        return ""
    kept = text[: min(characters - 1, fitting(text, units - 1))]
    at_word = kept.rsplit(maxsplit=1)[0] if " " in kept.strip() and not text[len(kept)].isspace() else kept
    return at_word.rstrip(" ,;:\n") + "…"


def shortened_before(text: str, units: int) -> str:
    """The end of the text, beginning at a word and with an ellipsis if it had to be cut."""
    if utf16_length(text) <= units:
        return text
    if units <= 0:
        return ""
    kept = text[len(text) - fitting(text[::-1], units - 1) :]
    return "…" + (kept.split(maxsplit=1)[1] if " " in kept.rstrip() else kept)
