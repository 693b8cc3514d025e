"""Where a file's lines were changed, and which blocks (functions, classes, keys) they are in, in any language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from reviewbot.diff import Hunk

# `} else {`, `) -> int:` and the like belong to the block above them: they neither close it nor stand beside it.
_CONTINUES = re.compile(r"[)\]}{]|(?:else|elif|except|finally|catch|rescue|ensure|end)\b")
# Blank lines, comments and preprocessor lines say nothing about nesting, wherever they are indented.
_OUTSIDE_BLOCKS = re.compile(r"$|#|//|/\*|\*")


def added(hunks: Iterable[Hunk]) -> set[int]:
    """The head lines that were added."""
    return {line.new for hunk in hunks for line in hunk.lines if line.new is not None and line.added}


def removed(hunks: Iterable[Hunk]) -> dict[int, list[str]]:
    """Removed lines by the number of the head line they stood before."""
    found: dict[int, list[str]] = {}
    for hunk in hunks:
        following = first_line(hunk)
        for line in hunk.lines:
            if line.new is None:
                found.setdefault(following, []).append(line.text)
            else:
                following = line.new + 1
    return found


def first_line(hunk: Hunk) -> int:
    """The first head line of a hunk, or the one that follows what it removed."""
    # In `+7,0` the 7 is the line *before* the removed ones.
    return hunk.new_start if hunk.new_length else hunk.new_start + 1


def changed(hunks: Iterable[Hunk]) -> list[int]:
    """The head lines that were added, and those before which some were removed, ascending."""
    hunks = tuple(hunks)
    return sorted(added(hunks) | set(removed(hunks)))


def enclosing(line: int, parent: Mapping[int, int]) -> Iterator[int]:
    """The lines that open the blocks a line is in, from the inside out."""
    block = parent.get(line)
    while block is not None:
        yield block
        block = parent.get(block)


def by_indentation(lines: Mapping[int, str]) -> tuple[dict[int, int], dict[int, int]]:
    """By indentation alone: for each line the line that opens the block it is in, and for each line where its block ends."""
    parent: dict[int, int] = {}
    end: dict[int, int] = {}
    stack: list[tuple[int, int]] = []  # indent and number of the blocks that are open
    previous = 0
    for number in sorted(lines):
        text = lines[number].expandtabs()
        code = text.lstrip()
        if _OUTSIDE_BLOCKS.match(code):
            continue
        indent = len(text) - len(code)
        while stack and stack[-1][0] >= indent + bool(_CONTINUES.match(code)):
            end[stack.pop()[1]] = previous
        if stack:
            parent[number] = stack[-1][1]
        stack.append((indent, number))
        previous = number
    end.update((number, previous) for _, number in stack)
    return parent, end
