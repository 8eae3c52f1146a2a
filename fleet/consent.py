"""Asking the operator before something that cannot be taken back."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text


@dataclass(frozen=True, kw_only=True)
class Consent:
    """What was agreed to beforehand by `--yes` and `--repair`; on a terminal the rest is asked."""

    console: Console
    yes: bool = False
    repair: bool = False

    def to(self, what: str, details: Sequence[str], flag: str) -> bool:
        """True if the operator agrees to `what`. `flag` (`--yes` or `--repair`) is the word that agrees beforehand."""
        self.console.print(Text(what, style="bold"))
        for detail in details:
            self.console.print(Text(f"  {detail}"), soft_wrap=True)
        if self.repair if flag == "--repair" else self.yes:
            return True
        if not sys.stdin.isatty():
            self.console.print(Text(f"  Not done: nobody to ask. Say {flag} to agree beforehand.", style="yellow"))
            return False
        return self.console.input("  Go on? Only `yes` does: ").strip() == "yes"
