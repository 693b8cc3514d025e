"""A change, reviewed: models scan, propose and vote; what they said becomes evidence.

Critical files go to review at once; normal files when the scan of their request flags them. No stage waits for
all of another. What failed on the way is part of the result, and the result does not depend on which answer
came first.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from reviewbot import stages, units
from reviewbot.context import shown, view_tokens
from reviewbot.diff import HeadText
from reviewbot.events import nobody
from reviewbot.evidence import Evidence, Place, Sorted
from reviewbot.grounding import anchored
from reviewbot.llm import Stage, Subject
from reviewbot.review import Scan
from reviewbot.triage import Tier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from reviewbot.asking import Asker
    from reviewbot.diff import Change
    from reviewbot.events import Listener
    from reviewbot.evidence import Scanned, UnitReview
    from reviewbot.llm import Fact, Hint, ModelSpec
    from reviewbot.memory import Memory
    from reviewbot.routing import Panel
    from reviewbot.rules import Rules
    from reviewbot.triage import Triaged

logger = logging.getLogger(__name__)


async def gather(
    change: Change,
    triaged: Sequence[Triaged],
    panel: Panel,
    rules: Rules,
    asker: Asker,
    tell: Listener = nobody,
    facts: Sequence[Fact] = (),
    known: Memory = MappingProxyType({}),
) -> Evidence:
    """Scan, review, ground, match and vote on a change; what is decided from it is for `conclude` to say.

    `facts` are what other tools say of the change's files, for those who review them. `known` files are taken as an
    earlier run left them, unless they can gate.
    """
    old = {t.file.path: known[t.file.path] for t in triaged if _settled(t, known, rules)}
    files = tuple(_sorted(t, old) for t in triaged)
    for file in files:
        tell(file)
    subjects = [
        _subject(t, change)
        for t in triaged
        if t.tier is not Tier.SKIP and not _unreadable(t) and t.file.path not in old
    ]
    critical = [s for s in subjects if s.critical]
    normal = [s for s in subjects if not s.critical]
    logger.info(
        "%d critical files, %d others, %d not to read, %d unchanged since they were",
        len(critical),
        len(normal),
        len(triaged) - len(subjects) - len(old),
        len(old),
    )
    work = _Work(panel, rules, asker, (change.title, change.body), tell, tuple(facts))
    async with asyncio.TaskGroup() as group:
        deep = group.create_task(work.review_critical(critical))
        quick = [group.create_task(work.scan(files)) for files in work.scan_requests(normal)]
    results = [deep.result(), *(reviewed for _, reviewed in (task.result() for task in quick))]
    scans = (*(task.result()[0] for task in quick), *(told.scanned(path) for path, told in old.items()))
    again = tuple(unit for path, told in old.items() if (unit := told.reviewed(path)))
    for happened in (*scans[len(quick) :], *again):
        tell(happened)
    units = (*(unit for result in results for unit in result.units), *again)
    evidence = Evidence(
        files=files,
        places=tuple(Place(s.number, s.chain[0].spec.name, s.family) for s in panel.seats),
        scans=scans,
        units=units,
        oversized=tuple(sorted({s.file.path for result in results for s in result.oversized})),
        anchored=_anchored(units, change),
    )
    tell(evidence)
    return evidence


@dataclass(frozen=True, slots=True)
class _Reviewed:
    """The reviews of some files; `oversized` are parts that fit no request."""

    units: tuple[UnitReview, ...]
    oversized: tuple[Subject, ...]


@dataclass(frozen=True, slots=True)
class _Work:
    """What every stage of one run shares."""

    panel: Panel
    rules: Rules
    asker: Asker
    about: tuple[str, str]
    tell: Listener
    facts: tuple[Fact, ...]

    def scan_requests(self, subjects: Sequence[Subject]) -> list[tuple[Subject, ...]]:
        """Files in as few scan requests as fit; one too big even in parts goes alone, and so on to review."""
        limit = min(units.SCAN_TOKENS, self.panel.scan_window() - units.OVERHEAD_TOKENS)
        requests: list[tuple[Subject, ...]] = []
        for alike in _grouped(subjects, lambda s: self.panel.scanners(s.file.path)):
            packed, oversized = units.pack(alike, limit, lambda s: view_tokens(s, Stage.SCAN))
            requests += [*packed, *((s,) for s in oversized)]
        return requests

    async def scan(self, subjects: Sequence[Subject]) -> tuple[Scanned, _Reviewed]:
        """Scan one request's files and review those it flags."""
        scanned = await stages.scan(subjects, self.panel.scan, self.asker)
        self.tell(scanned)
        flagged = [s for s in subjects if scanned.states[s.file.path] is not Scan.CLEAR]
        flagged.sort(key=lambda s: stages.need([s], (h for h in scanned.hints if h.path == s.file.path)))
        logger.info("scanned %d files, %d of them need a closer look", len(subjects), len(flagged))
        return scanned, await self.review(flagged, scanned.hints)

    async def review_critical(self, subjects: Sequence[Subject]) -> _Reviewed:
        """Review critical files, which nothing else may leave without money."""
        packed, oversized = self.units(subjects)
        with self.asker.reserving(call for unit in packed for call in self._expected(unit)):
            return await self._review(packed, oversized, ())

    def _expected(self, unit: tuple[Subject, ...]) -> Iterable[tuple[ModelSpec, Stage, int]]:
        """A review and a vote of every seat: the most that is usual."""
        tokens = sum(view_tokens(s, Stage.REVIEW) for s in unit) + units.OVERHEAD_TOKENS
        return (
            (seat.chain[0].spec, stage, tokens)
            for seat in self.panel.seats
            for stage in (Stage.REVIEW, Stage.VOTE)
        )

    def units(self, subjects: Sequence[Subject]) -> tuple[list[tuple[Subject, ...]], list[Subject]]:
        """Files in units that fit every seat, and parts that fit none; files of a unit can be read by the same models."""
        limit = min(units.REVIEW_TOKENS, self.panel.window() - units.OVERHEAD_TOKENS)
        packed: list[tuple[Subject, ...]] = []
        oversized: list[Subject] = []
        for alike in _grouped(subjects, lambda s: self.panel.readers(s.file.path)):
            fitting, too_big = units.pack(alike, limit, lambda s: view_tokens(s, Stage.REVIEW))
            packed += fitting
            oversized += too_big
        return packed, oversized

    async def review(self, subjects: Sequence[Subject], hints: Sequence[Hint]) -> _Reviewed:
        """Review files that a scan has flagged."""
        return await self._review(*self.units(subjects), hints)

    async def _review(
        self, packed: Sequence[tuple[Subject, ...]], oversized: Sequence[Subject], hints: Sequence[Hint]
    ) -> _Reviewed:
        reviewed = await asyncio.gather(*(self._review_unit(unit, hints) for unit in packed))
        return _Reviewed(tuple(reviewed), tuple(oversized))

    async def _review_unit(self, unit: tuple[Subject, ...], hints: Sequence[Hint]) -> UnitReview:
        paths = {s.file.path for s in unit}
        own = tuple(h for h in hints if h.path in paths)
        facts = _nearest(self.facts, unit)
        logger.info("reviewing %s", ", ".join(shown(s.file.path) for s in unit))
        reviewed = await stages.review(unit, own, facts, self.about, self.panel, self.rules, self.asker)
        self.tell(reviewed)
        logger.info("reviewed %d files, %d claims voted on", len(unit), len(reviewed.ballots))
        return reviewed


