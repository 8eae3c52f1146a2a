"""The small executables by which the engine starts our Python programs.

Each names the project's own Python and sources, so they lie inside the project's ignored folder, never on a user's
global PATH. `exec` keeps the process the engine's own child: what ends with its parent, ends with the engine.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from tools.offline.files import write_whole

SOURCES = Path(__file__).resolve().parents[2]  # the checkout that holds `tools`


def write_engine_launchers(folder: Path) -> None:
    """The language host and the dynamic provider, where the official ones are absent."""
    write_whole(folder / "pulumi-language-python", launcher("tools.offline.host_server"), mode=0o700)
    write_whole(folder / "pulumi-resource-pulumi-python", launcher("tools.offline.host_dynamic"), mode=0o700)


def launcher(module: str, *arguments: str) -> str:
    """Text of an executable that runs `module` with `arguments`, then whatever the engine adds."""
    sources = shlex.quote(str(SOURCES))
    words = [sys.executable, "-P", "-u", "-m", module, *arguments]
    return (
        "#!/bin/sh\n"
        "# Made by `python -m tools.offline`, which writes it anew when it differs.\n"
        f'PYTHONPATH={sources}${{PYTHONPATH:+:$PYTHONPATH}} exec {shlex.join(words)} "$@"\n'
    )
