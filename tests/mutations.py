"""Files damaged at random, as transfers, disks and strangers damage them."""

import random
from collections.abc import Iterator

from tests.files import MADE


def mutated_files(count: int, *, seed: int) -> Iterator[tuple[str, bytes]]:
    """(name, content): of every format in turn."""
    chance = random.Random(seed)
    names = sorted(MADE)
    for number in range(count):
        name = names[number % len(names)]
        stem, _, suffix = name.rpartition(".")
        yield f"{stem}-{number}.{suffix}", mutated(MADE[name], chance)


def mutated(content: bytes, chance: random.Random) -> bytes:
    """One to four changes: bytes turned over, cut out, doubled, put elsewhere, or the end lost."""
    changed = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        way = chance.choice(WAYS)
        start = chance.randrange(max(1, len(changed)))
        way(changed, start, start + chance.randint(1, 64), chance)
    return bytes(changed)


def turn_over(content: bytearray, start: int, end: int, chance: random.Random) -> None:
    for place in range(start, min(end, len(content))):
        content[place] ^= 1 << chance.randrange(8)


def cut_out(content: bytearray, start: int, end: int, chance: random.Random) -> None:
    del content[start:end]


def double(content: bytearray, start: int, end: int, chance: random.Random) -> None:
    content[start:start] = content[start:end] * chance.randint(1, 50)


def swap(content: bytearray, start: int, end: int, chance: random.Random) -> None:
    piece = content[start:end]
    del content[start:end]
    place = chance.randrange(len(content) + 1)
    content[place:place] = piece


def lose_end(content: bytearray, start: int, end: int, chance: random.Random) -> None:
    del content[start:]


def numbers(content: bytearray, start: int, end: int, chance: random.Random) -> None:
    """Lengths and counts that are far too large."""
    content[start : start + 4] = chance.choice((b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"9999", b"\0\0\0\0"))


WAYS = (turn_over, cut_out, double, swap, lose_end, numbers)
