# ruff: noqa: N802 - the monitor's methods have the names of the protocol
"""A strict stand-in for the engine's resource monitor, in this process.

Unlike `pulumi.runtime.set_mocks` it sees the whole request: parent, provider, options. It answers with the same
tables as the stand-in provider and notes every mistake instead of raising, so that a test shows all at once.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from google.protobuf import empty_pb2
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks
from pulumi.runtime.proto import provider_pb2, resource_pb2

from tests.recording.graph import STACK, Recorded
from tools.offline.cloud.answers import Answer, created, previewed
from tools.offline.cloud.autoname import named_inputs
from tools.offline.cloud.kind import Asked
from tools.offline.cloud.lookups import LookupRefused, look_up
from tools.offline.cloud.setting import setting_of
from tools.offline.protocol.values import Properties, from_struct, holds_unknown, plain, secret_paths, to_struct
from tools.offline.types.check import check_inputs

_REFERENCE = "pulumi:pulumi:StackReference"
_PROVIDER = "pulumi:providers:"


class Nothing(Mocks):
    """The SDK wants mocks beside a monitor; the monitor below answers everything itself."""

    def call(self, args: MockCallArgs) -> Any:
        raise NotImplementedError(args.token)

    def new_resource(self, args: MockResourceArgs) -> Any:
        raise NotImplementedError(args.typ)


class Recorder(MockMonitor):
    """Answers one program and keeps what it declared. Called from several threads: the lock guards what is kept."""

    def __init__(self, *, project: str, stack: str, preview: bool, references: Mapping[str, Mapping[str, object]]):
        super().__init__(Nothing())
        self.kept: dict[str, Recorded] = {}
        self.problems: list[str] = []
        self.components: dict[str, bool] = {}  # URN -> registered its outputs
        self.stack_outputs: Properties = {}
        self.secret_outputs: frozenset[str] = frozenset()
        self._project, self._stack, self._preview, self._references = project, stack, preview, references
        self._lock = threading.Lock()

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """As the engine makes it: with the types of all parents but the stack, separated by `$`."""
        above = parent.split("::")[2] if parent else ""
        kind = f"{above}${type_}" if above and above != STACK else type_
        return f"urn:pulumi:{self._stack}::{self._project}::{kind}::{name}"

    def RegisterResource(self, request: Any) -> Any:
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == STACK:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        wire = from_struct(request.object)
        if request.custom:
            answer = self._custom(request, urn, wire)
        else:
            answer = Answer(id="", outputs={})
            with self._lock:
                self.components.setdefault(urn, False)
        self._keep(request, urn, wire, answer, options=_options(request))
        return resource_pb2.RegisterResourceResponse(urn=urn, id=answer.id, object=to_struct(answer.outputs))

    def ReadResource(self, request: Any) -> Any:
        """`X.get` and stack references."""
        urn = self.make_urn(request.parent, request.type, request.name)
        wire = from_struct(request.properties)
        if request.type == _REFERENCE:
            answer = self._reference(plain(wire)["name"])
        else:
            self._note_default(request, urn)
            answer = Answer(id=request.id, outputs={**self._answer(request, urn, plain(wire)).outputs, **plain(wire)})
        self._keep(request, urn, wire, answer, options={}, read=True)
        return resource_pb2.ReadResourceResponse(urn=urn, properties=to_struct(answer.outputs))

    def RegisterResourceOutputs(self, request: Any) -> Any:
        wire = from_struct(request.outputs)
        with self._lock:
            if request.urn.split("::")[2] == STACK:
                self.stack_outputs = plain(wire)
                self.secret_outputs = frozenset(path.partition(".")[0] for path in secret_paths(wire))
            elif request.urn in self.kept:
                self.components[request.urn] = True
                self.kept[request.urn].outputs.update(plain(wire))
        return empty_pb2.Empty()

    def Invoke(self, request: Any) -> Any:
        arguments = plain(from_struct(request.args))
        provider = self._provider(request.provider)
        if provider is None:
            self._note(f"{request.tok}: uses a default provider; give InvokeOptions(parent=...) or provider=")
        setting = setting_of(request.tok, arguments, provider.inputs if provider else {})
        try:
            result = look_up(request.tok, arguments, setting, self)
        except LookupRefused as refused:
            failure = provider_pb2.CheckFailure(reason=str(refused))
            return resource_pb2.ResourceInvokeResponse(failures=[failure])
        return resource_pb2.ResourceInvokeResponse(**{"return": to_struct(result)})

    def find(self, token: str, **wanted: Any) -> list[tuple[str, Properties]]:
        """What a lookup finds: the recorded things of the type, else one that is made up from what was asked."""
        with self._lock:
            found = [
                (one.id, one.outputs)
                for one in self.kept.values()
                if one.type == token and all(one.outputs.get(key) == value for key, value in wanted.items())
            ]
        if found:
            return found
        setting = setting_of(token, {}, {})
        answer = created(Asked(token=token, urn=token, name="found", inputs=wanted, setting=setting))
        return [(answer.id, answer.outputs)]

    def _custom(self, request: Any, urn: str, wire: Properties) -> Answer:
        self._note_default(request, urn)
        for problem in check_inputs(request.type, wire):
            self._note(f"{urn}: {problem}")
        return self._answer(request, urn, plain(wire))

    def _answer(self, request: Any, urn: str, inputs: Properties) -> Answer:
        provider = self._provider(request.provider)
        setting = setting_of(request.type, inputs, provider.inputs if provider else {})
        named = named_inputs(request.type, request.name, inputs, urn.encode())
        asked = Asked(token=request.type, urn=urn, name=request.name, inputs=named, setting=setting)
        if request.type.startswith(_PROVIDER):
            return created(asked)
        # A chain of unknowns: what was made from an unknown is not known either.
        return previewed(asked) if self._preview or holds_unknown(inputs) else created(asked)

    def _reference(self, name: str) -> Answer:
        outputs = self._references.get(name)
        if outputs is None:
            known = ", ".join(sorted(self._references)) or "none"
            raise LookupError(f'unknown stack "{name}"; references= of record() has: {known}')
        return Answer(id=name, outputs={"name": name, "outputs": dict(outputs), "secretOutputNames": []})

    def _provider(self, reference: str) -> Recorded | None:
        with self._lock:
            return self.kept.get(reference.rpartition("::")[0])

    def _note_default(self, request: Any, urn: str) -> None:
        if not request.type.startswith((_PROVIDER, "pulumi:pulumi:")) and not request.provider:
            self._note(f"{urn}: has no explicit provider (give the component opts with provider=)")

    def _note(self, problem: str) -> None:
        with self._lock:
            self.problems.append(problem)

    def _keep(self, request: Any, urn: str, wire: Properties, answer: Answer, **more: Any) -> None:
        provider = self._provider(request.provider)
        inputs = plain(wire)
        one = Recorded(
            urn=urn,
            type=request.type,
            name=request.name,
            parent=request.parent,
            custom=bool(getattr(request, "custom", True)),
            provider=provider.name if provider else "",
            place=_place(request.type, inputs, provider),
            inputs=inputs,
            outputs=dict(answer.outputs),
            id=answer.id,
            secrets=frozenset(secret_paths(wire)),
            dependencies=frozenset(request.dependencies),
            **more,
        )
        with self._lock:
            if urn in self.kept:
                self.problems.append(f"{urn}: declared twice; give each child a name of its own")
            self.kept[urn] = one


def _place(token: str, inputs: Properties, provider: Recorded | None) -> str:
    if provider is None:
        return ""
    setting = setting_of(token, inputs, provider.inputs)
    return setting.cluster or setting.place


def _options(request: Any) -> dict[str, Any]:
    """The options that change what the engine does, as far as they were given."""
    if request.type.startswith(_PROVIDER):
        return {}  # the SDK marks credentials as secret outputs of every provider
    timeouts = request.customTimeouts
    given = {
        "protect": request.protect,
        "retain_on_delete": request.retainOnDelete,
        "delete_before_replace": request.deleteBeforeReplace,
        "ignore_changes": list(request.ignoreChanges),
        "replace_on_changes": list(request.replaceOnChanges),
        "additional_secret_outputs": list(request.additionalSecretOutputs),
        "import_id": request.importId,
        "aliases": len(request.aliases),
        "deleted_with": request.deletedWith.rpartition("::")[2],
        "custom_timeouts": {
            key: getattr(timeouts, key) for key in ("create", "update", "delete") if getattr(timeouts, key)
        },
        "hooks": sorted(name for _, names in request.hooks.ListFields() for name in names),
    }
    return {key: value for key, value in given.items() if value}
