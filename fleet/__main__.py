"""`python -m fleet`: the fleet tool's entry."""

from __future__ import annotations

import sys

from fleet.cli import main

sys.exit(main(sys.argv[1:]))
