"""What the builder says when it cannot go on.

BuildError(ValueError)      one line: what is wrong, what was got, the next step
    LockError               a lock is missing, out of step, or cannot be made
    MirrorError             a package cannot be had from any mirror
        DroppedError        the mirrors answer, and do not hold it
    LayoutError             a folder is no OCI layout, or one of its blobs is damaged
"""

from __future__ import annotations


class BuildError(ValueError):
    """An image cannot be built or read; the message is one line with the next step."""


class LockError(BuildError):
    """A lock is missing or out of step with what it was made from, or no lock can be made."""


class MirrorError(BuildError):
    """A Debian package cannot be fetched: no mirror is known, none answers, or none holds this version any more."""


class DroppedError(MirrorError):
    """The mirrors answer, and none holds the package as it was locked."""


class LayoutError(BuildError):
    """A folder is not an OCI layout, or a blob in it is missing or damaged."""
