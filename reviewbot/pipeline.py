"""A change, reviewed: models scan, propose and vote; what they said becomes evidence.

Critical files go to review at once; normal files when the scan of their request flags them. No stage waits for
all of another. What failed on the way is part of the result, and the result does not depend on which answer
came first. No model is asked twice at once about the same files, so that the second question finds what the first has
left in the vendor's prompt cache; nothing has to wait for that.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from reviewbot import packing, stages
from reviewbot.context import shown, view_tokens
from reviewbot.events import nobody
from reviewbot.evidence import Evidence, Place, Sorted
from reviewbot.grounding import anchored
from reviewbot.llm import Stage
from reviewbot.review import Scan
from reviewbot.triage import Tier

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reviewbot.asking import Asker
    from reviewbot.diff import Change
    from reviewbot.events import Listener
    from reviewbot.evidence import Scanned, UnitReview
    from reviewbot.llm import Fact, Hint, Subject
    from reviewbot.memory import Memory
    from reviewbot.packing import Batch
    from reviewbot.routing import Panel
    from reviewbot.rules import Rules
    from reviewbot.symbols import Names
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
    read = [t for t in triaged if t.file.path not in old]
    names = packing.defined(read, change)
    subjects = packing.subjects(read, change, names)
    critical = [s for s in subjects if s.critical]
    normal = [s for s in subjects if not s.critical]
    logger.info(
        "%d critical files, %d others, %d not to read, %d unchanged since they were",
        len(critical),
        len(normal),
        len(triaged) - len(subjects) - len(old),
        len(old),
    )
    files = tuple(_sorted(t, old) for t in triaged)
    for file in files:
        tell(file)
    packed = packing.Packing(triaged, panel, rules)
    work = _Work(packed, asker, (change.title, change.body), tell, tuple(facts), names)
    async with asyncio.TaskGroup() as group:
        deep = group.create_task(work.review_critical(critical))
        straight = group.create_task(work.review([s for s in normal if not packed.scanned(s)], ()))
        scans_ = packed.scans(s for s in normal if packed.scanned(s))
        quick = [group.create_task(work.scan(batch)) for batch in scans_]
    results = [
        deep.result(),
        straight.result(),
        *(reviewed for _, reviewed in (task.result() for task in quick)),
    ]
    scans = (*(task.result()[0] for task in quick), *(told.scanned(path) for path, told in old.items()))
    again = tuple(unit for path, told in old.items() if (unit := told.reviewed(path)))
    for happened in (*scans[len(quick) :], *again):
        tell(happened)
    units = (*(unit for result in results for unit in result.units), *again)
    evidence = Evidence(
        files=files,
        places=tuple(_place(number, panel) for number in range(len(panel.seats))),
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

    packing: packing.Packing
    asker: Asker
    about: tuple[str, str]
    tell: Listener
    facts: tuple[Fact, ...]
    names: Names

    async def scan(self, batch: Batch) -> tuple[Scanned, _Reviewed]:
        """Scan one request's files and review those it flags."""
        subjects = batch.subjects
        scanned = await stages.scan(subjects, batch.way.panel.scan, self.asker)
        self.tell(scanned)
        flagged = [s for s in subjects if scanned.states[s.file.path] is not Scan.CLEAR]
        flagged.sort(key=lambda s: stages.need([s], (h for h in scanned.hints if h.path == s.file.path)))
        logger.info("scanned %d files, %d of them need a closer look", len(subjects), len(flagged))
        return scanned, await self.review(flagged, scanned.hints)

    async def review_critical(self, subjects: Sequence[Subject]) -> _Reviewed:
        """Review critical files, which nothing else may leave without money."""
        await self._lay_out(subjects)
        batches, oversized = self.packing.reviews(subjects)
        with self.asker.reserving(call for batch in batches for call in batch.expected()):
            return await self._review(batches, oversized, ())

    async def review(self, subjects: Sequence[Subject], hints: Sequence[Hint]) -> _Reviewed:
        """Review files that a scan has flagged, or that are reviewed without one."""
        await self._lay_out(subjects)
        return await self._review(*self.packing.reviews(subjects), hints)

    async def _lay_out(self, subjects: Iterable[Subject]) -> None:
        """Lay files out for reviewers one by one, so that scans, with which the longest chains begin, go out in between."""
        if self.asker.limited:  # then none goes out before the money for critical files is set aside
            return
        for _ in self.names.look():
            await asyncio.sleep(0)
        for subject in subjects:
            view_tokens(subject, Stage.REVIEW)
            await asyncio.sleep(0)

    async def _review(
        self, batches: Sequence[Batch], oversized: Sequence[Subject], hints: Sequence[Hint]
    ) -> _Reviewed:
        reviewed = await asyncio.gather(*(self._review_unit(batch, hints) for batch in batches))
        return _Reviewed(tuple(reviewed), tuple(oversized))

    async def _review_unit(self, batch: Batch, hints: Sequence[Hint]) -> UnitReview:
        unit, way = batch.subjects, batch.way
        paths = {s.file.path for s in unit}
        own = tuple(h for h in hints if h.path in paths)
        facts = packing.nearest(self.facts, unit)
        logger.info("reviewing %s", ", ".join(shown(s.file.path) for s in unit))
        reviewed = await stages.review(unit, own, facts, self.about, way.panel, way.rules, self.asker)
        self.tell(reviewed)
        logger.info("reviewed %d files, %d claims voted on", len(unit), len(reviewed.ballots))
        return reviewed


def _settled(triaged: Triaged, known: Memory, rules: Rules) -> bool:
    """Whether an earlier run's word is enough: never for what can gate."""
    gates = rules.gates_all or triaged.tier is not Tier.NORMAL
    return triaged.file.path in known and not gates and not packing.unreadable(triaged)


def _sorted(triaged: Triaged, old: Memory) -> Sorted:
    path = triaged.file.path
    since = old[path].since if path in old else ""
    proposers = triaged.route.rule.proposers if triaged.route else None
    return Sorted(
        path,
        triaged.tier,
        triaged.why,
        packing.unreadable(triaged),
        since,
        proposers,
        triaged.aimed,
    )


def _place(number: int, panel: Panel) -> Place:
    """A seat, and who else sits there for the files of routing rules."""
    first, *routed = (p.seats[number].chain[0].spec for p in (panel, *panel.detours))
    others = {(spec.name, spec.family) for spec in routed if spec != first}
    return Place(panel.seats[number].number, first.name, first.family, tuple(sorted(others)))


def _anchored(units: Iterable[UnitReview], change: Change) -> tuple[str, ...]:
    files = {f.path: f for f in change.files}
    claims = (claim for unit in units for claim, _ in unit.ballots)
    return tuple(claim.id for claim in claims if anchored(claim.finding, files[claim.finding.path]))
