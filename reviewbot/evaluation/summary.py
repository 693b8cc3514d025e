"""What an examination comes to: rows of scores, the scan, the cost, what was missed and what was wrong."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from reviewbot.evaluation import quorums, scoring
from reviewbot.evaluation.scoring import Figure, Score
from reviewbot.findings import Severity, State
from reviewbot.review import Scan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from reviewbot.evaluation.cases import Case, Label
    from reviewbot.evaluation.scoring import Matched
    from reviewbot.evidence import Evidence
    from reviewbot.findings import Finding
    from reviewbot.review import Review
    from reviewbot.rules import Rules


@dataclass(frozen=True, slots=True)
class Examined:
    """One case and what the panel made of it."""

    case: Case
    evidence: Evidence
    review: Review

    @property
    def confirmed(self) -> tuple[Finding, ...]:
        """What the panel stands behind."""
        return tuple(
            replace(v.finding, severity=v.severity)
            for v in self.review.verdicts
            if v.state is State.CONFIRMED
        )

    @property
    def grave(self) -> bool:
        """Whether anything confirmed is of severity high or above."""
        return any(finding.severity >= Severity.HIGH for finding in self.confirmed)

    @property
    def complete(self) -> bool:
        """Whether every file was covered and no vote was lost that mattered."""
        return all(f.covered for f in self.review.files) and not any(
            v.state is State.UNDECIDED for v in self.review.verdicts
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table. `unknown` claims could not be decided from the votes at hand; with any, it is a lower bound."""

    name: str
    score: Score
    precision: Figure
    recall: Figure
    f1: Figure
    false_on_clean: int
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Spending:
    """What all cases together took. `cost` is in dollars, None where a price is not known."""

    calls: int
    cost: Decimal | None
    per_true: Decimal | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything that is printed. `scan` is the share of defects in scanned files that the scan sent on to review.

    `quiet` is the share of clean cases without a confirmed finding, `unblocked` of those without a grave one.
    """

    cases: int
    clean: int
    incomplete: tuple[str, ...]
    panel: Row
    tables: Mapping[str, tuple[Row, ...]]
    scan: Figure
    scanned_on: Figure
    quiet: Figure
    unblocked: Figure
    spent: Spending
    missed: tuple[tuple[str, Label], ...]
    wrong: tuple[tuple[str, Finding], ...]


def summarise(examined: Sequence[Examined], rules: Rules, seats: int, seed: int) -> Summary:
    """All figures of one examination."""
    count = _Counter(examined, seed)
    judged = [scoring.match(one.confirmed, one.case.labels) for one in examined]
    panel = count.row("the panel", judged)
    clean = [one for one in examined if one.case.clean]
    return Summary(
        cases=len(examined),
        clean=len(clean),
        incomplete=tuple(one.case.name for one in examined if not one.complete),
        panel=panel,
        tables={
            "quorum": tuple(count.policy(policy, rules) for policy in quorums.policies(seats)),
            "model": tuple(count.model(name) for name in _models(examined)),
            "category": count.by_category(judged),
            "language": count.by_language(judged),
        },
        scan=_escalated(examined),
        scanned_on=_scanned_on(examined),
        quiet=scoring.rate(sum(not one.confirmed for one in clean), len(clean)),
        unblocked=scoring.rate(sum(not one.grave for one in clean), len(clean)),
        spent=_spent(examined, panel.score.true),
        missed=tuple(
            (one.case.name, label) for one, m in zip(examined, judged, strict=True) for label in m.missed
        ),
        wrong=tuple((one.case.name, f) for one, m in zip(examined, judged, strict=True) for f in m.false),
    )


@dataclass(frozen=True, slots=True)
class _Counter:
    examined: Sequence[Examined]
    seed: int

    def row(self, name: str, judged: Sequence[Matched], unknown: int = 0) -> Row:
        false = sum(len(m.false) for one, m in zip(self.examined, judged, strict=True) if one.case.clean)
        return _row(name, [m.score for m in judged], self.seed, false, unknown)

    def policy(self, policy: quorums.Policy, rules: Rules) -> Row:
        answers = [quorums.under(one.evidence, rules, policy) for one in self.examined]
        judged = self._judged(answer.findings for answer in answers)
        return self.row(policy.name, judged, sum(answer.unknown for answer in answers))

    def model(self, name: str) -> Row:
        """Only defects in files it was given count: a panel may ask two of three, and the scan keeps files back."""
        read = [quorums.read(one.evidence, name) for one in self.examined]
        judged = [
            scoring.match(quorums.alone(one.evidence, name), [x for x in one.case.labels if x.path in paths])
            for one, paths in zip(self.examined, read, strict=True)
        ]
        return self.row(name, judged)

    def by_category(self, judged: Sequence[Matched]) -> tuple[Row, ...]:
        """Labels by their usual category, false findings by the one they claim."""
        scores: dict[str, list[Score]] = defaultdict(list)
        false: dict[str, int] = defaultdict(int)
        for one, matched in zip(self.examined, judged, strict=True):
            for label in one.case.labels:
                scores[label.categories[0]].append(Score(true=label not in matched.missed, labels=1))
            for finding in matched.false:
                scores[finding.category].append(Score(false=1))
                false[finding.category] += one.case.clean
        return tuple(_row(name, scores[name], self.seed, false[name]) for name in sorted(scores))

    def by_language(self, judged: Sequence[Matched]) -> tuple[Row, ...]:
        groups: dict[str, list[int]] = defaultdict(list)
        for number, one in enumerate(self.examined):
            groups[one.case.language].append(number)
        return tuple(
            _Counter([self.examined[n] for n in numbers], self.seed).row(name, [judged[n] for n in numbers])
            for name, numbers in sorted(groups.items())
        )

    def _judged(self, findings: Iterable[Sequence[Finding]]) -> list[Matched]:
        return [
            scoring.match(found, one.case.labels) for one, found in zip(self.examined, findings, strict=True)
        ]


def _row(name: str, scores: Sequence[Score], seed: int, false_on_clean: int, unknown: int = 0) -> Row:
    score = scoring.total(scores)
    return Row(
        name=name,
        score=score,
        precision=scoring.rate(score.true, score.true + score.false),
        recall=scoring.rate(score.true, score.labels),
        f1=scoring.f1_figure(scores, seed),
        false_on_clean=false_on_clean,
        unknown=unknown,
    )


def _models(examined: Iterable[Examined]) -> list[str]:
    """Everybody who read anything, by name."""
    return sorted(
        {
            voter.model
            for one in examined
            for unit in one.evidence.units
            for readers in unit.readers.values()
            for voter in readers
        }
    )


def _escalated(examined: Iterable[Examined]) -> Figure:
    states = [_scans(one).get(label.path, Scan.NONE) for one in examined for label in one.case.labels]
    return _sent_on(states)


def _scanned_on(examined: Iterable[Examined]) -> Figure:
    return _sent_on([state for one in examined for state in _scans(one).values()])


def _sent_on(states: Iterable[Scan]) -> Figure:
    scanned = [state for state in states if state is not Scan.NONE]
    return scoring.rate(sum(state is not Scan.CLEAR for state in scanned), len(scanned))


def _scans(one: Examined) -> dict[str, Scan]:
    return {file.path: file.scan for file in one.review.files}


def _spent(examined: Sequence[Examined], true: int) -> Spending:
    costs = [one.review.total.cost for one in examined]
    cost = None if None in costs else sum((c for c in costs if c is not None), Decimal(0))
    return Spending(
        calls=sum(one.review.total.calls for one in examined),
        cost=cost,
        per_true=cost / true if cost is not None and true else None,
        seconds=sum(one.review.seconds for one in examined),
    )
