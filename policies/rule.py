"""Turns a pure judgement over a plain resource into a policy of the pack, the same way for every rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pulumi
from pulumi_policy import (
    EnforcementLevel,
    PolicyComplianceFramework,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
)
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

from policies.finding import Finding
from policies.reading import Resource, read_resource

FRAMEWORK = PolicyComplianceFramework(
    name="Homeport", version="1", reference="docs/reference/policies.md", specification="House policies"
)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule: what it says about itself, which types concern it, and how it judges one of them.

    A finding on a value that is not known yet is a note in a preview and a violation in `up`, where every value is
    known before its resource is created. Residency is stricter and has its own policy.
    """

    name: str
    description: str
    severity: Severity
    tags: tuple[str, ...]
    fix: str
    concerns: Callable[[str], bool]
    judge: Callable[[Resource], Iterable[Finding]]
    url: str

    def policy(self) -> ResourceValidationPolicy:
        return ResourceValidationPolicy(
            name=self.name,
            description=self.description,
            validate=self._validate,
            enforcement_level=EnforcementLevel.MANDATORY,
            severity=self.severity,
            framework=FRAMEWORK,
            tags=list(self.tags),
            remediation_steps=self.fix,
            url=self.url,
        )

    def _validate(self, args: ResourceValidationArgs, report: ReportViolation) -> None:
        if not self.concerns(args.resource_type):
            return
        findings = tuple(self.judge(read_resource(args)))
        waiting = tuple(finding for finding in findings if finding.undecided) if pulumi.runtime.is_dry_run() else ()
        for finding in findings:
            if finding not in waiting:
                report(finding.text(args.name, args.resource_type), None)
        if waiting:
            # The engine prints this one as an advisory note, whatever the policy's level; what was reported stays.
            raise UnknownValueError(UNKNOWN_STRING_VALUE, [args.name, *(finding.path for finding in waiting)])
