"""Finds a resource type's shape: from memory, from the user's cache, else from the installed SDK.

The cache is one small file a type under `$XDG_CACHE_HOME/homeport/types/PACKAGE-VERSION-FORMAT/`. With it a provider
answers without importing an SDK. It only saves time: it may be deleted, and a read-only home merely makes it slower.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import tempfile
from functools import cache, lru_cache
from pathlib import Path

from tools.offline.types import sdk
from tools.offline.types.shape import ObjectShape, ResourceShape, Shape, decode, encode

_FORMAT = 1  # raise it when the reading of the SDK changes
_META = "kubernetes:core/v1:Namespace"  # any kind, for the shape of `metadata`
_OPEN = Shape(kind="any")


@lru_cache(maxsize=512)
def resource_shape(token: str) -> ResourceShape | None:
    """The shape of a resource type, or None where the SDK has no such type.

    A Kubernetes kind of a group that the SDK does not know at all is a custom resource: its metadata is checked, its
    other fields are open. Raises `SdkMissing` when the package's SDK is not installed.
    """
    package = token.removeprefix("pulumi:providers:").partition(":")[0]
    folder = _folder(package)
    known = _cached(package, token)
    if known is not None:
        return known
    tokens = sdk.classes(package, folder)
    if token in tokens:
        shape = sdk.read(*tokens[token])
    elif package == "kubernetes" and _is_custom(token, tokens):
        shape = _custom_resource()
    else:
        return None
    _keep(package, token, shape)
    return shape


def tokens(package: str) -> tuple[str, ...]:
    """Every resource token of the package's SDK, sorted."""
    return tuple(sorted(sdk.classes(package, _folder(package))))


class SdkMissing(LookupError):
    """The Python SDK of a package is not installed in this environment."""


@cache
def _folder(package: str) -> Path:
    found = importlib.util.find_spec(sdk.module_name(package))
    if found is None or found.origin is None:
        wanted = sdk.module_name(package).replace("_", "-")
        raise SdkMissing(f"no SDK for package {package!r}: install {wanted} into this environment (make venv)")
    return Path(found.origin).parent


@cache
def sdk_version(package: str) -> str:
    """The version of the installed SDK, `7.51.1`. Reads a folder's name: `importlib.metadata` takes 30 ms to import."""
    folder = _folder(package)
    found = sorted(folder.parent.glob(f"{folder.name}-*.dist-info"))
    return found[-1].name.removesuffix(".dist-info").partition("-")[2] if found else "0.0.0"


def _cached(package: str, token: str) -> ResourceShape | None:
    try:
        return decode(json.loads(_place(package, token).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return None


def _keep(package: str, token: str, shape: ResourceShape) -> None:
    target = _place(package, token)
    with contextlib.suppress(OSError):  # a read-only or full home costs time, nothing else
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=target.parent, delete=False, encoding="utf-8") as half:
            json.dump(encode(shape), half, separators=(",", ":"))
        Path(half.name).replace(target)


def _place(package: str, token: str) -> Path:
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = root / "homeport" / "types" / f"{package}-{sdk_version(package)}-{_FORMAT}"
    return folder / (token.replace("/", "+").replace(":", "=") + ".json")


def _is_custom(token: str, known: dict[str, tuple[str, str]]) -> bool:
    """Whether the token's API group is one that the SDK does not know: Karpenter's, say. A core group has no dot."""
    group = token.split(":")[1].partition("/")[0]
    return "." in group and not any(other.split(":")[1].partition("/")[0] == group for other in known)


def _custom_resource() -> ResourceShape:
    pattern = resource_shape(_META)
    if pattern is None:
        raise SdkMissing("the kubernetes SDK has no Namespace: this version cannot be checked against")
    text, metadata = Shape(kind="string"), pattern.inputs.properties["metadata"]
    named = {"apiVersion": text, "kind": text, "metadata": metadata}
    required = frozenset({"apiVersion", "kind"})
    return ResourceShape(
        inputs=ObjectShape(properties={**named, "*": _OPEN}, required=required),
        objects=pattern.objects,
        outputs=named,
    )
