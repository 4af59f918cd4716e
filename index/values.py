"""Numbers, dates and times that a text states, and whether two of them can mean the same. Read by `index/stated.py`."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum, auto
from itertools import product

ROUNDED = Decimal("0.02")
"""So far a number with one or two digits of its own may lie from the one that it rounds."""

ABOUT = Decimal("0.1")
"""So far, or as far as rounding goes, one that is given as about so much."""


class Kind(StrEnum):
    NUMBER = auto()
    DATE = auto()
    TIME = auto()


class Precision(StrEnum):
    EXACT = auto()
    ABOUT = auto()
    OPEN = auto()
    """A range or a bound: "four to six", "more than four"."""


Reading = tuple[Decimal | int | None, ...]
"""A number alone; year, month and day, as far as they are told; the minute of the day, or of a beginning and an end."""


@dataclass(frozen=True, slots=True)
class Value:
    """What is stated at text[start:end]. `unit` is what a number counts, as a stem or a sign; empty for what counts
    nothing."""

    text: str
    start: int
    end: int
    kind: Kind
    readings: tuple[Reading, ...]
    unit: str = ""
    precision: Precision = Precision.EXACT

    @property
    def measure(self) -> tuple[Kind, str, int]:
        """Only values of one measure can be compared."""
        return self.kind, self.unit, len(self.readings[0])


def differ(one: Value, other: Value) -> bool:
    """Whether they are of one measure and cannot mean the same."""
    if one.measure != other.measure or Precision.OPEN in (one.precision, other.precision):
        return False
    about = Precision.ABOUT in (one.precision, other.precision)
    return not any(agree(a, b, one.kind, about=about) for a, b in product(one.readings, other.readings))


def agree(one: Reading, other: Reading, kind: Kind, *, about: bool) -> bool:
    if kind is Kind.DATE:
        return all(a == b for a, b in zip(one, other, strict=True) if None not in (a, b))
    if kind is Kind.TIME:
        return one == other
    return rounds(Decimal(one[0] or 0), Decimal(other[0] or 0), about=about)


def rounds(one: Decimal, other: Decimal, *, about: bool) -> bool:
    """Whether they are equal, or one is the other in fewer digits."""
    if one == other:
        return True
    rounder, finer = sorted((one, other), key=digits)
    distance = abs(one - other) / max(abs(one), abs(other))
    if about:
        return distance <= ABOUT or (digits(rounder) < digits(finer) and to_digits(finer, digits(rounder)) == rounder)
    return digits(rounder) <= 2 and digits(rounder) < digits(finer) and distance <= ROUNDED


def digits(number: Decimal) -> int:
    """How many digits of its own it has: 340 has two, as 4.2 has."""
    return len(number.normalize().as_tuple().digits)


def to_digits(number: Decimal, count: int) -> Decimal:
    return Decimal(f"{number:.{count - 1}e}")
