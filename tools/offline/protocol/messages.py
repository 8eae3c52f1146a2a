"""The provider protocol's messages, loaded without importing the SDK.

`import pulumi` takes 0.2 s, of which a stand-in needs nothing but these generated modules. They are loaded under a name
of our own; the protobuf runtime gives the same classes whichever name a module is loaded under.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
from pathlib import Path
from typing import Any

from google.protobuf import empty_pb2

_ALIAS = "homeport_protocol"


def _load(name: str) -> Any:
    if _ALIAS not in sys.modules:
        found = importlib.util.find_spec("pulumi")
        if found is None or found.origin is None:
            raise ImportError("the Pulumi SDK is not installed in this environment: make venv")
        package = types.ModuleType(_ALIAS)
        package.__path__ = [str(Path(found.origin).parent / "runtime" / "proto")]
        sys.modules[_ALIAS] = package
    return importlib.import_module(f"{_ALIAS}.{name}")


provider: Any = _load("provider_pb2")
plugin: Any = _load("plugin_pb2")
service: Any = _load("provider_pb2_grpc")


def empty() -> Any:
    """The message without content."""
    return empty_pb2.Empty()
