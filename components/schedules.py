"""When something runs: the five fields of cron, as AWS writes them. Pure.

AWS's form (EventBridge, its Scheduler, Application Auto Scaling, SageMaker's monitors) has a sixth field for the year,
counts days of the week from Sunday = 1, and wants `?` for one of the two fields of days ("Schedule types" in the user
guide of EventBridge Scheduler). Where both may be any, `?` stands first: the only form that SageMaker's monitors take.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

_MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
_DAYS = "SUN MON TUE WED THU FRI SAT".split()
_PART = re.compile(r"(?P<first>\*|\w+)(?:-(?P<last>\w+))?(?:/(?P<step>[1-9]\d*))?", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class _Field:
    word: str
    low: int
    high: int
    names: tuple[str, ...] = ()  # of the values from `low` on


_FIELDS = (
    _Field(word="minute", low=0, high=59),
    _Field(word="hour", low=0, high=23),
    _Field(word="day of the month", low=1, high=31),
    _Field(word="month", low=1, high=12, names=tuple(_MONTHS)),
    _Field(word="day of the week", low=0, high=7, names=tuple(_DAYS)),
)
_EVERY, _NO_MATTER = "*", "?"


def aws_cron(five_fields: str) -> str:
    """`0 7 * * 1-5` as `cron(0 7 ? * MON-FRI *)`.

    Raises ValueError for what is not five fields of numbers, names, ranges, steps and lists, and for a day of the month
    together with a day of the week: cron runs on either, which AWS cannot say in one schedule.
    """
    parts = five_fields.split()
    if len(parts) != len(_FIELDS):
        raise ValueError(f"cron: got {five_fields!r}; allowed: five fields, such as '0 7 * * 1-5'")
    minute, hour, day, month, weekday = (_values(field, text) for field, text in zip(_FIELDS, parts, strict=True))
    weekdays = None if weekday is None else frozenset(value % 7 for value in weekday)
    if weekdays is not None and len(weekdays) == len(_DAYS):
        weekdays = None
    if day is not None and weekdays is not None:
        raise ValueError(
            f"cron: got {five_fields!r}; allowed: a day of the month or a day of the week, the other one '*' "
            "(write two schedules)"
        )
    days, day_names = (_NO_MATTER, _names(weekdays)) if day is None else (_written(day, 31), _NO_MATTER)
    return f"cron({_written(minute, 59)} {_written(hour, 23)} {days} {_written(month, 12)} {day_names} *)"


def _values(field: _Field, text: str) -> frozenset[int] | None:
    """The values that a field names; None for all of them."""
    if text == _EVERY:
        return None
    found: set[int] = set()
    for part in text.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise _refused(field, text)
        first, last, step = match["first"], match["last"], match["step"]
        if first == _EVERY and last is None:
            low, high = field.low, 6 if field.names == tuple(_DAYS) else field.high
        else:
            low = _number(field, first, text)
            # As cron does: `5/15` begins at 5 and goes on to the end.
            high = _number(field, last, text) if last else (field.high if step else low)
        if low > high:
            raise _refused(field, text)
        found.update(range(low, high + 1, int(step or 1)))
    return frozenset(found)


def _number(field: _Field, word: str, text: str) -> int:
    if word.upper() in field.names:
        return field.low + field.names.index(word.upper())
    if not word.isdecimal() or not field.low <= int(word) <= field.high:
        raise _refused(field, text)
    return int(word)


def _refused(field: _Field, text: str) -> ValueError:
    names = f" or {field.names[0]} to {field.names[-1]}" if field.names else ""
    return ValueError(
        f"cron, {field.word}: got {text!r}; allowed: *, or {field.low} to {field.high}{names}, "
        "single, as 1-5, as */2 or as a list of these"
    )


def _written(values: frozenset[int] | None, highest: int) -> str:
    """The shortest of AWS's ways to say these values: `*`, `0/15`, or numbers and ranges."""
    if values is None:
        return _EVERY
    ordered = sorted(values)
    steps = {later - earlier for earlier, later in pairwise(ordered)}
    if len(ordered) > 2 and len(steps) == 1 and (step := steps.pop()) > 1 and ordered[-1] + step > highest:
        return f"{ordered[0]}/{step}"
    return ",".join(f"{first}-{last}" if last > first else f"{first}" for first, last in _runs(ordered))


def _names(weekdays: frozenset[int] | None) -> str:
    """Names, since AWS's numbers of days are not cron's."""
    if weekdays is None:
        return _EVERY
    runs = _runs(sorted(weekdays))
    return ",".join(f"{_DAYS[first]}-{_DAYS[last]}" if last > first else _DAYS[first] for first, last in runs)


def _runs(ordered: list[int]) -> list[tuple[int, int]]:
    """Neighbours together: 1 2 3 7 as (1, 3), (7, 7)."""
    runs: list[tuple[int, int]] = []
    for value in ordered:
        if runs and runs[-1][1] == value - 1:
            runs[-1] = (runs[-1][0], value)
        else:
            runs.append((value, value))
    return runs
