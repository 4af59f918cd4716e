"""Numbers, dates and times: two ways of writing the same never differ, two values do."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.languages import say_in
from index.stated import values
from index.values import Kind, Precision, Value, differ

MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905
ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen".split()  # noqa: SIM905
TENS = {20: "twenty", 30: "thirty", 50: "fifty", 90: "ninety"}


def value(text: str) -> Value:
    (only,) = values(text)
    return only


# Any two ways of writing the same


def grouped(number: int, sign: str) -> str:
    return f"{number:,}".replace(",", sign)


def in_words(number: int) -> str:
    if number < len(ONES):
        return ONES[number]
    tens, ones = number // 10 * 10, number % 10
    return TENS[tens] + (f"-{ONES[ones]}" if ones else "")


def written(number: int) -> list[str]:
    ways = [str(number), grouped(number, ","), grouped(number, "\u00a0"), grouped(number, "\u202f")]
    if number < len(ONES) or (number < 100 and number // 10 * 10 in TENS):
        ways.append(in_words(number))
    if number and number % 1000 == 0:
        ways += [f"{grouped(number // 1000, ',')} thousand", f"{number // 1000} тыс."]
    if number and number % 10_000 == 0:
        ways += [f"{Decimal(number) / 1_000_000:f} million", f"{Decimal(number) / 1_000_000:f} млн".replace(".", ",")]
    return ways


numbers = st.one_of(st.integers(2, 99), st.integers(100, 10**7), st.integers(1, 500).map(lambda each: each * 10_000))


@given(number=numbers, data=st.data())
def test_a_number_never_differs_from_itself(number: int, data: st.DataObject) -> None:
    one, other = (data.draw(st.sampled_from(written(number))) for _ in range(2))
    assume(not (1000 <= number <= 2100))  # may be a year
    assert not differ(value(f"It has {one} lamps."), value(f"It has {other} lamps."))


@given(one=st.integers(2, 10**6), other=st.integers(2, 10**6), data=st.data())
def test_numbers_far_apart_differ_however_they_are_written(one: int, other: int, data: st.DataObject) -> None:
    assume(max(one, other) > 1.1 * min(one, other))
    assume(not any(1000 <= each <= 2100 for each in (one, other)))
    first, second = (f"It has {data.draw(st.sampled_from(written(each)))} lamps." for each in (one, other))
    meanings = [set(value(text).readings) for text in (first, second)]
    assume(all(len(each) == 1 for each in meanings))  # 1,500 may be one and a half
    assert differ(value(first), value(second))


def written_dates(day: date) -> list[str]:
    month = MONTHS[day.month - 1]
    return [
        f"{day.day} {month} {day.year}",
        f"{day.day:02} {month[:3]} {day.year}",
        f"{month} {day.day}, {day.year}",
        f"the {day.day}th of {month.lower()} {day.year}",
        day.isoformat(),
        f"{day.day:02}.{day.month:02}.{day.year}",
        f"{day.day}/{day.month}/{day.year}",
        f"{day.month}/{day.day}/{day.year}",
        say_in("ru").day(day),
        f"{month} {day.year}",
        f"{day.day} {month}",
        f"{day.year}",
    ]


days = st.dates(date(1700, 1, 1), date(2099, 12, 31))


@given(day=days, data=st.data())
def test_a_date_never_differs_from_itself(day: date, data: st.DataObject) -> None:
    one, other = (data.draw(st.sampled_from(written_dates(day))) for _ in range(2))
    assert not differ(value(f"It was lit in {one}."), value(f"It was lit in {other}."))


@given(day=days, later=st.integers(1, 20_000), data=st.data())
def test_two_days_differ_where_both_are_told_in_full(day: date, later: int, data: st.DataObject) -> None:
    other = day + timedelta(days=later)
    assume(other.year < 2100)
    ways = [0, 1, 2, 3, 4, 5, 8]
    first = written_dates(day)[data.draw(st.sampled_from(ways))]
    second = written_dates(other)[data.draw(st.sampled_from(ways))]
    assert differ(value(f"It was lit on {first}."), value(f"It was lit on {second}."))


@given(hour=st.integers(1, 11), minute=st.integers(0, 59), late=st.booleans())
def test_a_time_of_day_is_the_same_by_either_clock(hour: int, minute: int, late: bool) -> None:
    whole = value(f"at {hour + 12 * late:02}:{minute:02}")
    half = value(f"at {hour}:{minute:02} {'p.m.' if late else 'am'}")
    assert not differ(whole, half)
    assert differ(half, value(f"at {hour}:{minute:02} {'am' if late else 'pm'}"))


@given(text=st.text(max_size=200))
def test_whatever_is_read_stands_where_it_says(text: str) -> None:
    end = 0
    for each in values(text):
        assert text[each.start : each.end] == each.text
        assert each.start >= end
        end = each.end


# What is the same, and what is not


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("four times a day", "4 times a day"),
        ("twice a day", "two time a day"),
        ("дважды в день", "2 раз в день"),
        ("1,000 lamps", "1000 lamps"),
        ("1.500 lamps", "1500 lamps"),
        ("50 %", "50 percent"),
        ("50%", "fifty per cent"),
        ("$5 million", "5,000,000 dollars"),
        ("двести пятьдесят рублей", "250 ₽"),
        ("two hundred and fifty steps", "250 steps"),
        ("a dozen lamps", "12 lamps"),
        ("5 km", "five kilometers"),
        ("about 4 million lamps", "4.02 million lamps"),
        ("about 4 million lamps", "4.2 million lamps"),
        ("about 450 lamps", "480 lamps"),
        ("4 million lamps", "4,021,337 lamps"),
        ("340 lamps", "341 lamps"),
        ("founded in March 2021", "founded on 3 March 2021"),
        ("founded on 3/4/2021", "founded on 4 March 2021"),
        ("founded on 3/4/2021", "founded on 3 April 2021"),
        ("at 9:00", "at 9 pm"),
        ("at nine in the evening", "at 21:00"),
        ("в девять вечера", "в 21:00"),
        ("at noon", "at 12:00"),
        ("over 4 million lamps", "5 million lamps"),
        ("up to 4 lamps", "5 lamps"),
        ("half a million lamps", "2 million lamps"),
        ("4 to 6 lamps", "8 lamps"),
        ("between four and six lamps", "8 lamps"),
        ("the 2021 notes", "the 2024 notes"),
        ("5 km", "5 miles"),
        ("4 lamps", "4 boats"),
    ],
)
def test_what_does_not_differ(one: str, other: str) -> None:
    assert not differ(value(one), value(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("four times a day", "six times a day"),
        ("founded in 1871", "founded in 1874"),
        ("founded in March 2021", "founded on 3 April 2021"),
        ("4 million lamps", "4.2 million lamps"),
        ("341 lamps", "342 lamps"),
        ("about 400 lamps", "650 lamps"),
        ("-5 °C", "5 °C"),
        ("50 %", "5 %"),
        ("at 9 am", "at 9 pm"),
        ("9:00 to 17:00", "9:00 to 18:00"),
        ("в 1902 году", "в 1905 г."),
    ],
)
def test_what_differs(one: str, other: str) -> None:
    assert differ(value(one), value(other))


@pytest.mark.parametrize(
    "text", ["As H1N1, COVID-19 and the 21st did [12].", "one of them", "May I?", "the 1990s", "1/2"]
)
def test_what_is_no_value(text: str) -> None:
    assert not values(text)


def test_a_sentence_is_read_whole() -> None:
    found = values("In 2019, about 400 people paid $5 each between 9 am and 10:30 am on 3 of 12 boats.")
    assert [(each.text, each.kind, each.precision) for each in found] == [
        ("2019", Kind.DATE, Precision.EXACT),
        ("400 people", Kind.NUMBER, Precision.ABOUT),
        ("$5", Kind.NUMBER, Precision.EXACT),
        ("9 am and 10:30 am", Kind.TIME, Precision.EXACT),
        ("3", Kind.NUMBER, Precision.EXACT),
        ("12 boats", Kind.NUMBER, Precision.EXACT),
    ]


def test_letters_that_a_pattern_takes_for_others_are_read_and_kept() -> None:
    (date,) = values("It was on 3 Auguſt 1871.")
    assert (date.text, date.readings) == ("3 Auguſt 1871", ((1871, 8, 3),))


def test_a_long_row_of_numbers_is_read_in_time() -> None:
    assert len(values("1 a " * 5_000)) > 1_000
