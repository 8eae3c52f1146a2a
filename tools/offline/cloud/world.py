"""One account's place in the store: what the operations of a provider do to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tools.offline.cloud import node_ports
from tools.offline.cloud.answers import Answer, created, kind_of, updated
from tools.offline.cloud.autoname import value_at
from tools.offline.cloud.holding import HELD, refusal_to_delete
from tools.offline.cloud.kind import Asked
from tools.offline.cloud.refusals import refusal, taken
from tools.offline.cloud.setting import GLOBAL, Setting
from tools.offline.cloud.store import AlreadyExists, Key, Store, Thing
from tools.offline.protocol.values import Properties, Value

_CLUSTER = "aws:eks/cluster:Cluster"
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
        answer = self._settled(asked, answer)
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
        thing = self._existing(asked.token, identifier)
        while created(asked).id != identifier and asked.serial < _SERIALS:
            asked = replace(asked, serial=asked.serial + 1)
        answer = self._settled(asked, updated(asked, identifier, thing.outputs))
        identity = self._identity(asked.token, answer.outputs)
        self.store.put(replace(thing, inputs=dict(asked.inputs), outputs=answer.outputs, identity=identity))
        return answer

    def take_back(self, asked: Asked, identifier: str) -> Answer:
        """What an update comes to that the cloud undoes by itself: the thing as it was, and no error."""
        return Answer(id=identifier, outputs=self._existing(asked.token, identifier).outputs)

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
        """Removes the thing, and with a cluster what lives in it; one that is gone already is fine.

        Raises `CloudRefused` while something else uses it.
        """
        thing = self.read(token, identifier) if token in HELD else None
        if thing is not None:
            key = self.key(token, identifier)
            refused = refusal_to_delete(thing, self.store.all(account=key.account, place=key.place))
            if refused is not None:
                raise CloudRefused(refused)
        self.store.remove(self.key(token, identifier))
        if thing is not None and token == _CLUSTER:
            for inside in self.store.all(place=str(thing.outputs["arn"])):
                self.store.remove(inside.key)

    def key(self, token: str, identifier: str) -> Key:
        """Where a thing of this id is kept."""
        place = self.setting.cluster or self.setting.place
        return Key(token=token, account=self.setting.account, place=place, id=identifier)

    def _settled(self, asked: Asked, answer: Answer) -> Answer:
        """What the things of a cluster must not share, and the API server therefore chooses or refuses: node ports."""
        if asked.token != node_ports.SERVICE:
            return answer
        here = self.key(asked.token, answer.id)
        things = self.store.all(asked.token, account=here.account, place=here.place)
        others = [thing.outputs for thing in things if thing.key != here]
        try:
            return replace(answer, outputs=node_ports.settled(answer.outputs, asked.inputs, others))
        except node_ports.PortTaken as error:
            raise CloudRefused(str(error)) from error

    def _existing(self, token: str, identifier: str) -> Thing:
        thing = self.read(token, identifier)
        if thing is None:
            raise CloudRefused(f"NotFound: {token.rpartition(':')[2]} {identifier} does not exist (any more)")
        return thing

    def _identity(self, token: str, outputs: Mapping[str, Value]) -> str | None:
        kind = kind_of(token)
        if not kind.identity:
            return None
        named = {path: value_at(outputs, path) for path in kind.identity}
        here = f"{self.setting.account} {self.setting.cluster or self.setting.place}"
        where = "worldwide" if kind.worldwide else here
        shown = ", ".join(f"{path} {value}" for path, value in named.items() if value is not None)
        return f"with {shown} in {where}"
