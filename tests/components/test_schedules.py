"""Cron as AWS writes it: the same moments, or a refusal."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.schedules import aws_cron

DAYS = "SUN MON TUE WED THU FRI SAT".split()


@pytest.mark.parametrize(
    ("cron", "aws"),
    [
        ("0 7 * * 1-5", "cron(0 7 ? * MON-FRI *)"),
        ("0 * * * *", "cron(0 * ? * * *)"),
        ("*/15 * * * *", "cron(0/15 * ? * * *)"),
        ("30 2 1 * *", "cron(30 2 1 * ? *)"),
        ("0 0 */10 jan,Jul *", "cron(0 0 1/10 1,7 ? *)"),
        ("0 9-17/4 * * sat,0", "cron(0 9,13,17 ? * SUN,SAT *)"),
        ("0 9-17 * * *", "cron(0 9-17 ? * * *)"),
        ("0 0 * * 7", "cron(0 0 ? * SUN *)"),
        ("0 0 * * 5-7", "cron(0 0 ? * SUN,FRI-SAT *)"),
        ("0 0 13 * */1", "cron(0 0 13 * ? *)"),
        ("0 0 * * 0-6", "cron(0 0 ? * * *)"),
        ("0 0 * * */2", "cron(0 0 ? * SUN,TUE,THU,SAT *)"),
        ("5/20 0,12 * * *", "cron(5/20 0,12 ? * * *)"),
    ],
)
def test_each_form_of_cron_has_its_form_at_aws(cron: str, aws: str) -> None:
    assert aws_cron(cron) == aws


@pytest.mark.parametrize(
    ("cron", "message"),
    [
        ("0 7 * *", "five fields"),
        ("0 7 * * * *", "five fields"),
        ("60 * * * *", "minute: got '60'; allowed: .*0 to 59"),
        ("* 24 * * *", "hour"),
        ("* * 0 * *", "day of the month"),
        ("* * * 13 *", "month"),
        ("* * * * 8", "day of the week"),
        ("5-1 * * * *", "minute"),
        ("*/0 * * * *", "minute"),
        ("1,,2 * * * *", "minute"),
        ("@ * * * *", "minute"),
        ("* * L * *", "day of the month"),
        ("0 0 13 * 5", "a day of the month or a day of the week"),
        ("*-5 * * * *", "minute"),
    ],
)
def test_what_aws_could_not_say_is_refused(cron: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        aws_cron(cron)


def _moments(aws: str) -> set[tuple[int, ...]]:
    """Minutes, hours, months and weekdays of AWS's expression, read back by its own rules."""
    minute, hour, day, month, weekday, year = aws.removeprefix("cron(").removesuffix(")").split()
    assert (day, year) == ("?", "*")
    return set(product(_read(minute, 0, 59), _read(hour, 0, 23), _read(month, 1, 12), _read(weekday, 0, 6)))


def _read(text: str, low: int, high: int) -> set[int]:
    found: set[int] = set()
    for part in text.split(","):
        if part == "*":
            return set(range(low, high + 1))
        start, _, step = part.partition("/")
        first, _, last = start.partition("-")
        begin, end = (DAYS.index(word) if word in DAYS else int(word) for word in (first, last or first))
        found |= set(range(begin, high + 1, int(step))) if step else set(range(begin, end + 1))
    return found


def numbers(low: int, high: int) -> st.SearchStrategy[set[int]]:
    return st.sets(st.integers(low, high), min_size=1, max_size=6)


@given(minutes=numbers(0, 59), hours=numbers(0, 23), months=numbers(1, 12), weekdays=numbers(0, 6))
def test_whatever_is_listed_runs_at_these_moments_and_no_others(
    minutes: set[int], hours: set[int], months: set[int], weekdays: set[int]
) -> None:
    lists = [",".join(map(str, sorted(values))) for values in (minutes, hours, months, weekdays)]
    cron = f"{lists[0]} {lists[1]} * {lists[2]} {lists[3]}"
    assert _moments(aws_cron(cron)) == set(product(minutes, hours, months, weekdays))
