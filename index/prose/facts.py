"""What a sentence claims that can be checked letter for letter: numbers and dates, addresses. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from index.addresses import ADDRESS, addresses
from index.stated import values
from index.values import Kind, Value

Part = Decimal | tuple[str, int]
"""A number, or a month or a minute of the day."""

DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Facts:
    """`numbers`: each as the ways in which it may be meant, each way as the parts that must all be held."""

    numbers: tuple[tuple[frozenset[Part], ...], ...]
    addresses: frozenset[str]


@lru_cache(maxsize=1024)
def stated(text: str) -> tuple[Value, ...]:
    return values(text)


@lru_cache(maxsize=512)
def facts(text: str) -> Facts:
    bare = ADDRESS.sub(" ", text)
    return Facts(
        numbers=tuple(numbers(bare)),
        addresses=addresses(text),
    )


@lru_cache(maxsize=512)
def held(text: str) -> frozenset[Part]:
    """Every number, month and time of a text, in every way in which it may be meant."""
    told = (part for value in stated(text) for way in ways(value) for part in way)
    return frozenset((*told, *map(Decimal, DIGITS.findall(text))))


def holds(parts: frozenset[Part], number: Iterable[frozenset[Part]]) -> bool:
    """Whether one of the ways in which a number may be meant is among the parts."""
    return any(way <= parts for way in number)


def numbers(text: str) -> Iterator[tuple[frozenset[Part], ...]]:
    """What is stated, and digits that are part of nothing that could be read."""
    end = 0
    for value in stated(text):
        yield from loose(text[end : value.start])
        yield tuple(ways(value))
        end = value.end
    yield from loose(text[end:])


def loose(text: str) -> Iterator[tuple[frozenset[Part], ...]]:
    """Digits as they stand, whatever they mean."""
    for digits in DIGITS.findall(text):
        yield (frozenset({Decimal(digits)}),)


def ways(value: Value) -> Iterator[frozenset[Part]]:
    digits = frozenset[Part](map(Decimal, DIGITS.findall(value.text)))
    for reading in value.readings:
        match value.kind, reading:
            case Kind.DATE, (None, None, None):
                yield digits
            case Kind.DATE, (year, month, day):
                told: list[Part] = [Decimal(each) for each in (year, day) if each is not None]
                yield frozenset((*told, *([("month", int(month))] if month is not None else [])))
            case Kind.TIME, _:
                yield frozenset(("minute", int(each)) for each in reading if each is not None)
                if digits and len(value.readings) > 1:  # without a word on which half of the day is meant
                    yield digits
            case _:
                yield frozenset(Decimal(each) for each in reading if each is not None)
