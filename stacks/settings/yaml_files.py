"""Reads one YAML file as YAML 1.2 (core schema: `on` and `NO` are texts) into plain mappings, lists and scalars.

Refuses what people do not mean: a key that stands twice, a key that is no text, a file that is no mapping.
"""

from __future__ import annotations

import json
from collections.abc import Hashable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import yaml
from yamlcore import CoreLoader  # pyright: ignore[reportUnknownVariableType, reportMissingTypeStubs] no types published

from stacks.settings.errors import Problem, Said

if TYPE_CHECKING:
    _Loader = yaml.SafeLoader
else:
    _Loader = CoreLoader

_SYNTAX = "YAML 1.2"
_VALUES = "values that do not hold themselves, whole characters"


class _StrictLoader(_Loader):
    """Notes keys that are double or no text, and goes on, so that all of them are reported."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.faults: list[tuple[str, object, str, str]] = []

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        found: dict[Hashable, Any] = {}
        for key_node, value_node in cast("list[tuple[yaml.Node, yaml.Node]]", node.value):
            key = cast("object", self.construct_object(key_node, deep=True))  # pyright: ignore[reportUnknownMemberType]
            where = f"line {key_node.start_mark.line + 1}, column {key_node.start_mark.column + 1}"
            if not isinstance(key, str):
                self.faults.append((where, key, "a text as key", "put the key in quotes"))
                continue
            if key in found:
                self.faults.append((where, key, "each key once", "remove one of the two"))
            found[key] = self.construct_object(value_node, deep=deep)  # pyright: ignore[reportUnknownMemberType]
        return found


def read_yaml(root: Path, file: str, problems: list[Problem]) -> dict[str, object] | None:
    """The mapping in `root/file`; None after adding what is wrong to `problems`."""
    try:
        text = (root / file).read_text(encoding="utf-8")
    except FileNotFoundError:
        problems.append(Problem(file, "", Said("no such file"), "a readable file", "write it, or correct the name"))
        return None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        problems.append(Problem(file, "", Said(reason), "a readable file", "make it readable"))
        return None
    except UnicodeDecodeError as error:
        problems.append(
            Problem(file, f"byte {error.start}", Said("bytes that are no UTF-8"), "UTF-8 text", "save it as UTF-8")
        )
        return None
    return _parse(text, file, problems)


def _parse(text: str, file: str, problems: list[Problem]) -> dict[str, object] | None:
    try:
        loader = _StrictLoader(text)
        try:
            value = cast("object", loader.get_single_data())
        finally:
            loader.dispose()  # pyright: ignore[reportUnknownMemberType] no types published
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        said = error.problem or "unreadable text"
        problems.append(
            Problem(file, where, Said(f"text that is no YAML ({said})"), _SYNTAX, "correct the text near this line")
        )
        return None
    except yaml.YAMLError as error:
        problems.append(Problem(file, "", Said(str(error).splitlines()[0]), _SYNTAX, "correct the text"))
        return None
    except (ValueError, RecursionError):
        # A number of thousands of digits, or lists in lists without end.
        problems.append(
            Problem(file, "", Said("a value beyond all measure"), _SYNTAX, "look for a slip of the keyboard")
        )
        return None
    faults = [Problem(file, where, key, allowed, step) for where, key, allowed, step in loader.faults]
    problems.extend(faults)
    if not isinstance(value, dict):
        problems.append(Problem(file, "", value, "a mapping", "start with `key: value` lines"))
        return None
    if not faults and not _is_json(cast("object", value)):
        problems.append(Problem(file, "", Said("a value that JSON cannot hold"), _VALUES, "look for `*` and `\\u`"))
        return None
    return None if faults else cast("dict[str, object]", value)


def _is_json(value: object) -> bool:
    """Whether the engine could hand this value on: no anchor inside itself, no half of a character."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return False
    return True
