"""`python -m tools.offline`: makes the offline engine ready and prints the variables by which `pulumi` finds it."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from stacks.settings import SettingsError
from tools.offline.engine import find_engine
from tools.offline.environment import environment_variables, shell_text, stack_variables
from tools.offline.errors import OfflineError

ROOT = Path(__file__).resolve().parents[2]


def main(words: list[str] | None = None) -> int:
    """Exit code 0 when done, 1 with the reason on stderr, 2 for words that make no command."""
    arguments = _parser().parse_args(words)
    try:
        print(_answer(arguments), end="")
    except (OfflineError, SettingsError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130  # as shells say it; a build cut short leaves nothing behind
    return 0


def _answer(arguments: argparse.Namespace) -> str:
    if arguments.command == "engine":
        engine = find_engine(ROOT)
        return f"{engine.pulumi} ({'official' if engine.official else 'built here'})\n"
    if arguments.command == "prepare":
        environment_variables(ROOT, arguments.env)
        return ""
    if arguments.stack is not None:
        variables = stack_variables(ROOT, arguments.stack)
    else:
        variables = environment_variables(ROOT, arguments.env)
    return json.dumps(variables, indent=2) + "\n" if arguments.format == "json" else shell_text(variables)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.offline", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    env = commands.add_parser("env", help="print variables for a shell (eval) or another program (json)")
    which = env.add_mutually_exclusive_group(required=True)
    which.add_argument("--stack", help="everything for one stack, its backend too")
    which.add_argument("--env", help="everything that the stacks of an environment share")
    env.add_argument("--format", choices=("shell", "json"), default="shell", help="json: an empty value means unset")
    prepare = commands.add_parser("prepare", help="make what is missing: the engine, PULUMI_HOME, stand-ins")
    prepare.add_argument("--env", required=True)
    commands.add_parser("engine", help="print where the Pulumi CLI is; builds it where there is none")
    return parser


if __name__ == "__main__":
    sys.exit(main())
