"""What the evidence amounts to under the rules: verdicts, coverage, how each seat fared, and the gate. No model is asked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from decimal import Decimal  # noqa: TC003 - the record reads annotations at run time
from typing import TYPE_CHECKING

from reviewbot import consensus, gate
from reviewbot.errors import FailureKind
from reviewbot.findings import State, Verdict
from reviewbot.llm import Stage  # noqa: TC001 - likewise
from reviewbot.review import Coverage, PanelKind, Review, Scan, SeatReport, SeatStatus, Spent
from reviewbot.triage import Tier

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reviewbot.diff import Change
    from reviewbot.evidence import Evidence, Failure, Place, Sorted, Turn, UnitReview
    from reviewbot.findings import Claim, Vote, Voter
    from reviewbot.rules import Rules


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a review tells beside what follows from evidence. `unlisted` and `unchosen` are as in `gate.decide`.

    `notes` are warnings of the configuration, the panel and the reading of the change.
    """

    kind: PanelKind
    total: Spent
    by_model: tuple[tuple[str, Spent], ...]
    notes: tuple[str, ...]
    seconds: float
    unlisted: bool = False
    unchosen: bool = False
    by_stage: tuple[tuple[str, Stage, Spent], ...] = ()
    compared: tuple[str, Decimal] | None = None


def conclude(
    change: Change, evidence: Evidence, circumstances: Circumstances, rules: Rules, policy: gate.Policy
) -> Review:
    """The same evidence under the same rules and policy always gives the same review."""
    turns = [turn for unit in evidence.units for turn in unit.turns]
    failures = [*(f for s in evidence.scans for f in s.failures), *(f for t in turns for f in t.failures)]
    verdicts = _verdicts(evidence, rules)
    # Analysers are not spoken to.
    heard = circumstances.kind is not PanelKind.OFFLINE
    files = tuple(_coverage(file, evidence, rules, heard=heard) for file in evidence.files)
    return Review(
        change=change,
        verdicts=verdicts,
        files=files,
        panel=tuple(_seat_report(place, turns) for place in evidence.places),
        kind=circumstances.kind,
        total=circumstances.total,
        by_model=circumstances.by_model,
        by_stage=circumstances.by_stage,
        compared=circumstances.compared,
        dropped=tuple(d for unit in evidence.units for d in unit.dropped),
        warnings=(*circumstances.notes, *_addressed(evidence.files), *_failures(failures)),
        seconds=circumstances.seconds,
        decision=gate.decide(
            files, verdicts, policy, unlisted=circumstances.unlisted, unchosen=circumstances.unchosen
        ),
    )


def _verdicts(evidence: Evidence, rules: Rules) -> tuple[Verdict, ...]:
    """Every claim with what became of it, gravest first; the first `most` that may be are comments."""
    critical = {file.path for file in evidence.files if file.tier is Tier.CRITICAL}
    drafts = [
        _verdict(claim, votes, critical, rules) for unit in evidence.units for claim, votes in unit.ballots
    ]
    drafts.sort(key=lambda v: (-v.severity, v.finding.path, v.finding.first_line, v.claim.id))
    room = rules.comments.most
    verdicts = []
    for draft in drafts:
        inline = (
            room > 0
            and draft.state is State.CONFIRMED
            and draft.severity >= rules.comments.least
            and draft.claim.id in evidence.anchored
        )
        room -= inline
        verdicts.append(replace(draft, inline=inline))
    return tuple(verdicts)


def _verdict(claim: Claim, votes: tuple[Vote, ...], critical: set[str], rules: Rules) -> Verdict:
    return Verdict(
        claim=claim,
        votes=votes,
        state=consensus.tally(votes, rules.quorum),
        severity=consensus.severity(claim, votes),
        critical=claim.finding.path in critical,
        inline=False,
    )


