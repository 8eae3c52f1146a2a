"""A copy of the project's settings files that a test may break, one thing at a time."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from stacks.settings import SettingsError, load_environment, load_stack

ROOT = Path(__file__).parents[2]
EXAMPLE_DIGEST = "sha256:" + "f00d" * 16


class Project:
    """The demo and prod files in a folder of the test's own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for folder in ("environments", "models", "config"):
            shutil.copytree(ROOT / "stacks" / folder, root / "stacks" / folder)
        # The demo's digests follow the images' contents: here they are one that stays.
        for path in (root / "stacks" / "config").glob("Pulumi.demo-*-models.yaml"):
            path.write_text(re.sub(r"sha256:[0-9a-f]{64}", EXAMPLE_DIGEST, path.read_text(encoding="utf-8")), "utf-8")

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
