"""Which documents are editions of one another, and which of two is the newer. Pure.

Documents are of one series where their paths, or their titles, differ in a date, a version or a number alone: minutes
of each month, "Handbook v2" and "Handbook v3". Which is the newer is told by the dates that the documents state
themselves and by their names, and only where these do not contradict each other; never by the date of a file.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, auto
from functools import cached_property
from pathlib import PurePosixPath

from index.stated import values
from index.types import Source
from index.values import Kind
from index.words import MONTHS

Order = tuple[int, ...]

YEAR = r"(?:19|20)\d\d"
MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
MARKS = re.compile(
    rf"(?<!\d)(?:"
    rf"(?P<y1>{YEAR})[-. ]?(?P<m1>0\d|1[0-2])[-. ]?(?P<d1>[0-2]\d|3[01])"
    rf"|(?P<d2>[0-2]?\d|3[01])[-. ](?P<m2>0?\d|1[0-2])[-. ](?P<y2>{YEAR})"
    rf"|(?P<d3>[0-2]?\d|3[01])(?:st|nd|rd|th)?\.? (?P<n3>{MONTH})\.?,? (?P<y3>{YEAR})"
    rf"|\b(?P<n4>{MONTH})\.? (?P<d4>[0-2]?\d|3[01])(?:st|nd|rd|th)?,? (?P<y4>{YEAR})"
    rf"|(?P<y5>{YEAR})[-. ]?q(?P<q5>[1-4])|\bq(?P<q6>[1-4])[-. ]?(?P<y6>{YEAR})"
    rf"|(?P<y7>{YEAR})[-. ](?P<m7>0\d|1[0-2])|(?P<m8>0\d|1[0-2])[-. ](?P<y8>{YEAR})"
    rf"|\b(?P<n9>{MONTH})\.?,? (?P<y9>{YEAR})|(?P<y10>{YEAR})[-., ]+(?P<n10>{MONTH})"
    rf"|(?P<y11>{YEAR})(?: ?(?:года|году|год|г\.))?"
    rf"|\b(?:v|ver|version|rev|revision|release|edition|draft|версия|ред|редакция|издание)\.?[ -]?"
    rf"(?P<version>\d+(?:\.\d+)*)"
    rf"|(?P<edition>\d+)(?:st|nd|rd|th|-е|-я|-ое|-ая)? (?:edition|revision|издание|редакция)"
    rf"|(?:\bno\.?|\bnr\.?|№|#) ?(?P<no>\d+)|(?P<number>\d+)"
    rf")(?![a-zа-яё\d])"
)
"""In a name in lower case, its white space and underscores folded to single spaces."""

PART = re.compile(
    r"(?:chapter|part|section|lesson|unit|volume|vol|appendix|annex|figure|fig|table|page|room|floor|step|module|article|"
    r"exercise|question|form|line|route|platform|building|house|class|grade|level|stage|type|model|"
    r"doc|document|file|source|text|copy|untitled|sample|example|test|документ|файл|источник|текст|копия|"
    r"глава|часть|раздел|урок|том|приложение|страница|лекция|занятие|задание|статья|кабинет|класс|дом|маршрут)\.?[ -]?$"
)
"""What a number tells one part of, or one thing of many: the next is no newer."""


class Mark(StrEnum):
    DATE = auto()
    VERSION = auto()
    NUMBER = auto()
    """Whether a higher one is newer, only the dates that the documents state can tell."""


@dataclass(frozen=True, slots=True)
class Name:
    """A path or a title: `series` is what all editions share, `marks` what tells them apart, in order."""

    series: str
    marks: tuple[tuple[Mark, Order], ...]

    @property
    def date(self) -> Order:
        """Year, month and day, as far as told; empty where the name tells none or several."""
        dates = [order for mark, order in self.marks if mark is Mark.DATE]
        return dates[0] if len(dates) == 1 else ()


def name_of(text: str) -> Name | None:
    """None where nothing would tell one edition from another, or the rest is no word."""
    if not any(each.isdigit() for each in text):
        return None
    folded = re.sub(r"[\s_]+", " ", text.lower()).strip()
    pieces, marks, end = [], [], 0
    for match in MARKS.finditer(folded):
        mark, order = read_mark({key: value for key, value in match.groupdict().items() if value})
        if mark is Mark.NUMBER and PART.search(folded[: match.start()]):
            return None
        pieces.append(folded[end : match.start()])
        marks.append((mark, order))
        end = match.end()
    pieces.append(folded[end:])
    series = " ".join(re.findall(r"[^\W\d_]+|\x00", "\x00".join(pieces)))
    return Name(series, tuple(marks)) if marks and re.search(r"[^\W\d_]{2}", series) else None


def names_edition(question: str) -> bool:
    """Whether a question says which edition it is about, by a date, a year or a version."""
    found = MARKS.finditer(question.lower())
    told = (read_mark({key: value for key, value in match.groupdict().items() if value}) for match in found)
    return any(mark is not Mark.NUMBER for mark, _ in told) or any(each.kind is Kind.DATE for each in values(question))


def read_mark(told: dict[str, str]) -> tuple[Mark, Order]:
    if "version" in told:
        return Mark.VERSION, tuple(int(each[:18]) for each in told["version"].split("."))
    if "edition" in told:
        return Mark.VERSION, (int(told["edition"][:18]),)
    if number := told.get("no") or told.get("number"):
        return Mark.NUMBER, (int(number[:18]),)
    parts = {key[0]: value for key, value in told.items()}
    month = MONTHS[parts["n"]] if "n" in parts else parts.get("m") or (3 * int(parts["q"]) if "q" in parts else None)
    order = (parts["y"], month, parts.get("d"))
    return Mark.DATE, tuple(int(each) for each in order if each is not None)


@dataclass(frozen=True)
class Edition:
    """A document; `stated` is the date that it states itself."""

    source: Source
    stated: date | None

    @cached_property
    def path(self) -> Name | None:
        path = PurePosixPath(self.source.document)
        return name_of(str(path.with_suffix("")) if path.suffix else str(path))

    @cached_property
    def title(self) -> Name | None:
        return name_of(self.source.title)

    @property
    def date(self) -> Order:
        """Stated, else told by its name; empty where neither is."""
        if self.stated:
            return self.stated.year, self.stated.month, self.stated.day
        return next((name.date for name in (self.path, self.title) if name and name.date), ())


class Editions:
    """The documents of a folder, by series."""

    def __init__(self, documents: Iterable[Edition]) -> None:
        self._documents = {each.source.document: each for each in documents}
        self._by_path: defaultdict[str, list[Edition]] = defaultdict(list)
        self._by_title: defaultdict[str, list[Edition]] = defaultdict(list)
        for each in self._documents.values():
            if each.path:
                self._by_path[each.path.series].append(each)
            if each.title:
                self._by_title[each.title.series].append(each)

    def of_one_series(self, one: str, other: str) -> bool:
        return any(each.source.document == other for each in self._others(one))

    def newest(self, document: str) -> Edition | None:
        """The newest of the same series; None where there is none newer than this one."""
        newer = [each for each in self._others(document) if is_newer_edition(each, self._documents[document])]
        best = newer[0] if newer else None
        for each in newer:
            best = each if best and is_newer_edition(each, best) else best
        return best

    def is_newer_edition(self, one: str, other: str) -> bool:
        """Whether the one is the newer of two editions."""
        return self.of_one_series(one, other) and is_newer_edition(self._documents[one], self._documents[other])

    def is_newer(self, one: str, other: str) -> bool:
        """Whether the one is surely the newer of any two documents."""
        mine, theirs = self._documents.get(one), self._documents.get(other)
        return mine is not None and theirs is not None and compared(mine.date, theirs.date) > 0

    def _others(self, document: str) -> list[Edition]:
        """The other editions of the same series."""
        known = self._documents.get(document)
        if known is None:
            return []
        by_path = self._by_path.get(known.path.series, ()) if known.path else ()
        by_title = self._by_title.get(known.title.series, ()) if known.title else ()
        found = {each.source.document: each for each in (*by_path, *by_title)}
        return [each for each in found.values() if are_editions(each, known)]


def are_editions(one: Edition, other: Edition) -> bool:
    return one is not other and any(
        mine and theirs and mine.series == theirs.series and kinds(mine) == kinds(theirs) and mine.marks != theirs.marks
        for mine, theirs in ((one.path, other.path), (one.title, other.title))
    )


def kinds(name: Name) -> list[Mark]:
    return [mark for mark, _ in name.marks]


def is_newer_edition(one: Edition, other: Edition) -> bool:
    """By the dates stated and by the names; where one of them says otherwise, neither is believed."""
    stated = compared(one.date, other.date) if one.stated and other.stated else 0
    named = [by_name(mine, theirs) for mine, theirs in ((one.path, other.path), (one.title, other.title))]
    numbered = [sign for sign, sure in named if not sure]
    told = [stated, *(sign for sign, sure in named if sure)]
    return max(told) > 0 and min(*told, *numbered) >= 0


def by_name(one: Name | None, other: Name | None) -> tuple[int, bool]:
    """Which name is of the newer edition, as `compared` has it, and whether that is sure: a number alone is not."""
    if not (one and other and one.series == other.series and kinds(one) == kinds(other)):
        return 0, True
    for (mark, mine), (_, theirs) in zip(one.marks, other.marks, strict=True):
        if mine != theirs:
            later = (mine > theirs) - (mine < theirs) if mark is Mark.VERSION else compared(mine, theirs)
            return later, mark is not Mark.NUMBER
    return 0, True


def compared(one: Order, other: Order) -> int:
    """1 where the one is later, -1 where earlier, 0 where they are equal as far as both tell."""
    both = list(zip(one, other, strict=False))
    return next(((mine > theirs) - (mine < theirs) for mine, theirs in both if mine != theirs), 0)
