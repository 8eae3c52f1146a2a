"""The provider of dynamic resources, where the official launcher is absent: Pulumi's own, ended with the engine."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

from tools.offline.host_watch import end_with_parent


def main() -> None:
    """Serves until the engine stops it. A pickled provider may name modules of the program: they are importable."""
    end_with_parent()
    sys.path.insert(0, str(Path.cwd()))
    runpy.run_module("pulumi.dynamic", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
