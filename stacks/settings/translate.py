"""Checks plain data against a Section and says what is wrong in our own words: from pydantic's errors to Problems."""

from __future__ import annotations

import json
import re
import types
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypeVar, Union, cast, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from stacks.settings.errors import MISSING, Complaint, Problem, Said, near
from stacks.settings.fields import COMPLAINTS, WORDS, Section

TAG = "~"
"""First character of the tags of our unions: no key of a file starts with it, so that a path never shows one."""

KEY = "[key]"
"""pydantic's last step when the key of a mapping is at fault, and not its value."""

REFERENCE = "see docs/reference/settings.md"
_NETWORK = "an IPv4 range without host bits, such as 10.20.0.0/16"
_KINDS = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "list_type": "a list",
    "tuple_type": "a list",
    "ip_v4_network": _NETWORK,
    "value_error": _NETWORK,  # raised by no type but IPv4Network, for host bits
    "finite_number": "a finite number",
}
_BOUNDS = {"greater_than", "greater_than_equal", "less_than", "less_than_equal"}
_CHOICES = {"literal_error", "enum"}

AnySection = TypeVar("AnySection", bound=Section)


def parse(section: type[AnySection], data: object, *, file: str, at: str, problems: list[Problem]) -> AnySection | None:
    """The section made of `data`, or None after adding every problem; `at` is the path of `data` in the file."""
    try:
        # JSON mode is strict about scalars ("3" is no number) and still takes a list for a tuple, a text for a network.
        return section.model_validate_json(json.dumps(data))
    except ValidationError as error:
        for details in error.errors(include_url=False):
            problems.extend(_translate(section, details, data, file, at))
        return None


def _translate(section: type[Section], details: ErrorDetails, data: object, file: str, at: str) -> list[Problem]:
    path, value = _locate(details, data, at)
    context = details.get("ctx", {})
    if details["type"] == COMPLAINTS:
        complaints = cast("Sequence[Complaint]", context["complaints"])
        return [Problem(file, _join(path, item.field), item.got, item.allowed, item.next_step) for item in complaints]
    model, field, annotation = _describe(section, details["loc"])
    if details["type"] == "missing":
        words = (field.description or "a value") if field else "a value"
        return [Problem(file, path, MISSING, _as_clause(words), f"add it; {REFERENCE}")]
    if details["type"] == "extra_forbidden":
        return [_unknown_key(model, path, str(details["loc"][-1]), file)]
    if details["type"] == "too_short" and len(cast("Sequence[object]", value)) >= context["min_length"]:
        return []  # counted without the entries that are wrong, each of which has its own problem
    allowed, choices = _allowed(details["type"], context, [*(field.metadata if field else ()), *_metadata(annotation)])
    step = near(value, choices) or f"correct it; {REFERENCE}"
    return [Problem(file, path, value, allowed or details["msg"], step)]


def _unknown_key(model: type[BaseModel] | None, path: str, key: str, file: str) -> Problem:
    """The value of an unknown key is not shown: it may be a secret that was put in the wrong place."""
    keys = tuple(model.model_fields) if model else ()
    step = near(key, keys) or "remove it, or correct its spelling"
    return Problem(file, path, Said("an unknown key"), ", ".join(keys), step)


def _allowed(kind: str, context: Mapping[str, Any], metadata: list[object]) -> tuple[str, tuple[str, ...]]:
    """What would be right, in words, and as a list of names where it is one."""
    if kind in _CHOICES:
        choices = tuple(re.findall(r"'([^']*)'", str(context["expected"])))
        return ", ".join(choices), choices
    if kind == "string_pattern_mismatch":
        return WORDS[str(context["pattern"])], ()
    if kind == "string_type":
        return _pattern_words(metadata) or "a text", ()
    if kind in _BOUNDS:
        return _bounds(context, metadata), ()
    if kind == "too_short":
        return f"at least {context['min_length']} {'entry' if context['min_length'] == 1 else 'entries'}", ()
    if kind in ("string_too_short", "string_too_long"):
        return "a text of 1 to 200 characters", ()
    return _KINDS.get(kind, ""), ()


