"""The one error that the tools of the test cluster show to a person.

OfflineError
    ClusterError
        Something on this machine stands in the way; the text says what, and what to do next.
"""

from __future__ import annotations

from tools.offline.errors import OfflineError


class ClusterError(OfflineError):
    """Shown as text, without a traceback, by `python -m tools.cluster`."""
