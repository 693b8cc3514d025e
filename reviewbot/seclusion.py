"""Keeps other programs of the same user from reading what this process was started with and holds: keys above all."""

from __future__ import annotations

import ctypes
import sys

_PR_SET_DUMPABLE = 4


def close() -> None:
    """For the rest of the process; what it starts is not affected.

    On Linux /proc keeps the first environment of a process as long as it lives, whatever is taken out of it later.
    Elsewhere nothing is done: there other users' processes cannot read it, and those of the same user always can.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
