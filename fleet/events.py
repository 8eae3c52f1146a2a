"""What the engine's events say: counts, policies, the step it is at, and what went wrong. Pure.

Events are the engine's own (`--event-log`), as JSON objects: pulumi/pulumi, sdk/go/common/apitype/events.go, read at
3.259. The Automation API's `EngineEvent` drops the policy summaries, which is why they are read as plain objects here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

STACK_TYPE = "pulumi:pulumi:Stack"
WRAP_UPS = ("update failed", "preview failed", "resource violates a mandatory policy")
# Parts of a replacement: the engine counts the logical `replace` alone, once.
_PARTS_OF_REPLACE = frozenset({"create-replacement", "delete-replaced", "discard-replaced", "remove-pending-replace"})


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Resources by what happened to them, or would happen in a preview. Components and the stack itself count too."""

    created: int = 0
    changed: int = 0
    replaced: int = 0
    deleted: int = 0
    same: int = 0

    @property
    def differs(self) -> bool:
        return bool(self.created or self.changed or self.replaced or self.deleted)


@dataclass(frozen=True)
class Policies:
    """How many policies were evaluated on the stack and how many of them no resource violated."""

    passed: int = 0
    evaluated: int = 0


@dataclass
class Tally:
    """The running sum of one operation's events."""

    step: int = 0
    current: str = ""
    outputs_differ: bool = False
    _operations: dict[str, str] = field(default_factory=dict[str, str])
    _summary: Mapping[str, int] | None = None
    _evaluated: set[str] = field(default_factory=set[str])
    _violated: set[str] = field(default_factory=set[str])
    _violations: list[str] = field(default_factory=list[str])
    _errors: list[str] = field(default_factory=list[str])

    def add(self, event: Mapping[str, Any]) -> None:
        """Takes one event; kinds that say nothing for an operator are passed over."""
        for kind, body in event.items():
            match kind:
                case "resourcePreEvent":
                    self._start(body["metadata"])
                case "resOutputsEvent":
                    self._end(body["metadata"])
                case "diagnosticEvent" if body.get("severity") == "error":
                    self._errors.append(_located(body.get("urn", ""), body["message"]))
                case "policyEvent":
                    self._judge(body)
                case "policyAnalyzeSummaryEvent" | "policyAnalyzeStackSummaryEvent":
                    self._evaluated.update(body.get("passed") or (), body.get("failed") or ())
                    self._violated.update(body.get("failed") or ())
                case "summaryEvent":
                    self._summary = body["resourceChanges"] or {}
                case _:
                    pass

    @property
    def complete(self) -> bool:
        """True once the engine has given its summary; without it events are missing, as after a full disk."""
        return self._summary is not None

    @property
    def counts(self) -> Counts:
        """The engine's own summary, or, where it was stopped before giving one, what was seen until then."""
        seen = Counter(self._operations.values() if self._summary is None else self._summary)
        return Counts(
            created=seen["create"] + seen["import"],
            changed=seen["update"],
            replaced=seen["replace"],
            deleted=seen["delete"],
            same=seen["same"],
        )

    @property
    def policies(self) -> Policies:
        return Policies(len(self._evaluated - self._violated), len(self._evaluated))

    @property
    def problems(self) -> tuple[str, ...]:
        """Why it failed: violations, then errors, each once; the engine's wrap-up only if nothing else is said."""
        found = list(dict.fromkeys([*self._violations, *self._errors]))
        told = [problem for problem in found if not _is_wrap_up(problem)]
        return tuple(told or found)

    def _start(self, metadata: Mapping[str, Any]) -> None:
        if metadata["op"] != "same":
            self.current = describe(metadata["urn"])

    def _end(self, metadata: Mapping[str, Any]) -> None:
        self.step += 1
        if metadata["op"] not in _PARTS_OF_REPLACE:
            self._operations[metadata["urn"]] = metadata["op"]
        if metadata["type"] == STACK_TYPE:
            self.outputs_differ = _outputs(metadata.get("old")) != _outputs(metadata.get("new"))

    def _judge(self, violation: Mapping[str, Any]) -> None:
        if violation["enforcementLevel"] != "mandatory":
            return
        # The engine puts the policy's description on the first line and the rule's own message below.
        _, _, own = violation["message"].strip().partition("\n")
        message = " ".join((own or violation["message"]).split())
        where = f" on {describe(violation['resourceUrn'])}" if violation.get("resourceUrn") else ""
        self._violations.append(f"policy {violation['policyName']}{where}: {message}")


def describe(urn: str) -> str:
    """`aws:s3/bucket:Bucket` named `models` of a URN, as `s3 Bucket models`."""
    parts = urn.split("::")
    if len(parts) < 4:
        return urn
    package, _, rest = parts[2].split("$")[-1].partition(":")
    module, _, name = rest.partition(":")
    where = package if package in {"kubernetes", "pulumi", "homeport"} else module.split("/")[0]
    return f"{where} {name or module} {'::'.join(parts[3:])}"


def _outputs(state: Mapping[str, Any] | None) -> Mapping[str, Any]:
    return (state or {}).get("outputs") or {}


def _located(urn: str, message: str) -> str:
    text = "\n".join(line.rstrip() for line in message.strip().splitlines() if line.strip())
    return f"{describe(urn)}: {text}" if urn and STACK_TYPE not in urn else text


def _is_wrap_up(problem: str) -> bool:
    return "context canceled" in problem or problem.startswith(WRAP_UPS)
