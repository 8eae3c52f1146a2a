"""What to do about a refusal of the cloud, by the words in which it refused. Pure.

Three refusals look alike and want different things: a quota is raised by asking, capacity comes back by itself or is
found elsewhere, and a throttled call only wants less haste. Words are those of AWS's errors (tools/offline/cloud
holds the ones that are played offline); what none of them fits is for the operator to read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_MENDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"InsufficientInstanceCapacity|InsufficientCapacity|capacity-not-available|ICE\b"),
        "AWS has no such machines now: wait, or name other machines, zones or ways to buy them in the stack file",
    ),
    (
        # Before quotas: what is throttled may speak of a limit, too.
        re.compile(r"ThrottlingException|Throttling:|RequestLimitExceeded|TooManyUpdates|Rate exceeded"),
        "AWS limits how often this account may call: wait some minutes, with fewer stacks at once (--parallel 1)",
    ),
    (
        re.compile(
            r"LimitExceeded|Quota\w*Exceeded|QuotaForCustomerExceeded|ServiceQuota|MaxSpotInstanceCount|"
            r"TooManyRequestsException: Maximum number|[Ll]imit of .* (is )?reached|quota for .* is used up|"
            r"decreases account's UnreservedConcurrentExecution"
        ),
        (
            "ask for more in Service Quotas of that account and region (small raises take minutes, machines days), or "
            "ask for less in the stack file"
        ),
    ),
)


def mend(problems: Iterable[str]) -> str:
    """The next step for these problems, without its end; "mend the cause" where nothing better is known."""
    told = " ".join(problems)
    return next((step for words, step in _MENDS if words.search(told)), "mend the cause")
