"""The table of places as the user left it: the facts of components/places.py with the changes of stacks/places.yaml."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import cast

import yaml
import yamlcore

from components.places import DEFAULT_TABLE, InvalidPlaces, PlaceTable

PLACES_FILE = "stacks/places.yaml"


class UnreadablePlaces(ValueError):
    """stacks/places.yaml cannot be used; the message has one line a problem, ready to print."""


class _Loader(yamlcore.CCoreLoader):
    """YAML 1.2 (the country `NO` stays a text) that refuses a key said twice: the second would silently win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:
        seen: set[object] = set()
        for key_node, _ in node.value:
            if key_node.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key_node.value!r} stands twice", problem_mark=key_node.start_mark
                )
            seen.add(key_node.value)
        return cast("dict[Hashable, object]", super().construct_mapping(node, deep=deep))


def load_table(root: Path) -> PlaceTable:
    """The table for the project at `root`; without the file, the facts alone. Raises UnreadablePlaces."""
    file = root / PLACES_FILE
    if not file.exists():
        return DEFAULT_TABLE
    try:
        content: object = yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 its own safe loader
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UnreadablePlaces(f"{PLACES_FILE}: cannot be read: {error}") from error
    if content is None:
        return DEFAULT_TABLE
    if not isinstance(content, dict):
        raise UnreadablePlaces(
            f"{PLACES_FILE}: got {type(content).__name__}; allowed: a mapping of jurisdictions and places"
        )
    try:
        return DEFAULT_TABLE.with_changes(cast("dict[str, object]", content))
    except InvalidPlaces as error:
        lines = (f"{PLACES_FILE}: {item.path}: got {item.got!r}; allowed: {item.allowed}" for item in error.problems)
        raise UnreadablePlaces("\n".join(lines)) from error
