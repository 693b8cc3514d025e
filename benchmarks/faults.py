"""What each fault of a vendor costs a review, at each provider: writes docs/faults.md.

python benchmarks/faults.py

One review after the other, against servers of tests/faults.py on this machine; needs what the tests need.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import faults

PAGE_FILE = Path(__file__).resolve().parents[1] / "docs" / "faults.md"
#: Seconds one call may take here; what a hang costs. The default of reviewbot is 240.
CALL_SECONDS = 2
#: Reviews without a fault, before which nothing is compared.
BASELINES = 5

PAGE = """\
# What goes wrong at a vendor, and what becomes of the review

Made by `python benchmarks/faults.py`: one critical file, three seats, one standby of another family. The server of seat 1 has the
fault, the others are well. `itself +1, 1.0 s` means: seat 1 answered in the end, after 1 request more than without the fault, and the
review took 1.0 s longer. Every review of these tables ended within its time, with its file read by two families or more. With the
fault at every server at once the gate is inconclusive, never passed (`tests/test_faults.py` tries that too).

The waits are those of reviewbot: 1 s before the one retry, unless the server names a time (here 1 s, and an hour, which is not
waited for); a call that hangs is given up after `budget.call_seconds`, {call_seconds} s here, 240 s by default. An answer that cannot be used is
asked for once more, with what was wrong; a refusal, a wrong key and an empty account never.

## The fault passes after one request

{once}

## The fault lasts

{always}

AWS has no error for an empty account; it says the same as for a rate. `gateway` is any server that speaks OpenAI's chat completions.
"""


async def measure() -> str:
    """The page."""
    async with faults.serving() as server:
        usual = {provider: await _usual(server, provider) for provider in faults.MODELS}
        once = await _table(server, usual, 1)
        always = await _table(server, usual, None)
    return PAGE.format(call_seconds=CALL_SECONDS, once=once, always=always)


async def _usual(server: faults.Server, provider: str) -> tuple[int, float]:
    """Requests and median seconds without a fault; the first review, which imports things, does not count."""
    runs = [await _review(server, faults.Trial(provider)) for _ in range(BASELINES + 1)][1:]
    return runs[0].calls, statistics.median(run.seconds for run in runs)


async def _table(server: faults.Server, usual: dict[str, tuple[int, float]], times: int | None) -> str:
    rows = [["fault", *usual], ["---"] * (len(usual) + 1)]
    for fault in faults.FAULTS:
        row = [fault.name]
        for provider, (calls, seconds) in usual.items():
            outcome = await _review(server, faults.Trial(provider, fault, times))
            more = max(0.0, outcome.seconds - seconds)
            row.append(f"{outcome.answered_by} +{outcome.calls - calls}, {more:.1f} s")
        rows.append(row)
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


async def _review(server: faults.Server, trial: faults.Trial) -> faults.Outcome:
    return await faults.review(server, trial, call_seconds=CALL_SECONDS, seconds=60)


if __name__ == "__main__":
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    PAGE_FILE.write_text(asyncio.run(measure()), encoding="utf-8")
