"""Every policy document that our stacks declare, and what is wrong with one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from tests.golden.iam_reference import actions, arns, fits, knows_key
from tests.recorder import Graph

_KEY = "aws:kms/key:Key"
# Operators with which a call that does not carry the key is let through, or that ask whether it does.
_LENIENT = ("IfExists", "ForAllValues:", "Null")


@dataclass(frozen=True, kw_only=True)
class Document:
    """One policy document, and where it stands; `role`: whose it is, for an inline policy."""

    stack: str
    type: str
    name: str
    path: str
    role: str
    text: str

    @property
    def where(self) -> str:
        """For people: `prod-aws-account: RolePolicy account-delivery-apply.policy`."""
        return f"{self.stack}: {self.type.rpartition(':')[2]} {self.name}{self.path}"

    def statements(self) -> list[dict[str, Any]]:
        """The statements, each value that IAM lets stand alone as a list."""
        body: Any = json.loads(self.text)["Statement"]
        found = cast("list[Mapping[str, Any]]", [body] if isinstance(body, Mapping) else body)
        return [_listed(statement) for statement in found]


def documents(stack: str, graph: Graph) -> Iterator[Document]:
    """Those of a stack: any property that is, or holds as JSON, statements."""
    for one in graph.resources:
        role = str(one.inputs.get("role", ""))
        for path, body in _policies(one.inputs):
            text = json.dumps(body, separators=(",", ":"))
            yield Document(stack=stack, type=one.type, name=one.name, path=path, role=role, text=text)


def mistakes(document: Document) -> Iterator[str]:
    """What AWS would refuse, or take and never heed."""
    version = json.loads(document.text).get("Version")
    if version != "2012-10-17":
        yield f"version {version!r}; allowed: 2012-10-17"
    for statement in document.statements():
        for mistake in _of_statement(statement):
            yield f"statement {statement.get('Sid')}: {mistake}"


def wide(document: Document) -> Iterator[tuple[str, str]]:
    """Statements that allow more than they name: the statement, and which of its words is a wildcard.

    A denial may be as wide as it likes; in the policy of a key `*` is that key; and `*` is no wildcard for an action
    that AWS ties to no resource.
    """
    for statement in document.statements():
        sid = str(statement.get("Sid"))
        if statement["Effect"] == "Deny":
            continue
        for action in statement["Action"]:
            if "*" in action:
                yield sid, action
        if "*" in statement["Resource"] and document.type != _KEY:
            for action in statement["Action"]:
                if "*" not in action and any(arns(one) for one in actions(action)):
                    yield sid, f"{action} on *"


def _of_statement(statement: Mapping[str, Any]) -> Iterator[str]:
    meant = {pattern: actions(pattern) for pattern in (*statement["Action"], *statement["NotAction"])}
    yield from (f"there is no action {pattern}" for pattern, found in meant.items() if not found)
    if statement["Resource"]:
        yield from _on_resources(meant, statement["Resource"])
    for resource in statement["NotResource"]:
        if not re.match(r"arn:aws[a-z-]*:[a-z0-9-]+:", resource):
            yield f"{resource} is no ARN"
    yield from _conditions(statement, meant)


def _on_resources(meant: Mapping[str, tuple[str, ...]], resources: list[str]) -> Iterator[str]:
    for pattern, found in meant.items():
        if found and not any(fits(action, resource) for action in found for resource in resources):
            yield f"{pattern} concerns none of {resources}; it concerns {arns(found[0]) or 'no resource: write *'}"
    for resource in resources:
        if resource != "*" and not any(fits(action, resource) for found in meant.values() for action in found):
            yield f"no action concerns {resource}"


def _conditions(statement: Mapping[str, Any], meant: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """A key that no action carries is a slip; one that some actions never carry keeps an Allow from them for good."""
    principal: Any = statement.get("Principal")
    provider = cast("Mapping[str, Any]", principal).get("Federated", "") if isinstance(principal, Mapping) else ""
    federated = str(provider).rpartition("oidc-provider/")[2]
    for operator, pairs in statement.get("Condition", {}).items():
        for key in pairs:
            if federated and key.startswith(f"{federated}:"):
                continue
            without = [pattern for pattern, found in meant.items() if not any(knows_key(one, key) for one in found)]
            if len(without) == len(meant):
                yield f"no action carries the condition key {key}"
            elif without and statement["Effect"] == "Allow" and not any(word in operator for word in _LENIENT):
                yield f"{', '.join(without)}: never allowed, since never with the condition key {key}"


def _listed(statement: Mapping[str, Any]) -> dict[str, Any]:
    lists = {
        key: [value] if isinstance(value, str) else list(value)
        for key in ("Action", "NotAction", "Resource", "NotResource")
        for value in [statement.get(key, [])]
    }
    return {**statement, **lists}


def _policies(value: Any, path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Whatever has statements, also as JSON within JSON: an API's definition holds the API's own policy."""
    if isinstance(value, str) and '"Statement"' in value:
        yield from _policies(json.loads(value), path)
    elif isinstance(value, Mapping):
        parts = cast("Mapping[str, Any]", value)
        if "Statement" in parts:
            yield path, parts
        else:
            for key, inner in parts.items():
                yield from _policies(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(cast("list[Any]", value)):
            yield from _policies(inner, f"{path}[{index}]")
