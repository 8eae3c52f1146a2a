"""Records what a program declares, in this process: for component tests and golden graphs.

    from tests.recorder import record

    def program() -> None:
        provider = aws.Provider("aws", region="eu-west-1", allowed_account_ids=["123456789012"])
        AwsNetwork("network", AwsNetworkArgs(...), pulumi.ResourceOptions(provider=provider))

    graph = record(program)
    assert graph.one("aws:ec2/vpc:Vpc")["cidrBlock"] == "10.0.0.0/16"    # wire names, values resolved
    assert {subnet.name for subnet in graph.all("Subnet")} == {...}      # the last part of a type will do
    assert graph.outputs == {...}                                        # what pulumi.export gave
    print(graph.text())                                                  # the golden text

`record` raises AssertionError with every mistake that it found: a duplicate URN, a resource outside every component
(providers and stack references may stand alone), no explicit provider, a component that never registered its outputs,
and inputs that the installed SDK does not know (`tools/offline/types`, also used by the stand-in provider). With
`preview=True` ids and ARNs are unknown (`UNKNOWN` in the inputs) and applies on them do not run, as in a real preview.
What the program itself raises comes out unchanged. Each call starts from nothing; nothing is left behind.
"""

from __future__ import annotations

import asyncio
import contextvars
import gc
import json
import logging
import traceback
import warnings
from collections.abc import Callable, Mapping

from pulumi.runtime import config as pulumi_config
from pulumi.runtime.mocks import MockEngine, MockSettings
from pulumi.runtime.settings import configure
from pulumi.runtime.stack import run_in_stack
from pulumi_aws import iam

from tests.recording.graph import STACK, Graph, Recorded
from tests.recording.monitor import Recorder
from tools.offline.protocol.values import UNKNOWN

__all__ = ["UNKNOWN", "Graph", "Recorded", "record"]

_PROJECT = "homeport"
# Loaded before any thread asks for it: the SDK loads a module when it is first used, and Python 3.11 may hand a second
# thread a half-loaded one. Types of other modules refer to this one.
_LOADED_BEFOREHAND = iam.PolicyStatementArgs


def record(
    program: Callable[[], None],
    *,
    stack: str = "test",
    config: Mapping[str, object] | None = None,
    references: Mapping[str, Mapping[str, object]] | None = None,
    preview: bool = False,
) -> Graph:
    """Runs the program and returns what it declared.

    `config`: keys as `homeport:region` or bare, values plain (objects become JSON as the engine hands them over).
    `references`: outputs by the name of the stack that the program refers to.
    """
    monitor = Recorder(project=_PROJECT, stack=stack, preview=preview, references=references or {})
    try:
        contextvars.copy_context().run(_run, program, monitor, stack, config or {}, preview)
    except BaseException as error:
        _forget(error)
        raise
    problems = monitor.problems + _structure(monitor)
    if problems:
        raise AssertionError(f"{len(problems)} mistakes in what was declared:\n  " + "\n  ".join(sorted(set(problems))))
    return Graph(
        resources=tuple(monitor.kept[urn] for urn in sorted(monitor.kept)),
        outputs=monitor.stack_outputs,
        secret_outputs=monitor.secret_outputs,
    )


def _run(
    program: Callable[[], None], monitor: Recorder, stack: str, config: Mapping[str, object], preview: bool
) -> None:
    """One run in a context of its own: the SDK keeps its state in context variables, and its work in an event loop."""
    features = set(monitor.GetDeploymentInfo(None).supportedFeatures)
    configure(
        MockSettings(
            monitor=monitor, monitor_features=features, engine=MockEngine(logging.getLogger("pulumi")),
            project=_PROJECT, stack=stack, dry_run=preview, organization="organization", root_directory=".",
            callbacks=None, legacy_apply_enabled=False, package_refs={}, base_providers_by_ref={},
            outputs=set(), parallel=None,
        )
    )  # fmt: skip
    values = {key if ":" in key else f"{_PROJECT}:{key}": _text(value) for key, value in config.items()}
    pulumi_config.set_all_config(values, [])
    with warnings.catch_warnings():
        # The generated SDKs warn about old classes when a service is merely imported, and an output whose resource
        # failed leaves coroutines that nobody awaits.
        warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"pulumi_(aws|gcp|kubernetes)\b")
        warnings.filterwarnings("ignore", category=RuntimeWarning, message=r"coroutine 'Output\.")
        _evaluate(program)


def _evaluate(program: Callable[[], None]) -> None:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(run_in_stack(program))
    finally:
        loop.set_exception_handler(lambda _loop, _context: None)  # the first error is raised; the rest repeat it
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
        asyncio.set_event_loop(None)


def _forget(error: BaseException) -> None:
    """Frees what a program that raised leaves behind now, so that nothing complains in the middle of a later test."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # coroutines of the SDK that were never awaited
        traceback.clear_frames(error.__traceback__)
        gc.collect()


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _structure(monitor: Recorder) -> list[str]:
    """Orphans, and components that never registered their outputs."""
    found = [
        f"{urn}: never calls register_outputs; the engine would not know that it is complete"
        for urn, done in monitor.components.items()
        if not done
    ]
    for one in monitor.kept.values():
        alone = not one.parent or one.parent.split("::")[2] == STACK
        exempt = one.type.startswith(("pulumi:providers:", "pulumi:pulumi:"))
        if one.custom and alone and not exempt:
            found.append(f"{one.urn}: has no component as parent; give the child ResourceOptions(parent=self)")
        elif not alone and one.parent not in monitor.kept:
            found.append(f"{one.urn}: its parent {one.parent} was never declared")
    return found
