"""Runs one module as `python -m` would, after giving up the network, and what it has no need of in memory, time and disk.

The limits are set in the child itself: between fork and exec nothing safe can be done in a threaded parent.
"""

from __future__ import annotations

import runpy
import sys

from reviewbot.analyzers.sealed import seal

#: Bytes. Far above what 100,000 lines need, low enough that a runner survives.
_MEMORY = 4 << 30
_FILE = 64 << 20


def _limit(cpu_seconds: int) -> None:
    if sys.platform == "win32":
        return  # no rlimits there; the parent's time and output limits still hold
    import resource  # noqa: PLC0415 - exists on POSIX alone

    for kind, wanted in (
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_FSIZE, _FILE),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        try:
            resource.setrlimit(kind, (allowed, allowed))
        except (ValueError, OSError):  # macOS refuses some of them
            continue


def main() -> None:
    """`confined CPU_SECONDS MODULE ARGUMENT...`."""
    _limit(int(sys.argv[1]))
    seal()
    sys.argv = sys.argv[2:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