def _coverage(file: Sorted, evidence: Evidence, rules: Rules, *, heard: bool) -> Coverage:
    """`heard` is whether who read it can be talked to."""
    states = [s.states[file.path] for s in evidence.scans if file.path in s.states]
    scan = next((s for s in (Scan.FLAGGED, Scan.FAILED, Scan.CLEAR) if s in states), Scan.NONE)
    parts = [unit for unit in evidence.units if file.path in unit.readers]
    readers = (
        frozenset.intersection(*(frozenset(u.readers[file.path]) for u in parts)) if parts else frozenset()
    )
    oversized = file.path in evidence.oversized
    gap = "part of it fits no request" if oversized else _gap(file, scan, parts, readers, rules, heard=heard)
    why = "; ".join(
        filter(None, (file.why, _in_parts([u.shown[file.path] for u in parts if file.path in u.shown])))
    )
    return Coverage(file.path, file.tier, why, scan, tuple(v.model for v in sorted(readers)), gap, file.since)


def _in_parts(shown: Sequence[tuple[int, int]]) -> str:
    """How much reviewers were shown of a file that they were not shown whole; parts of it may overlap."""
    if not shown:
        return ""
    lines = shown[0][1]
    return f"reviewers are shown {min(lines, sum(part for part, _ in shown)):,} of its {lines:,} lines"


def _gap(
    file: Sorted,
    scan: Scan,
    parts: Sequence[UnitReview],
    readers: frozenset[Voter],
    rules: Rules,
    *,
    heard: bool,
) -> str:
    """Why a file is not covered: "" where it was skipped, found clear by the scan, or read by enough in review."""
    if file.tier is Tier.SKIP:
        return ""
    if file.unreadable:
        return file.unreadable
    if scan is Scan.CLEAR:
        return ""
    if file.tier is Tier.CRITICAL:
        needed, enough = rules.quorum.models, rules.quorum.reached(readers)
    else:
        needed = min(rules.quorum.models, file.proposers or rules.proposers_flagged)
        enough = len({v.model for v in readers}) >= needed
    if enough:
        said = f"{file.aimed}, so a person has to look: the word of models is not enough"
        return said if file.aimed and heard else ""
    turns = [turn for unit in parts for turn in unit.turns]
    absent = [turn for turn in turns if not turn.answered]
    why = f" ({absent[0].failures[-1]})" if absent else ""
    if all(FailureKind.UNREADABLE in (f.kind for f in turn.failures) for turn in turns):
        return "no model of the panel can read it"
    return f"read by {len(readers)} of the {needed} models it takes{why}"


def _addressed(files: Iterable[Sorted]) -> tuple[str, ...]:
    """What people should know of text aimed at reviewers, whoever was taken in by it."""
    return tuple(
        f"{file.path}: {file.aimed}, that is, at making a model say what its author wants; look at it"
        for file in files
        if file.aimed
    )


def _seat_report(place: Place, turns: Sequence[Turn]) -> SeatReport:
    """How one seat fared, from all of its turns. Languages its model cannot read are no fault of the seat's."""
    model, family = place.model, place.family
    own = [turn for turn in turns if turn.voter.seat == place.number]
    sat = Counter((turn.voter.model, turn.voter.family) for turn in own if turn.answered)
    unable = bool(own) and all(FailureKind.UNREADABLE in (f.kind for f in turn.failures) for turn in own)
    if not sat:
        status = SeatStatus.UNAVAILABLE if own else SeatStatus.OK
        return SeatReport(place.number, model, family, status, None, unable)
    given = [(model, family), *place.routed]
    replaced = None if any(who in sat for who in given) else model
    if (model, family) not in sat:
        # Where routing rules gave the seat to others in all of the work, those are who sat there.
        model, family = min(sat, key=lambda who: (who not in given, -sat[who], who))
    failed = any(f.kind is not FailureKind.UNREADABLE for turn in own for f in turn.failures)
    status = SeatStatus.DEGRADED if failed or replaced else SeatStatus.OK
    return SeatReport(place.number, model, family, status, replaced, unable)


def _failures(failures: Sequence[Failure]) -> tuple[str, ...]:
    """One line for each model and kind of failure, with how often it happened."""
    counted = Counter((f.model, f.kind) for f in failures if f.kind is not FailureKind.UNREADABLE)
    example = {(f.model, f.kind): f for f in sorted(failures, key=str, reverse=True)}
    return tuple(
        f"{example[key]}" + (f" ({number} times)" if number > 1 else "")
        for key, number in sorted(counted.items())
    )
