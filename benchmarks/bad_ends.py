"""Ends a run of the action before each of its requests to GitHub in turn, by each signal and by a network that goes away.

By hand, some minutes: `python benchmarks/bad_ends.py`. What fails is printed, and the exit status says so.
"""

import contextlib
import itertools
import signal
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from ending import Runner
from github_server import GitHubServer

METHODS = ("GET", "POST", "PATCH")
ENDS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, "no network")


def ended(runner: Runner, how: signal.Signals | str, method: str, skip: int) -> int | None:
    """The exit status of a run that ends so; None where it has no such request."""
    if isinstance(how, signal.Signals):
        return runner.ended(how, method, ".", skip=skip)
    runner.server.fault(method, ".", 0, skip=skip, times=1_000)
    before = len([it for it in runner.server.requests if it.method == method])
    status = runner.run()
    struck = len([it for it in runner.server.requests if it.method == method]) - before > skip
    runner.server.faults.clear()
    return status if struck else None


def tried(how: signal.Signals | str, method: str, skip: int) -> int | None:
    """One end and what follows; its exit status, None where a run has no such request."""
    with GitHubServer() as server, tempfile.TemporaryDirectory() as folder:
        runner = Runner(server, Path(folder))
        status = ended(runner, how, method, skip)
        if status is not None:
            runner.close()
            runner.assert_sound()
            runner.assert_posted_once()
        return status


def main() -> bool:
    """Print what became of each; whether anything is wrong."""
    points, wrong = 0, 0
    for how, method in itertools.product(ENDS, METHODS):
        for skip in itertools.count():
            try:
                status = tried(how, method, skip)
            except AssertionError as error:
                wrong += 1
                print(f"{how!s} before {method} {skip + 1}: {str(error)[:2_000]}", flush=True)
                continue
            if status is None:
                break
            points += 1
            print(f"{how!s} before {method} {skip + 1}: exit {status}, sound", flush=True)
    print(f"{points} ends are sound, {wrong} are not")
    return bool(wrong)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
