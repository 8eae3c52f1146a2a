"""What one input of a row may be: the type that msgspec decodes it by, and the words that say so in a refusal."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import msgspec

if TYPE_CHECKING:
    from model_images.model_file import Input

FLOAT32_LIMIT = 3.4028234663852886e38
INT64_LIMIT = 2**63 - 1
SHOWN_VALUES = 12
INTEGER = re.compile(r"-?[0-9]{1,18}")
NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,2})?")
KINDS = {
    "float32": "a number (float32)",
    "float64": "a number (float64)",
    "int64": "a whole number (int64)",
    "bool": "true or false",
    "string": "text",
}


def field_type(given: Input) -> Any:
    """The type of one input in one row. Sets of floats or bools are not in it: `is_among` looks at these."""
    inner = _element_type(given)
    for size in reversed(given.shape):
        inner = Annotated[list[inner], msgspec.Meta(min_length=size, max_length=size)]
    return inner


def _element_type(given: Input) -> Any:
    match given.type:
        case "string":
            return Literal[given.values] if given.values else str
        case "bool":
            return bool
        case "int64":
            if given.values:
                return Literal[given.values]
            low = -INT64_LIMIT - 1 if given.min is None else max(-INT64_LIMIT - 1, math.ceil(given.min))
            high = INT64_LIMIT if given.max is None else min(INT64_LIMIT, math.floor(given.max))
            return Annotated[int, msgspec.Meta(ge=low, le=high)]
        case "float32" | "float64":
            # An infinity is no JSON, so only float32 needs a limit of its own.
            low, high = (-FLOAT32_LIMIT, FLOAT32_LIMIT) if given.type == "float32" else (None, None)
            low = low if given.min is None else float(given.min)
            high = high if given.max is None else float(given.max)
            return float if low is None and high is None else Annotated[float, msgspec.Meta(ge=low, le=high)]


def needs_set_check(given: Input) -> bool:
    """Whether `values` must be looked at after decoding: msgspec knows literals of text and whole numbers only."""
    return bool(given.values) and given.type in {"float32", "float64", "bool"}


def allowed(given: Input, got: str = "") -> str:
    """What the input may be, for a person: `0 to 23`, or `a whole number, 0 to 23` if what it got is none."""
    each = f"{' x '.join(map(str, given.shape))} values, each " if given.shape else ""
    if given.values:
        shown = ", ".join(_as_json(value) for value in given.values[:SHOWN_VALUES])
        more = len(given.values) - SHOWN_VALUES
        return f"{each}{shown}{f' and {more} more' if more > 0 else ''}"
    limits = _range(given)
    number = INTEGER if given.type == "int64" else NUMBER
    if limits and number.fullmatch(got):
        return each + limits
    return f"{each}{KINDS[given.type]}{f', {limits}' if limits else ''}"


def wrong_limits(given: Input, field: str) -> Iterator[str]:
    """A line for each limit of an input that says nothing, or contradicts another."""
    number = given.type in {"float32", "float64", "int64"}
    for name, limit in (("min", given.min), ("max", given.max)):
        if limit is not None and not number:
            yield f"{field}.{name}: got {limit}; allowed: none, {given.name} is a {given.type}"
        elif limit is not None and not math.isfinite(limit):
            yield f"{field}.{name}: got {limit}; allowed: a finite number"
    if number and given.min is not None and given.max is not None and given.min > given.max:
        yield f"{field}.min: got {_plain(given.min)}; allowed: at most max, {_plain(given.max)}"
        return
    free = msgspec.structs.replace(given, values=(), shape=())
    for place, value in enumerate(given.values):
        if not _fits(value, free):
            yield f"{field}.values[{place}]: got {_as_json(value)}; allowed: {allowed(free, _as_json(value))}"


def wrong_values(inputs: Sequence[Input], instance: Sequence[Any] | Mapping[str, Any], field: str) -> Iterator[str]:
    """A line for each value of one example row that the model's inputs do not allow."""
    names = [given.name for given in inputs]
    if isinstance(instance, Mapping):
        yield from (f"{field}.{name}: missing" for name in names if name not in instance)
        unknown = [str(name) for name in instance if name not in names]
        yield from (f"{field}.{name}: not an input; allowed: {', '.join(names)}" for name in unknown)
        values = [(given, instance[given.name]) for given in inputs if given.name in instance]
    elif len(instance) != len(names):
        yield f"{field}: got {len(instance)} values; allowed: {len(names)} ({', '.join(names)})"
        return
    else:
        values = list(zip(inputs, instance, strict=True))
    for given, value in values:
        if not _fits(value, given):
            got = _as_json(value)
            yield f"{field}.{given.name}: got {got:.80}; allowed: {allowed(given, got)}"


def _fits(value: Any, given: Input) -> bool:
    try:
        # By way of JSON, where a NaN becomes null: an example is held to just what a request is held to.
        read = msgspec.json.decode(msgspec.json.encode(value), type=field_type(given))
    except (msgspec.MsgspecError, TypeError, OverflowError, RecursionError):
        return False
    return not needs_set_check(given) or all(one in given.values for one in _flat(read))


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for one in cast("list[Any]", value):
            yield from _flat(one)
    else:
        yield value


def _range(given: Input) -> str:
    if given.min is not None and given.max is not None:
        return f"{_plain(given.min)} to {_plain(given.max)}"
    if given.min is not None:
        return f"{_plain(given.min)} or more"
    return f"{_plain(given.max)} or less" if given.max is not None else ""


def _plain(number: float) -> str:
    return str(int(number)) if isinstance(number, float) and number.is_integer() and abs(number) < 1e15 else str(number)


def _as_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
