# ruff: noqa: N802, ARG002 - methods and parameters are those of the protocol
"""The provider protocol over the stand-in cloud, for every package.

Secrets arrive opened, since the provider does not claim to accept them; the engine marks outputs secret again whose
input was. Errors carry the cloud's own error code, the type and the name of the resource.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

import grpc

from tools.offline.cloud.answers import kind_of, previewed, previewed_update
from tools.offline.cloud.faults import Fault, Operation, fault_for
from tools.offline.cloud.kind import Asked
from tools.offline.cloud.lookups import LookupRefused, look_up
from tools.offline.cloud.setting import setting_of
from tools.offline.cloud.store import Store, Thing
from tools.offline.cloud.world import CloudRefused, World
from tools.offline.protocol import messages
from tools.offline.protocol.values import Properties, from_struct, plain, to_struct
from tools.offline.standin.checking import checked
from tools.offline.standin.difference import DEFAULTS, Difference, difference
from tools.offline.types.library import sdk_version

_HANG_STEP_S = 0.2
# As many as the provider of AWS makes (its `max_retries`); its waits, up to 30 s each, are shortened.
_MOST_ATTEMPTS = 25
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.01, 0.05


class StandIn(messages.service.ResourceProviderServicer):
    """One configured provider. The engine may call it from many threads at once."""

    def __init__(self, package: str, store: Store, faults: Path | None) -> None:
        self._package, self._store, self._faults = package, store, faults
        self._settings: Properties = {}
        self._cancelled = threading.Event()

    def Handshake(self, request: Any, context: Any) -> Any:
        return messages.provider.ProviderHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return messages.plugin.PluginInfo(version=sdk_version(self._package))

    def GetSchema(self, request: Any, context: Any) -> Any:
        schema = {"name": self._package, "version": sdk_version(self._package)}
        return messages.provider.GetSchemaResponse(schema=json.dumps(schema))

    def CheckConfig(self, request: Any, context: Any) -> Any:
        return self.Check(request, context)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        return self.Diff(request, context)

    def Configure(self, request: Any, context: Any) -> Any:
        self._settings = plain(from_struct(request.args))
        return messages.provider.ConfigureResponse(supportsPreview=True, supports_autonaming_configuration=True)

    def Check(self, request: Any, context: Any) -> Any:
        token, name = _who(request)
        inputs, problems = checked(
            token,
            name,
            old=plain(from_struct(request.olds)),
            new=plain(from_struct(request.news)),
            seed=bytes(request.randomSeed) or request.urn.encode(),
            proposed=_proposed(request),
        )
        failures = [messages.provider.CheckFailure(property=one.path, reason=one.message) for one in problems]
        return messages.provider.CheckResponse(inputs=to_struct(inputs), failures=failures)

    def Diff(self, request: Any, context: Any) -> Any:
        token, outputs = _who(request)[0], plain(from_struct(request.olds))
        live = {key: outputs[key] for key in kind_of(token).live if key in outputs}
        old = {**(plain(from_struct(request.old_inputs)) or outputs), **live}
        return _diff_response(difference(token, old, plain(from_struct(request.news))))

    def Create(self, request: Any, context: Any) -> Any:
        asked, world = self._asked(request, request.properties)
        if request.preview:
            return messages.provider.CreateResponse(properties=to_struct(previewed(asked).outputs))
        answer = self._act(context, asked, "create", lambda: world.create(asked))
        return messages.provider.CreateResponse(id=answer.id, properties=to_struct(answer.outputs))

    def Update(self, request: Any, context: Any) -> Any:
        asked, world = self._asked(request, request.news)
        if request.preview:
            outputs = previewed_update(asked, plain(from_struct(request.olds)))
        else:
            answer = self._act(
                context,
                asked,
                "update",
                lambda: world.update(asked, request.id),
                undone=lambda: world.take_back(asked, request.id),
            )
            outputs = answer.outputs
        return messages.provider.UpdateResponse(properties=to_struct(outputs))

    def Read(self, request: Any, context: Any) -> Any:
        known = plain(from_struct(request.inputs)) or plain(from_struct(request.properties))
        asked, world = self._asked(request, to_struct(known))
        thing = self._act(context, asked, "read", lambda: world.read(asked.token, request.id))
        if thing is None:
            return messages.provider.ReadResponse(id="")
        inputs = _with_defaults(asked.token, thing, known)
        return messages.provider.ReadResponse(
            id=thing.key.id, properties=to_struct(thing.outputs), inputs=to_struct(inputs)
        )

    def Delete(self, request: Any, context: Any) -> Any:
        asked, world = self._asked(request, request.properties)
        self._act(context, asked, "delete", lambda: world.delete(asked.token, request.id))
        return messages.empty()

    def Invoke(self, request: Any, context: Any) -> Any:
        arguments = plain(from_struct(request.args))
        setting = setting_of(request.tok, arguments, self._settings)
        try:
            result = look_up(request.tok, arguments, setting, World(store=self._store, setting=setting))
        except LookupRefused as refused:
            _abort(context, str(refused))
        return messages.provider.InvokeResponse(**{"return": to_struct(result)})

    def Cancel(self, request: Any, context: Any) -> Any:
        self._cancelled.set()
        return messages.empty()

    def _asked(self, request: Any, properties: Any) -> tuple[Asked, World]:
        token, name = _who(request)
        inputs = {key: value for key, value in plain(from_struct(properties)).items() if key != DEFAULTS}
        setting = setting_of(token, inputs, self._settings)
        asked = Asked(token=token, urn=request.urn, name=name, inputs=inputs, setting=setting)
        return asked, World(store=self._store, setting=setting)

    def _act(
        self,
        context: Any,
        asked: Asked,
        operation: Operation,
        act: Callable[[], Any],
        undone: Callable[[], Any] | None = None,
    ) -> Any:
        """Does it, with the fault that is ordered for it, if any; a refusal becomes an error of the protocol."""
        refused = f"{operation} {asked.token} {asked.name}: "
        fault = self._not_throttled(context, refused, asked, operation)
        if fault is not None and fault.do in ("fail", "quota"):
            _abort(context, refused + fault.message)
        if fault is not None and fault.do == "rollback" and undone is not None:
            act, fault = undone, None
        try:
            done = act()
        except CloudRefused as refusal:
            _abort(context, refused + str(refusal))
        if fault is not None and fault.do == "die":
            os._exit(1)  # no clean-up on purpose: this is what a killed process looks like
        if fault is not None:
            self._hang(context, refused)
        return done

    def _not_throttled(self, context: Any, refused: str, asked: Asked, operation: Operation) -> Fault | None:
        """The fault of the first try that the cloud does not turn away.

        As the real provider does: it waits and tries again, and tells nobody; only the last try's refusal is told.
        """
        attempt = 0
        while True:
            fault = fault_for(self._faults, self._store, token=asked.token, name=asked.name, operation=operation)
            if fault is None or fault.do != "throttle":
                return fault
            attempt += 1
            if attempt == _MOST_ATTEMPTS:
                _abort(context, f"{refused}exceeded maximum number of attempts, {attempt}, {fault.message}")
            if self._cancelled.wait(min(_FIRST_WAIT_S * 2**attempt, _LONGEST_WAIT_S)):
                _abort(context, refused + "cancelled while it waited to try again")

    def _hang(self, context: Any, refused: str) -> NoReturn:
        while not self._cancelled.wait(_HANG_STEP_S):
            pass
        _abort(context, refused + "cancelled while it hung on demand")


def _abort(context: Any, text: str) -> NoReturn:
    context.abort(grpc.StatusCode.UNKNOWN, text)
    raise AssertionError("abort returns never")


def _who(request: Any) -> tuple[str, str]:
    """Type token and logical name, from the URN: it is there in every version of the protocol."""
    _, _, kinds, name = request.urn.split("::", 3)
    return kinds.rpartition("$")[2], name


def _proposed(request: Any) -> str | None:
    """The name by the engine's autonaming configuration; None when there is none, empty when names are required."""
    if not request.HasField("autonaming"):
        return None
    if request.autonaming.mode == request.autonaming.DISABLE:
        return ""
    return str(request.autonaming.proposed_name) or None


def _with_defaults(token: str, thing: Thing, known: Mapping[str, Any]) -> Properties:
    """The inputs as the engine keeps them. An imported thing has a name that was given, not made up."""
    if not token.startswith("aws:"):
        return thing.inputs
    return {**thing.inputs, DEFAULTS: known.get(DEFAULTS, [])}


def _diff_response(found: Difference) -> Any:
    kinds = messages.provider.PropertyDiff
    detailed = {
        path: kinds(kind=getattr(kinds, f"{change}_REPLACE" if path in found.replaces else change), inputDiff=True)
        for path, change in found.changes.items()
    }
    response = messages.provider.DiffResponse
    return response(
        changes=response.DIFF_SOME if found.changes else response.DIFF_NONE,
        diffs=sorted({path.split(".")[0].split("[")[0] for path in found.changes}),
        replaces=sorted({path.split(".")[0].split("[")[0] for path in found.replaces}),
        detailedDiff=detailed,
        hasDetailedDiff=True,
        deleteBeforeReplace=found.delete_first,
    )
