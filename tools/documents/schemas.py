"""Writes stacks/schemas/*.json, JSON Schemas of the settings files for editors, from the models in stacks/settings.

`python -m tools.documents.schemas` writes them; with `--check` it only says whether they are in step. A schema knows
what one field may hold; rules between fields and files are checked by the settings alone.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from components.places import Cloud
from stacks.settings.account import AccountSection
from stacks.settings.environment_file import EnvironmentFile
from stacks.settings.fields import Section
from stacks.settings.model import ModelSettings
from stacks.settings.region import RegionSection
from stacks.settings.release import ReleasesSection

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path("stacks/schemas")
COMMAND = "python -m tools.documents.schemas"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_COUNTRY = {"type": "string", "pattern": "^[A-Z]{2}$", "description": "Country code of ISO 3166-1, such as DE."}

Schema = dict[str, Any]


def render() -> dict[Path, str]:
    """Every schema as text, by its path in the project."""
    schemas = {
        "environment": section_schema(EnvironmentFile),
        "model": section_schema(ModelSettings),
        "stack": _of_stack(),
        "places": _of_places(),
    }
    return {
        FOLDER / f"{name}.json": json.dumps({"$schema": DIALECT, **schema}, indent=2) + "\n"
        for name, schema in schemas.items()
    }


def main(words: list[str] | None = None) -> int:
    """Exit code 0 when written or in step, 1 when `--check` finds one behind."""
    parser = argparse.ArgumentParser(prog=COMMAND, description="JSON Schemas of the settings files, for editors.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a schema is not in step")
    return write_or_check(ROOT, render(), command=COMMAND, check=parser.parse_args(words).check)


def write_or_check(root: Path, files: Mapping[Path, str], *, command: str, check: bool) -> int:
    """Writes generated files, or says which are not in step; the exit code."""
    behind = [path for path, text in files.items() if not _holds(root / path, text)]
    if check:
        for path in behind:
            print(f"{path} is not in step with the settings: run {command}", file=sys.stderr)
        return 1 if behind else 0
    for path in behind:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(files[path], encoding="utf-8")
    return 0


def section_schema(section: type[Section]) -> Schema:
    """A section's schema without the titles that pydantic makes up from the names of fields."""
    return _untitled(section.model_json_schema())


def _of_stack() -> Schema:
    """A stack's config file: the engine's own keys, and ours under `config`."""
    parts = {"account": AccountSection, "region": RegionSection, "releases": ReleasesSection}
    schemas = {name: section_schema(section) for name, section in parts.items()}
    definitions = {key: value for schema in schemas.values() for key, value in schema.pop("$defs", {}).items()}
    releases = schemas["releases"]["properties"]["releases"]
    ours = {
        "homeport:callers": _of_callers(),
        "homeport:jurisdiction": {
            "type": "string",
            "description": "Where every byte of this stack may be; `none` for an account stack, which holds no data.",
        },
        "homeport:account": schemas["account"],
        "homeport:region": schemas["region"],
        "homeport:releases": releases,
    }
    config = {
        "type": "object",
        "required": ["homeport:jurisdiction"],
        "properties": ours,
        "patternProperties": {"^pulumi:": True},
        "additionalProperties": False,
    }
    engine = {key: {"type": "string"} for key in ("encryptionsalt", "encryptedkey", "secretsprovider")}
    return {
        "description": "The config of one stack.",
        "type": "object",
        "required": ["config"],
        "properties": {**engine, "config": config},
        "additionalProperties": False,
        "$defs": definitions,
    }


def _of_callers() -> Schema:
    """Keys by model and caller, each sealed by the stack's own secrets provider."""
    sealed = {
        "type": "object",
        "properties": {"secure": {"type": "string"}},
        "required": ["secure"],
        "additionalProperties": False,
    }
    by_caller = {"type": "object", "additionalProperties": sealed}
    words = "Models stacks only. The key of each caller, by model, sealed: `python -m fleet keys` writes them."
    return {"type": "object", "description": words, "additionalProperties": by_caller}


def _of_places() -> Schema:
    """What `PlaceTable.with_changes` takes."""
    place = {
        "type": "object",
        "properties": {
            "country": _COUNTRY,
            "jurisdictions": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Jurisdictions that hold the place, instead of its country's; empty: never use it.",
            },
        },
        "additionalProperties": False,
    }
    clouds = {cloud.value: {"type": "object", "additionalProperties": place} for cloud in Cloud}
    return {
        "description": "A user's own policy over the table of places.",
        "type": "object",
        "properties": {
            "jurisdictions": {
                "type": "object",
                "description": "Sets of countries by name.",
                "additionalProperties": {"type": "array", "items": _COUNTRY},
            },
            "places": {"type": "object", "properties": clouds, "additionalProperties": False},
        },
        "additionalProperties": False,
    }


def _untitled(node: object) -> Any:
    if isinstance(node, dict):
        fields = cast("Schema", node)
        # A field may be called title; only texts are titles. A key that fits no pattern is refused.
        closed: Schema = {"additionalProperties": False} if "patternProperties" in fields else {}
        kept = {key: value for key, value in fields.items() if key != "title" or not isinstance(value, str)}
        return {key: _untitled(value) for key, value in kept.items()} | closed
    return [_untitled(item) for item in cast("list[object]", node)] if isinstance(node, list) else node


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
