"""Every file of an environment, checked together: what `fleet doctor` asks before anything is done."""

from __future__ import annotations

from pathlib import Path

from stacks.settings.environment import Environment, read_environment
from stacks.settings.errors import Problem, SettingsError
from stacks.settings.stack import read_stack


def check_environment(root: Path, name: str) -> Environment:
    """The environment, if its files and those of all its stacks are right; else SettingsError with every problem."""
    problems: list[Problem] = []
    environment = read_environment(root, name, problems, with_models=True)
    for stack in environment.stacks() if environment else ():
        own: list[Problem] = []  # a list a stack: what is wrong in one must not hide what is wrong in the next
        read_stack(root, stack.text, None, own)
        problems += own
    if environment is None or problems:
        raise SettingsError(item for index, item in enumerate(problems) if item not in problems[:index])
    return environment
