"""The words of the command line, with examples that teach."""

from __future__ import annotations

import argparse

EXAMPLES = """\
examples:
  python -m fleet doctor --env demo                 is this machine ready, are the settings right?
  python -m fleet preview --env demo                what would change, in every stack at once
  python -m fleet up --env demo                     bring everything up, in the right order
  python -m fleet up --env demo --only demo-aws-eu-west-1-models
                                                    one stack, and below it what does not stand yet
  python -m fleet up --env demo --repair            after a kill: repair what it left, then go on
  python -m fleet predict fraud --env demo          where does a model answer, and does it?
  python -m fleet keys churn --env demo             an API key for each caller of a model, where one is missing
  python -m fleet down --env demo                   destroy everything, front doors first

To take a region out, delete it from stacks/environments/ENV.yaml and run up: its front door is updated first.
Ctrl-C ends cleanly: each engine ends the step it is in. Logs: .homeport/ENV/logs/STACK-OPERATION.log
exit codes: 0 all well, 1 something failed, 2 bad usage or settings, 130 stopped
"""

COMMANDS = {
    "up": "deploy the environment; destroy, with consent, what has left it",
    "preview": "show what `up` would change",
    "status": "show what stands, without running anything",
    "outputs": "show what each stack publishes",
    "predict": "show where a model answers, and send it its warm-up example",
    "keys": "write an API key for each caller of a model into its stack files, sealed, where one is missing",
    "doctor": "check machine, engine, logins, settings, backends and locks",
    "down": "destroy the environment, front doors first",
    "bootstrap": "make once what must exist before the first `up`: state buckets and secrets keys",
}


def parser() -> argparse.ArgumentParser:
    """The parser; it ends the process with exit code 2 on bad usage."""
    top = argparse.ArgumentParser(
        prog="python -m fleet",
        description="Runs many stacks as one: in the right order, side by side where that is safe.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, help_text in COMMANDS.items():
        command = commands.add_parser(name, help=help_text, description=help_text, allow_abbrev=False)
        if name in {"predict", "keys"}:
            command.add_argument("model", metavar="MODEL", help="name of a model, such as fraud")
        command.add_argument("--env", required=True, metavar="ENV", help="a file of stacks/environments, without .yaml")
        if name != "bootstrap":
            command.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
        if name in {"up", "preview", "down", "outputs"}:
            command.add_argument(
                "--only", action="append", default=[], metavar="STACK", help="this stack; may be repeated"
            )
        if name in {"up", "preview", "down"}:
            command.add_argument(
                "--parallel",
                type=_count,
                metavar="N",
                help="stacks side by side (default: cores, and one)",
            )
        if name in {"up", "down", "bootstrap"}:
            command.add_argument("--yes", action="store_true", help="agree beforehand to what would be asked")
        if name == "predict":
            command.add_argument(
                "--header", action="append", default=[], type=_header, metavar="'NAME: VALUE'",
                help="sent along, such as 'Authorization: Bearer TOKEN'; may be repeated",
            )  # fmt: skip
        if name == "keys":
            command.add_argument("--show", action="store_true", help="print the keys, to hand them to the callers")
        if name in {"up", "down"}:
            command.add_argument("--repair", action="store_true", help="agree beforehand to repair what a kill left")
    return top


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not name.strip() or not colon or not value.strip():
        raise argparse.ArgumentTypeError(f"got {text!r}; allowed: 'NAME: VALUE'")
    return name.strip(), value.strip()


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError(f"got {text!r}; allowed: 1 to 64")
    return int(text)
