"""The residency policy of the pack: reads the jurisdiction of the run, then lets `judge` decide."""

from __future__ import annotations

from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
)

from components.places import PlaceTable
from policies.reading import read_resource
from policies.residency.judge import is_exempt, judge
from policies.rule import FRAMEWORK
from policies.stack import NoJurisdiction, jurisdiction_of_run

NAME = "residency"


def residency_policy(table: PlaceTable) -> ResourceValidationPolicy:
    """The policy over every resource. A place that is not known yet is a violation in a preview too: a preview that
    passes must mean that `up` stays inside."""

    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        resource = read_resource(args)
        if is_exempt(resource):
            return
        try:
            jurisdiction = jurisdiction_of_run(args.get_config(), table)
        except NoJurisdiction as error:
            report(f"{args.name} ({args.resource_type}): {error}", None)
            return
        for finding in judge(resource, jurisdiction, table):
            report(finding.text(args.name, args.resource_type), None)

    return ResourceValidationPolicy(
        name=NAME,
        display_name="Residency",
        description="The place of every cloud resource lies in the jurisdiction of its stack.",
        validate=validate,
        enforcement_level=EnforcementLevel.MANDATORY,
        config_schema=PolicyConfigSchema(properties={"jurisdiction": {"type": "string"}}),
        severity=Severity.CRITICAL,
        framework=FRAMEWORK,
        tags=["residency"],
        remediation_steps="Give the resource, or its provider, a place of the stack's jurisdiction, as plain text.",
        url="https://www.pulumi.com/registry/packages/aws/api-docs/provider/",
    )
