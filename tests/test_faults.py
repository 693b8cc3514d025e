"""Whatever goes wrong at whichever vendor, a review ends in time, and says who answered and who did not."""

import asyncio
import functools
from itertools import combinations

import faults
import pytest
from recording import ROOT

from reviewbot import config, gate, pricing, providers
from reviewbot.environment import KEY_VARIABLES
from reviewbot.review import PanelKind

#: Requests when nothing is wrong: one a seat.
CALLS = 3
#: Seconds. What a hang costs here; what is never used up unless something is wrong.
HANGS, SECONDS = 3, 60

#: Who takes the seat, and requests more: first if the fault passes, then if it lasts.
RETRIED = (("itself", 1), ("standby", 2))
GIVEN_UP = (("standby", 1), ("standby", 1))
EXPECTED = {
    "429 with Retry-After": RETRIED,
    "429 with a long Retry-After": GIVEN_UP,
    "429 without Retry-After": RETRIED,
    "429, out of quota": GIVEN_UP,
    "500": RETRIED,
    "529": RETRIED,
    "401": GIVEN_UP,
    "hang": GIVEN_UP,
    "reset": RETRIED,
    "cut stream": RETRIED,
    "truncated": RETRIED,
    "refusal": GIVEN_UP,
    "garbage": RETRIED,
    "wrong keys": RETRIED,
    "blank": RETRIED,
}
#: AWS has no error for an empty account; it says the same as for a rate.
EXCEPTIONS = {("bedrock", "429, out of quota"): RETRIED}


@functools.cache
def outcomes():
    """Every fault at every provider, once and for good, and everywhere at once; all of it at the same time.

    No fixture: one that is made once would see the variables of the machine.
    """
    trials = {
        (provider, fault.name, case): faults.Trial(provider, fault, times, everywhere)
        for fault in faults.FAULTS
        for case, times, everywhere in (
            ("passes", 1, False),
            ("lasts", None, False),
            ("everywhere", None, True),
        )
        for provider in (["gateway"] if everywhere else faults.MODELS)
    }

    async def one(server, key, trial, room):
        call_seconds = HANGS if trial.fault.silent else SECONDS
        async with room, asyncio.timeout(2 * SECONDS):
            return key, await faults.review(server, trial, call_seconds=call_seconds, seconds=SECONDS)

    async def run():
        found = {}
        async with faults.serving() as server:
            # Those that hang have little time, so they have the machine for themselves.
            for hang in (True, False):
                room = asyncio.Semaphore(24)
                some = [(key, trial) for key, trial in trials.items() if trial.fault.silent is hang]
                found |= dict(await asyncio.gather(*(one(server, *each, room) for each in some)))
        return found

    providers.preload(faults.MODELS)
    pricing.preload()
    return asyncio.run(run())


@pytest.mark.parametrize("case", ["passes", "lasts"])
@pytest.mark.parametrize("fault", [fault.name for fault in faults.FAULTS])
@pytest.mark.parametrize("provider", faults.MODELS)
def test_a_seat_in_trouble_is_taken(provider, fault, case):
    outcome = outcomes()[provider, fault, case]
    expected = EXCEPTIONS.get((provider, fault), EXPECTED[fault])[case == "lasts"]
    assert (outcome.answered_by, outcome.calls - CALLS) == expected
    assert outcome.gate == "passed"
    assert bool(outcome.failures) is (outcome.answered_by != "itself")


@pytest.mark.parametrize("fault", [fault.name for fault in faults.FAULTS])
def test_trouble_everywhere_is_never_a_pass(fault):
    outcome = outcomes()["gateway", fault, "everywhere"]
    assert (outcome.answered_by, outcome.gate) == ("nobody", "inconclusive")
    assert outcome.failures


# Who is asked when nothing is configured.


@pytest.mark.parametrize(
    "vendors", [some for n in range(1, 5) for some in combinations(KEY_VARIABLES, n)], ids="+".join
)
def test_every_set_of_keys_reviews(vendors):
    """The panel is in test_seating; that it works, what it is called and how the run ends is here."""

    async def run():
        async with faults.serving() as server:
            url = server.add(faults.Trial("nobody"))
            others = {
                name for vendor, names in KEY_VARIABLES.items() if vendor not in vendors for name in names
            }
            variables = {name: text for name, text in faults.environ(url).items() if name not in others}
            return await faults.reviewed(config.load("", source="test"), variables)

    result = asyncio.run(run())
    assert result.kind is (PanelKind.MODELS if len(vendors) > 1 else PanelKind.ONE_VENDOR)
    assert [seat.status for seat in result.panel] == ["ok"] * 3
    assert gate.exit_status(result.decision) == 0


def test_the_page_says_the_same():
    """Its seconds are of one machine; who answers, and after how many requests, is so everywhere."""
    tables = (ROOT / "docs/faults.md").read_text("utf-8").split("\n## ")[1:]
    shown = {}
    for case, table in zip(("passes", "lasts"), tables, strict=True):
        header, _, *rows = [
            line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("|")
        ]
        shown |= {
            (p, row[0], case): cell for row in rows for p, cell in zip(header[1:], row[1:], strict=True)
        }
    assert {key: cell.partition(",")[0] for key, cell in shown.items()} == {
        (provider, fault, case): "{} +{}".format(*EXCEPTIONS.get((provider, fault), both)[case == "lasts"])
        for fault, both in EXPECTED.items()
        for provider in faults.MODELS
        for case in ("passes", "lasts")
    }
