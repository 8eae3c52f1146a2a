"""Everything that stops a fleet command as a whole. What stops one stack is a result, not an error.

FleetError            says what is wrong and what to do next
├── BadUsage          the command line asks for something that does not exist
├── EngineMissing     no usable Pulumi CLI, or the tool that finds it failed
├── BackendFailed     a state backend cannot be read
├── FleetBusy         another fleet command is changing this environment
└── FolderUnusable    the environment's folder cannot be written
"""

from __future__ import annotations


class FleetError(Exception):
    """`next_step` is a sentence for the operator; `exit_code` is what the command ends with."""

    exit_code = 1

    def __init__(self, what: str, next_step: str) -> None:
        super().__init__(f"{what}\n  next: {next_step}")
        self.what = what
        self.next_step = next_step


class BadUsage(FleetError):
    exit_code = 2


class EngineMissing(FleetError):
    pass


class BackendFailed(FleetError):
    pass


class FleetBusy(FleetError):
    pass


class FolderUnusable(FleetError):
    pass
