"""The public names of one jurisdiction's models, on Route 53: the nearest healthy region of the jurisdiction answers.

Each model has one name, and under it one latency record a region, each with its own health check. A client moves to
another region about a minute after its own fails: three checks ten seconds apart, then the 30 seconds for which the
answer may be kept.

Route 53 fails open: when every record of a name is unhealthy, all of them are answered. That is safe here because no
record leads out of the jurisdiction; a region elsewhere is refused when the component is made. A model with one
region is therefore never moved, and its health check serves to see and to count its outages.

Holds no data and no certificate. Route 53's checkers call from fixed places all over the world (three at least, AWS
has too few of them in Europe) and read the status of `/ping` only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.front_door.types import FrontDoorOutputs
from components.naming import model_host
from components.places import DEFAULT_TABLE, Cloud, PlaceTable

_TTL_S = 30
_CHECK_EVERY_S = 10  # Route 53's fast interval; cannot be changed later without replacing the check
_FAILURES = 3
_PATH = "/ping"  # 200 only once the model answers; outside the contract of prediction, so never limited or counted


@dataclass(frozen=True, kw_only=True)
class AwsFrontDoorArgs:
    """`targets`: by model, by region, the host name of the load balancer. `places`: which regions are allowed."""

    domain: str
    jurisdiction: str
    zone_id: pulumi.Input[str]
    targets: Mapping[str, Mapping[str, pulumi.Input[str]]]
    places: PlaceTable = DEFAULT_TABLE

    def __post_init__(self) -> None:
        allowed = [place.name for place in self.places.within(self.jurisdiction) if place.cloud is Cloud.AWS]
        for model, regions in self.targets.items():
            if not regions:
                raise ValueError(f"targets.{model}: got no region; allowed: at least one, or leave the model out")
            for region in regions:
                if region not in allowed:
                    raise ValueError(
                        f"targets.{model}: got {region!r}, which is not in jurisdiction {self.jurisdiction!r}; "
                        f"allowed: {', '.join(sorted(allowed)) or 'none'}"
                    )


class AwsFrontDoor(pulumi.ComponentResource):
    """Names, health checks and records; `outputs` gives the URLs."""

    outputs: FrontDoorOutputs

    def __init__(self, name: str, args: AwsFrontDoorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:front_door:AwsFrontDoor", name, None, opts)
        urls: dict[str, str] = {}
        for model, regions in sorted(args.targets.items()):
            host = model_host(model, args.jurisdiction, args.domain)
            for region, hostname in sorted(regions.items()):
                self._region(f"{name}-{model}-{region}", args, host, region, hostname)
            urls[model] = f"https://{host}"
        self.outputs = FrontDoorOutputs(urls=urls)
        self.register_outputs({"urls": urls})

    def _region(self, name: str, args: AwsFrontDoorArgs, host: str, region: str, hostname: pulumi.Input[str]) -> None:
        check = aws.route53.HealthCheck(
            name,
            type="HTTPS",
            fqdn=hostname,
            port=443,
            resource_path=_PATH,
            enable_sni=True,
            request_interval=_CHECK_EVERY_S,
            failure_threshold=_FAILURES,
            measure_latency=True,
            tags={"Name": f"{host} in {region}"},  # the only name that a health check can have
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.route53.Record(
            name,
            zone_id=args.zone_id,
            name=host,
            type="CNAME",
            ttl=_TTL_S,
            records=[hostname],
            set_identifier=region,
            latency_routing_policies=[aws.route53.RecordLatencyRoutingPolicyArgs(region=region)],
            health_check_id=check.id,
            opts=pulumi.ResourceOptions(parent=self),
        )
