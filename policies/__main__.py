"""The policy pack's entry: `pulumi preview --policy-pack policies`, or PULUMI_OPTION_POLICY_PACK."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pulumi_policy import EnforcementLevel, PolicyPack

from policies.pack import policies
from policies.residency.user_table import UnreadablePlaces

try:
    PACK = policies()
except UnreadablePlaces as error:
    sys.exit(str(error))  # no pack, no deployment: the engine stops when it does not start
PolicyPack(name="homeport", policies=PACK, enforcement_level=EnforcementLevel.MANDATORY)
