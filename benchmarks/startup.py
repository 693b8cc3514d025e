"""How long `reviewbot --help` takes, beside an empty Python program timed in the same run.

python benchmarks/startup.py [RUNS]
"""

from __future__ import annotations

import compileall
import statistics
import subprocess
import sys
import time
from pathlib import Path

import reviewbot

NOTHING = [sys.executable, "-c", "pass"]
HELP = [sys.executable, "-m", "reviewbot", "--help"]
MODULES = (
    "import sys; before = len(sys.modules); import reviewbot.cli; print(before, len(sys.modules) - before)"
)


def seconds(command: list[str]) -> float:
    """Wall time of one run, in seconds."""
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main(runs: int) -> None:
    """Print medians, the ratio, and how many modules the command line loads."""
    compileall.compile_dir(Path(reviewbot.__file__).parent, quiet=1)
    # In turns, so that a busy moment of the machine meets both.
    times = [(seconds(NOTHING), seconds(HELP)) for _ in range(runs)]
    nothing, shown = (statistics.median(column) * 1000 for column in zip(*times, strict=True))
    own, added = subprocess.run(
        [sys.executable, "-c", MODULES], check=True, capture_output=True, text=True
    ).stdout.split()
    print(f"median of {runs} runs, Python {sys.version.split()[0]}")
    print(f"python -c pass     {nothing:6.1f} ms   {own} modules")
    print(f"reviewbot --help   {shown:6.1f} ms   {added} modules more, {shown / nothing:.1f} times as long")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 21)
