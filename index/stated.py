"""Numbers, dates and times as a sentence states them, so that two ways of writing the same are the same.

Read are digits of any language, and words and dates of English and Russian. What cannot be told apart keeps every
reading: 1.500 may be one and a half or fifteen hundred, 3/4/2021 in March or April, 9:00 in the morning or evening.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise, product

from index.values import Kind, Precision, Reading, Value
from index.words import MONTHS, NO_UNIT, RUSSIAN, SCALES, SMALL, TIMES_WORDS, UNITS, listed

Stem = Callable[[str], str]
"""A word in the form that all its forms share."""

NEAR = 40
"""Characters before a value, among which the words that bound or round it stand."""

LOOKALIKES = {ord("ſ"): "s", ord("ı"): "i"}
"""Letters that a pattern takes for others where case does not matter, and a dictionary does not."""


MONTH = "|".join(sorted((form.capitalize() if form.isascii() else form for form in MONTHS), key=len, reverse=True))
YEAR = r"1\d{3}|20\d{2}"
YEAR_SAID = rf"(?P<year>{YEAR})(?!\d)"
DAY = r"(?P<day>[0-3]?\d)"
DATES = [
    re.compile(rf"(?<![\w.-])(?P<year>{YEAR})-(?P<month>[01]\d)-(?P<day>[0-3]\d)(?![\w-])"),
    re.compile(rf"(?<![\w.])(?P<day>[0-3]?\d)\.(?P<month>[01]?\d)\.(?P<year>{YEAR})(?!\w)"),
    re.compile(rf"(?<![\w/])(?P<either>[0-3]?\d)/(?P<or>[0-3]?\d)/(?P<year>{YEAR})(?![\w/])"),
    re.compile(rf"(?<![\w.,]){DAY}(?:st|nd|rd|th)?(?:\s+of)?\s+(?P<name>{MONTH})\b\.?(?:,?\s+{YEAR_SAID})?", re.I),
    re.compile(rf"\b(?P<name>{MONTH})\b\.?\s+{DAY}(?:st|nd|rd|th)?(?![\w:]|[.,]\d)(?:,?\s+{YEAR_SAID})?", re.I),
    re.compile(rf"\b(?P<name>{MONTH})\b\.?,?\s+(?:of\s+)?{YEAR_SAID}", re.I),
    re.compile(rf"(?<![.!?] )(?<!^)\b(?P<name>{MONTH})\b(?!\.\w)"),
]  # fmt: skip
"""The surest first; the last is a month alone, which must not begin a sentence: "May" and "March" are words, too."""

YEAR_ALONE = re.compile(rf"(?<![\w.,/$€£-])(?P<year>{YEAR})(?![\d%°]|[.,/]\d|\s?[–—-]\s?\d)(?![a-z])")
LIKE_A_YEAR = re.compile(YEAR)
"""The 2021 notes are no number of notes."""

YEARS = re.compile(rf"(?<![\w.,/$€£-])(?:{YEAR})\s?[-–—]\s?(?:{YEAR}|\d\d)(?![\w-])")
YEAR_BEFORE = re.compile(r"\b(?:in|since|year|circa|until|till|of|в|во|с|до|после|к)\s+$", re.IGNORECASE)

YEAR_WORDS = listed("года году год годы годах г гг")
WORD_AFTER = re.compile(r"\s+([^\W\d_][\w-]*)")

HOURS = "|".join(word for word, number in SMALL.items() if 1 <= number <= 12)
HALF_OF_DAY = r"[ap]\.m\.|[ap]m\b"
PART_OF_DAY = r"in the morning|in the afternoon|in the evening|at night|утра|дня|вечера|ночи"
TIMES = [
    re.compile(
        rf"(?<![\w:.,])(?P<hour>[012]?\d):(?P<minute>[0-5]\d)(?![\w:])(?:\s?(?P<half>{HALF_OF_DAY}|{PART_OF_DAY}))?",
        re.IGNORECASE,
    ),
    re.compile(rf"(?<![\w:.,])(?P<hour>1?\d)\s?(?P<half>{HALF_OF_DAY})(?!\w)", re.IGNORECASE),
    re.compile(
        rf"(?<![\w:.,])(?P<hour>1?\d|{HOURS})(?:\s+(?:o['’]clock|часов|часа|час))?\s+(?P<half>{PART_OF_DAY})\b",
        re.IGNORECASE,
    ),
    re.compile(r"\b(?P<name>noon|midday|midnight)\b", re.IGNORECASE),
]
LATE = re.compile(r"p|in the (?:afternoon|evening)|at night|дня|вечера", re.IGNORECASE)

DIGITS = re.compile(
    r"(?<![\w/])(?<!\d[.,:])(?<![^\W\d]-)(?P<sign>(?<!\S)[-−])?"
    r"(?P<digits>\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:[.,]\d+)?|\d{1,3}(?:,\d{3})+(?:\.\d+)?"
    r"|\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?|\d+(?:[.,]\d+)?)(?![\d/]|[.,:]\d)"
)
NUMBER_WORD = "|".join(
    sorted({*SMALL, *SCALES, *(word.replace("е", "ё") for word in RUSSIAN if "е" in word)}, key=len, reverse=True)
)
WORDS = re.compile(rf"\b(?:(?:a|an)\s+(?=hundred|thousand|million|billion|dozen))?(?:{NUMBER_WORD})"
                   rf"(?:(?:(?:(?<=hundred)|(?<=thousand)|(?<=million))\s+and\s+|\s+|-)(?:{NUMBER_WORD})\b)*\b",
                   re.IGNORECASE)  # fmt: skip
SCALE_AFTER = re.compile(
    rf"\s?-?\s?(?P<scale>{'|'.join(sorted(SCALES, key=len, reverse=True))})\b(?:\.(?=\s?(?-i:[a-zа-яё])))?",
    re.IGNORECASE,
)
"""With the full stop of "тыс. рублей", which ends no sentence."""

TIMES_WORD = re.compile(rf"\b(?:{'|'.join(TIMES_WORDS)})\b", re.IGNORECASE)

SIGNS = {"$": "$", "€": "€", "£": "£", "₽": "₽", "¥": "¥"}
SIGN_BEFORE = re.compile(r"(?:US)?([$€£₽¥])\s?$")
UNIT_AFTER = re.compile(r"\s?(%|°\s?[CF]?|[$€£₽¥]|per\s?cent\b)|[\s-]?([^\W\d_]+(?:-[^\W\d_]+)*)")
APPROXIMATE = re.compile(
    r"\b(?:about|around|approximately|approx\.?|roughly|some|nearly|almost|circa|ca\.?|c\.|estimated|"
    r"около|примерно|приблизительно|почти|порядка)\s+(?:the\s+|a\s+)?$|[~≈]\s?$",
    re.IGNORECASE,
)
BOUND = re.compile(
    r"\b(?:more than|less than|fewer than|greater than|at least|at most|up to|over|under|above|below|"
    r"no (?:more|less|fewer|later|earlier) than|minimum(?: of)?|maximum(?: of)?|by|before|after|another|half|quarter|"
    r"более|менее|больше|меньше|свыше|не более|не менее|не больше|не меньше|минимум|максимум|до|от|ещё|еще|"
    r"половина|четверть|пол)\s+(?:чем\s+|a\s+|an\s+|of\s+)?$|[<>≤≥±]\s?$",
    re.IGNORECASE,
)
BOUND_OF_NUMBERS = re.compile(
    r"(?:\+|\s+(?:and a half|or (?:more|less|fewer)|с половиной|и (?:более|больше)))\b", re.IGNORECASE
)
RANGE = re.compile(r"\s*(?:[-–—]|to|till|until|through|and|or|до|по|и|или)\s*(?:the\s+)?", re.IGNORECASE)
AND = re.compile(r"\s*(?:and|or|и|или)\s*", re.IGNORECASE)
BETWEEN = re.compile(r"\b(?:between|между)\s+$", re.IGNORECASE)


def values(text: str, stem: Stem = str.lower) -> tuple[Value, ...]:
    """What the text states, in order; none within another."""
    plain = text.translate(LOOKALIKES)
    found: list[Value] = []
    for reader in (dates, times, years, numbers, numbers_in_words):
        found += [each for each in reader(masked(plain, found), stem) if each.text]
    ordered = in_ranges(plain, sorted(found, key=lambda value: value.start))
    return tuple(replace(value, text=text[value.start : value.end]) for value in ordered)


def near(start: int) -> int:
    """Where to begin to look for what stands right before a value."""
    return max(0, start - NEAR)


def masked(text: str, found: list[Value]) -> str:
    """The text with signs that are no word in place of what has been read."""
    for value in found:
        text = text[: value.start] + "\ue000" * (value.end - value.start) + text[value.end :]
    return text


def dates(text: str, stem: Stem) -> Iterator[Value]:
    taken: list[tuple[int, int]] = []
    for pattern in DATES:
        for match in pattern.finditer(text):
            readings = tuple(dict.fromkeys(date_readings(match.groupdict())))
            if readings and not any(match.start() < end and start < match.end() for start, end in taken):
                taken.append(match.span())
                yield stated(text, match.start(), match.end(), Kind.DATE, readings)


def date_readings(told: dict[str, str | None]) -> Iterator[Reading]:
    year = number_in(told.get("year"))
    if told.get("name"):
        yield from valid(year, MONTHS[str(told["name"]).lower()], number_in(told.get("day")))
    elif told.get("either"):
        first, second = number_in(told["either"]), number_in(told["or"])
        yield from valid(year, second, first)
        yield from valid(year, first, second)
    else:
        yield from valid(year, number_in(told.get("month")), number_in(told.get("day")))


def number_in(text: str | None) -> int | None:
    return int(text) if text else None


def valid(year: int | None, month: int | None, day: int | None) -> Iterator[Reading]:
    if (month is None or 1 <= month <= 12) and (day is None or 1 <= day <= 31):
        yield year, month, day


def years(text: str, stem: Stem) -> Iterator[Value]:
    """A number that is not said to count what follows it; and from one to another."""
    for match in YEARS.finditer(text):
        yield replace(stated(text, *match.span(), Kind.DATE, ((None, None, None),)), precision=Precision.OPEN)
    for match in YEAR_ALONE.finditer(text):
        after = WORD_AFTER.match(text, match.end())
        counts = after and after[1].lower() not in NO_UNIT | YEAR_WORDS
        if not counts or YEAR_BEFORE.search(text, near(match.start()), match.start()):
            yield stated(text, match.start(), match.end(), Kind.DATE, ((int(match["year"]), None, None),))


def times(text: str, stem: Stem) -> Iterator[Value]:
    taken: list[tuple[int, int]] = []
    for pattern in TIMES:
        for match in pattern.finditer(text):
            readings = time_readings(match.groupdict())
            if readings and not any(match.start() < end and start < match.end() for start, end in taken):
                taken.append(match.span())
                yield stated(text, match.start(), match.end(), Kind.TIME, readings)


def time_readings(told: dict[str, str | None]) -> tuple[Reading, ...]:
    if name := told.get("name"):
        return ((0 if name.lower() == "midnight" else 720,),)
    said, half = str(told["hour"]).lower().replace("ё", "е"), told.get("half")
    hour, minute = int(said) if said.isdigit() else SMALL[said], int(told.get("minute") or 0)
    if hour > 24:
        return ()
    if half and hour <= 12:
        return ((60 * (hour % 12 + (12 if LATE.match(half) else 0)) + minute,),)
    either = (hour, hour + 12) if 1 <= hour <= 12 else (hour % 24,)
    return tuple((60 * (each % 24) + minute,) for each in either)


def numbers(text: str, stem: Stem) -> Iterator[Value]:
    for match in DIGITS.finditer(text):
        scale = SCALE_AFTER.match(text, match.end())
        factor = SCALES[scale["scale"].lower()] if scale else 1
        sign = -1 if match["sign"] else 1
        readings = tuple((sign * factor * each,) for each in readings_of(match["digits"]))
        if number := counted(text, match.start(), scale.end() if scale else match.end(), readings, stem):
            yield number


def numbers_in_words(text: str, stem: Stem) -> Iterator[Value]:
    for match in WORDS.finditer(text):
        amount = amount_of(match[0])
        if amount is not None and (number := counted(text, match.start(), match.end(), ((amount,),), stem)):
            if amount == 1 and not number.unit:
                continue  # as in "one of them"
            yield number
    for match in TIMES_WORD.finditer(text):
        count, unit = TIMES_WORDS[match[0].lower()]
        yield stated(text, match.start(), match.end(), Kind.NUMBER, ((Decimal(count),),), unit=stem(unit))


def readings_of(said: str) -> tuple[Decimal, ...]:
    """1.500 and 1,500 may be one and a half or fifteen hundred; anything else is but one number."""
    plain = re.sub(r"[ \u00a0\u202f]", "", said)
    if re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", plain):
        return Decimal(re.sub(r"\D", "", plain)), Decimal(plain.replace(",", "."))
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", plain):
        return (Decimal(plain.replace(",", "")),)
    if re.fullmatch(r"\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?", plain):
        return (Decimal(plain.replace(".", "").replace(",", ".")),)
    return (Decimal(plain.replace(",", ".")),)


def amount_of(words: str) -> Decimal | None:
    """ "two hundred and fifty" is 250; None where the words are no single number, as "two three"."""
    total, current, least = 0, 0, 10**15
    for word in re.findall(r"\w+", words.lower().replace("ё", "е")):
        if word in ("and", "a", "an"):
            continue
        if word in SCALES:
            if SCALES[word] >= 1000 and SCALES[word] >= least:
                return None
            current = (current or 1) * SCALES[word]
            if SCALES[word] >= 1000:
                total, current, least = total + current, 0, SCALES[word]
        else:
            room = 10 ** (len(str(current)) - len(str(current).rstrip("0"))) if current else 10**3
            if SMALL[word] >= room or (current and not SMALL[word]):
                return None
            current += SMALL[word]
    return Decimal(total + current)


def counted(text: str, start: int, end: int, readings: tuple[Reading, ...], stem: Stem) -> Value | None:
    """The number with what it counts; None where letters cling to it that are no unit, as in 21st and 1990s, or it
    stands in brackets by itself, as a reference does."""
    if text[:start].endswith("[") and text[end:].startswith("]"):
        return None
    before, after = SIGN_BEFORE.search(text, near(start), start), UNIT_AFTER.match(text, end)
    if before:
        return stated(text, before.start(), end, Kind.NUMBER, readings, unit=SIGNS[before[1]])
    if not after:
        return stated(text, start, end, Kind.NUMBER, readings)
    sign, word = after[1], (after[2] or "").lower()
    if sign:
        unit = "%" if sign.lower().startswith("per") else sign[0]
        return stated(text, start, after.end(), Kind.NUMBER, readings, unit=SIGNS.get(unit, unit))
    known = UNITS.get(word)
    if after.start(2) == end and (not known or word == "s"):
        return None
    if word in NO_UNIT:
        return stated(text, start, end, Kind.NUMBER, readings)
    value = stated(text, start, after.end(), Kind.NUMBER, readings, unit=known or stem(word))
    return replace(value, precision=Precision.OPEN) if LIKE_A_YEAR.fullmatch(text, start, end) else value


def stated(text: str, start: int, end: int, kind: Kind, readings: tuple[Reading, ...], *, unit: str = "") -> Value:
    return Value(text[start:end], start, end, kind, readings, unit, precision_of(text, start, end))


def precision_of(text: str, start: int, end: int) -> Precision:
    if BOUND.search(text, near(start), start) or BOUND_OF_NUMBERS.match(text, end):
        return Precision.OPEN
    return Precision.ABOUT if APPROXIMATE.search(text, near(start), start) else Precision.EXACT


def in_ranges(text: str, found: list[Value]) -> Iterator[Value]:
    """Two of a kind with nothing but "to" between them are one."""
    rest = iter(pairwise([*found, None]))
    for one, other in rest:
        if one and other and (grown := as_range(text, one, other)):
            next(rest)
            yield grown
        elif one:
            yield one


def as_range(text: str, one: Value, other: Value) -> Value | None:
    """A beginning and an end of the day are as exact as either; any other range is open."""
    between = text[one.end : other.start]
    if one.kind is not other.kind or not RANGE.fullmatch(between):
        return None
    if AND.fullmatch(between) and not BETWEEN.search(text, near(one.start), one.start):
        return None
    whole = replace(other, text=text[one.start : other.end], start=one.start)
    if one.kind is Kind.TIME:
        both = tuple((*a, *b) for a, b in product(one.readings, other.readings))
        about = Precision.ABOUT in (one.precision, other.precision)
        return replace(whole, readings=both, precision=Precision.ABOUT if about else Precision.EXACT)
    return replace(whole, precision=Precision.OPEN)