def _pattern_words(metadata: list[object]) -> str | None:
    """What the text must look like: says more than "a text" where a number was written without quotes."""
    patterns = [str(getattr(item, "pattern", "")) for item in metadata]
    return next((WORDS[pattern] for pattern in patterns if pattern in WORDS), None)


def _bounds(context: Mapping[str, Any], metadata: list[object]) -> str:
    """Both bounds, whichever of them was broken."""
    known = ("ge", "gt", "le", "lt")
    sources = [*metadata, *(inner for item in metadata if isinstance(item, FieldInfo) for inner in item.metadata)]
    found = {key: getattr(item, key) for item in sources for key in known if getattr(item, key, None) is not None}
    found |= {key: context[key] for key in known if key in context}
    shown = {key: f"{value:.0f}" if float(value).is_integer() else str(value) for key, value in found.items()}
    if "ge" in shown and "le" in shown:
        return f"{shown['ge']} to {shown['le']}"
    words = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
    return " and ".join(f"{words[key]} {shown[key]}" for key in words if key in shown)


def _locate(details: ErrorDetails, data: object, at: str) -> tuple[str, object]:
    """Path and value in the data as the user wrote it; a union's tag is no part of either."""
    path, node = at, data
    for item in details["loc"]:
        if isinstance(item, str) and item.startswith(TAG):
            continue
        if item == KEY:
            return path, details["input"]
        if isinstance(item, int):
            path, node = f"{path}[{item}]", cast("Sequence[object]", node)[item]
        else:
            path = _join(path, item)
            node = cast("Mapping[str, object]", node).get(item, MISSING) if isinstance(node, Mapping) else node
    return path, node


def _join(path: str, item: str) -> str:
    if not path or not item:
        return path or item
    return f"{path}{item}" if item.startswith("[") else f"{path}.{item}"


def _describe(
    section: type[Section], loc: tuple[int | str, ...]
) -> tuple[type[BaseModel] | None, FieldInfo | None, object]:
    """The model that holds the last step of a location, the field that this step is of it (if any), and its type."""
    current: object = section
    model: type[BaseModel] | None = section
    field: FieldInfo | None = None
    for item in loc:
        if isinstance(item, str) and item.startswith(TAG):
            current = _tagged(current, item)
            continue
        model = next(
            (part for part in _unwrap(current) if isinstance(part, type) and issubclass(part, BaseModel)), None
        )
        if model is None:
            current, field = _entry_of(current), None
        else:
            field = model.model_fields.get(str(item))
            current = None if field is None else field.annotation
    return model, field, current


def _metadata(annotation: object) -> list[object]:
    """What stands beside a type in Annotated, through unions, but not inside lists and mappings."""
    if get_origin(annotation) is Annotated:
        inner, *extra = get_args(annotation)
        return [*extra, *_metadata(inner)]
    if get_origin(annotation) in (Union, types.UnionType):
        return [item for part in get_args(annotation) for item in _metadata(part)]
    return []


def _entry_of(annotation: object) -> object:
    """What a list, tuple or dict holds."""
    for part in _unwrap(annotation):
        if get_origin(part) is dict:
            return get_args(part)[1]
        if get_origin(part) in (tuple, list):
            return get_args(part)[0]
    return None


def _unwrap(annotation: object) -> list[object]:
    """The plain alternatives behind Annotated and unions."""
    if get_origin(annotation) is Annotated:
        return _unwrap(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return [part for alternative in get_args(annotation) for part in _unwrap(alternative)]
    return [annotation]


def _tagged(annotation: object, tag: str) -> object:
    """The alternative of a tagged union that carries this tag."""
    for part in get_args(annotation):
        if get_origin(part) is Annotated and any(getattr(extra, "tag", None) == tag for extra in get_args(part)[1:]):
            return part
        found = _tagged(part, tag) if get_args(part) else None
        if found is not None:
            return found
    return None


def _as_clause(description: str) -> str:
    """A field's description as the rest of a sentence: without its full stop, its first letter small."""
    first = description.split(". ")[0].rstrip(".")
    return first if first[:2].isupper() else first[:1].lower() + first[1:]