def _nearest(facts: Iterable[Fact], unit: Iterable[Subject]) -> tuple[Fact, ...]:
    """Those on files of the unit, on lines of the diff before others: a request has no room for all."""
    files = {s.file.path: s.file for s in unit}
    own = (fact for fact in facts if fact.path in files)
    return tuple(sorted(own, key=lambda f: (not files[f.path].commentable("RIGHT", f.first_line), f)))


def _settled(triaged: Triaged, known: Memory, rules: Rules) -> bool:
    """Whether an earlier run's word is enough: never for what can gate."""
    gates = rules.gates_all or triaged.tier is not Tier.NORMAL
    return triaged.file.path in known and not gates and not _unreadable(triaged)


def _sorted(triaged: Triaged, old: Memory) -> Sorted:
    path = triaged.file.path
    since = old[path].since if path in old else ""
    return Sorted(path, triaged.tier, triaged.why, _unreadable(triaged), since)


def _subject(triaged: Triaged, change: Change) -> Subject:
    file = triaged.file
    head = change.heads.get(file.path, HeadText({}, complete=False))
    return Subject(file, head, file.hunks, critical=triaged.tier is Tier.CRITICAL)


def _grouped(subjects: Iterable[Subject], key: Callable[[Subject], frozenset[str]]) -> list[list[Subject]]:
    groups: dict[frozenset[str], list[Subject]] = {}
    for subject in subjects:
        groups.setdefault(key(subject), []).append(subject)
    return list(groups.values())


def _unreadable(triaged: Triaged) -> str:
    """Why nobody can be asked about a file's content, "" where somebody can."""
    return triaged.file.problem or ("its content is binary" if triaged.file.binary else "")


def _anchored(units: Iterable[UnitReview], change: Change) -> tuple[str, ...]:
    files = {f.path: f for f in change.files}
    claims = (claim for unit in units for claim, _ in unit.ballots)
    return tuple(claim.id for claim in claims if anchored(claim.finding, files[claim.finding.path]))
