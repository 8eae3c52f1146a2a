"""What goes wrong between a served model and AWS: one line each, never a secret."""

from __future__ import annotations


class AwsError(OSError):
    """A call that AWS refused, or that nobody answered. `code` is AWS's own name for it, empty where there is none."""

    def __init__(self, message: str, code: str = "", status: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


class Unreachable(AwsError):
    """Nobody answered, or the service stayed busy, in the time or number of tries that there were."""


class NoCredentials(AwsError):
    """There are no credentials, or their source gave none."""
