"""Reads a resource type's shape out of the installed Pulumi SDK.

The generated classes carry everything: `pulumi._types.input_type_types` maps wire names to annotations, a constructor
parameter without a default is required, and `resource_types` lists the outputs. These are private functions of pulumi
3.272; `tests/tools/offline/test_types_sdk.py` fails loudly should they move. Importing the SDK is slow (0.3 to 1.5 s
per service), so only `library.py` calls this, when its cache has no answer.
"""

from __future__ import annotations

import collections.abc
import enum
import importlib
import inspect
import json
import re
import types
import typing
import warnings
from functools import lru_cache
from pathlib import Path
from typing import Any

from tools.offline.protocol.values import Value
from tools.offline.types.shape import ObjectShape, ResourceShape, Shape

_SCALARS: dict[Value, Shape] = {
    str: Shape(kind="string"),
    int: Shape(kind="integer"),
    float: Shape(kind="number"),
    bool: Shape(kind="boolean"),
}
_ANY = Shape(kind="any")
_MODULES = re.compile(r'resource_modules="""(.*?)"""', re.DOTALL)


def module_name(package: str) -> str:
    """The Python package of a Pulumi package: `aws` -> `pulumi_aws`."""
    return "pulumi_" + package.replace("-", "_")


@lru_cache(maxsize=4)
def classes(package: str, folder: Path) -> dict[str, tuple[str, str]]:
    """Every resource token of the SDK in `folder`: token -> (module, class). Reads the table in its `__init__.py`."""
    found = _MODULES.search((folder / "__init__.py").read_text(encoding="utf-8"))
    tokens = {f"pulumi:providers:{package}": (module_name(package), "Provider")}
    modules: list[Value] = json.loads(found.group(1)) if found else []
    for module in modules:
        for token, name in module["classes"].items():
            tokens[token] = (module["fqn"], name)
    return tokens


def read(module: str, name: str) -> ResourceShape:
    """The shape of one resource class. Imports its service of the SDK."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the SDK warns of old classes when it is merely imported
        home = importlib.import_module(module)
        resource: Value = getattr(home, name)
        arguments: Value = getattr(home, f"{name}InitArgs", None) or getattr(home, f"{name}Args", None)
    reader = _Reader()
    # A resource without an arguments class takes no inputs (an EBS default switch, say).
    inputs = reader.members(arguments) if arguments is not None else ObjectShape(properties={})
    reader.finish()
    outputs = {key: _Reader().shape(annotation) for key, annotation in _private().resource_types(resource).items()}
    return ResourceShape(inputs=inputs, objects=reader.objects, outputs=outputs)


class _Reader:
    """Walks from one arguments class to every class below it."""

    def __init__(self) -> None:
        self.objects: dict[str, ObjectShape] = {}
        self._waiting: list[tuple[str, type]] = []

    def finish(self) -> None:
        """Reads the classes that were met on the way; a loop, since some types nest deeply and some hold themselves."""
        while self._waiting:
            name, found = self._waiting.pop()
            if name not in self.objects:
                self.objects[name] = self.members(found)

    def members(self, arguments: type) -> ObjectShape:
        """The properties of one arguments class."""
        names = _private().input_type_py_to_pulumi_names(arguments)
        parameters = inspect.signature(arguments.__init__).parameters
        required = {
            wire
            for python, wire in names.items()
            if python in parameters and parameters[python].default is inspect.Parameter.empty
        }
        properties = {key: self.shape(annotation) for key, annotation in _private().input_type_types(arguments).items()}
        return ObjectShape(properties=properties, required=frozenset(required))

    def shape(self, annotation: Value) -> Shape:
        """The shape of one annotation, without the `Input[...]` and `Optional[...]` around it."""
        if annotation in _SCALARS:
            return _SCALARS[annotation]
        origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
        if origin in (typing.Union, types.UnionType):
            return self._choice(arguments)
        if origin is typing.Literal:
            return Shape(kind="enum", values=tuple(arguments))
        if origin in (list, collections.abc.Sequence):
            return Shape(kind="list", inner=(self.shape(arguments[0]),))
        if origin in (dict, collections.abc.Mapping):
            return Shape(kind="map", inner=(self.shape(arguments[1]),))
        return self._named(annotation) if isinstance(annotation, type) else _ANY

    def _choice(self, members: tuple[Value, ...]) -> Shape:
        kept: list[Value] = [member for member in members if not _is_plumbing(member)]
        named = any(_is_arguments(member) for member in kept)
        if named:  # `Union[XArgs, Mapping]` is one object in two spellings
            kept = [m for m in kept if typing.get_origin(m) not in (dict, collections.abc.Mapping) and m is not dict]
        if str in kept:  # `Union[str, SomeEnum]` is an open list of suggestions
            kept = [m for m in kept if not (isinstance(m, type) and issubclass(m, enum.Enum))]
        shapes = tuple(dict.fromkeys(self.shape(member) for member in kept))
        return shapes[0] if len(shapes) == 1 else Shape(kind="either", inner=shapes) if shapes else _ANY

    def _named(self, found: type[Any]) -> Shape:
        from pulumi import Archive, Asset  # as in `_private`: only when it is needed

        if issubclass(found, enum.Enum):
            return Shape(kind="enum", values=tuple(member.value for member in found))
        if issubclass(found, Asset | Archive):
            return Shape(kind="asset")
        if _is_arguments(found):
            name = f"{found.__module__}.{found.__name__}"
            self._waiting.append((name, found))
            return Shape(kind="object", name=name)
        return _ANY


def _private() -> Any:
    from pulumi import _types  # pyright: ignore[reportPrivateUsage] - nothing public tells the types; see above

    return _types


def _is_plumbing(member: Value) -> bool:
    """What `Input[...]` and `Optional[...]` add to a union."""
    from pulumi import Output  # as in `_private`

    origin = typing.get_origin(member)
    return member is type(None) or origin is Output or origin is collections.abc.Awaitable


def _is_arguments(member: Value) -> bool:
    return isinstance(member, type) and _private().is_input_type(member)
