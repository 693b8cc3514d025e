"""Which findings are the same defect, and which of them enough models stand behind.

Two thresholds meet here. *Matching* only saves calls: when unsure it keeps findings apart, and voting settles
it. *Tallying* decides: a claim is confirmed by enough distinct voters, and nothing lowers that number.
"""

from __future__ import annotations

import hashlib
import itertools
import math
import statistics
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from reviewbot.findings import Ballot, Claim, Proposal, Severity, State, Vote
from reviewbot.grounding import Lines
from reviewbot.wording import compare

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reviewbot.findings import Finding, Voter


class Mode(StrEnum):
    """How hard votes are sought for a claim that one model made alone."""

    LAZY = "lazy"
    STRICT = "strict"
    INDEPENDENT = "independent"


@dataclass(frozen=True, slots=True)
class Quorum:
    """How many must stand behind a claim, and from how many families they must come.

    `families` is less than `models` only on a panel that has fewer families than that.
    """

    models: int
    families: int

    @classmethod
    def of(cls, threshold: int, panel_families: Iterable[str]) -> Quorum:
        """`threshold` models, of as many families as the configured panel can give, a model down or not."""
        return cls(threshold, min(threshold, len(set(panel_families))))

    def reached(self, voters: Iterable[Voter]) -> bool:
        """Whether these are enough. On a panel of distinct families one family counts once."""
        voters = tuple(voters)
        return (
            len({v.model for v in voters}) >= self.models and len({v.family for v in voters}) >= self.families
        )


def tally(votes: Sequence[Vote], quorum: Quorum) -> State:
    """What the votes amount to. A vote nobody was asked for counts for nothing, either way."""
    by_ballot = {b: [v.voter for v in votes if v.ballot is b] for b in Ballot}
    confirming = by_ballot[Ballot.CONFIRM]
    if quorum.reached(confirming):
        return State.CONFIRMED
    if quorum.reached([*confirming, *by_ballot[Ballot.UNAVAILABLE]]):
        return State.UNDECIDED
    return State.REFUTED if by_ballot[Ballot.REFUTE] else State.UNCONFIRMED


def severity(claim: Claim, votes: Sequence[Vote]) -> Severity:
    """Median of what its proposers gave, they being the confirming models that name one; a tie rounds up.

    Rounding up: between "medium" and "high" the graver one keeps the gate honest.
    """
    confirming = {v.voter.model for v in votes if v.ballot is Ballot.CONFIRM}
    given = [p.finding.severity for p in claim.proposals if p.author.model in confirming]
    return Severity(math.ceil(statistics.median(given)))


def next_voters(
    votes: Sequence[Vote], voters: Sequence[Voter], quorum: Quorum, mode: Mode, *, grave: bool
) -> tuple[int, ...]:
    """The seats to ask next about a claim, in one round; () when the outcome is fixed or not worth another call.

    `voters` are those who can be asked, in the order in which to ask them. `grave`: high, critical or able to
    gate. A refusal to confirm ends it for the others (lazy); a vote that could not be had never does.
    """
    asked = {v.voter.seat for v in votes}
    left = [v for v in voters if v.seat not in asked]
    confirming = [v.voter for v in votes if v.ballot is Ballot.CONFIRM]
    settled = quorum.reached(confirming) or not quorum.reached([*confirming, *left])
    if mode is Mode.INDEPENDENT or settled:
        return ()
    declined = any(v.ballot in (Ballot.REFUTE, Ballot.ABSTAIN) for v in votes)
    if mode is Mode.LAZY:
        left = [] if declined and not grave else left[:1]
    return tuple(v.seat for v in left)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A proposal ready for matching, with the lines its quote is on."""

    proposal: Proposal
    quoted: Lines


def match(candidates: Iterable[Candidate]) -> tuple[Claim, ...]:
    """Findings of different seats that are one defect, as claims; the result ignores the order given.

    Pairs are joined from the most to the least alike, and only where every finding of one group is like every
    finding of the other. Two findings of one seat never share a claim: it had the chance to say so. Two seats of
    one family may; how many families stand behind a claim is for `Quorum` to count.
    """
    pool = sorted(candidates, key=_canonical)
    groups = {i: [i] for i in range(len(pool))}
    alike = {
        (i, j): score
        for i, j in itertools.combinations(range(len(pool)), 2)
        if (score := likeness(pool[i], pool[j])) is not None
    }
    for i, j in sorted(alike, key=lambda pair: (-alike[pair], pair)):
        one, other = groups[i], groups[j]
        if one is not other and all((min(p), max(p)) in alike for p in itertools.product(one, other)):
            one += other
            groups.update(dict.fromkeys(other, one))
    whole = {min(group): group for group in groups.values()}.values()
    claims = [sorted((pool[i] for i in g), key=lambda c: (c.proposal.author, _canonical(c))) for g in whole]
    claims.sort(key=lambda group: _canonical(group[0]))
    return _identified([tuple(c.proposal for c in group) for group in claims])


#: Least likeness of two texts to be one claim. On the same lines: where fewer than one in twenty of 297 pairs of
#: comments there, nearly all of different issues, are joined (`benchmarks/matching.py`). A few lines apart, half as many
#: pairs are of one issue, so the words have to say so much more.
_SAME_LINES, _FEW_LINES_APART = 0.29, 0.32
_NEAR_LINES = 3
#: A longer range says nothing of where in it the defect is; the lines of its quote do.
_SHORT = 10


def likeness(one: Candidate, other: Candidate) -> float | None:
    """How alike two findings are, 0 to about 1, or None where they are not to be joined."""
    if one.proposal.author.seat == other.proposal.author.seat:
        return None
    return alike(one, other)


def alike(one: Candidate, other: Candidate) -> float | None:
    """The same, whoever says them."""
    a, b = one.proposal.finding, other.proposal.finding
    if a.path != b.path:
        return None
    gap = _gap(one, other)
    if gap > _NEAR_LINES:
        return None
    score = compare(_text(a), _text(b)).likeness
    return score if score >= (_FEW_LINES_APART if gap else _SAME_LINES) else None


def _gap(one: Candidate, other: Candidate) -> int:
    """Lines from one finding to the other: by their quotes, or by their ranges where both are short."""
    ranges = [Lines(f.first_line, f.last_line) for f in (one.proposal.finding, other.proposal.finding)]
    short = all(r.last - r.first < _SHORT for r in ranges)
    return min(one.quoted.gap(other.quoted), ranges[0].gap(ranges[1]) if short else _NEAR_LINES + 1)


def _text(finding: Finding) -> str:
    """All it says; the category is one word more ("correctness" and "other", which fit anything, count for nothing)."""
    category = finding.category.replace("-", "")
    return f"{finding.title}\n{finding.body}\n{finding.failure}\n{category}"


def _canonical(candidate: Candidate) -> tuple[object, ...]:
    f, author = candidate.proposal.finding, candidate.proposal.author
    return (
        f.path,
        f.first_line,
        f.last_line,
        f.category,
        f.quote,
        f.title,
        f.body,
        f.failure,
        -f.severity,
        author,
    )


def _identified(groups: Sequence[tuple[Proposal, ...]]) -> tuple[Claim, ...]:
    """Claims with short ids that do not depend on who proposed them, and differ within the run."""
    seen: set[str] = set()
    claims = []
    for proposals in groups:
        finding = proposals[0].finding
        for salt in itertools.count():
            key = f"{finding.fingerprint}\0{finding.title}\0{salt}"
            name = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:8]
            if name not in seen:
                break
        seen.add(name)
        claims.append(Claim(name, proposals))
    return tuple(claims)
