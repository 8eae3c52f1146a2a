"""`compare OLD NEW`: would NEW refuse what OLD accepts, or answer in another form? Found before it is released."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from model_images.compare import Finding, compare
from model_images.gates.model_source import opened
from model_images.model_file import ModelFile, ModelFileError, model_digest, read_model_file
from model_images.registry.errors import RegistryError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", type=Path, metavar="OLD", help="the stable one: a model folder, or a built image")
    parser.add_argument("new", type=Path, metavar="NEW", help="the candidate: a model folder, or a built image")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of lines")


def run(arguments: argparse.Namespace) -> int:
    """0 if a caller would notice nothing, 1 if something breaks, 2 if one of the two cannot be read."""
    try:
        with opened(arguments.old) as old_folder, opened(arguments.new) as new_folder:
            old, new = read_model_file(old_folder), read_model_file(new_folder)
            # A framework takes long to import: after both files are known to be sound.
            from model_images.gates.example import answered

            findings = (*compare(old, new), *answered(old_folder, old, new_folder, new))
            digests = (model_digest(old_folder), model_digest(new_folder))
    except (ModelFileError, RegistryError) as error:
        print(error, file=sys.stderr)
        return 2
    breaks = any(finding.breaks for finding in findings)
    if arguments.json:
        print(json.dumps(_as_object(old, new, digests, findings), indent=2))
        return int(breaks)
    for finding in sorted(findings, key=lambda finding: not finding.breaks):
        print(finding)
    verdict = "may not follow" if breaks else "may follow"
    print(f"{new.name} {new.version} ({digests[1][:19]}) {verdict} {old.name} {old.version} ({digests[0][:19]})")
    return int(breaks)


def _as_object(
    old: ModelFile, new: ModelFile, digests: tuple[str, str], findings: tuple[Finding, ...]
) -> dict[str, Any]:
    sides = {
        side: {"name": model.name, "version": model.version, "model_digest": digest}
        for side, model, digest in zip(("old", "new"), (old, new), digests, strict=True)
    }
    agree = not any(finding.breaks for finding in findings)
    return {**sides, "agree": agree, "findings": [asdict(finding) for finding in findings]}
