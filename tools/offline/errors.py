"""The one error that the tools of the offline engine show to a person.

OfflineError
    Something on this machine or in the project stands in the way; the text says what, and what to do next.
"""

from __future__ import annotations


class OfflineError(Exception):
    """Shown as text, without a traceback, by `python -m tools.offline`."""
