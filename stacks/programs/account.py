"""The account stack: what exists once an account. Changed rarely, by few."""

from __future__ import annotations

import pulumi

from stacks.kits.aws import AwsKit
from stacks.settings import AccountSettings


def declare(settings: AccountSettings) -> None:
    """Declares the account's resources. Publishes for people only: no other stack reads this one's state."""
    kit = AwsKit(settings.stack.text, region=settings.home.name, account=settings.id, labels=settings.labels)
    account = kit.account_of(settings)
    pulumi.export("name_servers", account.name_servers)
    pulumi.export("preview_role", account.preview_role_arn)
    pulumi.export("apply_role", account.apply_role_arn)
