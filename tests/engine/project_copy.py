"""A copy of this project in a folder of its own, with the real engine: what a newcomer has after cloning it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

ROOT = Path(__file__).parents[2]
LIMIT_S = 300


@dataclass(frozen=True)
class ProjectCopy:
    """`root` is a git repository without changes; its environments have state of their own."""

    root: Path

    def python(self, *words: str, code: int = 0, variables: Mapping[str, str] | None = None) -> str:
        """What a module of the project prints on standard output; it must end with this exit code."""
        return self._run([sys.executable, "-m", *words], code, variables or {})

    def fleet(self, *words: str, code: int = 0, variables: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The JSON answer of `python -m fleet`."""
        said = self.python("fleet", *words, "--json", code=code, variables=variables)
        return json.loads(said[said.index("{") : said.rindex("\n}") + 2])

    def stacks(
        self, *words: str, code: int = 0, variables: Mapping[str, str] | None = None
    ) -> dict[str, dict[str, Any]]:
        """The same, by stack."""
        return {row["stack"]: row for row in self.fleet(*words, code=code, variables=variables)["stacks"]}

    def pulumi(self, stack: str, *words: str, code: int = 0) -> str:
        """What plain `pulumi` prints, with the variables that `make env` would put into a shell."""
        return self._run(["pulumi", *words, "--stack", stack, "--non-interactive"], code, self.variables(stack))

    def steps(self, stack: str, *words: str) -> dict[str, str]:
        """What `pulumi preview` would do, without what stays: operation by type and name."""
        found = json.loads(self.pulumi(stack, "preview", "--json", *words))["steps"]
        return {_short(step["urn"]): step["op"] for step in found if step["op"] not in ("same", "read")}

    def variables(self, stack: str) -> dict[str, str]:
        return json.loads(self.python("tools.offline", "env", "--stack", stack, "--format", "json"))

    @contextlib.contextmanager
    def edited(self, file: str, old: str, new: str) -> Iterator[None]:
        """One file changed for a while; `old` must stand in it once."""
        path = self.root / file
        before = path.read_text(encoding="utf-8")
        assert before.count(old) == 1, f"{old!r} stands {before.count(old)} times in {file}"
        path.write_text(before.replace(old, new), encoding="utf-8")
        try:
            yield
        finally:
            path.write_text(before, encoding="utf-8")

    def start(self, command: list[str], variables: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """A command in the background, silent."""
        environment = {**os.environ, **variables}
        program = shutil.which(command[0], path=environment["PATH"]) or command[0]
        silent = subprocess.DEVNULL
        return subprocess.Popen([program, *command[1:]], cwd=self.root, env=environment, stdout=silent, stderr=silent)

    def cloud(self, type_ending: str = "") -> list[str]:
        """Ids of what exists in the stand-ins' cloud, of all types or of those that end so."""
        return sorted(identifier for token, identifier in self.things() if token.endswith(type_ending))

    def things(self) -> list[tuple[str, str]]:
        """Type and id of everything in the stand-ins' cloud."""
        store = self.root / ".homeport/demo/cloud.sqlite"
        if not store.exists():
            return []
        with contextlib.closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as opened:
            return cast("list[tuple[str, str]]", opened.execute("SELECT token, id FROM things").fetchall())

    def changes(self) -> str:
        """What git sees as changed."""
        return self._run(["git", "status", "--porcelain"], 0, {})

    def _run(self, command: list[str], code: int, variables: Mapping[str, str]) -> str:
        environment = {**os.environ, **variables}
        program = shutil.which(command[0], path=environment["PATH"]) or command[0]
        done = subprocess.run(
            [program, *command[1:]],
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        said = done.stdout + done.stderr
        assert done.returncode == code, f"{' '.join(command)}: exit {done.returncode}, expected {code}\n{said[-6000:]}"
        return done.stdout if code == 0 else said


def copy_project(folder: Path) -> ProjectCopy:
    """All files that git would commit, in a fresh repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(sys.prefix)
    git = ["git", "-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "init.defaultBranch=main"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "copy"]):
        subprocess.run([*git, *words], cwd=folder, check=True)
    return ProjectCopy(folder)


def _short(urn: str) -> str:
    """`Vpc network-vpc` for a URN."""
    _, _, kinds, name = urn.split("::", 3)
    return f"{kinds.split('$')[-1].rpartition(':')[2]} {name}"
