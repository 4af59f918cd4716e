"""What a line typed on the console asks for."""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

CITATION = re.compile(r"/(\d{1,6})")


class Name(StrEnum):
    SOURCES = "/sources"
    WHY = "/why"
    NEW = "/new"
    STATUS = "/status"
    HELP = "/help"
    QUIT = "/quit"


MEANINGS = {
    Name.SOURCES: "the documents that answers come from",
    Name.WHY: "how the last answer came about",
    Name.NEW: "start over with a new subject",
    Name.STATUS: "what is indexed",
    Name.HELP: "what you can type here",
    Name.QUIT: "leave (so does Ctrl-D)",
}


@dataclass(frozen=True, slots=True)
class Question:
    text: str


@dataclass(frozen=True, slots=True)
class Open:
    """Show citation `number` of the last answer in its surroundings."""

    number: int


@dataclass(frozen=True, slots=True)
class Unknown:
    """A command that does not exist, and the one that comes nearest to it."""

    word: str
    nearest: Name


Command = Question | Open | Name | Unknown


def parse(line: str) -> Command | None:
    """The command in a line; None if the line is empty. What does not begin with a slash is a question."""
    line = line.strip()
    if not line:
        return None
    if not line.startswith("/"):
        return Question(line)
    word = line.split()[0].lower()
    if citation := CITATION.fullmatch(word):
        return Open(int(citation[1]))
    return Name(word) if word in set(Name) else Unknown(word, nearest(word))


def nearest(word: str) -> Name:
    """The command most like the word; help if none is."""
    return Name((*get_close_matches(word, list(Name), n=1, cutoff=0.5), Name.HELP)[0])
