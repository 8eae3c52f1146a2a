"""Which jurisdiction the resources of this run must lie in.

Two sources: `homeport:jurisdiction` in the stack's config (every preview and `up`), and the pack's own config (`pulumi
policy analyze` on an exported state, which has no stack config). Whatever is missing, unknown or contradictory refuses
everything.
"""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.places import NO_JURISDICTION, PlaceTable

CONFIG_KEY = "homeport:jurisdiction"


class NoJurisdiction(LookupError):
    """No jurisdiction can be told; the message says why and what to do."""


def jurisdiction_of_run(pack_config: Mapping[str, object], table: PlaceTable) -> str:
    """A jurisdiction of the table, or `none`; raises NoJurisdiction."""
    from_stack = _clean(pulumi.Config("homeport").get("jurisdiction"))
    from_pack = _clean(pack_config.get("jurisdiction"))
    if from_stack and from_pack and from_stack != from_pack:
        message = f"{CONFIG_KEY} says {from_stack!r} and the policy pack's config says {from_pack!r}"
        raise NoJurisdiction(f"{message}; give one of them, or the same in both")
    chosen = from_stack or from_pack
    allowed = ", ".join((NO_JURISDICTION, *table.jurisdictions))
    if not chosen:
        fix = f"set it in the stack's file, or residency.jurisdiction in the pack's config ({allowed})"
        raise NoJurisdiction(f"{CONFIG_KEY} is not set, so no place is allowed; {fix}")
    if chosen != NO_JURISDICTION and chosen not in table.jurisdictions:
        raise NoJurisdiction(
            f"{CONFIG_KEY}: got {chosen!r}; allowed: {allowed}; define a new one in stacks/places.yaml"
        )
    return chosen


def _clean(value: object) -> str:
    """A name as the table spells it; `EU` is meant as `eu`."""
    return value.strip().lower() if isinstance(value, str) else ""
