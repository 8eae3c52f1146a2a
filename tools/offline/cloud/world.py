"""One account's place in the store: what the operations of a provider do to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tools.offline.cloud.answers import Answer, created, kind_of, updated
from tools.offline.cloud.autoname import value_at
from tools.offline.cloud.kind import Asked
from tools.offline.cloud.refusals import refusal, taken
from tools.offline.cloud.setting import GLOBAL, Setting
from tools.offline.cloud.store import AlreadyExists, Key, Store, Thing
from tools.offline.protocol.values import Properties, Value

_SERIALS = 16  # how often a thing was replaced while its predecessor lived; its made-up names depend on it


class CloudRefused(Exception):
    """The cloud says no; the text is its error code and reason."""


@dataclass(frozen=True, kw_only=True)
class World:
    """The store as seen from one setting. For Kubernetes the place is the cluster."""

    store: Store
    setting: Setting

    def find(self, token: str, **wanted: Value) -> list[tuple[str, Properties]]:
        """Id and outputs of the things of a type here (or global) whose outputs have these values."""
        places = (self.setting.place, self.setting.region, GLOBAL)
        return [
            (thing.key.id, thing.outputs)
            for thing in self.store.all(token, account=self.setting.account)
            if thing.key.place in places and all(thing.outputs.get(key) == value for key, value in wanted.items())
        ]

    def create(self, asked: Asked) -> Answer:
        """Makes the thing; raises `CloudRefused` when its name is taken or something that it needs is missing."""
        refused = refusal(asked, self)
        if refused:
            raise CloudRefused(refused)
        answer = created(asked)
        while self.store.get(self.key(asked.token, answer.id)):
            asked = replace(asked, serial=asked.serial + 1)
            again = created(asked)
            if again.id == answer.id:  # the id is the name: adding it says so
                break
            answer = again
        thing = Thing(
            key=self.key(asked.token, answer.id),
            urn=asked.urn,
            identity=self._identity(asked.token, answer.outputs),
            inputs=dict(asked.inputs),
            outputs=answer.outputs,
        )
        try:
            self.store.add(thing)
        except AlreadyExists as error:
            raise CloudRefused(taken(asked.token, str(error))) from error
        return answer

    def update(self, asked: Asked, identifier: str) -> Answer:
        """Changes the thing in place; raises `CloudRefused` when it is gone."""
        thing = self.read(asked.token, identifier)
        if thing is None:
            raise CloudRefused(f"NotFound: {asked.token.rpartition(':')[2]} {identifier} does not exist (any more)")
        while created(asked).id != identifier and asked.serial < _SERIALS:
            asked = replace(asked, serial=asked.serial + 1)
        answer = updated(asked, identifier, thing.outputs)
        identity = self._identity(asked.token, answer.outputs)
        self.store.put(replace(thing, inputs=dict(asked.inputs), outputs=answer.outputs, identity=identity))
        return answer

    def read(self, token: str, identifier: str) -> Thing | None:
        """The thing with this id here, or the one that an import finds by it, or None."""
        found = self.store.get(self.key(token, identifier))
        form = kind_of(token).imported_as
        if found is not None or not form:
            return found
        named = self.find(token)
        identifiers = [own for own, outputs in named if form.format_map(defaultdict(str, outputs)) == identifier]
        return self.store.get(self.key(token, identifiers[0])) if identifiers else None

    def delete(self, token: str, identifier: str) -> None:
        """Removes the thing; one that is gone already is fine."""
        self.store.remove(self.key(token, identifier))

    def key(self, token: str, identifier: str) -> Key:
        """Where a thing of this id is kept."""
        place = self.setting.cluster or self.setting.place
        return Key(token=token, account=self.setting.account, place=place, id=identifier)

    def _identity(self, token: str, outputs: Mapping[str, Value]) -> str | None:
        kind = kind_of(token)
        if not kind.identity:
            return None
        named = {path: value_at(outputs, path) for path in kind.identity}
        here = f"{self.setting.account} {self.setting.cluster or self.setting.place}"
        where = "worldwide" if kind.worldwide else here
        shown = ", ".join(f"{path} {value}" for path, value in named.items() if value is not None)
        return f"with {shown} in {where}"
