"""Who may use the cache, and for what: one user a model, who logs in with the model's role, never by password. Pure."""

from __future__ import annotations

from components.aws_policies import Statement, arn
from components.naming import physical_name

# What the model server does there, and nothing else: model_images/serve/cache.py. Logging in is always allowed.
_COMMANDS = ("get", "mget", "ping", "set", "client|setinfo")

# As ElastiCache has it for the names of caches; its API tells no longest for users, so theirs are no longer.
NAME_LONGEST = 40


def cache_name(stack: str) -> str:
    """The cache of platform stack `stack`."""
    return physical_name(stack, "cache", longest=NAME_LONGEST)


def cache_user(stack: str, model: str) -> str:
    """The user of a model: id and name are one, as IAM's way in wants it. `stack`: the platform's."""
    return physical_name(stack, model, longest=NAME_LONGEST)


def access(model: str) -> str:
    """What the user of `model` may: keys of other models, other commands and all channels stay closed."""
    keys = f"~prediction:{model}:*"
    return " ".join(("on", keys, "resetchannels", "-@all", *(f"+{command}" for command in _COMMANDS)))


def connect_statement(*, stack: str, model: str, region: str, account: str) -> Statement:
    """Lets a model's role log in as the model's user, to its own region's cache only. `stack`: the platform's."""
    names = (f"replicationgroup:{cache_name(stack)}", f"user:{cache_user(stack, model)}")
    return Statement(
        sid="ConnectToCache",
        actions=("elasticache:Connect",),
        resources=tuple(arn("elasticache", name, region=region, account=account) for name in names),
    )
