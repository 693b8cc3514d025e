"""Which findings are a labelled defect, and how many are right, with intervals."""

from __future__ import annotations

import math
import random
import re
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from reviewbot.defects import classes, known
from reviewbot.grounding import Lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewbot.evaluation.cases import Label
    from reviewbot.findings import Finding

#: Lines a finding may lie off its label, as far as a quote may be off (reviewbot/grounding.py), and how many more lines
#: than its label it may cover: a finding of a whole file points at nothing.
TOLERANCE, MOST_BEYOND = 3, 20
#: Two-sided 95 %.
_Z = 1.959964
_RESAMPLES = 1_000
_CWE = re.compile(r"\bCWE-\d{1,5}\b", re.IGNORECASE)


def same(finding: Finding, label: Label) -> bool:
    """Whether the finding is of this defect: by file, lines, and class or category."""
    lines = Lines(finding.first_line, finding.last_line)
    beyond = (lines.last - lines.first) - (label.lines.last - label.lines.first)
    if finding.path != label.path or lines.gap(label.lines) > TOLERANCE or beyond > MOST_BEYOND:
        return False
    text = f"{finding.title}\n{finding.body}\n{finding.failure}"
    written = known({name.upper() for name in _CWE.findall(text)})
    if label.defect and written:
        return label.defect in written
    return label.defect in classes(text) or finding.category in label.categories


@dataclass(frozen=True, slots=True)
class Score:
    """What one reader made of one case. A further finding of a defect already found is a repeat, neither true nor false."""

    true: int = 0
    false: int = 0
    repeats: int = 0
    labels: int = 0

    def __add__(self, other: Score) -> Score:
        """Both together."""
        return Score(
            self.true + other.true,
            self.false + other.false,
            self.repeats + other.repeats,
            self.labels + other.labels,
        )


@dataclass(frozen=True, slots=True)
class Matched:
    """Findings by what they are, and the labels nobody found."""

    true: tuple[Finding, ...]
    false: tuple[Finding, ...]
    repeats: tuple[Finding, ...]
    missed: tuple[Label, ...]
    labels: int

    @property
    def score(self) -> Score:
        """As numbers."""
        return Score(len(self.true), len(self.false), len(self.repeats), self.labels)


def match(findings: Sequence[Finding], labels: Sequence[Label]) -> Matched:
    """As many one-to-one pairs of finding and label as there can be."""
    fits = [[n for n, label in enumerate(labels) if same(finding, label)] for finding in findings]
    owner: dict[int, int] = {}

    def placed(finding: int, tried: set[int]) -> bool:
        for label in fits[finding]:
            if label not in tried:
                tried.add(label)
                if label not in owner or placed(owner[label], tried):
                    owner[label] = finding
                    return True
        return False

    for number in range(len(findings)):
        placed(number, set())
    paired = set(owner.values())
    return Matched(
        true=tuple(f for n, f in enumerate(findings) if n in paired),
        false=tuple(f for n, f in enumerate(findings) if not fits[n]),
        repeats=tuple(f for n, f in enumerate(findings) if fits[n] and n not in paired),
        missed=tuple(label for n, label in enumerate(labels) if n not in owner),
        labels=len(labels),
    )


@dataclass(frozen=True, slots=True)
class Figure:
    """A number between 0 and 1 with its 95 % interval; all None where there was nothing to count."""

    value: float | None
    low: float | None = None
    high: float | None = None


def rate(hits: int, of: int) -> Figure:
    """A share with Wilson's score interval."""
    if not of:
        return Figure(None)
    share, z2 = hits / of, _Z**2
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z / (1 + z2 / of) * math.sqrt(share * (1 - share) / of + z2 / (4 * of**2))
    return Figure(share, max(0.0, middle - half), min(1.0, middle + half))


def total(scores: Sequence[Score]) -> Score:
    """All cases together."""
    return reduce(Score.__add__, scores, Score())


def f1(score: Score) -> float | None:
    """Harmonic mean of precision and recall; None where there was nothing to find and nothing was said."""
    both = 2 * score.true + score.false + (score.labels - score.true)
    return 2 * score.true / both if both else None


def f1_figure(scores: Sequence[Score], seed: int) -> Figure:
    """F1 of all cases; the interval is that of drawing cases anew, since findings of one case hang together."""
    value = f1(total(scores))
    if value is None:
        return Figure(None)
    dice = random.Random(seed)  # noqa: S311 - resampling, not a secret
    drawn = sorted(
        found
        for _ in range(_RESAMPLES)
        if (found := f1(total(dice.choices(scores, k=len(scores))))) is not None
    )
    return Figure(value, drawn[int(0.025 * len(drawn))], drawn[int(0.975 * (len(drawn) - 1))])
