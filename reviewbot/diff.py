"""A change as files, hunks and lines, and which of those lines can carry a comment."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Side = Literal["LEFT", "RIGHT"]
SUBMODULE_MODE = "160000"
#: Bytes of one file at head that are still read.
MAX_FILE = 2_000_000


class Status(StrEnum):
    """What happened to a file."""

    ADDED = "added"
    MODIFIED = "modified"
    DELETED = "deleted"
    RENAMED = "renamed"
    COPIED = "copied"
    MODE = "mode"  # only the mode or type changed


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a hunk. `old` and `new` are 1-based; None on the side the line is not on."""

    old: int | None
    new: int | None
    text: str  # without its "\n"; a "\r" before it belongs to the text

    @property
    def added(self) -> bool:
        """Whether only the head has it."""
        return self.old is None

    @property
    def removed(self) -> bool:
        """Whether only the base has it."""
        return self.new is None


@dataclass(frozen=True, slots=True)
class Hunk:
    """A run of changed lines with context. Starts and lengths are those of the `@@` header."""

    old_start: int
    old_length: int
    new_start: int
    new_length: int
    section: str  # what git printed after the second @@, often the enclosing function
    lines: tuple[Line, ...]

    def shows(self, side: Side, line: int) -> bool:
        """Whether this line of that side is in it."""
        if side == "LEFT":
            return self.old_start <= line < self.old_start + self.old_length
        return self.new_start <= line < self.new_start + self.new_length


@dataclass(frozen=True, slots=True)
class FileDiff:
    """One changed file. `problem` names why its content could not be read; it is then not covered."""

    path: str
    status: Status
    old_path: str | None = None  # only where it differs from `path`
    old_mode: str | None = None  # e.g. "100644"; None where the diff does not say
    new_mode: str | None = None
    binary: bool = False
    hunks: tuple[Hunk, ...] = ()
    problem: str | None = None

    def commentable(self, side: Side, line: int) -> bool:
        """Whether a comment can be anchored there: RIGHT is added or context, LEFT removed or context."""
        return self.hunk_at(side, line) is not None

    def hunk_at(self, side: Side, line: int) -> Hunk | None:
        """The hunk that shows this line on this side."""
        return next((hunk for hunk in self.hunks if hunk.shows(side, line)), None)

    @property
    def has_head(self) -> bool:
        """Whether there is text of it to read at head."""
        return not (
            self.problem or self.binary or self.status is Status.DELETED or self.new_mode == SUBMODULE_MODE
        )

    def shown(self, side: Side) -> dict[int, str]:
        """Every line the hunks show of that side."""
        if side == "LEFT":
            return {line.old: line.text for hunk in self.hunks for line in hunk.lines if line.old is not None}
        return {line.new: line.text for hunk in self.hunks for line in hunk.lines if line.new is not None}

    def agrees(self, side: Side, lines: Sequence[str]) -> bool:
        """Whether `lines`, a whole file, is what the hunks show of that side. Hunks that show nothing prove nothing."""
        shown = self.shown(side)
        return (
            bool(shown)
            and max(shown) <= len(lines)
            and all(lines[n - 1] == text for n, text in shown.items())
        )

    def applied(self, before: Sequence[str]) -> list[str]:
        """The file after the change. `before` must agree with the hunks."""
        after: list[str] = []
        taken = 0
        for hunk in self.hunks:
            # A hunk that removes and shows nothing names the line it follows, not the one it starts at.
            start = hunk.old_start if hunk.old_length == 0 else hunk.old_start - 1
            after += before[taken:start]
            after += [line.text for line in hunk.lines if not line.removed]
            taken = start + hunk.old_length
        return [*after, *before[taken:]]


@dataclass(frozen=True, slots=True)
class HeadText:
    """What is known of a file at head: all of its lines, or, with only a diff at hand, those the hunks show."""

    lines: Mapping[int, str]  # 1-based, without line ends
    complete: bool

    @classmethod
    def whole(cls, lines: Sequence[str]) -> HeadText:
        """All of a file."""
        return cls(dict(enumerate(lines, 1)), complete=True)


@dataclass(frozen=True, slots=True)
class Change:
    """A pull request or local diff. `base` and `head` are commit ids, "" where there are none.

    Whoever prints it is spared its lines: asyncio makes the repr of what a run returns, which took half a second.
    """

    files: tuple[FileDiff, ...] = field(repr=False)
    base: str = ""
    head: str = ""
    repository: str = ""  # "owner/name", "" for local changes
    number: int | None = None
    title: str = ""
    body: str = ""
    heads: Mapping[str, HeadText] = field(
        default_factory=dict, repr=False
    )  # by path; deleted and binary files have none
    generated: frozenset[str] = (
        frozenset()
    )  # paths that .gitattributes *at base* marks linguist-generated or vendored
    warnings: tuple[str, ...] = ()
    unlisted: bool = False  # whether it has files that nobody could list


def split_lines(data: bytes) -> list[str]:
    """A file's lines as git counts them: only a line feed ends one. Bytes that are not UTF-8 become U+FFFD."""
    lines = data.decode("utf-8", "replace").split("\n")
    return lines if lines[-1] else lines[:-1]
