"""The public names of one jurisdiction's models, on Route 53: the nearest healthy region of the jurisdiction answers.

Each model has one name, and under it one latency record a region, each with its own health check. A client moves to
another region about a minute after its own fails: three checks ten seconds apart, then the 30 seconds for which the
answer may be kept. Where a region watches its model by an alarm too, both must be good: the check sees a region that
does not answer, the alarm a model that answers badly behind an API that does.

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
_PORT = 443
# An alarm without data is good: a model that nobody calls has no errors. What was known last must not hold, since a
# region whose callers were led away has no calls that could prove it well again: after some minutes they come back, and
# if it still fails they are led away anew. Whether the region answers at all, the other check knows.
_ALARM_SAYS_NOTHING = "Healthy"


@dataclass(frozen=True, kw_only=True)
class FrontDoorTarget:
    """One model in one region. `hostname`: to which the model's name leads there.

    Health is asked over HTTPS at `health_path` of `health_host`, for where the public name cannot be asked itself
    (None: `hostname`); `tcp`: by connecting only, where a checker has no certificate to show. `alarm`: the name of an
    alarm in that region, raised while the model answers badly. Of alarms Route 53 reads those on one metric with a
    plain statistic: none with a formula, a percentile or "M out of N", and no composite one.
    """

    hostname: pulumi.Input[str]
    health_host: pulumi.Input[str] | None = None
    health_path: pulumi.Input[str] = _PATH
    alarm: pulumi.Input[str] | None = None
    tcp: bool = False


@dataclass(frozen=True, kw_only=True)
class AwsFrontDoorArgs:
    """`targets`: by model, by region, where it answers. `places`: which regions are allowed."""

    domain: str
    jurisdiction: str
    zone_id: pulumi.Input[str]
    targets: Mapping[str, Mapping[str, FrontDoorTarget]]
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
            for region, target in sorted(regions.items()):
                self._region(f"{name}-{model}-{region}", args, host, region, target)
            urls[model] = f"https://{host}"
        self.outputs = FrontDoorOutputs(urls=urls)
        self.register_outputs({"urls": urls})

    def _region(self, name: str, args: AwsFrontDoorArgs, host: str, region: str, target: FrontDoorTarget) -> None:
        check = self._health(name, f"{host} in {region}", region, target)
        aws.route53.Record(
            name,
            zone_id=args.zone_id,
            name=host,
            type="CNAME",
            ttl=_TTL_S,
            records=[target.hostname],
            set_identifier=region,
            latency_routing_policies=[aws.route53.RecordLatencyRoutingPolicyArgs(region=region)],
            health_check_id=check.id,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _health(self, name: str, called: str, region: str, target: FrontDoorTarget) -> aws.route53.HealthCheck:
        """What the record follows: the check of the region, and with an alarm the two together."""
        asked = self._asked(name, called, target)
        if target.alarm is None:
            return asked
        child = pulumi.ResourceOptions(parent=self)
        watched = aws.route53.HealthCheck(
            f"{name}-alarm",
            type="CLOUDWATCH_METRIC",
            cloudwatch_alarm_name=target.alarm,
            cloudwatch_alarm_region=region,
            insufficient_data_health_status=_ALARM_SAYS_NOTHING,
            tags={"Name": f"{called}: alarm"},
            opts=child,
        )
        children: list[pulumi.Input[str]] = [asked.id, watched.id]
        return aws.route53.HealthCheck(
            f"{name}-both",
            type="CALCULATED",
            child_healthchecks=children,
            child_health_threshold=len(children),
            tags={"Name": f"{called}: both"},
            opts=child,
        )

    def _asked(self, name: str, called: str, target: FrontDoorTarget) -> aws.route53.HealthCheck:
        return aws.route53.HealthCheck(
            name,
            type="TCP" if target.tcp else "HTTPS",
            fqdn=target.health_host or target.hostname,
            port=_PORT,
            resource_path=None if target.tcp else target.health_path,
            enable_sni=None if target.tcp else True,
            request_interval=_CHECK_EVERY_S,
            failure_threshold=_FAILURES,
            measure_latency=True,
            tags={"Name": called},  # the only name that a health check can have
            opts=pulumi.ResourceOptions(parent=self),
        )
