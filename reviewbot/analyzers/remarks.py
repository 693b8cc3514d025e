"""What the analysers report on the lines of a change, as facts for reviewers who are not analysers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from reviewbot.analyzers.classes import CLASSES
from reviewbot.analyzers.seats import attempt, of_the_change
from reviewbot.errors import ModelError
from reviewbot.llm import Fact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewbot.analyzers.analysis import Desk, Mark
    from reviewbot.llm import Subject


async def remarks(
    desks: Sequence[Desk], subjects: Sequence[Subject], *, seconds: float
) -> tuple[tuple[Fact, ...], tuple[str, ...]]:
    """The facts, by path and line, and a sentence for each analyser that did not work: then it has reported nothing.

    What several report of one line is one fact: a reviewer is to look at the code, not to count.
    """
    results = await asyncio.gather(*(attempt(desk, subjects, seconds) for desk in desks))
    by_place: dict[tuple[str, int, str], list[tuple[str, Mark]]] = {}
    failed = []
    for desk, seen in zip(desks, results, strict=True):
        name = desk.analyser.name
        if isinstance(seen, ModelError):
            failed.append(f"facts: {name} did not work ({seen}), so reviewers were not told what it reports")
            continue
        for subject in (s for s in subjects if s.file.path in seen):
            for mark in of_the_change(subjects, subject, seen[subject.file.path]):
                key = (subject.file.path, mark.first_line, mark.cwe)
                by_place.setdefault(key, []).append((name, mark))
    return tuple(sorted(_fact(path, cwe, said) for (path, _, cwe), said in by_place.items())), tuple(failed)


def _fact(path: str, cwe: str, said: Sequence[tuple[str, Mark]]) -> Fact:
    marks = [mark for _, mark in said]
    words = next((mark.says for mark in marks if mark.says), "")
    title = CLASSES[cwe].title
    return Fact(
        path,
        marks[0].first_line,
        max(mark.last_line for mark in marks),
        ", ".join(dict.fromkeys(name for name, _ in said)),
        cwe,
        f"{title}: {words}" if words else title,
    )
