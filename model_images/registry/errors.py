"""What may go wrong with a registry, each a line for a person: what was asked, what came, the next step.

RegistryError
├── InputError      what was asked for cannot be right: a reference, a file, an option (exit code 2)
├── NotThere        the registry does not hold it
├── Refused         the registry, or a rule of ours, says no
├── Unreachable     no answer, or none that is of use, after all attempts
└── DigestDiffers   what came, or what lies in the registry, is not what its name says
"""

from __future__ import annotations


class RegistryError(ValueError):
    """Base of all; `str(error)` is the line to print: what a registry says in it cannot move the terminal's cursor."""

    def __str__(self) -> str:
        return "".join(sign if sign.isprintable() or sign == "\n" else "?" for sign in super().__str__())


class InputError(RegistryError):
    """Nothing was asked of any registry."""


class NotThere(RegistryError):
    """404."""


class Refused(RegistryError):
    """Neither waiting nor asking again helps."""


class Unreachable(RegistryError):
    """The registry may be well again later: the same command goes on where it stopped."""


class DigestDiffers(RegistryError):
    """Content is never taken on trust."""
