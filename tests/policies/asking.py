"""Asks a policy as the engine does: wire inputs behind the proxy that raises at unknown values."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import copy_context

import pulumi
from pulumi_policy import (
    PolicyCustomTimeouts,
    PolicyProviderResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
    ResourceValidationPolicy,
)
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, unknown_checking_proxy

from policies.rule import Rule

UNKNOWN = UNKNOWN_STRING_VALUE
"""Put where a value is not known yet."""

AWS = ("aws", "pulumi:providers:aws", {"region": "eu-west-1"})
"""A provider as (name, type, inputs)."""


def ask(
    policy: ResourceValidationPolicy | Rule,
    type_token: str,
    inputs: Mapping[str, object],
    *,
    provider: tuple[str, str, Mapping[str, object]] | None = AWS,
    config: Mapping[str, object] | None = None,
    stack_config: Mapping[str, str] | None = None,
    preview: bool = False,
) -> list[str]:
    """The messages that the policy reports on one resource named `it`, in a run of its own.

    `config` is the pack's, `stack_config` the stack's with whole keys (`homeport:jurisdiction`).
    """
    messages: list[str] = []
    args = ResourceValidationArgs(
        resource_type=type_token,
        props=unknown_checking_proxy(dict(inputs)),
        urn=f"urn:pulumi:demo::homeport::{type_token}::it",
        name="it",
        opts=PolicyResourceOptions(False, [], None, [], PolicyCustomTimeouts(0, 0, 0), [], None),
        provider=provider
        and PolicyProviderResource(provider[1], unknown_checking_proxy(dict(provider[2])), "urn", provider[0]),
        config=config,
    )
    asked = policy.policy() if isinstance(policy, Rule) else policy

    def run() -> None:
        pulumi.runtime.set_all_config(dict(stack_config or {}))
        pulumi.runtime.configure(pulumi.runtime.Settings(project="homeport", stack="demo", dry_run=preview))
        asked.validate(args, lambda message, urn=None: messages.append(message))

    copy_context().run(run)  # config and settings are context variables: nothing leaks into another test
    return messages
