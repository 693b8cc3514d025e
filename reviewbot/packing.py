"""Which files share a request, and who is asked about them: for the run, and for the plan of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reviewbot import symbols, units
from reviewbot.context import view_tokens
from reviewbot.diff import HeadText
from reviewbot.llm import Stage, Subject
from reviewbot.review import PanelKind
from reviewbot.triage import Tier

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator

    from reviewbot.diff import Change
    from reviewbot.llm import Fact, ModelSpec
    from reviewbot.routing import Panel
    from reviewbot.rules import Rules
    from reviewbot.triage import Triaged


@dataclass(frozen=True, slots=True)
class Way:
    """How some files are treated: by whom, under which rules, and whether a scan decides if they are reviewed."""

    panel: Panel
    rules: Rules
    scanned: bool = True


@dataclass(frozen=True, slots=True)
class Batch:
    """Files of one request, and how they are treated."""

    subjects: tuple[Subject, ...]
    way: Way

    @property
    def tokens(self) -> int:
        """Estimated input tokens of a review or vote, on the high side."""
        return sum(view_tokens(s, Stage.REVIEW) for s in self.subjects) + units.OVERHEAD_TOKENS

    def expected(self) -> Iterator[tuple[ModelSpec, Stage, int]]:
        """A review under each lens and a vote of every seat, with their input tokens: the most that is usual."""
        tokens = self.tokens
        for seat in self.way.panel.seats:
            for stage in (*(Stage.REVIEW for _ in self.way.rules.reviews(self.subjects)), Stage.VOTE):
                yield seat.chain[0].spec, stage, tokens


class Packing:
    """Sorts the files of one run into requests."""

    def __init__(self, triaged: Iterable[Triaged], panel: Panel, rules: Rules) -> None:
        self._ways = {t.file.path: _way(t, panel, rules) for t in triaged}

    def scanned(self, subject: Subject) -> bool:
        """Whether the scan comes first: not for critical files, nor where a routing rule says so."""
        return not subject.critical and self._ways[subject.file.path].scanned

    def scans(self, subjects: Iterable[Subject]) -> list[Batch]:
        """Files in as few scan requests as fit; one too big even in parts goes alone, and so on to review."""
        batches: list[Batch] = []
        for way, alike in self._alike(subjects, lambda way, path: (way.panel.scan, way.panel.scanners(path))):
            limit = min(units.SCAN_TOKENS, way.panel.scan_window() - units.OVERHEAD_TOKENS)
            packed, oversized = units.pack(alike, limit, lambda s: view_tokens(s, Stage.SCAN))
            batches += [Batch(files, way) for files in (*packed, *((s,) for s in oversized))]
        return batches

    def reviews(self, subjects: Iterable[Subject]) -> tuple[list[Batch], list[Subject]]:
        """Files in units that fit every seat, and parts that fit none; all models of a unit can read all of it."""
        batches: list[Batch] = []
        hopeless: list[Subject] = []
        for way, alike in self._alike(subjects, lambda way, path: (way, way.panel.readers(path))):
            window = way.panel.window(units.OVERHEAD_TOKENS + units.LEAST_TOKENS)
            limit = min(units.REVIEW_TOKENS, window - units.OVERHEAD_TOKENS)
            packed, oversized = units.pack(alike, limit, lambda s: view_tokens(s, Stage.REVIEW))
            batches += [Batch(files, way) for files in packed]
            hopeless += oversized
        return batches, hopeless

    def _alike(
        self, subjects: Iterable[Subject], key: Callable[[Way, str], Hashable]
    ) -> Iterable[tuple[Way, list[Subject]]]:
        groups: dict[Hashable, tuple[Way, list[Subject]]] = {}
        for subject in subjects:
            way = self._ways[subject.file.path]
            groups.setdefault(key(way, subject.file.path), (way, []))[1].append(subject)
        return groups.values()


def subjects(triaged: Iterable[Triaged], change: Change, names: symbols.Names | None = None) -> list[Subject]:
    """The files that somebody is to read; `names` are those of `defined`, where the caller has them."""
    triaged = tuple(triaged)
    names = names or defined(triaged, change)
    return [_subject(t, change, names) for t in triaged if _readable(t)]


def defined(triaged: Iterable[Triaged], change: Change) -> symbols.Names:
    """The names that change with those files."""
    return symbols.Names([t.file for t in triaged if _readable(t)], change.heads)


def nearest(facts: Iterable[Fact], unit: Iterable[Subject]) -> tuple[Fact, ...]:
    """Those on files of the unit, on lines of the diff before others: a request has no room for all."""
    files = {s.file.path: s.file for s in unit}
    own = (fact for fact in facts if fact.path in files)
    return tuple(sorted(own, key=lambda f: (not files[f.path].commentable("RIGHT", f.first_line), f)))


def unreadable(triaged: Triaged) -> str:
    """Why nobody can be asked about a file's content, "" where somebody can."""
    return triaged.file.problem or ("its content is binary" if triaged.file.binary else "")


def _readable(triaged: Triaged) -> bool:
    return triaged.tier is not Tier.SKIP and not unreadable(triaged)


def proposers(triaged: Triaged, rules: Rules) -> Rules:
    """The rules as a routing rule has them for this file: more proposers for a critical file, as told for another."""
    told = triaged.route.rule.proposers if triaged.route else None
    if told is None:
        return rules
    return replace(rules, proposers_flagged=told, proposers_critical=max(told, rules.proposers_critical))


def _way(triaged: Triaged, panel: Panel, rules: Rules) -> Way:
    # An analyser sees the same through every lens.
    through = () if panel.kind is PanelKind.OFFLINE else rules.lenses
    rules = replace(rules, lenses=tuple(lens for lens in through if lens.concerns(triaged.file)))
    if triaged.route is None:
        return Way(panel, rules)
    scanned = triaged.route.rule.review != "always"
    return Way(panel.detour(triaged.route.place), proposers(triaged, rules), scanned)


def _subject(triaged: Triaged, change: Change, names: symbols.Names) -> Subject:
    file = triaged.file
    head = change.heads.get(file.path, HeadText({}, complete=False))
    return Subject(file, head, file.hunks, critical=triaged.tier is Tier.CRITICAL, related=names)
