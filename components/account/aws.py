"""What exists once in an AWS account, and holds no data: the domain's zone, certificate validation, identities,
ceilings, and the tags by which costs are told apart.

The validation record of a name is the same in every region of an account (hashicorp/terraform-provider-aws#13653), so
it has one owner, here. It is learnt from a small certificate in the home region, which nothing uses and which AWS
lets expire; regional stacks request their own and wait for it. This stack waits for none, as a new zone answers only
once the parent domain names its name servers.

Owns no records of models (front doors do), no state bucket or key (made before the first `up`), no CAA record (other
clouds may issue below the same domain), and no organization-wide trail or guard rails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.account.aws_boundaries import DELIVERY_PATH, workload_boundary, workload_boundary_name
from components.account.aws_delivery import AwsDelivery, AwsDeliveryArgs
from components.account.aws_github import GitHubRepository
from components.account.aws_state import StateStore
from components.account.types import AccountOutputs
from components.labels import COST_TAGS
from components.naming import jurisdiction_domain

VALIDATION_TTL_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class AwsAccountArgs:
    environment: str
    account: str
    home_region: str  # of the certificates from which the validation records are learnt
    domain: str
    jurisdictions: Mapping[str, tuple[str, ...]]  # the environment's AWS regions in each
    source: GitHubRepository | None = None  # None: nothing deploys from GitHub
    cost_tags: bool = False  # true: AWS must have seen each of them on a bill of this account, else `up` fails
    state: tuple[StateStore, ...] = ()  # of this account; none: GitHub's roles reach no state here
    protect: bool = False  # true: no `destroy` deletes the zone; a new one has other name servers

    def __post_init__(self) -> None:
        empty = [name for name, regions in self.jurisdictions.items() if not regions]
        if empty or not self.jurisdictions:
            raise ValueError(f"jurisdictions: got {dict(self.jurisdictions)}; allowed: one or more regions in each")


class AwsAccount(pulumi.ComponentResource):
    """Zone, a validation record and a workload boundary a jurisdiction, and delivery from GitHub."""

    outputs: AccountOutputs

    def __init__(self, name: str, args: AwsAccountArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:account:AwsAccount", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        zone = aws.route53.Zone(
            f"{name}-zone",
            name=args.domain,
            comment=f"Homeport {args.environment}: models by jurisdiction",
            force_destroy=False,  # a zone with records of a front door is refused, not emptied
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        boundaries: dict[str, pulumi.Output[str]] = {}
        for jurisdiction, regions in args.jurisdictions.items():
            self._validation_record(zone, jurisdiction)
            boundaries[jurisdiction] = self._boundary(jurisdiction, regions).arn
        delivery = self._delivery(zone, boundaries)
        if args.cost_tags:
            self._cost_tags()
        self.outputs = AccountOutputs(
            zone_id=zone.zone_id,
            name_servers=zone.name_servers.apply(list),
            workload_boundary_arns=boundaries,
            preview_role_arn=delivery.preview_role_arn if delivery else None,
            apply_role_arn=delivery.apply_role_arn if delivery else None,
        )
        self.register_outputs({"zone_id": zone.zone_id, "name_servers": zone.name_servers})

    def _validation_record(self, zone: aws.route53.Zone, jurisdiction: str) -> None:
        """The record that lets any region of this account get a certificate for the jurisdiction's names."""
        certificate = aws.acm.Certificate(
            f"{self._name}-{jurisdiction}",
            domain_name=f"*.{jurisdiction_domain(jurisdiction, self._args.domain)}",
            validation_method="DNS",
            tags={"Name": f"{self._args.environment}-{jurisdiction}-validation"},
            opts=self._child,
        )
        asked = certificate.domain_validation_options.apply(lambda options: options[0])
        aws.route53.Record(
            f"{self._name}-{jurisdiction}",
            zone_id=zone.zone_id,
            name=asked.apply(lambda option: option.resource_record_name or ""),
            type=asked.apply(lambda option: option.resource_record_type or ""),
            records=[asked.apply(lambda option: option.resource_record_value or "")],
            ttl=VALIDATION_TTL_SECONDS,
            allow_overwrite=False,
            opts=self._child,
        )

    def _boundary(self, jurisdiction: str, regions: tuple[str, ...]) -> aws.iam.Policy:
        environment = self._args.environment
        return aws.iam.Policy(
            f"{self._name}-{jurisdiction}-workload",
            name=workload_boundary_name(environment, jurisdiction),
            path=DELIVERY_PATH,
            description=f"{environment}: what roles of regional stacks in {jurisdiction} may do at most",
            policy=workload_boundary(regions),
            opts=self._child,
        )

    def _cost_tags(self) -> None:
        """Costs are told apart by these tags from now on, never backwards."""
        for key in COST_TAGS:
            aws.costexplorer.CostAllocationTag(
                f"{self._name}-{key.replace(':', '-')}", tag_key=key, status="Active", opts=self._child
            )

    def _delivery(self, zone: aws.route53.Zone, boundaries: Mapping[str, pulumi.Output[str]]) -> AwsDelivery | None:
        args = self._args
        if args.source is None:
            return None
        regions = {args.home_region, *(region for regions in args.jurisdictions.values() for region in regions)}
        return AwsDelivery(
            f"{self._name}-delivery",
            AwsDeliveryArgs(
                environment=args.environment,
                account=args.account,
                region=args.home_region,
                regions=tuple(sorted(regions)),
                source=args.source,
                zone_arn=zone.arn,
                names=tuple(f"*.{jurisdiction_domain(name, args.domain)}" for name in args.jurisdictions),
                boundary_arns=tuple(boundaries.values()),
                state=args.state,
            ),
            self._child,
        )
