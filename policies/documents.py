"""JSON texts inside properties: policy documents, container definitions, a provider's nested settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast

from policies.reading import Value, read_mapping


def parsed(value: Value) -> Value:
    """The content of a JSON text, None if it is no JSON object or list; a value that is no text stays as it is."""
    if not isinstance(value, str):
        return value
    try:
        content: object = json.loads(value)
    except ValueError:
        return None
    if not isinstance(content, dict | list):
        return None
    return read_mapping(cast("Mapping[str, object]", {"content": content}))["content"]
