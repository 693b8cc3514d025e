"""A change as files, hunks and lines, and which of those lines can carry a comment."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Side = Literal["LEFT", "RIGHT"]


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
    text: str  # without its line end

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
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class HeadText:
    """What is known of a file at head: all of its lines, or, with only a diff at hand, those the hunks show."""

    lines: Mapping[int, str]  # 1-based, without line ends
    complete: bool


@dataclass(frozen=True, slots=True)
class Change:
    """A pull request or local diff. `base` and `head` are commit ids, "" where there are none."""

    files: tuple[FileDiff, ...]
    base: str = ""
    head: str = ""
    repository: str = ""  # "owner/name", "" for local changes
    number: int | None = None
    title: str = ""
    body: str = ""
    heads: Mapping[str, HeadText] = field(default_factory=dict)  # by path; deleted and binary files have none
    generated: frozenset[str] = frozenset()  # paths that .gitattributes *at base* marks linguist-generated or vendored
    warnings: tuple[str, ...] = ()
