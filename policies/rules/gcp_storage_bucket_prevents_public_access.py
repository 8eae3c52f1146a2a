"""Every Cloud Storage bucket enforces public access prevention itself: inherited, it hangs on the project."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.finding import NOT_KNOWN_YET, Finding
from policies.reading import Resource, Unknown
from policies.rule import Rule

_FIELD = "publicAccessPrevention"
_FIX = "set public_access_prevention to enforced"


def _judge(resource: Resource) -> Iterator[Finding]:
    value = resource.inputs.get(_FIELD)
    if isinstance(value, Unknown):
        yield Finding(path=_FIELD, got=NOT_KNOWN_YET, allowed="enforced", fix=_FIX, undecided=True)
    elif value != "enforced":
        got = "nothing (inherited)" if value is None else "inherited"
        yield Finding(path=_FIELD, got=got, allowed="enforced", fix=_FIX)


RULE = Rule(
    name="gcp-storage-bucket-prevents-public-access",
    description="Cloud Storage buckets enforce public access prevention.",
    severity=Severity.CRITICAL,
    tags=("gcp", "public access"),
    fix=f"In the program, {_FIX}.",
    concerns="gcp:storage/bucket:Bucket".__eq__,
    judge=_judge,
    url="https://cloud.google.com/storage/docs/public-access-prevention",
)
