"""Writes docs/reference/settings.md, every field of every settings file, from the models in stacks/settings.

`python -m tools.documents.settings_reference` writes it; with `--check` it only says whether the page is in step.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from stacks.settings.account import AccountSection
from stacks.settings.environment_file import EnvironmentFile
from stacks.settings.fields import WORDS, Section
from stacks.settings.model import ModelSettings
from stacks.settings.region import RegionSection
from stacks.settings.release import ReleasesSection
from tools.documents.schemas import ROOT, Schema, section_schema, write_or_check

PAGE = Path("docs/reference/settings.md")
COMMAND = "python -m tools.documents.settings_reference"
_HEAD = f"""# Settings

Written by `{COMMAND}` from `stacks/settings/`; do not edit.

Files are read as YAML 1.2 (`on`, `no` and `1:30` are texts). An unknown key, a key that stands twice and a value of the
wrong kind are refused, all at once, each with its file, its path, what was got, what is allowed and what to do. Editors
that know the YAML language server complete and check them as you type: `stacks/schemas/`.

Every stack file names `homeport:jurisdiction`: that of the environment file, or `none` for the account stack.
`stacks/places.yaml` holds your own policy over the table of places; its form is explained in the file.
"""
_FILES: tuple[tuple[str, str, type[Section]], ...] = (
    ("stacks/environments/NAME.yaml", "environment", EnvironmentFile),
    ("stacks/models/NAME.yaml", "model", ModelSettings),
    ("homeport:account, in stacks/config/Pulumi.ENV-CLOUD-account.yaml", "account", AccountSection),
    ("homeport:region, in stacks/config/Pulumi.ENV-CLOUD-PLACE.yaml", "region", RegionSection),
    ("homeport:releases, in stacks/config/Pulumi.ENV-CLOUD-PLACE-models.yaml", "releases", ReleasesSection),
)
_NOTHING: tuple[object, ...] = (None, [], {})
_SCALARS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}


def render() -> str:
    """The whole page as text."""
    return "\n".join([_HEAD, *(line for title, prefix, section in _FILES for line in _file(title, prefix, section))])


def main(words: list[str] | None = None) -> int:
    """Exit code 0 when written or in step, 1 when `--check` finds the page behind."""
    parser = argparse.ArgumentParser(prog=COMMAND, description="The page of all settings.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if the page is not in step")
    return write_or_check(ROOT, {PAGE: render()}, command=COMMAND, check=parser.parse_args(words).check)


def _file(title: str, prefix: str, section: type[Section]) -> Iterator[str]:
    schema = section_schema(section)
    definitions: dict[str, Schema] = schema.get("$defs", {})
    yield f"## {title}\n"
    yield f"{schema['description']}\n"
    yield from _table(schema, prefix, definitions)
    for name in _order(schema, definitions, []):
        if "properties" in definitions[name]:
            yield f"### {prefix}: {name}\n"
            yield f"{definitions[name]['description']}\n"
            yield from _table(definitions[name], prefix, definitions)


def _table(schema: Schema, prefix: str, definitions: dict[str, Schema]) -> Iterator[str]:
    yield "| field | what it takes | left out | meaning |"
    yield "| --- | --- | --- | --- |"
    required = schema.get("required", [])
    for name, field in schema["properties"].items():
        # A field that is described in the words of its section carries none of its own.
        meaning = field.get("description") or definitions[_name_of(field["$ref"])]["description"]
        cells = (_kind(field, prefix, definitions), _default(name, field, required), meaning)
        yield f"| `{name}` | {' | '.join(map(_cell, cells))} |"
    yield ""


def _order(schema: Schema, definitions: dict[str, Schema], seen: list[str]) -> list[str]:
    """Names of all sections below this one, in the order in which they are met."""
    for name in _references(schema.get("properties", {})):
        if name not in seen:
            seen.append(name)
            _order(definitions[name], definitions, seen)
    return seen


def _references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        fields = cast("Schema", node)
        if "$ref" in fields:
            yield _name_of(fields["$ref"])
        for value in fields.values():
            yield from _references(value)
    elif isinstance(node, list):
        for item in cast("list[object]", node):
            yield from _references(item)


def _kind(field: Schema, prefix: str, definitions: dict[str, Schema]) -> str:
    """What a value looks like, in words."""
    if "$ref" in field:
        name = _name_of(field["$ref"])
        target = definitions[name]
        return _choices(target["enum"]) if "enum" in target else f"[{name}](#{_anchor(f'{prefix}: {name}')})"
    for union in ("anyOf", "oneOf"):
        if union in field:
            kinds = [_kind(part, prefix, definitions) for part in field[union] if part.get("type") != "null"]
            return ", or ".join(kinds)
    if "enum" in field or "const" in field:
        return _choices(field.get("enum") or [field["const"]])
    if field.get("type") == "array":
        return f"list: {_kind(field['items'], prefix, definitions)}"
    if field.get("type") == "object":
        return _mapping(field, prefix, definitions)
    if field.get("pattern") in WORDS:
        return WORDS[field["pattern"]]
    if "pattern" in field:
        return "IPv4 range, such as 10.20.0.0/16"
    return f"{_SCALARS[field['type']]}{_range(field)}"


def _mapping(field: Schema, prefix: str, definitions: dict[str, Schema]) -> str:
    by_pattern: Schema = field.get("patternProperties", {})
    keys = {"pattern": next(iter(by_pattern)), "type": "string"} if by_pattern else field.get("propertyNames")
    values = next(iter(by_pattern.values())) if by_pattern else field["additionalProperties"]
    words = _kind(keys or {"type": "string"}, prefix, definitions)
    return f"mapping from {words} to {_kind(values, prefix, definitions)}"


def _range(field: Schema) -> str:
    words = {
        "minimum": "at least",
        "exclusiveMinimum": "more than",
        "maximum": "at most",
        "exclusiveMaximum": "less than",
    }
    if "minimum" in field and "maximum" in field:
        return f", {field['minimum']:g} to {field['maximum']:g}"
    return "".join(f", {word} {field[key]:g}" for key, word in words.items() if key in field)


def _default(name: str, field: Schema, required: list[str]) -> str:
    if name in required:
        return "needed"
    value = _pruned(field.get("default"))
    return "none" if value in _NOTHING else f"`{json.dumps(value)}`"


def _pruned(value: object) -> object:
    """A default without the parts that are left out in it."""
    if isinstance(value, dict):
        parts = {key: _pruned(part) for key, part in cast("Schema", value).items()}
        return {key: part for key, part in parts.items() if part not in _NOTHING and part is not False}
    return [_pruned(part) for part in cast("list[object]", value)] if isinstance(value, list) else value


def _choices(values: list[object]) -> str:
    return ", ".join(f"`{value}`" for value in values)


def _name_of(reference: str) -> str:
    return reference.rsplit("/", 1)[1]


def _anchor(title: str) -> str:
    """The anchor that GitHub gives a heading."""
    return title.lower().replace(" ", "-").replace(":", "")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main())
