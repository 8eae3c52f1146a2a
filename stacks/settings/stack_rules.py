"""What must hold between a stack's config and the other files: environment, places, models, the stacks beside it."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network
from pathlib import Path
from typing import cast

from components.accelerators import machine_types, offered_by
from components.cidr import overlaps
from components.places import Cloud
from stacks.settings.account import AccountSection
from stacks.settings.environment import Environment, environment_file
from stacks.settings.errors import MISSING, Problem, near
from stacks.settings.model import ModelSettings, Resources
from stacks.settings.models_folder import read_placements
from stacks.settings.names import StackKind, StackName
from stacks.settings.needs import Needs, needs_of
from stacks.settings.not_yet import unserved_release
from stacks.settings.pools import Pool
from stacks.settings.region import NewNetwork, RegionSection
from stacks.settings.release import Release
from stacks.settings.release_rules import key_problems, release_problems
from stacks.settings.stack_file import StackFile, raw_config, read_stack_file

SYSTEM_POOL_NAME = "system"


def check_account(environment: Environment, stack: StackName, section: AccountSection, problems: list[Problem]) -> bool:
    """Whether the section fits the environment; adds what does not."""
    before = len(problems)
    _check_same(stack, "account.cloud", section.cloud, str(stack.cloud), problems)
    _check_account_id(environment, stack, "account.id", section.id, problems)
    if environment.places.find(section.cloud, section.home) is None:
        names = [name for cloud, name in environment.places.places if cloud is section.cloud]
        step = near(section.home, names) or "correct it, or add it to stacks/places.yaml with its country"
        problems.append(
            Problem(
                stack.file,
                "account.home",
                section.home,
                f"a region of {section.cloud} that the table of places knows",
                step,
            )
        )
    return len(problems) == before


def check_platform(
    root: Path, environment: Environment, stack: StackName, section: RegionSection, problems: list[Problem]
) -> bool:
    """Whether the section fits the environment and the regions beside it; adds what does not."""
    before = len(problems)
    _check_same(stack, "region.place", section.place, str(stack.place), problems)
    _check_account_id(environment, stack, "region.account", section.account, problems)
    _check_pools(stack, section.pools, problems)
    if isinstance(section.network, NewNetwork):
        _check_overlap(root, environment, stack, section.network.cidr, problems)
    return len(problems) == before


def is_delivered(
    root: Path, environment: Environment, stack: StackName, region: RegionSection, problems: list[Problem]
) -> bool:
    """Whether the account's stack makes roles for GitHub; a cluster without them and without admins is a problem.

    A wrong file of the account's stack is a problem here too: taken as "no roles", it would take away those that stand.
    """
    account = next(
        item for item in environment.stacks() if item.kind is StackKind.ACCOUNT and item.cloud is stack.cloud
    )
    file = read_stack_file(root, account, None, problems)
    delivered = file is not None and file.account is not None and file.account.github is not None
    if file is not None and not delivered and not region.cluster.admins:
        allowed = f"one IAM role or more, since {account.file} names no GitHub repository that would apply stacks"
        step = "name the role that will apply the models stack, or nobody could ever reach the cluster"
        problems.append(Problem(stack.file, "region.cluster.admins", MISSING, allowed, step))
    return delivered


def needs_within(root: Path, environment: Environment, jurisdiction: str, problems: list[Problem]) -> Needs:
    """What the environment's models that may be in a jurisdiction ask of a platform there.

    A model file that does not say it is a problem here: taken as "not here", it would take away the model's images and
    what stands for it.
    """
    placements = read_placements(
        root, environment.listed_models, environment.jurisdictions, environment_file(environment.name), problems
    )
    return needs_of(placements, jurisdiction)


def check_releases(root: Path, environment: Environment, stack: StackName, file: StackFile) -> list[Problem]:
    """What is wrong with releases of models that may not, or cannot, run in this region, and with keys of callers."""
    releases, problems = file.releases or {}, list[Problem]()
    _check_placed(environment, stack, releases, problems)
    region = region_below(root, environment, stack)
    released = {model.name: model for model in environment.models if model.name in releases}
    for name, model in released.items():
        problems.extend(unserved_release(releases[name], model, stack.file, f"releases.{name}"))
        problems.extend(release_problems(stack, model, releases[name], f"releases.{name}"))
        if region is not None and model.serve_on.aws == "kubernetes":
            _check_room(stack, model, region.pools, problems)
    problems.extend(key_problems(stack, released, file.callers))
    return problems


def releases_of(root: Path, environment: Environment, stack: StackName, problems: list[Problem]) -> tuple[str, ...]:
    """Names of the models released by a models stack, sorted; adds what is wrong with its file."""
    file = read_stack_file(root, stack, None, problems)
    releases = file.releases if file else None
    _check_placed(environment, stack, releases or {}, problems)
    return tuple(sorted(releases or ()))


def _check_placed(
    environment: Environment, stack: StackName, releases: Mapping[str, Release], problems: list[Problem]
) -> None:
    models = {model.name: model for model in environment.models}
    here = tuple(name for name, model in models.items() if model.may_be_in(str(stack.jurisdiction)))
    for name in releases:
        path = f"releases.{name}"
        if name not in models:
            step = near(name, here) or f"add it to stacks/models and {environment_file(environment.name)}, or remove it"
            problems.append(Problem(stack.file, path, name, ", ".join(here) or "no model may be here", step))
        elif name not in here:
            residency = models[name].data.residency
            step = f"remove it: data of {name} stays in {residency}, and this region belongs to {stack.jurisdiction}"
            problems.append(Problem(stack.file, path, name, ", ".join(here) or "no model may be here", step))


def _check_same(stack: StackName, path: str, got: str, wanted: str, problems: list[Problem]) -> None:
    if got != wanted:
        problems.append(Problem(stack.file, path, got, wanted, "write what the stack's name says"))


def _check_account_id(environment: Environment, stack: StackName, path: str, got: str, problems: list[Problem]) -> None:
    account = environment.accounts.get(stack.cloud) if stack.cloud else None
    if account is not None and got != account.id:
        problems.append(
            Problem(stack.file, path, got, account.id, f"write the account of {environment_file(environment.name)}")
        )


def _check_pools(stack: StackName, pools: tuple[Pool, ...], problems: list[Problem]) -> None:
    offered = offered_by(Cloud.AWS)
    names = [pool.name for pool in pools]
    for index, pool in enumerate(pools):
        path = f"region.pools[{index}]"
        if pool.name in names[:index] or pool.name == SYSTEM_POOL_NAME:
            allowed = f"each name once, and not {SYSTEM_POOL_NAME}"
            problems.append(Problem(stack.file, f"{path}.name", pool.name, allowed, "give the pool a name of its own"))
        if pool.accelerator not in offered:
            step = near(pool.accelerator, offered) or f"choose one that {Cloud.AWS} has"
            problems.append(Problem(stack.file, f"{path}.accelerator", pool.accelerator, ", ".join(offered), step))
        elif pool.efa:
            problems.extend(_adapter_problems(stack, path, pool))


def _adapter_problems(stack: StackName, path: str, pool: Pool) -> list[Problem]:
    """Where not every machine has Elastic Fabric Adapters, and all the same number: one layout serves the pool."""
    counts = {row.name: row.efa for row in machine_types(pool.accelerator, Cloud.AWS)}
    found = {name: counts[name] for name in pool.machines}
    if 0 not in found.values() and len(set(found.values())) == 1:
        return []
    fit = ", ".join(f"{name} ({count})" for name, count in counts.items() if count)
    allowed = f"with instance_types that all have the same number of adapters: {fit or 'none of this accelerator'}"
    got = f"true, with {', '.join(f'{name} ({count})' for name, count in found.items())}"
    step = "name such instance_types, or leave efa out" if fit else "leave efa out"
    return [Problem(stack.file, f"{path}.efa", got, allowed, step)]


def _check_overlap(
    root: Path, environment: Environment, stack: StackName, cidr: IPv4Network, problems: list[Problem]
) -> None:
    """Against the ranges in the files beside this one; a file that cannot be read is a problem of its own stack."""
    beside = [item for item in environment.stacks() if item.kind is StackKind.PLATFORM and item.text != stack.text]
    ranges = [(item.text, found) for item in beside if (found := _cidr_of(root, item)) is not None]
    for _, other in overlaps([(stack.text, cidr), *ranges]):
        taken = dict(ranges).get(other)
        if taken is not None and taken.overlaps(cidr):
            allowed = f"a range apart from {taken} of {other}"
            problems.append(Problem(stack.file, "region.network.cidr", str(cidr), allowed, "choose a free range"))


def _cidr_of(root: Path, stack: StackName) -> IPv4Network | None:
    """The range as written, whatever else is wrong in that file."""
    region = _child(raw_config(root, stack, []), "region")
    text = _child(_child(region, "network"), "cidr")
    try:
        return IPv4Network(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _child(node: object, key: str) -> object:
    return cast("dict[str, object]", node).get(key) if isinstance(node, dict) else None


def region_below(root: Path, environment: Environment, stack: StackName) -> RegionSection | None:
    """The platform below a models stack; None when its file cannot be used, which is a problem of its own stack."""
    platform = environment.stack(stack.needs[0])
    file = read_stack_file(root, platform, None, [])
    return file.region if file else None


def _check_room(stack: StackName, model: ModelSettings, pools: tuple[Pool, ...], problems: list[Problem]) -> None:
    """Some pool's every node must hold a replica. Nodes without accelerators are of machines that no table knows."""
    wanted, asked = model.resources, model.resources.accelerator
    if asked is None:
        return
    pools = tuple(pool for pool in pools if pool.accelerator in offered_by(Cloud.AWS))  # another is told by its stack
    if not any(_holds(pool, wanted) for pool in pools if pool.accelerator == asked.type):
        sizes = f"{asked.count} {asked.type}, {wanted.cpu:g} CPUs and {wanted.memory_gib:g} GiB"
        got = f"{model.name}, which asks for {sizes} on one node"
        there = ", ".join(f"{pool.name} ({_room_of(pool)} a node)" for pool in pools)
        step = f"add a pool to {stack.file.replace('-models.yaml', '.yaml')}, or remove the release"
        problems.append(
            Problem(stack.file, f"releases.{model.name}", got, f"models for the pools: {there or 'none'}", step)
        )


def _holds(pool: Pool, wanted: Resources) -> bool:
    cpus, memory_gib = pool.room
    count = wanted.accelerator.count if wanted.accelerator else 0
    return pool.accelerators_per_node >= count and cpus >= wanted.cpu and memory_gib >= wanted.memory_gib


def _room_of(pool: Pool) -> str:
    cpus, memory_gib = pool.room
    return f"{pool.accelerators_per_node} {pool.accelerator}, {cpus} CPUs and {memory_gib:g} GiB"
