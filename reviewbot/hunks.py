"""The hunks of one file of a patch, with every line numbered on both sides."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from unidiff.errors import UnidiffParseError
from unidiff.patch import PatchSet

from reviewbot.diff import Hunk, Line
from reviewbot.names import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

HEADER = re.compile(rb"@@ -(\d{1,10})(?:,(\d{1,10}))? \+(\d{1,10})(?:,(\d{1,10}))? @@")


def read(lines: Sequence[bytes], at: int) -> tuple[tuple[Hunk, ...], int]:
    """The hunks that stand at `at`, one after the other, and where they end. Raises UnreadableError."""
    body: list[bytes] = []
    while at < len(lines) and lines[at].startswith(b"@@"):
        at = _take(lines, at, body)
    hunks = _numbered(body) if body else ()
    _check_order(hunks)
    return hunks, at


def _take(lines: Sequence[bytes], at: int, body: list[bytes]) -> int:
    """Append one hunk to `body`, without its no-newline markers, and return where it ends.

    Lines must be counted before unidiff sees them: within a hunk `--- x` removes `-- x`, after it it opens a file.
    """
    header = HEADER.match(lines[at])
    if not header:
        combined = lines[at].startswith(b"@@@")
        raise UnreadableError(
            "it has hunks of a combined diff" if combined else "a hunk header cannot be read"
        )
    old, new = (1 if length is None else int(length) for length in (header[2], header[4]))
    if not old and not new:
        raise UnreadableError("a hunk announces no lines")
    body.append(lines[at])
    while old > 0 or new > 0:
        at += 1
        line = lines[at] if at < len(lines) else b""
        mark = line[:1]
        if mark == b"\\":
            continue
        if mark in (b"\n", b"\r"):  # a context line that lost its space on the way
            mark, line = b" ", b" " + line
        if mark not in (b" ", b"-", b"+"):
            raise UnreadableError("a hunk has fewer lines than it announces")
        old -= mark != b"+"
        new -= mark != b"-"
        body.append(line)
    if old < 0 or new < 0:
        raise UnreadableError("a hunk's lines do not add up to what it announces")
    while at + 1 < len(lines) and lines[at + 1].startswith(b"\\ "):
        at += 1
    return at + 1


def _numbered(body: Sequence[bytes]) -> tuple[Hunk, ...]:
    text = b"".join(body).decode("utf-8", "replace")
    try:
        # Never real headers: unidiff takes minutes over some names and loses all files over others. And no lines, of
        # each of which it would look four times at what `_take` has looked at.
        (patched,) = PatchSet(f"--- a/x\n+++ b/x\n{text}", metadata_only=True)
    except (UnidiffParseError, ValueError) as error:
        raise UnreadableError("its hunks cannot be read") from error
    rows = iter(text.split("\n"))
    return tuple(
        Hunk(
            hunk.source_start,
            hunk.source_length,
            hunk.target_start,
            hunk.target_length,
            hunk.section_header.strip(),
            # After its header as many rows as base has of it, and those that were added.
            tuple(_lines(hunk, islice(rows, 1, 1 + hunk.source_length + hunk.added))),
        )
        for hunk in patched
    )


def _lines(hunk: Any, rows: Iterable[str]) -> Iterator[Line]:  # noqa: ANN401 - unidiff's
    old, new = hunk.source_start, hunk.target_start
    for row in rows:
        mark, text = row[0], row[1:]
        if mark == "+":
            yield Line(None, new, text)
            new += 1
        elif mark == "-":
            yield Line(old, None, text)
            old += 1
        else:
            yield Line(old, new, text)
            old += 1
            new += 1


def _check_order(hunks: Sequence[Hunk]) -> None:
    old_end = new_end = 1
    for hunk in hunks:
        # Without lines on a side, the start is the line the hunk follows.
        old, new = hunk.old_start + (not hunk.old_length), hunk.new_start + (not hunk.new_length)
        if old < old_end or new < new_end:
            raise UnreadableError("its hunks overlap or are out of order")
        old_end, new_end = old + hunk.old_length, new + hunk.new_length
