"""What a rule found, and the one sentence in which a person reads it."""

from __future__ import annotations

from dataclasses import dataclass

NOT_KNOWN_YET = "a value that is not known yet"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One field of one resource that breaks a rule. `got` never holds more of a value than the word that was matched.

    `undecided` marks a value that only `up` will know; the rule says whether a preview may go on (`rule.py`).
    """

    path: str
    got: str
    allowed: str
    fix: str
    undecided: bool = False

    def text(self, name: str, type_token: str) -> str:
        return f"{name} ({type_token}): {self.path}: got {self.got}; allowed: {self.allowed}; {self.fix}"
