"""Puts suggested changes of confirmed findings into the working tree, where they still fit."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reviewbot import printing
from reviewbot.findings import State
from reviewbot.suggesting import applicable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from reviewbot.review import Review
    from reviewbot.sanitize import Sanitizer
    from reviewbot.suggesting import Parses


@dataclass(frozen=True, slots=True)
class Fix:
    """Lines of a file as the review saw them, and what is to stand there instead. Without line ends."""

    path: str
    first_line: int
    before: tuple[str, ...]
    after: tuple[str, ...]
    title: str

    @property
    def place(self) -> str:
        """`path:line`."""
        return f"{self.path}:{self.first_line}"

    def overlaps(self, other: Fix) -> bool:
        """Whether both change a line of the same file."""
        return (
            self.path == other.path
            and self.first_line < other.first_line + len(other.before)
            and other.first_line < self.first_line + len(self.before)
        )


def fixes(review: Review, safe: Sanitizer, parses: Parses) -> tuple[Fix, ...]:
    """What confirmed findings suggest and may be applied, gravest first; of two for one line the graver."""
    found: list[Fix] = []
    for verdict in (v for v in review.verdicts if v.state is State.CONFIRMED):
        finding, head = verdict.finding, review.change.heads.get(verdict.finding.path)
        code = applicable(finding, head, safe, parses)
        if code is None or head is None:
            continue
        lines = range(finding.first_line, finding.last_line + 1)
        before = tuple(head.lines[number] for number in lines)
        fix = Fix(finding.path, finding.first_line, before, tuple(code.split("\n")), finding.title)
        if not any(fix.overlaps(other) for other in found):
            found.append(fix)
    return tuple(found)


def apply(root: Path, wanted: Iterable[Fix], agree: Callable[[Fix], bool]) -> Iterator[str]:
    """Put each fix that is agreed to in its place; what became of each, in a line.

    From the last line of a file to the first, so that line numbers hold. Lines that are not what the review saw are left.
    """
    for fix in sorted(wanted, key=lambda fix: (fix.path, -fix.first_line)):
        why = _misfit(root, fix)
        if why:
            yield f"left {fix.place}: {why}"
        elif not agree(fix):
            yield f"left {fix.place}: you said no"
        else:
            yield _replace(root, fix)


def _misfit(root: Path, fix: Fix) -> str:
    """Why the fix cannot be put there, "" where it can."""
    path = root / fix.path
    # A change may hold a link to somewhere else; what it leads to is not part of the review.
    if path.resolve() != root.resolve() / fix.path or not path.is_file():
        return "it is no file of the working tree"
    try:
        lines = path.read_bytes().decode("utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        return "it cannot be read as UTF-8"
    start = fix.first_line - 1
    if tuple(lines[start : start + len(fix.before)]) != fix.before:
        return "these lines have been changed since they were reviewed"
    return ""


def _replace(root: Path, fix: Fix) -> str:
    path = root / fix.path
    lines = path.read_bytes().decode("utf-8").split("\n")
    start = fix.first_line - 1
    lines[start : start + len(fix.before)] = fix.after
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as made:
            made.write("\n".join(lines).encode("utf-8"))
        Path(made.name).chmod(path.stat().st_mode)
        Path(made.name).replace(path)
    except OSError as error:
        return f"left {fix.place}: {error.strerror}"
    return f"applied {fix.place}: {fix.title}"


def ask(fix: Fix, safe: Sanitizer) -> bool:
    """Show the change on stderr and take an answer from the terminal; without one it is no."""
    lines = [f"{safe.line(fix.place)}  {safe.line(fix.title)}"]
    lines += [f"  - {safe.line(line, 400)}" for line in fix.before]
    lines += [f"  + {safe.line(line, 400)}" for line in fix.after]
    printing.say("\n".join([*lines, "Apply? [y/N] "]))
    return sys.stdin.readline().strip().lower() in ("y", "yes")
