"""The Pulumi CLI as a child process that a fleet run can stop.

Each call is a session of its own, so that Ctrl-C in a terminal reaches the fleet tool alone, which then asks the
engines to end the step they are in. Hitting all processes of all stacks at once would leave half-made resources behind.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import IO, Any

from pulumi import automation

from fleet.errors import EngineMissing

OnOutput = Callable[[str], Any]


class EngineCommand(automation.PulumiCommand):
    """`PulumiCommand` with the variables of one environment, stoppable from another thread.

    `variables` replace those of this process; an empty value takes one away. Raises EngineMissing without a CLI.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        # Not super().__init__: that looks for the CLI on this process's PATH and spends 0.25 s on asking its version.
        found = shutil.which("pulumi", path=variables.get("PATH"))
        if found is None:
            raise EngineMissing("no `pulumi` on PATH", "run `make engine`, which finds the Pulumi CLI or builds it")
        self.command = found
        self.version = None
        self._variables = variables
        self._running: set[subprocess.Popen[str]] = set()
        self._guard = threading.Lock()
        self.stopping = threading.Event()

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: OnOutput | None = None,
        on_error: OnOutput | None = None,
    ) -> automation.CommandResult:
        """As the Automation API's. Raises `automation.CommandError` if the CLI ends with another code than 0."""
        result = self.attempt(args, cwd, additional_env, on_output, on_error)
        if result.code != 0:
            raise automation.CommandError(result)
        return result

    def attempt(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: OnOutput | None = None,
        on_error: OnOutput | None = None,
        standard_input: str | None = None,
    ) -> automation.CommandResult:
        """As `run`, but a failure is an answer like another. `standard_input`: what no list of processes may show."""
        environment = {**os.environ, **self._variables, **additional_env, "PULUMI_AUTOMATION_API": "true"}
        process = subprocess.Popen(
            [self.command, "--non-interactive", *args],
            stdin=subprocess.DEVNULL if standard_input is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env={name: value for name, value in environment.items() if value != ""},
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        with process, self._followed(process):
            if process.stdin is not None:
                process.stdin.write(standard_input or "")
                process.stdin.close()
            streams = [_Stream(process.stdout, on_output), _Stream(process.stderr, on_error)]
            texts = [stream.text() for stream in streams]
            code = process.wait()
        return automation.CommandResult(stdout=texts[0], stderr=texts[1], code=code)

    def interrupt(self) -> None:
        """Asks every running engine to end the step it is in; a second time, to stop at once."""
        self.stopping.set()
        self._signal(lambda process: process.send_signal(signal.SIGINT))

    def kill(self) -> None:
        """Kills every running engine and what it started in its own group."""
        self._signal(lambda process: os.killpg(process.pid, signal.SIGKILL))

    def _signal(self, send: Callable[[subprocess.Popen[str]], None]) -> None:
        with self._guard:
            for process in self._running:
                if process.poll() is None:
                    send(process)

    @contextmanager
    def _followed(self, process: subprocess.Popen[str]) -> Generator[None]:
        with self._guard:
            self._running.add(process)
        try:
            yield
        finally:
            with self._guard:
                self._running.discard(process)


class _Stream:
    """Reads one output of a process to its end, in a thread, so that neither output can fill up and block it."""

    def __init__(self, source: IO[str] | None, on_line: OnOutput | None) -> None:
        self._source = source
        self._on_line = on_line
        self._lines: list[str] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def text(self) -> str:
        self._thread.join()
        return "\n".join(self._lines)

    def _read(self) -> None:
        for line in self._source or ():
            self._lines.append(line.rstrip())
            if self._on_line is not None:
                self._on_line(self._lines[-1])
