"""A copy of the project's settings files that a test may break, one thing at a time."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from stacks.settings import SettingsError, load_environment, load_stack

ROOT = Path(__file__).parents[2]
EXAMPLE_DIGEST = "sha256:" + "f00d" * 16
MODELS = {"eu": "fraud", "us": "churn", "fraud": "eu", "churn": "us"}
CHURN = """\
name: churn
data: {residency: us}
resources: {cpu: 1, memory_gib: 2}
access: {networks: [198.51.100.0/24]}
"""


def models_stack(jurisdiction: str) -> str:
    """The file of a models stack that releases the one model of its jurisdiction."""
    release = f'{{stable: {{image: "{EXAMPLE_DIGEST}"}}}}'
    sections = f"homeport:jurisdiction: {jurisdiction}\n  homeport:releases:\n    {MODELS[jurisdiction]}: {release}"
    return f"config:\n  {sections}\n"


class Project:
    """The demo and prod files in a folder of the test's own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for folder in ("environments", "models", "config"):
            shutil.copytree(ROOT / "stacks" / folder, root / "stacks" / folder)
        # Two models, one a jurisdiction: what the environments show grows, and is no concern of these tests.
        for path in (root / "stacks" / "models").iterdir():
            if path.stem not in MODELS:
                path.unlink()
        self.write("stacks/models/churn.yaml", CHURN)
        for path in (root / "stacks" / "environments").glob("*.yaml"):
            path.write_text(
                re.sub(r"models: \[.*\]", "models: [fraud, churn]", path.read_text(encoding="utf-8")), "utf-8"
            )
        for path in (root / "stacks" / "config").glob("Pulumi.*-models.yaml"):
            self.write(f"stacks/config/{path.name}", models_stack("us" if "-us-" in path.name else "eu"))

    def edit(self, file: str, old: str, new: str) -> None:
        """Replaces one text that stands in the file exactly once."""
        path = self.root / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{file} holds {old!r} {text.count(old)} times"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def write(self, file: str, text: str) -> None:
        (self.root / file).write_text(text, encoding="utf-8")

    def problems(self, stack: str) -> list[str]:
        """What `load_stack` has to say, a line each; none when it loads."""
        try:
            load_stack(self.root, stack)
        except SettingsError as error:
            return [str(problem) for problem in error.problems]
        return []

    def environment_problems(self, name: str = "demo") -> list[str]:
        try:
            load_environment(self.root, name)
        except SettingsError as error:
            return [str(problem) for problem in error.problems]
        return []
