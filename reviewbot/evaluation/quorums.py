"""What other modes and thresholds would have confirmed, as far as the votes that were cast can tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewbot import consensus
from reviewbot.consensus import Mode, Quorum
from reviewbot.errors import FailureKind
from reviewbot.findings import Ballot, State, Voter
from reviewbot.triage import Tier

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reviewbot.evidence import Evidence, UnitReview
    from reviewbot.findings import Finding, Vote
    from reviewbot.rules import Rules


@dataclass(frozen=True, slots=True)
class Policy:
    """A way to decide what is confirmed. With a threshold of 1 nobody is asked, so the mode plays no part."""

    mode: Mode
    threshold: int

    @property
    def name(self) -> str:
        """As tables show it."""
        return "any one of them" if self.threshold == 1 else f"{self.mode}, {self.threshold} of them"


def policies(seats: int) -> tuple[Policy, ...]:
    """All that differ on a panel of so many seats."""
    several = [
        Policy(mode, n) for n in range(2, seats + 1) for mode in (Mode.INDEPENDENT, Mode.LAZY, Mode.STRICT)
    ]
    return (Policy(Mode.INDEPENDENT, 1), *several)


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a policy confirms; `unknown` claims hang on votes that nobody was asked for in this run."""

    findings: tuple[Finding, ...]
    unknown: int


def under(evidence: Evidence, rules: Rules, policy: Policy) -> Confirmed:
    """What this policy would have confirmed of the same answers."""
    quorum = Quorum.of(policy.threshold, (place.family for place in evidence.places))
    critical = {file.path for file in evidence.files if file.tier is Tier.CRITICAL}
    findings, unknown = [], 0
    for unit in evidence.units:
        judges = _judges(evidence, unit)
        for claim, cast in unit.ballots:
            grave = rules.grave(claim, critical=claim.finding.path in critical)
            match _outcome(cast, judges, quorum, policy.mode, grave=grave):
                case None:
                    unknown += 1
                case True:
                    findings.append(claim.finding)
    return Confirmed(tuple(findings), unknown)


def _judges(evidence: Evidence, unit: UnitReview) -> list[Voter]:
    """Who can vote on a unit, in the order they are asked: who read it as a proposer comes last."""
    sat = {turn.voter.seat: turn for turn in unit.turns}
    unable = {
        seat
        for seat, turn in sat.items()
        if not turn.answered and all(f.kind is FailureKind.UNREADABLE for f in turn.failures)
    }
    proposers = {voter.seat for readers in unit.readers.values() for voter in readers}
    voters = [
        sat[place.number].voter if place.number in sat else Voter(place.number, place.model, place.family)
        for place in evidence.places
        if place.number not in unable
    ]
    return sorted(voters, key=lambda v: (v.seat in proposers, v))


def _outcome(
    cast: Sequence[Vote], judges: Sequence[Voter], quorum: Quorum, mode: Mode, *, grave: bool
) -> bool | None:
    """Whether this mode confirms a claim, asking round by round; None where it hangs on a vote that was never cast."""
    votes = [vote for vote in cast if vote.proposed]
    known = {vote.voter.seat: vote for vote in cast}
    while seats := consensus.next_voters(votes, _in_turn(judges, votes), quorum, mode, grave=grave):
        votes += [known[seat] for seat in seats if seat in known]
        if not known.keys() >= set(seats):
            asked = {vote.voter.seat for vote in votes}
            open_ = [judge for judge in judges if judge.seat not in asked]
            confirming = [vote.voter for vote in votes if vote.ballot is Ballot.CONFIRM]
            return quorum.reached(confirming) or (None if quorum.reached([*confirming, *open_]) else False)
    return consensus.tally(votes, quorum) is State.CONFIRMED


def _in_turn(judges: Iterable[Voter], votes: Iterable[Vote]) -> list[Voter]:
    spoken = {vote.voter.family for vote in votes}
    return sorted(judges, key=lambda voter: voter.family in spoken)


def alone(evidence: Evidence, model: str) -> tuple[Finding, ...]:
    """What one model found by itself, before anybody voted."""
    return tuple(
        proposal.finding
        for unit in evidence.units
        for claim, _ in unit.ballots
        for proposal in claim.proposals
        if proposal.author.model == model
    )


def read(evidence: Evidence, model: str) -> frozenset[str]:
    """The files one model said it read when it looked for defects."""
    return frozenset(
        path
        for unit in evidence.units
        for path, readers in unit.readers.items()
        if any(voter.model == model for voter in readers)
    )
