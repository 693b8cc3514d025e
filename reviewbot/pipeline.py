"""A change, reviewed: triage decides who looks at what, models propose and vote, the gate decides.

Critical files go to review at once; normal files when the scan of their request flags them. No stage waits for
all of another. What failed on the way is part of the result, and the result does not depend on which answer
came first.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewbot import consensus, stages, units
from reviewbot.context import shown, view_tokens
from reviewbot.diff import HeadText
from reviewbot.errors import FailureKind
from reviewbot.findings import Severity, State, Verdict
from reviewbot.grounding import anchored
from reviewbot.llm import Stage, Subject
from reviewbot.review import Coverage, Scan, SeatReport, SeatStatus
from reviewbot.routing import Absent
from reviewbot.triage import Tier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from reviewbot.asking import Asker, Failure
    from reviewbot.diff import Change
    from reviewbot.findings import Claim, Dropped, Vote, Voter
    from reviewbot.llm import Hint
    from reviewbot.routing import Answer, Panel
    from reviewbot.stages import Rules, Scanned, UnitReview
    from reviewbot.triage import Triaged

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Comments:
    """Which confirmed findings become inline comments."""

    most: int = 20
    least: Severity = Severity.MEDIUM


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the models made of a change, before the gate."""

    verdicts: tuple[Verdict, ...]
    files: tuple[Coverage, ...]
    panel: tuple[SeatReport, ...]
    dropped: tuple[Dropped, ...]
    warnings: tuple[str, ...]


async def review(
    change: Change, triaged: Sequence[Triaged], panel: Panel, rules: Rules, comments: Comments, asker: Asker
) -> Outcome:
    """Scan, review, ground, match, vote and tally a change."""
    subjects = [_subject(t, change) for t in triaged if t.tier is not Tier.SKIP and not _unreadable(t)]
    critical = [s for s in subjects if s.critical]
    normal = [s for s in subjects if not s.critical]
    logger.info(
        "%d critical files, %d others, %d not to read",
        len(critical),
        len(normal),
        len(triaged) - len(subjects),
    )
    work = _Work(panel, rules, asker, (change.title, change.body))
    async with asyncio.TaskGroup() as group:
        deep = group.create_task(work.review(critical, ()))
        quick = [group.create_task(work.scan(files)) for files in work.scan_requests(normal)]
    scans = [scanned for scanned, _ in (task.result() for task in quick)]
    results = [deep.result(), *(reviewed for _, reviewed in (task.result() for task in quick))]
    reviewed = [unit for result in results for unit in result.units]
    hopeless = frozenset(s.file.path for result in results for s in result.hopeless)
    answers = [a for unit in reviewed for a in unit.answers]
    return Outcome(
        verdicts=_verdicts(reviewed, change, {s.file.path for s in critical}, rules, comments),
        files=tuple(_coverage(t, scans, reviewed, hopeless, rules) for t in triaged),
        panel=tuple(
            _seat_report(seat.number, seat.chain[0].spec.name, seat.family, answers) for seat in panel.seats
        ),
        dropped=tuple(d for unit in reviewed for d in unit.dropped),
        warnings=_failures(
            [*(f for s in scans for f in s.failures), *(f for a in answers for f in a.failures)]
        ),
    )


@dataclass(frozen=True, slots=True)
class _Reviewed:
    """The reviews of some files; `hopeless` are parts that fit no request."""

    units: tuple[UnitReview, ...]
    hopeless: tuple[Subject, ...]


@dataclass(frozen=True, slots=True)
class _Work:
    """What every stage of one run shares."""

    panel: Panel
    rules: Rules
    asker: Asker
    about: tuple[str, str]

    def scan_requests(self, subjects: Sequence[Subject]) -> list[tuple[Subject, ...]]:
        """Files in as few scan requests as fit; one too big even in parts goes alone, and so on to review."""
        packed, hopeless = units.pack(subjects, units.SCAN_TOKENS, lambda s: view_tokens(s, Stage.SCAN))
        return [*packed, *((s,) for s in hopeless)]

    async def scan(self, subjects: Sequence[Subject]) -> tuple[Scanned, _Reviewed]:
        """Scan one request's files and review those it flags."""
        scanned = await stages.scan(subjects, self.panel.scan, self.asker)
        flagged = [s for s in subjects if scanned.states[s.file.path] is not Scan.CLEAR]
        logger.info("scanned %d files, %d of them need a closer look", len(subjects), len(flagged))
        return scanned, await self.review(flagged, scanned.hints)

    async def review(self, subjects: Sequence[Subject], hints: Sequence[Hint]) -> _Reviewed:
        """Review files in units that fit every seat; files of a unit can be read by the same models."""
        limit = min(units.REVIEW_TOKENS, self.panel.window() - units.OVERHEAD_TOKENS)
        packed: list[tuple[Subject, ...]] = []
        hopeless: list[Subject] = []
        for alike in _grouped(subjects, lambda s: self.panel.readers(s.file.path)):
            fitting, too_big = units.pack(alike, limit, lambda s: view_tokens(s, Stage.REVIEW))
            packed += fitting
            hopeless += too_big
        return _Reviewed(
            tuple(await asyncio.gather(*(self._review_unit(unit, hints) for unit in packed))), tuple(hopeless)
        )

    async def _review_unit(self, unit: tuple[Subject, ...], hints: Sequence[Hint]) -> UnitReview:
        paths = {s.file.path for s in unit}
        own = tuple(h for h in hints if h.path in paths)
        logger.info("reviewing %s", ", ".join(shown(s.file.path) for s in unit))
        reviewed = await stages.review(unit, own, self.about, self.panel, self.rules, self.asker)
        logger.info("reviewed %d files, %d claims voted on", len(unit), len(reviewed.votes))
        return reviewed


