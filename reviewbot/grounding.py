"""Whether what a model quotes is really there, and on which lines."""

from __future__ import annotations

import bisect
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reviewbot.context import visible

if TYPE_CHECKING:
    from reviewbot.diff import FileDiff, HeadText
    from reviewbot.findings import Finding

#: How far, in lines, a quote may be from where the model said and still be taken for a slip of counting.
SNAP_LINES = 3


@dataclass(frozen=True, slots=True)
class Lines:
    """A range of head lines, 1-based, inclusive."""

    first: int
    last: int

    def gap(self, other: Lines) -> int:
        """How many lines lie from one range to the other; 0 where they overlap."""
        return max(0, self.first - other.last, other.first - self.last)


class Quotable:
    """A file's head text as models are shown it, searchable for quotes whatever their white space."""

    def __init__(self, head: HeadText) -> None:
        pieces: list[str] = []
        self._offsets: list[int] = []
        self._numbers: list[int] = []
        length, previous = 0, None
        for number, line in sorted(head.lines.items()):
            words = _normal(line)
            if not words:
                continue
            if previous is not None and not head.complete and number > previous + 1:
                words = f"\n{words}"  # lines nobody saw lie between: no quote spans them
            self._offsets.append(length)
            self._numbers.append(number)
            pieces.append(words)
            length += len(words) + 1
            previous = number
        self._text = " ".join(pieces)
        self.last_line = max(head.lines, default=0)

    def find(self, quote: str) -> list[Lines]:
        """Every place the quote stands, in order. An empty quote stands nowhere."""
        wanted = " ".join(filter(None, map(_normal, quote.split("\n"))))
        found: list[Lines] = []
        at = self._text.find(wanted) if wanted else -1
        while at >= 0:
            found.append(Lines(self._line(at), self._line(at + len(wanted) - 1)))
            at = self._text.find(wanted, at + len(wanted))
        return found

    def _line(self, offset: int) -> int:
        return self._numbers[bisect.bisect_right(self._offsets, offset) - 1]


def _normal(line: str) -> str:
    """As models are shown it, since that is what they quote, with single blanks."""
    return " ".join(visible(line).split())


@dataclass(frozen=True, slots=True)
class Grounded:
    """A finding whose quote is where its lines say; `quoted` are the lines of the quote itself."""

    finding: Finding
    quoted: Lines


def ground(finding: Finding, text: Quotable) -> Grounded | str:
    """The finding with lines that hold its quote, or why it must be dropped.

    A quote within the claimed lines leaves them alone (clipped to the file); one up to SNAP_LINES
    away moves them, if it is the only one so near.
    """
    if not finding.quote.strip():
        return "it quotes no code"
    if not 1 <= finding.first_line <= finding.last_line:
        return f"lines {finding.first_line}-{finding.last_line} are not a range"
    places = text.find(finding.quote)
    if not places:
        return "the quoted code is not in the file at head"
    claimed = Lines(finding.first_line, finding.last_line)
    inside = [p for p in places if p.gap(claimed) == 0]
    if inside:
        first, last = claimed.first, min(claimed.last, text.last_line)
        return Grounded(replace(finding, first_line=min(first, inside[0].first), last_line=last), inside[0])
    near = [p for p in places if p.gap(claimed) <= SNAP_LINES]
    if len(near) == 1:
        return Grounded(replace(finding, first_line=near[0].first, last_line=near[0].last), near[0])
    lines = ", ".join(str(p.first) for p in places[:5])
    if near:
        return f"the quoted code is on several lines near line {claimed.first} ({lines})"
    return f"the quoted code is not within {SNAP_LINES} lines of line {claimed.first} (it is on line {lines})"


def anchored(finding: Finding, file: FileDiff) -> bool:
    """Whether a comment on the finding's lines can be placed: both ends in one hunk of the diff."""
    hunk = file.hunk_at("RIGHT", finding.first_line)
    return hunk is not None and hunk is file.hunk_at("RIGHT", finding.last_line)
