"""Files grouped into requests that fit: split by file, then by hunk, then by lines, never cut."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reviewbot.diff import Hunk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from reviewbot.llm import Subject

    Tokens = Callable[[Subject], int]

#: Tokens of files in one review request. Not what windows allow: models find less in more context
#: (SWE-PRBench, arXiv 2603.26130).
REVIEW_TOKENS = 32_000
#: Tokens of a request that are not files: system text, task, claims.
OVERHEAD_TOKENS = 8_000
#: Tokens of files below which a request is too small to be worth a seat's while.
LEAST_TOKENS = 2_000
#: Tokens of files in one scan request: below the 100,000 at which the default scan model's price rises fivefold.
SCAN_TOKENS = 80_000


def pack(
    subjects: Iterable[Subject], limit: int, tokens: Tokens
) -> tuple[list[tuple[Subject, ...]], list[Subject]]:
    """The subjects in order, in groups of at most `limit` tokens; beside them what fits no request at all.

    A file that is too big alone becomes several subjects, each with a part of its hunks.
    """
    groups: list[tuple[Subject, ...]] = []
    hopeless: list[Subject] = []
    room = limit
    group: list[Subject] = []
    for part in (p for s in subjects for p in _parts(s, limit, tokens)):
        size = tokens(part)
        if size > limit:
            hopeless.append(part)
            continue
        if size > room:
            groups.append(tuple(group))
            room, group = limit, []
        group.append(part)
        room -= size
    return ([*groups, tuple(group)] if group else groups), hopeless


def _parts(subject: Subject, limit: int, tokens: Tokens) -> Iterator[Subject]:
    """The subject itself where it fits, else its hunks in runs that do, each hunk halved until it fits."""
    if tokens(subject) <= limit:
        yield subject
        return
    if len(subject.hunks) > 1:
        middle = len(subject.hunks) // 2
        halves: Sequence[tuple[Hunk, ...]] = (subject.hunks[:middle], subject.hunks[middle:])
    elif subject.hunks and len(subject.hunks[0].lines) > 1:
        halves = tuple((half,) for half in _halved(subject.hunks[0]))
    else:
        yield subject
        return
    for half in halves:
        yield from _parts(replace(subject, hunks=half), limit, tokens)


def _halved(hunk: Hunk) -> tuple[Hunk, Hunk]:
    middle = len(hunk.lines) // 2
    first, second = hunk.lines[:middle], hunk.lines[middle:]
    old, new = (sum(1 for line in first if getattr(line, side) is not None) for side in ("old", "new"))
    return (
        replace(hunk, old_length=old, new_length=new, lines=first),
        Hunk(
            hunk.old_start + old,
            hunk.old_length - old,
            hunk.new_start + new,
            hunk.new_length - new,
            hunk.section,
            second,
        ),
    )