def _subject(triaged: Triaged, change: Change) -> Subject:
    file = triaged.file
    head = change.heads.get(file.path, HeadText({}, complete=False))
    return Subject(file, head, file.hunks, critical=triaged.tier is Tier.CRITICAL)


def _grouped(subjects: Iterable[Subject], key: Callable[[Subject], frozenset[str]]) -> list[list[Subject]]:
    groups: dict[frozenset[str], list[Subject]] = {}
    for subject in subjects:
        groups.setdefault(key(subject), []).append(subject)
    return list(groups.values())


def _verdicts(
    reviewed: Iterable[UnitReview], change: Change, critical: set[str], rules: Rules, comments: Comments
) -> tuple[Verdict, ...]:
    """Every claim with what became of it, gravest first; the first `most` that may be are comments."""
    files = {f.path: f for f in change.files}
    drafts = [
        _verdict(claim, votes, critical, rules) for unit in reviewed for claim, votes in unit.votes.items()
    ]
    drafts.sort(key=lambda v: (-v.severity, v.finding.path, v.finding.first_line, v.claim.id))
    room = comments.most
    verdicts = []
    for draft in drafts:
        inline = (
            room > 0
            and draft.state is State.CONFIRMED
            and draft.severity >= comments.least
            and anchored(draft.finding, files[draft.finding.path])
        )
        room -= inline
        verdicts.append(
            Verdict(draft.claim, draft.votes, draft.state, draft.severity, draft.critical, inline)
        )
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


def _coverage(
    triaged: Triaged,
    scans: Sequence[Scanned],
    reviewed: Sequence[UnitReview],
    hopeless: frozenset[str],
    rules: Rules,
) -> Coverage:
    path = triaged.file.path
    states = [s.states[path] for s in scans if path in s.states]
    scan = next((s for s in (Scan.FLAGGED, Scan.FAILED, Scan.CLEAR) if s in states), Scan.NONE)
    parts = [unit for unit in reviewed if path in unit.readers]
    readers = frozenset.intersection(*(unit.readers[path] for unit in parts)) if parts else frozenset()
    gap = _gap(triaged, scan, parts, readers, rules) if path not in hopeless else "part of it fits no request"
    return Coverage(path, triaged.tier, triaged.why, scan, tuple(v.model for v in sorted(readers)), gap)


def _gap(
    triaged: Triaged, scan: Scan, parts: Sequence[UnitReview], readers: frozenset[Voter], rules: Rules
) -> str:
    """Why a file is not covered: "" where it was skipped, found clear by the scan, or read by enough in review."""
    if triaged.tier is Tier.SKIP:
        return ""
    if unreadable := _unreadable(triaged):
        return unreadable
    if scan is Scan.CLEAR:
        return ""
    if triaged.tier is Tier.CRITICAL:
        needed, enough = rules.quorum.models, rules.quorum.reached(readers)
    else:
        needed = min(rules.quorum.models, rules.proposers_flagged)
        enough = len({v.model for v in readers}) >= needed
    if enough:
        return ""
    absent = [a for unit in parts for a in unit.answers if isinstance(a, Absent)]
    why = f" ({absent[0].failures[-1]})" if absent else ""
    if all(FailureKind.UNREADABLE in (f.kind for f in a.failures) for unit in parts for a in unit.answers):
        return "no model of the panel can read it"
    return f"read by {len(readers)} of the {needed} models it takes{why}"


def _unreadable(triaged: Triaged) -> str:
    """Why nobody can be asked about a file's content, "" where somebody can."""
    return triaged.file.problem or ("its content is binary" if triaged.file.binary else "")


def _seat_report(seat: int, model: str, family: str, answers: Iterable[Answer | Absent]) -> SeatReport:
    """How one seat fared, from all of its answers. Languages its model cannot read are no fault of the seat's."""
    own = [a for a in answers if a.voter.seat == seat]
    sat = Counter((a.voter.model, a.voter.family) for a in own if not isinstance(a, Absent))
    if not sat:
        return SeatReport(seat, model, family, SeatStatus.UNAVAILABLE if own else SeatStatus.OK, None)
    replaced = None if (model, family) in sat else model
    if replaced:
        model, family = min(sat, key=lambda who: (-sat[who], who))
    failed = any(f.kind is not FailureKind.UNREADABLE for a in own for f in a.failures)
    return SeatReport(
        seat, model, family, SeatStatus.DEGRADED if failed or replaced else SeatStatus.OK, replaced
    )


def _failures(failures: Sequence[Failure]) -> tuple[str, ...]:
    """One line for each model and kind of failure, with how often it happened."""
    counted = Counter((f.model, f.kind) for f in failures if f.kind is not FailureKind.UNREADABLE)
    example = {(f.model, f.kind): f for f in sorted(failures, key=str, reverse=True)}
    return tuple(
        f"{example[key]}" + (f" ({number} times)" if number > 1 else "")
        for key, number in sorted(counted.items())
    )
