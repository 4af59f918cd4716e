"""What a language model said, taken apart: quotes, and sentences with the ids that they name.

Models keep the form they were asked for more or less. What is understood: the two headings in any decoration, or
none; ids in square brackets, several in one; JSON. The thoughts of models that think aloud are left out, and so is
Markdown.
Nothing is ever raised: from nonsense come no sentences.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from index.prose.offer import NO_ANSWER
from index.sentences import sentences

THINKING = r"(?:think(?:ing)?|thoughts?)>"
THOUGHTS = re.compile(rf"<{THINKING}.*?(?:</{THINKING}|\Z)", re.DOTALL | re.IGNORECASE)
THOUGHTS_BEFORE = re.compile(rf"\A.*</{THINKING}", re.DOTALL | re.IGNORECASE)
"""Where the server has put the opening into its own template, only the end is sent."""

FENCE = re.compile(r"^[ \t]*```.*$", re.MULTILINE)
DECORATION = r"[ \t*_#>]*"
QUOTES = re.compile(rf"^{DECORATION}QUOTES?[ \t*_#>:]*$", re.MULTILINE | re.IGNORECASE)
ANSWER = re.compile(rf"^{DECORATION}(?:FINAL )?ANSWER(?:[ \t*_]*:[ \t*_]*|{DECORATION}$)", re.MULTILINE | re.IGNORECASE)
QUOTED = re.compile(r"^[ \t]*(?:[-*•]|\d+[.)])?[ \t]*\[(?P<id>[^\[\]\s]{1,20})\][ \t:]*(?P<text>\S.*)$", re.MULTILINE)

NAMED = r"[\[【［]\s*[^\W_][\w-]{0,15}(?:\s*[,;]\s*[^\W_][\w-]{0,15})*\s*[\]】］]"
MARKERS = re.compile(rf"\s*(?:{NAMED}\s*)+(?=\s|[.!?…,;:)]|\Z)|\s*(?:{NAMED})+")
ID = re.compile(r"[^\W_][\w-]*")

SPACES = re.compile(r"[^\S\n]+")
MARKS = re.compile(r"^\W+|\W+$")
EMPHASIS = re.compile(r"(\*\*|__|`)(?=\S)(.+?)(?<=\S)\1")
HEADING = re.compile(r"^[ \t]*#{1,6}[ \t]+.*$", re.MULTILINE)
LINK = re.compile(r"\[([^\[\]]+)\]\((?:[^()\s]|\([^()\s]*\))+(?:\s+\"[^\"]*\")?\)")
ENCLOSING = "\"'“”„«»‘’"


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of the answer, without its markers, and the ids that it names, known or not, each once."""

    text: str
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Copied:
    """What the model says that the passage with this id says."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    copied: tuple[Copied, ...] = ()
    said: tuple[Said, ...] = ()
    declined: bool = False
    """The model says that the passages do not answer."""


def parse(text: str, language: str = "en") -> Reply:
    """`language` is that of the answer, for the ends of its sentences."""
    visible = unwrapped(FENCE.sub("", without_thoughts(SPACES.sub(" ", "".join(filter(is_shown, text))))))
    quotes, answer = parted(visible)
    first = next(iter(answer.strip().splitlines()), "")
    if answer.strip().startswith(NO_ANSWER) or MARKS.sub("", first).casefold() == NO_ANSWER.casefold():
        return Reply(declined=True)
    return Reply(tuple(copied(quotes)), tuple(said(answer, language)))


def without_thoughts(text: str) -> str:
    """Without what a model thought aloud, which may name what it then takes back."""
    return THOUGHTS_BEFORE.sub("", THOUGHTS.sub("", text))


def is_shown(character: str) -> bool:
    """Not what is invisible, or turns the direction of what follows."""
    return character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cf", "Cs")


def unwrapped(text: str) -> str:
    """The texts in a reply that is JSON, each in a line, or those of its answer alone; any other as it is."""
    if text.strip()[:1] not in ("{", "["):
        return text
    try:
        value = json.loads(text)
        named = {name.lower(): each for name, each in value.items()} if isinstance(value, dict) else {}
        return "\n".join(texts_in(named.get("answer", value))) or text
    except (ValueError, RecursionError):
        return text


def texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from texts_in(each)


def parted(text: str) -> tuple[str, str]:
    """What stands below the heading for quotes, and below that for the answer; without headings all is the answer."""
    answers = list(ANSWER.finditer(text))
    if answers:
        return text[: answers[0].start()], text[answers[-1].end() :]
    if heading := QUOTES.search(text):
        ends = [quoted.end() for quoted in QUOTED.finditer(text, heading.end())]
        end = max(ends, default=heading.end())
        return text[:end], text[end:]
    return "", text


def copied(text: str) -> Iterator[Copied]:
    for quoted in QUOTED.finditer(text):
        words = quoted["text"].strip().strip(ENCLOSING).strip()
        if words:
            yield Copied(quoted["id"], words)


def said(text: str, language: str) -> Iterator[Said]:
    """Each marker belongs to the sentence in which, or right behind which, it stands."""
    plain = unmarked(text)
    bare, named = "", []
    last = 0
    for marker in MARKERS.finditer(plain):
        bare += plain[last : marker.start()]
        named.append((len(bare), ID.findall(marker[0])))
        last = marker.end()

    bare += plain[last:]
    spans = sentences(bare, language)
    for place, (start, end) in enumerate(spans):
        following = spans[place + 1][0] if place + 1 < len(spans) else len(bare) + 1
        ids = [id for at, found in named if start < at <= max(end, following - 1) for id in found]
        yield Said(" ".join(bare[start:end].split()), tuple(dict.fromkeys(ids)))


def unmarked(text: str) -> str:
    """The text without Markdown and its headings, which say nothing; of a link its words."""
    text = HEADING.sub("", LINK.sub(r"\1", text))
    while (plain := EMPHASIS.sub(r"\2", text)) != text:
        text = plain
    return text
