"""Reads the config of one stack: from its file, or from the mapping that Pulumi hands to the program."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from components.places import NO_JURISDICTION, Cloud
from stacks.settings.account import AccountSection
from stacks.settings.errors import MISSING, Problem, Said, near
from stacks.settings.names import StackKind, StackName
from stacks.settings.region import RegionSection
from stacks.settings.release import CallerKeys, Release, ReleasesSection, caller_keys
from stacks.settings.translate import REFERENCE, parse
from stacks.settings.yaml_files import read_yaml

PREFIX = "homeport:"
_ENGINE_KEYS = ("config", "encryptionsalt", "encryptedkey", "secretsprovider")
# Pulumi's passphrase provider: pulumi/pulumi, pkg/secrets/passphrase, read at 3.259.
_SALT = re.compile(r"v1:[\w+/]+=*:v1:[\w+/]+=*:[\w+/]+=*", re.ASCII)
_SECTION_OF = {StackKind.ACCOUNT: "account", StackKind.PLATFORM: "region", StackKind.MODELS: "releases"}
CALLERS = "callers"  # beside the releases of a models stack
_SECTIONS = ("jurisdiction", *_SECTION_OF.values(), CALLERS)


@dataclass(frozen=True, kw_only=True)
class StackFile:
    """The config of one stack, its form checked. Only the section of the stack's kind is there."""

    jurisdiction: str
    account: AccountSection | None = None
    region: RegionSection | None = None
    releases: Mapping[str, Release] | None = None
    callers: CallerKeys = field(default_factory=dict[str, Mapping[str, str]])


def read_stack_file(
    root: Path, stack: StackName, config: Mapping[str, object] | None, problems: list[Problem]
) -> StackFile | None:
    """`config` None: from the stack's file; else what Pulumi read there, its keys without `homeport:`."""
    found = raw_config(root, stack, problems) if config is None else dict(config)
    if found is None:
        return None
    # Pulumi.yaml gives each section an empty default, so an empty one is one that is not there.
    sections = {key: value for key, value in found.items() if value != {} or key == _SECTION_OF.get(stack.kind)}
    before = len(problems)
    problems.extend(_unknown_sections(stack, sections))
    jurisdiction = _jurisdiction(stack, sections, problems)
    result = _parse_sections(stack, jurisdiction, sections, problems)
    return result if len(problems) == before else None


def raw_config(root: Path, stack: StackName, problems: list[Problem]) -> dict[str, object] | None:
    """The `config` of a stack's file, keys without `homeport:`."""
    data = read_yaml(root, stack.file, problems)
    if data is None:
        return None
    for key in data.keys() - set(_ENGINE_KEYS):
        step = near(key, _ENGINE_KEYS) or "put it under `config`, or remove it"
        problems.append(Problem(stack.file, key, Said("an unknown key"), ", ".join(_ENGINE_KEYS), step))
    salt = data.get("encryptionsalt", MISSING)
    if salt is not MISSING and not (isinstance(salt, str) and _SALT.fullmatch(salt)):
        allowed = "v1:SALT:v1:NONCE:PROOF as the engine wrote it"
        problems.append(Problem(stack.file, "encryptionsalt", salt, allowed, "take it back from version control"))
    config = data.get("config")
    if not isinstance(config, dict):
        problems.append(
            Problem(
                stack.file, "config", config or MISSING, "a mapping", "add it: config: {homeport:jurisdiction: ...}"
            )
        )
        return None
    keys = {PREFIX + section for section in _SECTIONS}
    known = {
        str(key): value
        for key, value in cast("dict[str, object]", config).items()
        if not str(key).startswith("pulumi:")
    }
    for key in known.keys() - keys:
        meant = "" if ":" in key.removeprefix(PREFIX) else near(key.removeprefix(PREFIX), _SECTIONS, prefix=PREFIX)
        step = meant or "remove it: providers take their settings from homeport:region"
        problems.append(Problem(stack.file, f"config.{key}", Said("an unknown key"), ", ".join(sorted(keys)), step))
    return {key.removeprefix(PREFIX): value for key, value in known.items() if key in keys}


def _unknown_sections(stack: StackName, sections: Mapping[str, object]) -> list[Problem]:
    callers = (CALLERS,) if stack.kind is StackKind.MODELS else ()
    wanted = ("jurisdiction", *([_SECTION_OF[stack.kind]] if stack.kind in _SECTION_OF else []), *callers)
    kind = stack.kind.replace("-", " ")
    return [
        Problem(
            stack.file,
            key,
            Said("a section"),
            f"in a {kind} stack: {', '.join(wanted)}",
            near(key, wanted) or "remove it",
        )
        for key in sections
        if key not in wanted
    ]


def _jurisdiction(stack: StackName, sections: Mapping[str, object], problems: list[Problem]) -> str:
    value = sections.get("jurisdiction", MISSING)
    wanted = NO_JURISDICTION if stack.kind is StackKind.ACCOUNT else stack.jurisdiction
    if value != wanted:
        reason = "an account holds no data" if stack.kind is StackKind.ACCOUNT else "as in the environment file"
        problems.append(
            Problem(stack.file, "jurisdiction", value, str(wanted), f"write homeport:jurisdiction: {wanted}, {reason}")
        )
    return str(wanted)


def _parse_sections(
    stack: StackName, jurisdiction: str, sections: Mapping[str, object], problems: list[Problem]
) -> StackFile | None:
    name = _SECTION_OF.get(stack.kind, "")
    data = sections.get(name, {})
    if data == {} and stack.kind in (StackKind.ACCOUNT, StackKind.PLATFORM):
        words = f"the section homeport:{name}, which says all about this {name}"
        problems.append(Problem(stack.file, name, MISSING, words, f"add it; {REFERENCE}"))
        return None
    match stack.kind:
        case StackKind.ACCOUNT:
            account = parse(AccountSection, data, file=stack.file, at="account", problems=problems)
            return StackFile(jurisdiction=jurisdiction, account=account)
        case StackKind.PLATFORM:
            region = (
                None
                if _is_later_cloud(stack, problems)
                else parse(RegionSection, data, file=stack.file, at="region", problems=problems)
            )
            return StackFile(jurisdiction=jurisdiction, region=region)
        case StackKind.MODELS:
            whole = parse(ReleasesSection, {"releases": data}, file=stack.file, at="", problems=problems)
            callers = caller_keys(sections.get(CALLERS, {}), stack.file, problems)
            releases = whole.releases if whole else None
            return StackFile(jurisdiction=jurisdiction, releases=releases, callers=callers or {})
        case StackKind.FRONT_DOOR:
            return StackFile(jurisdiction=jurisdiction)


def _is_later_cloud(stack: StackName, problems: list[Problem]) -> bool:
    if stack.cloud is Cloud.AWS:
        return False
    problems.append(Problem(stack.file, "region.cloud", str(stack.cloud), "not yet: aws only", "use a region of aws"))
    return True
