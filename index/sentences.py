"""Where sentences begin and end.

sentencex (Wikimedia) finds the boundaries, with offsets, in some 300 languages; what it does not know are the line
blocks of Markdown: a heading, a list item, a table row and a quoted line each stand for themselves. It also misses a
full stop that stands alone, as in text taken from papers (3 of 100 sentences there), and takes "et al." for an end.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

import sentencex

HEADING = re.compile(r"^[ \t]*#{1,6}[ \t].*\n?", re.MULTILINE)
MARK = re.compile(r"^[ \t]*(?:(?:[-*+•]|\d{1,3}[.)])[ \t]+|>[ \t]?|\|)", re.MULTILINE)
"""What a line of its own begins with: a bullet, a number, a quotation mark or a table's bar."""

INTRODUCES = (":", "：")
NEXT_ITEM = re.compile(r"[^\S\n]*\n\s*(?:[-*+•]|\d{1,3}[.)])[ \t]+\s*")

LONE_STOP = re.compile(r"(?<=[^\W_]|[)\]\"'’”]) \.\s+(?=[^\W\d_])")
ET_AL = re.compile(r"\bet\s+al\.,?\s*\Z")
GOES_ON = re.compile(r"\s*[;,]")
"""What begins no sentence, though a question mark stand before it, as in a row of questions and answers."""

TAIL = re.compile(r"(?<![\s|])[\s|]+\Z")
WORD = re.compile(r"\w")


def pieces(text: str, language: str) -> list[tuple[int, int]]:
    """The text cut at every sentence boundary: offsets without gap or overlap, white space and marks included."""
    cuts = {0, len(text)}
    for start, end in blocks(text):
        mark = MARK.match(text, start, end)
        body = mark.end() if mark else start
        cuts.update(body + cut for cut in boundaries(text[body:end], language))
        cuts.add(start)
    return list(pairwise(sorted(cuts)))


def boundaries(block: str, language: str) -> set[int]:
    """Where sentences of a block end."""
    found = {boundary["end_index"] for boundary in sentencex.get_sentence_boundaries(language, block)}
    kept = {
        end
        for end in found
        if end == len(block) or not (GOES_ON.match(block, end) or ET_AL.search(block, max(0, end - 12), end))
    }
    return kept | {stop.end() for stop in LONE_STOP.finditer(block) if block[stop.end()].isupper()}


def sentences(text: str, language: str) -> list[tuple[int, int]]:
    """Offsets of the sentences, without the white space and marks around them; headings are none."""
    found = []
    for start, end in pieces(text, language):
        if HEADING.match(text, start, end):
            continue
        mark = MARK.match(text, start, end)
        first = mark.end() if mark else start
        first += len(text[first:end]) - len(text[first:end].lstrip())
        last = first + len(TAIL.sub("", text[first:end]))
        if WORD.search(text, first, last):
            found.append((first, last))
    return found


def lists(text: str, found: Sequence[tuple[int, int]]) -> dict[int, list[int]]:
    """For each of the sentences found that introduces a list ("You need:", and items below it), where its items end.

    By the sentence's start. Items are lines with a mark of their own; what they go on with in the same line is theirs.
    """
    introduced: dict[int, list[int]] = {}
    for place, (start, end) in enumerate(found):
        if text[start:end].endswith(INTRODUCES):
            ends: list[int] = []
            for (_, before), (first, last) in pairwise(found[place:]):
                if NEXT_ITEM.fullmatch(text, before, first):
                    ends.append(last)
                elif ends and "\n" not in text[before:first]:
                    ends[-1] = last
                else:
                    break
            if ends:
                introduced[start] = ends
    return introduced


def blocks(text: str) -> list[tuple[int, int]]:
    """The text cut where a line begins something of its own, and after headings."""
    cuts = {0, len(text)}
    cuts.update(match.start() for match in MARK.finditer(text))
    for heading in HEADING.finditer(text):
        cuts.update(heading.span())
    return list(pairwise(sorted(cuts)))
