"""A recorded run decided again, without a call: by its own policy, or by another to see what that would change."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reviewbot import gate
from reviewbot.conclusion import conclude
from reviewbot.consensus import Mode
from reviewbot.diff import Change
from reviewbot.errors import UsageError
from reviewbot.rules import Rules

if TYPE_CHECKING:
    from reviewbot.config import Config
    from reviewbot.evidence import Evidence
    from reviewbot.recorded import Recorded
    from reviewbot.review import Review


def decided(told: Recorded, config: Config | None = None) -> Review:
    """The review that follows from the record under `config`, or under the configuration of the run.

    Votes that were not asked for then cannot be counted now. Raises UsageError for a run that did not get far enough.
    """
    if told.evidence is None or told.circumstances is None:
        raise UsageError("the run on record ended before anything was decided, so there is nothing to replay")
    policy = config or told.config
    rules = Rules.of(policy, [place.family for place in told.evidence.places])
    evidence = _unasked(told.evidence) if rules.mode is Mode.INDEPENDENT else told.evidence
    run = told.run
    change = Change((), run.base, run.head, run.repository, run.number)
    review = conclude(change, evidence, told.circumstances, rules, gate.Policy.of(policy))
    if told.overridden is None or config is not None:
        return review
    return replace(review, decision=gate.overridden(review.decision, told.overridden.said))


def differences(before: Review, after: Review) -> tuple[str, ...]:
    """What another policy changes, a sentence each."""
    was, now = before.decision, after.decision
    found = [f"gate: {was.status} → {now.status}"] if was.status is not now.status else []
    found += [_enforcing(now.enforced)] if was.enforced is not now.enforced else []
    old = {v.claim.id: v for v in before.verdicts}
    for verdict in after.verdicts:
        other, at = old[verdict.claim.id], f"{verdict.finding.path}:{verdict.finding.first_line}"
        if verdict.state is not other.state:
            found.append(f"{verdict.claim.id} at {at}: {other.state} → {verdict.state}")
        elif verdict.inline is not other.inline:
            found.append(
                f"{verdict.claim.id} at {at}: {'now' if verdict.inline else 'no longer'} an inline comment"
            )
    covered = {f.path: f.covered for f in before.files}
    found += [
        f"{f.path}: {'now' if f.covered else 'no longer'} covered"
        for f in after.files
        if f.covered is not covered[f.path]
    ]
    return tuple(found)


def _enforcing(enforced: bool) -> str:  # noqa: FBT001 - it is the one thing said
    return "gate: now enforced" if enforced else "gate: no longer enforced"


def _unasked(evidence: Evidence) -> Evidence:
    """As if nobody had been asked to vote: what each found without knowing of the others is left."""
    units = tuple(
        replace(
            unit,
            ballots=tuple((claim, tuple(v for v in cast if v.proposed)) for claim, cast in unit.ballots),
        )
        for unit in evidence.units
    )
    return replace(evidence, units=units)
