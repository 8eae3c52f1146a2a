"""Changes something in the stand-in cloud behind the engine's back, so that a refresh has something to find.

    python -m tools.offline.cloud.drift --env ENV TYPE NAME PATH VALUE     another value
    python -m tools.offline.cloud.drift --env ENV TYPE NAME                the thing is gone

TYPE: the token or its last part. NAME: the resource's name in the program, or its id. PATH: a wire path such as
`tags.owner` or `rules[0].port`. VALUE: JSON, or else text.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

from tools.offline.cloud.store import Store, Thing
from tools.offline.protocol.values import Properties, Value

_ROOT = Path(__file__).resolve().parents[3]


class NoSuchThing(LookupError):
    """Nothing, or more than one thing, has this type and name; the text lists what there is."""


def drift(path: Path, kind: str, name: str, change: tuple[str, Value] | None) -> str:
    """Changes one thing in the store at `path`: `change` is a wire path and its new value, None removes the thing.

    Returns a line that says what was done. Raises `NoSuchThing`.
    """
    store = Store(path)
    try:
        thing = _the_one(store, kind, name)
        if change is None:
            store.remove(thing.key)
            return f"{thing.key.token} {thing.key.id} is gone"
        where, value = change
        store.put(
            replace(thing, inputs=_changed(thing.inputs, where, value), outputs=_changed(thing.outputs, where, value))
        )
        return f"{thing.key.token} {thing.key.id}: {where} is {json.dumps(value)} now"
    finally:
        store.close()


def _the_one(store: Store, kind: str, name: str) -> Thing:
    alike = [thing for thing in store.all() if kind in (thing.key.token, thing.key.token.rpartition(":")[2])]
    found = [thing for thing in alike if name in (thing.key.id, thing.urn.rpartition("::")[2])]
    if len(found) != 1:
        known = ", ".join(f"{thing.urn.rpartition('::')[2]} ({thing.key.id})" for thing in alike) or "nothing"
        raise NoSuchThing(f"{len(found)} things are a {kind} named {name}; want one. Of that type there is: {known}")
    return found[0]


def _changed(properties: Mapping[str, Value], path: str, value: Value) -> Properties:
    """A copy with the value at the path; objects on the way are made, places in lists must exist."""
    copy = cast("Properties", json.loads(json.dumps(properties)))
    *way, last = [int(step[1:-1]) if step[0] == "[" else step for step in re.findall(r"\[\d+\]|[^.\[\]]+", path)]
    place: Value = copy
    for step in way:
        place = place[step] if isinstance(step, int) else place.setdefault(step, {})
    place[last] = value
    return copy


def main(words: list[str] | None = None) -> int:
    """The command; exit code 1 when there is no such thing."""
    parser = argparse.ArgumentParser(prog="python -m tools.offline.cloud.drift", description=__doc__)
    parser.add_argument("--env", required=True)
    parser.add_argument("type")
    parser.add_argument("name")
    parser.add_argument("path", nargs="?")
    parser.add_argument("value", nargs="?")
    arguments = parser.parse_args(words)
    if (arguments.path is None) != (arguments.value is None):
        parser.error("give PATH and VALUE, or neither")
    change = (arguments.path, _value(arguments.value)) if arguments.path is not None else None
    try:
        done = drift(_ROOT / ".homeport" / arguments.env / "cloud.sqlite", arguments.type, arguments.name, change)
    except NoSuchThing as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{done}\n")
    return 0


def _value(text: str) -> Value:
    try:
        return json.loads(text)
    except ValueError:
        return text


if __name__ == "__main__":
    sys.exit(main())
