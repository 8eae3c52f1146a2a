"""A Lambda function made from an image names it by digest; a function from an archive is not concerned."""

from __future__ import annotations

from pulumi_policy import Severity

from policies.images import FIX, unpinned
from policies.rule import Rule

RULE = Rule(
    name="aws-lambda-function-image-pinned-by-digest",
    description="Lambda functions run images named by digest.",
    severity=Severity.HIGH,
    tags=("aws", "images"),
    fix=f"Write NAME@sha256:DIGEST; {FIX}.",
    concerns="aws:lambda/function:Function".__eq__,
    judge=lambda resource: unpinned("imageUri", resource.inputs.get("imageUri")),
    url="https://docs.aws.amazon.com/lambda/latest/dg/images-create.html",
)
