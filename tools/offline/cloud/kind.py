"""One row a resource type: what the cloud answers, what identifies a thing, and which changes replace it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from tools.offline.cloud.setting import Setting
from tools.offline.protocol.values import Properties, Value


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A resource that is to exist. `inputs` are plain values; `serial` tells a replacement from what it replaces."""

    token: str
    urn: str
    name: str
    inputs: Mapping[str, Value]
    setting: Setting
    serial: int = 0


Compute: TypeAlias = Callable[[Asked], Properties]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What is known about one resource type.

    - `source`: where the replacing properties were read.
    - `replaces`: properties of which any change replaces the thing (`a.b` is nested); `replaces_removed`: those whose
      removal does.
    - `id`, `arn`, `outputs`: templates (`templates.py` lists their words).
    - `compute`: makes outputs that no template can, and the id if it returns one.
    - `counted`: outputs that start at 1 and grow with every update.
    - `identity`: the inputs by which the cloud tells two things apart in one account and place. None: it accepts any
      number of equal ones, and a thing whose creation was interrupted cannot be found by name.
    - `worldwide`: the identity is one for all accounts and places.
    - `imported_as`: the id by which an import finds the thing, of its outputs, where that is not its own id.
    - `named`: the property that gets a name when none is given.
    - `live`: inputs that outputs repeat as the cloud has them, which need not be as asked: a difference is seen there,
      as the bridged providers do for every input.
    """

    source: str
    replaces: tuple[str, ...] = ()
    replaces_removed: tuple[str, ...] = ()
    id: str = ""
    arn: str = ""
    outputs: Mapping[str, Value] = field(default_factory=dict[str, Value])
    compute: Compute | None = None
    counted: tuple[str, ...] = ()
    identity: tuple[str, ...] = ()
    imported_as: str = ""
    named: str = ""
    live: tuple[str, ...] = ()
    worldwide: bool = False
