"""The schema by which an API refuses requests: a schema of draft 4, made into what API Gateway imports. Pure.

API Gateway's models are of draft 4, but its import takes OpenAPI 3.0, which lacks some words of it, and drops some that
OpenAPI has ("Amazon API Gateway important notes", read 2026-11-24; `minItems` and `maxItems` have no effect). So what
cannot be said is left out, always in the looser direction: no request is refused that the schema would take. Others may
get through, and a body that is no JSON is not checked at all. The model's server checks every request by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias, cast

Schema: TypeAlias = Mapping[str, object]
Loose = dict[str, object]

# Words that are kept as they are; all others that are not treated below are left out.
_KEPT = tuple(
    """
    description enum maxItems maxLength maxProperties maximum minItems minLength minProperties minimum multipleOf
    pattern required title uniqueItems
    """.split()
)
_REFERENCES = ("$ref", "definitions")


def check_schema(schema: Schema) -> None:
    """Raises ValueError for what cannot be made looser without knowing the rest: references."""
    for place, word in _references(schema, "request_schema"):
        raise ValueError(f"{place}: got {word!r}; allowed: schemas written where they are used, without references")


def importable(schema: Schema) -> Loose:
    """The schema as a component of an OpenAPI 3.0 document."""
    loose: Loose = {key: schema[key] for key in _KEPT if key in schema}
    if isinstance(schema.get("type"), str) and schema["type"] != "null":
        loose["type"] = schema["type"]  # for "null" and for several types OpenAPI 3.0 has no word
    if "properties" in schema:
        named = cast("Mapping[str, Schema]", schema["properties"])
        loose["properties"] = {name: importable(inner) for name, inner in named.items()}
    _add_rest(loose, schema)
    _add_choices(loose, schema)
    _add_items(loose, schema)
    return loose


def _add_rest(loose: Loose, schema: Schema) -> None:
    """What may stand beside `properties`; unknown where patterns, which OpenAPI lacks, allow some."""
    rest = schema.get("additionalProperties")
    if rest is None or "patternProperties" in schema:
        return
    loose["additionalProperties"] = importable(cast("Schema", rest)) if isinstance(rest, Mapping) else rest


def _add_choices(loose: Loose, schema: Schema) -> None:
    """`oneOf` becomes `anyOf`: of two looser schemas both may fit. Of `not` only one that stays as it is."""
    every = [importable(inner) for inner in cast("Sequence[Schema]", schema.get("allOf", ()))]
    choices = [
        [importable(inner) for inner in cast("Sequence[Schema]", schema[word])]
        for word in ("anyOf", "oneOf")
        if word in schema
    ]
    if choices:
        loose["anyOf"] = choices[0]
    every += [{"anyOf": more} for more in choices[1:]]
    if every:
        loose["allOf"] = every
    refused = schema.get("not")
    if isinstance(refused, Mapping) and importable(cast("Schema", refused)) == refused:
        loose["not"] = refused


def _add_items(loose: Loose, schema: Schema) -> None:
    """A schema for each place becomes one for any place; OpenAPI wants one for every array."""
    items = schema.get("items")
    if isinstance(items, Mapping):
        loose["items"] = importable(cast("Schema", items))
    elif isinstance(items, Sequence) and items and schema.get("additionalItems") is False:
        found: list[Loose] = []
        for inner in map(importable, cast("Sequence[Schema]", items)):
            if inner not in found:
                found.append(inner)
        loose["items"] = found[0] if len(found) == 1 else {"anyOf": found}
    elif items is not None or loose.get("type") == "array":
        loose["items"] = {}


def _references(node: object, place: str) -> list[tuple[str, str]]:
    """Every reference below, by its place. An input of the user's may bear the word too: below `properties` it is no
    word of JSON Schema, and its value is a schema.
    """
    found: list[tuple[str, str]] = []
    if isinstance(node, Mapping):
        words = cast("Schema", node)
        for word, value in words.items():
            here = f"{place}.{word}"
            is_name = place.endswith(".properties") and isinstance(value, Mapping)
            if word in _REFERENCES and not is_name:
                found.append((here, word))
            elif word not in {"enum", "default"}:
                found += _references(cast("object", value), here)
    elif isinstance(node, Sequence) and not isinstance(node, str):
        for index, value in enumerate(cast("Sequence[object]", node)):
            found += _references(value, f"{place}[{index}]")
    return found
