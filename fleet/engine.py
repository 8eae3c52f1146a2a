"""One fleet's Pulumi engine, through the Automation API: what stands, what runs, what is taken away.

Long operations go through the command directly and not through `Stack.up`: the events are needed as the engine writes
them (fleet/events.py says why), and `Stack.up` asks for outputs and history after each, 0.5 s that nobody reads.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from pulumi import automation

from fleet.errors import BackendFailed
from fleet.event_log import follow
from fleet.model import Fleet, FleetStack
from fleet.order import Operation
from fleet.process import EngineCommand
from fleet.snapshot import PendingOperation, Snapshot, read_snapshot

ARGUMENTS: Mapping[Operation, tuple[str, ...]] = {
    Operation.PREVIEW: ("preview",),
    Operation.UP: ("up", "--yes", "--skip-preview"),
    # What is protected stays and is told; the rest goes.
    Operation.DESTROY: ("destroy", "--yes", "--skip-preview", "--exclude-protected"),
}


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """A stack that a backend holds. `updated` is None if nothing was ever deployed to it."""

    name: str
    updated: datetime | None


class Engine:
    """Everything the fleet tool asks of Pulumi. Safe to use from several threads, one stack in one thread at a time."""

    def __init__(self, fleet: Fleet) -> None:
        self.command = EngineCommand(fleet.variables)
        self._fleet = fleet

    def deployed(self, backend: str) -> tuple[Deployed, ...]:
        """The stacks of our project in `backend`. Raises BackendFailed."""
        if _is_absent(backend):
            return ()
        try:
            stacks = self._workspace(backend).list_stacks()
        except automation.CommandError as error:
            raise BackendFailed(
                f"cannot list the stacks in {backend}: {told_by(error)}", self._way_in(backend)
            ) from error
        return tuple(Deployed(name=stack.name.rpartition("/")[2], updated=stack.last_update) for stack in stacks)

    def snapshot(self, stack: FleetStack) -> Snapshot:
        """The state of a stack that exists. Raises BackendFailed."""
        try:
            result = self._command(stack, ["stack", "export"])
        except automation.CommandError as error:
            raise BackendFailed(
                f"cannot read the state of {stack.name} in {stack.backend}: {told_by(error)}",
                self._way_in(stack.backend),
            ) from error
        return read_snapshot(json.loads(result.stdout)["deployment"])

    def create(self, stack: FleetStack) -> None:
        """Makes the empty stack. Raises `automation.CommandError`."""
        if _is_absent(stack.backend):
            Path(urlsplit(stack.backend).path).mkdir(parents=True, exist_ok=True)  # a neighbour may be quicker
        self._workspace(stack.backend, stack.secrets_provider).create_stack(stack.name)

    def operate(
        self, stack: FleetStack, operation: Operation, log: Path, on_event: Callable[[Mapping[str, Any]], None]
    ) -> automation.CommandResult:
        """Runs `operation` to its end; all the engine says goes to `log`, its events to `on_event` as they come."""
        log.parent.mkdir(parents=True, exist_ok=True)
        events = log.with_suffix(".events")
        events.write_text("", encoding="utf-8")
        arguments = [*ARGUMENTS[operation], "--color", "never", "--event-log", str(events)]
        with log.open("w", encoding="utf-8") as written, follow(events, on_event):
            write = _Writer(written)
            return self.command.attempt(
                [*arguments, "--stack", stack.name],
                str(self._fleet.root),
                {**backend_variable(stack.backend), "PULUMI_DEBUG_COMMANDS": "true"},
                write,
                write,
            )

    def cancel(self, stack: FleetStack) -> None:
        """Takes away the locks of a stack. Only for locks whose holder is gone."""
        self._command(stack, ["cancel", "--yes"])

    def adopt(self, stack: FleetStack, pending: PendingOperation, found_by: str) -> None:
        """Imports what an interrupted creation made, under the URN that the program will declare.

        Raises `automation.CommandError`; its text holds `does not exist` if the cloud has no such thing.
        """
        automation.Stack.select(stack.name, self._workspace(stack.backend)).import_resources(
            resources=[
                {"type": pending.type, "name": pending.name, "id": found_by, "parent": "parent", "provider": "provider"}
            ],
            name_table={"parent": pending.parent, "provider": pending.provider},
            protect=False,
            generate_code=False,
        )

    def settle(self, stack: FleetStack) -> None:
        """Drops creations left pending; compares the state with the cloud, which settles other open steps."""
        self._command(stack, ["refresh", "--yes", "--skip-preview", "--clear-pending-creates"])

    def remove(self, stack: FleetStack) -> None:
        """Takes an empty stack out of its backend; its stack file stays. Raises `automation.CommandError`."""
        self._workspace(stack.backend).remove_stack(stack.name, preserve_config=True)

    def config(self, stack: FleetStack, arguments: list[str], standard_input: str | None = None) -> str:
        """What `pulumi config` says of a stack that exists. Raises `automation.CommandError`."""
        words = ["config", *arguments, "--stack", stack.name]
        variables = backend_variable(stack.backend)
        result = self.command.attempt(words, str(self._fleet.root), variables, standard_input=standard_input)
        if result.code != 0:
            raise automation.CommandError(result)
        return result.stdout

    def version(self) -> str:
        """As the CLI prints it, such as `v3.259.0`; empty for a development build."""
        return self.command.run(["version"], str(self._fleet.root), {}).stdout.strip()

    def _way_in(self, backend: str) -> str:
        if urlsplit(backend).scheme == "file":
            return "see that the disk is not full and the folder can be read and written, then run the command again"
        bootstrap = f"python -m fleet bootstrap --env {self._fleet.environment}"
        return f"log in to the account; if the bucket does not exist yet, make it: {bootstrap}"

    def _command(self, stack: FleetStack, arguments: list[str]) -> automation.CommandResult:
        return self.command.run(
            [*arguments, "--stack", stack.name], str(self._fleet.root), backend_variable(stack.backend)
        )

    def _workspace(self, backend: str, secrets_provider: str | None = None) -> automation.LocalWorkspace:
        return automation.LocalWorkspace(
            work_dir=str(self._fleet.root),
            env_vars=backend_variable(backend),
            secrets_provider=secrets_provider,
            pulumi_command=self.command,
        )


class _Writer:
    """Writes lines to a log until the disk is full: then the engine must still be read to its end, or it would hang."""

    def __init__(self, log: IO[str]) -> None:
        self._log = log
        self._full = False

    def __call__(self, line: str) -> None:
        if not self._full:
            try:
                print(line, file=self._log, flush=True)
            except OSError:
                self._full = True


def backend_variable(backend: str) -> dict[str, str]:
    """What the command needs beside the variables of its environment."""
    return {"PULUMI_BACKEND_URL": backend}


def told_by(error: automation.CommandError) -> str:
    """What the CLI said when it failed, in one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = [line.partition("error:")[2].strip() for line in lines if "error:" in line]
    return (told or lines or ["no reason given"])[-1]


def _is_absent(backend: str) -> bool:
    address = urlsplit(backend)
    return address.scheme == "file" and not Path(address.path).exists()
