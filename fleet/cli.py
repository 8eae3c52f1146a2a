"""The command line: what can be asked, and how it is answered.

Exit codes: 0 all well, 1 something failed, 2 bad usage or settings, 130 stopped by the operator.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from fleet import bootstrap, commands, doctor, keys
from fleet.consent import Consent
from fleet.engine import Engine
from fleet.environment import read_fleet
from fleet.errors import FleetError
from fleet.image_table import images_object, images_well, print_images, print_prediction
from fleet.names import check_names
from fleet.predict import ask
from fleet.result import BAD
from fleet.status import outputs_object, print_status, status_object
from fleet.survey import look
from fleet.table import as_object, print_results
from fleet.words import parser
from stacks.settings import SettingsError, load_environment

ROOT = Path(__file__).resolve().parent.parent
INTERRUPTED = 130
PIPE_WIDTH = 120

SIDE_BY_SIDE = (os.cpu_count() or 1) + 1
"""Engines at once where nobody says how many: now and then one waits for processes of its own."""


def main(words: Sequence[str], root: Path = ROOT) -> int:
    """Runs one command and returns its exit code; errors are printed, never raised."""
    options = parser().parse_args(words)
    answer, progress = _console(stderr=False), _console(stderr=True)
    try:
        return COMMANDS[options.command](options, root, answer, progress)
    except SettingsError as error:
        progress.print(Text(str(error)), soft_wrap=True)
        return 2
    except FleetError as error:
        progress.print(Text(str(error), style="red"), soft_wrap=True)
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED


def _change(options: argparse.Namespace, root: Path, answer: Console, progress: Console) -> int:
    fleet = read_fleet(root, options.env)
    if options.command != "down":
        check_names(options.only, fleet)
    order = commands.Order(
        fleet=fleet,
        only=tuple(options.only),
        parallel=options.parallel or SIDE_BY_SIDE,
        consent=Consent(console=progress, yes=getattr(options, "yes", False), repair=getattr(options, "repair", False)),
        console=progress,
    )
    report = CHANGES[options.command](order)
    if options.json:
        _print_json(as_object(report.results, fleet.environment, report.seconds) | images_object(report))
    else:
        print_images(report.images, answer)
        preview = options.command == "preview"
        print_results(report.results, answer, report.seconds, preview=preview, offline=fleet.offline)
        print_prediction(report.prediction, answer)
    if report.interrupted:
        return INTERRUPTED
    bad = any(result.outcome in BAD for result in report.results) or not images_well(report.images, report.prediction)
    return 1 if bad else 0


def _status(options: argparse.Namespace, root: Path, answer: Console, _progress: Console) -> int:
    fleet = read_fleet(root, options.env)
    survey = look(fleet, Engine(fleet), SIDE_BY_SIDE)
    if options.json:
        _print_json(status_object(fleet, survey))
    else:
        print_status(fleet, survey, answer)
    return 0


def _outputs(options: argparse.Namespace, root: Path, answer: Console, _progress: Console) -> int:
    fleet = read_fleet(root, options.env)
    check_names(options.only, fleet)
    found = outputs_object(fleet, look(fleet, Engine(fleet), SIDE_BY_SIDE), tuple(options.only))
    if options.json:
        _print_json(found)
        return 0
    for stack, outputs in found.items():
        answer.print(Text(stack, style="bold"))
        answer.print(Text("  " + json.dumps(outputs, indent=2).replace("\n", "\n  ")), soft_wrap=True)
    return 0


def _predict(options: argparse.Namespace, root: Path, answer: Console, _progress: Console) -> int:
    fleet = read_fleet(root, options.env)
    engine, given = Engine(fleet), dict(options.header)

    def headers_for(jurisdiction: str) -> Mapping[str, str]:
        return keys.header(options.model, jurisdiction, fleet, engine) | given

    example, answers = ask(options.model, fleet, look(fleet, engine, SIDE_BY_SIDE), headers_for)
    if options.json:
        _print_json({"model": options.model, "example": example, "answers": [asdict(one) for one in answers]})
    else:
        answer.print(Text(f"example: {json.dumps(example)}"), soft_wrap=True)
        for one in answers:
            status = f"{one.status} " if one.status is not None else ""
            answer.print(Text(f"{one.jurisdiction:<4} {one.url}\n     {status}{one.body}"), soft_wrap=True)
    answered = all(one.status is not None and one.status < 400 for one in answers)
    return 0 if fleet.offline or answered else 1


def _keys(options: argparse.Namespace, root: Path, answer: Console, _progress: Console) -> int:
    fleet = read_fleet(root, options.env)
    found = keys.ensure(options.model, fleet, Engine(fleet))
    shown = [asdict(key) if options.show else asdict(key) | {"value": "[secret]"} for key in found]
    if options.json:
        _print_json({"model": options.model, "keys": shown})
        return 0
    for key in shown:
        done = "written" if key["made"] else "there already"
        answer.print(Text(f"{key['stack']:<34} {key['caller']:<20} {done:<14} {key['value']}"), soft_wrap=True)
    return 0


def _doctor(options: argparse.Namespace, root: Path, answer: Console, _progress: Console) -> int:
    findings = doctor.examine(root, options.env)
    if options.json:
        _print_json({"environment": options.env, "findings": [asdict(finding) for finding in findings]})
    else:
        doctor.print_findings(findings, answer)
    return 1 if any(finding.grade is doctor.Grade.FAIL for finding in findings) else 0


def _bootstrap(options: argparse.Namespace, root: Path, answer: Console, progress: Console) -> int:
    environment = load_environment(root, options.env)
    consent = Consent(console=progress, yes=options.yes)
    return bootstrap.run(environment, root, consent, answer)


def _console(*, stderr: bool) -> Console:
    """As wide as the terminal; a file or a pipe has no width, and its lines are not broken for want of one."""
    console = Console(stderr=stderr, highlight=False)
    return console if console.is_terminal else Console(stderr=stderr, highlight=False, width=PIPE_WIDTH)


def _print_json(found: Mapping[str, Any]) -> None:
    json.dump(found, sys.stdout, indent=2, default=str)
    sys.stdout.write("\n")


CHANGES: Mapping[str, Callable[[commands.Order], commands.Report]] = {
    "up": commands.up,
    "preview": commands.preview,
    "down": commands.down,
}
COMMANDS: Mapping[str, Callable[[argparse.Namespace, Path, Console, Console], int]] = {
    "up": _change,
    "preview": _change,
    "down": _change,
    "status": _status,
    "outputs": _outputs,
    "predict": _predict,
    "keys": _keys,
    "doctor": _doctor,
    "bootstrap": _bootstrap,
}
