"""Who sits where, and who steps in: at once, and never a second one of a family that has its seat."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted import DOWN, Scripted, asker, change, file, finding, finds, panel, votes

from reviewbot import pipeline
from reviewbot.asking import Limits
from reviewbot.consensus import Mode, Quorum
from reviewbot.errors import FailureKind, ModelError
from reviewbot.findings import Severity
from reviewbot.rules import Rules
from reviewbot.triage import Tier, Triaged

RULES = Rules(Quorum(2, 2), Mode.STRICT, proposers_flagged=2, proposers_critical=3, block_at=Severity.HIGH)
REFUSED = ModelError(FailureKind.REFUSED, "no")
FAMILIES = "abcd"


def gathered(made, grace=2.0):
    change_ = change(file("auth/x.py"))

    async def run():
        triaged = [Triaged(f, Tier.CRITICAL, "") for f in change_.files]
        return await pipeline.gather(change_, triaged, made, RULES, asker(Limits(pause=0, grace=grace)))

    return asyncio.run(run())


def model(name, review, vote, delay=0.0):
    return Scripted(name, review=review, vote=vote, delay=delay)


ANSWERS = {
    "review": st.sampled_from([finds(finding(path="auth/x.py")), {}, DOWN, REFUSED]),
    "vote": st.sampled_from([votes("confirm"), votes("refute"), DOWN, REFUSED]),
}


@st.composite
def panels(draw):
    """Three seats of three families, each with a chain that may go on in any family, and standbys of any family."""
    order = draw(st.permutations(FAMILIES))
    number = iter(range(100))

    def one(family):
        delay = draw(st.sampled_from([0.0, 0.0005, 0.001]))
        return model(f"{family}/{next(number)}", draw(ANSWERS["review"]), draw(ANSWERS["vote"]), delay)

    others = st.lists(st.sampled_from(FAMILIES), max_size=2)
    seats = [[one(family), *(one(other) for other in draw(others))] for family in order[:3]]
    return panel(*seats, standby=[one(family) for family in draw(others)])


@given(panels(), st.sampled_from([0.0, 2.0]))
def test_no_outage_makes_two_votes_of_one_family(made, grace):
    evidence = gathered(made, grace)
    for unit in evidence.units:
        for readers in unit.readers.values():
            families = [voter.family for voter in readers]
            assert len(families) == len(set(families))
        for claim, cast in unit.ballots:
            families = [vote.voter.family for vote in cast]
            assert len(families) == len(set(families)), (claim.id, cast)


@pytest.mark.parametrize(
    ("first", "spare", "asked"),
    [
        pytest.param(
            [Scripted("a/1", review=DOWN), Scripted("a/2")],
            Scripted("d/4"),
            ["a/2"],
            id="its own chain first",
        ),
        pytest.param([Scripted("a/1", review=DOWN)], Scripted("d/4"), ["d/4"], id="then a standby"),
        pytest.param([Scripted("a/1", review=DOWN)], Scripted("b/4"), [], id="not one of a family that sits"),
        pytest.param(
            [Scripted("a/1", review=DOWN)], Scripted("a/4"), ["a/4"], id="one of the seat's own family"
        ),
    ],
)
def test_who_steps_in(first, spare, asked):
    made = panel(first, Scripted("b/2"), Scripted("c/3"), standby=[spare])
    gathered(made)
    assert [m.spec.name for m in (*first[1:], spare) if m.asked] == asked


def test_a_standby_does_not_wait_for_slow_models_of_other_seats():
    """The last seat's model is down at once, the others take long: the standby has answered before they do."""
    answered = []

    class Told(Scripted):
        async def complete(self, prompt, *, seconds):
            completion = await super().complete(prompt, seconds=seconds)
            answered.append(self.spec.name)
            return completion

    made = panel(
        Told("a/1", delay=0.3), Told("b/2", delay=0.3), Told("c/3", review=REFUSED), standby=[Told("d/4")]
    )
    change_ = change(file("auth/x.py"))

    async def run():
        triaged = [Triaged(f, Tier.CRITICAL, "") for f in change_.files]
        await pipeline.gather(change_, triaged, made, RULES, asker(Limits(pause=0, grace=0.01)))

    asyncio.run(run())
    assert answered == ["d/4", "a/1", "b/2"]
